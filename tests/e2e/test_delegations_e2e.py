"""Asking, answering, acting and being sent away, in a real browser; and the pages of requests, for everybody."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from delegations.models import Delegation, DelegationRequest
from delegations.scopes import Scope
from tests.delegations.pages import Cast, listed, make_cast
from tests.e2e.conftest import Open, is_fine
from tests.factories import AttachmentFactory, ProfessionalFactory
from tests.factories.delegations import DelegationFactory, DelegationRequestFactory, ago


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def asked(cast: Cast) -> DelegationRequest:
    row: DelegationRequest = DelegationRequestFactory(
        requester=cast.asker.account, account=cast.account, asked_at=ago(days=4)
    )
    return row


def homonym() -> None:
    """Two of them, so that the table is at its widest."""
    for family, rpps in (("Lagarrousse", "99912349821"), ("Lagarousse", "99912345678")):
        other = ProfessionalFactory(given_name="Bénédicte", family_name=family, profession_id="10", rpps=rpps)
        AttachmentFactory(professional=other)
    listed()


def statuses(page: Page, path: str) -> list[int]:
    """Keeps the statuses of pages that may say no: the browser itself would complain of each in its console."""
    found: list[int] = []

    def keep(route: Route) -> None:
        if not route.request.is_navigation_request():
            route.continue_()
            return
        response = route.fetch(max_redirects=0)
        found.append(response.status)
        route.fulfill(response=response, status=200 if response.status >= 400 else response.status)

    page.route(path, keep)
    return found


def choose(page: Page, label: str) -> None:
    """The whole card of an answer is its label."""
    page.locator(".choice label", has_text=label).first.click()


# --- The story ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False])
def test_attached_she_opens_nothing_asks_is_accepted_acts_and_is_sent_away(
    open_page: Open, cast: Cast, scripts: bool
) -> None:
    nurse = open_page("/", cast.user("asker"), scripts=scripts)
    spaces = f"/espaces/{cast.account.pk}/dossiers/"
    seen = statuses(nurse, "**/espaces/**")
    live = nurse.url.rstrip("/")

    nurse.goto(live + spaces)
    assert seen.pop() == 403
    expect(nurse.get_by_role("main")).to_contain_text("Vous êtes rattachée, et être rattaché ne donne aucun accès")

    nurse.goto(f"{live}/mon-compte/")
    nurse.get_by_role("link", name="Demander une délégation sur CH de la Boralde").click()
    choose(nurse, "Total")
    nurse.get_by_label("Message").fill("Je rejoins le service ce mois-ci.")
    nurse.get_by_role("button", name="Envoyer la demande").click()
    expect(nurse.get_by_role("status")).to_contain_text("Votre demande est envoyée.")
    expect(nurse.get_by_role("main")).to_contain_text("En attente")

    referent = open_page("/", cast.user("referent"), scripts=scripts)
    expect(referent.get_by_role("navigation", name="Principale")).to_contain_text("1 demande à traiter")
    referent.get_by_role("link", name="Bénédicte Lagarrousse demande une délégation totale").click()
    choose(referent, "Tout accepter")
    referent.get_by_label("Jusqu’au").fill("31/03/2099")
    referent.get_by_role("button", name="Envoyer ma réponse").click()
    expect(referent.get_by_role("status")).to_contain_text("Délégation accordée à Bénédicte Lagarrousse")

    nurse.goto(live + spaces)
    assert seen.pop() == 200
    expect(nurse.get_by_role("main")).to_contain_text("Dossiers en cours")
    band = nurse.get_by_role("region", name="Compte au nom duquel vous agissez")
    expect(band).to_contain_text("accordée par Maïlis Tournemirande (référent), jusqu’au 31 mars 2099")

    given = Delegation.objects.get(holder=cast.asker.account)
    referent.goto(f"{live}/delegations/{given.pk}/")
    referent.get_by_role("link", name="Retirer cette délégation").click()
    referent.get_by_label("Motif").fill("Fin du remplacement.")
    referent.get_by_role("button", name="Retirer la délégation").click()
    expect(referent.get_by_role("status")).to_contain_text("elle n’ouvre plus rien")

    nurse.reload()
    assert seen.pop() == 403
    expect(nurse.get_by_role("main")).to_contain_text("Votre délégation a pris fin le")


def test_the_keyboard_answers_and_the_reason_shows_only_to_refuse(
    open_page: Open, cast: Cast, asked: DelegationRequest
) -> None:
    page = open_page(f"/delegations/demandes/{asked.pk}/", cast.user("total"))
    expect(page.get_by_label("Motif du refus")).to_be_hidden()
    page.get_by_label("Tout accepter").focus()
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Refuser", exact=False).first).to_be_checked()
    expect(page.get_by_label("Jusqu’au")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Motif du refus")).to_be_focused()
    page.keyboard.type("L’équipe est complète.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("est refusée")


def test_of_two_homonyms_the_answerer_says_which(open_page: Open, cast: Cast, asked: DelegationRequest) -> None:
    homonym()
    page = open_page(f"/delegations/demandes/{asked.pk}/", cast.user("total"))
    answers = statuses(page, "**/accepter/")
    choose(page, "Tout accepter")
    page.get_by_role("button", name="Envoyer ma réponse").click()
    assert answers.pop() == 409
    page.get_by_role("link", name="La bonne personne").click()
    expect(page.get_by_label("C’est bien cette personne")).to_be_in_viewport()
    is_fine(page)
    page.get_by_label("C’est bien cette personne").check()
    page.get_by_role("button", name="Envoyer ma réponse").click()
    expect(page.get_by_role("status")).to_contain_text("Délégation accordée")


# --- The pages ----------------------------------------------------------------------------------------------------

Address = Callable[[Cast, DelegationRequest], str]
PAGES: dict[str, tuple[str, Address]] = {
    "home of who answers": ("total", lambda cast, row: "/"),
    "home of who asks": ("asker", lambda cast, row: "/"),
    "my account": ("asker", lambda cast, row: "/mon-compte/"),
    "places": ("attached", lambda cast, row: "/delegations/demander/"),
    "ask": ("attached", lambda cast, row: f"/delegations/demander/?compte={cast.account.pk}"),
    "ask the rest": ("partial", lambda cast, row: f"/delegations/demander/?compte={cast.account.pk}"),
    "ask nothing": ("total", lambda cast, row: f"/delegations/demander/?compte={cast.account.pk}"),
    "requests": ("referent", lambda cast, row: "/delegations/demandes/"),
    "answered": ("referent", lambda cast, row: "/delegations/demandes/?vue=traitees"),
    "mine": ("asker", lambda cast, row: "/delegations/demandes/?vue=mes-demandes"),
    "none": ("stranger", lambda cast, row: "/delegations/demandes/"),
    "request": ("total", lambda cast, row: f"/delegations/demandes/{row.pk}/"),
    "request, a part": ("partial", lambda cast, row: f"/delegations/demandes/{row.pk}/"),
    "request of mine": ("asker", lambda cast, row: f"/delegations/demandes/{row.pk}/"),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_requests_are_fine(open_page: Open, cast: Cast, asked: DelegationRequest, name: str) -> None:
    who, address = PAGES[name]
    DelegationRequestFactory(account=cast.account, refused=True)
    page = open_page(address(cast, asked), cast.user(who))
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    is_fine(page)


def test_an_answered_request_is_fine(open_page: Open, cast: Cast) -> None:
    row = DelegationRequestFactory(requester=cast.asker.account, account=cast.account, accepted=True)
    is_fine(open_page(f"/delegations/demandes/{row.pk}/", cast.user("referent")))


def test_a_request_with_homonyms_is_fine_with_its_limit(open_page: Open, cast: Cast, asked: DelegationRequest) -> None:
    homonym()
    brief = DelegationFactory(account=cast.account, until=ago(days=-40), scope=Scope.TOTAL)
    user: User = brief.holder.user
    page = open_page(f"/delegations/demandes/{asked.pk}/", user)
    expect(page.get_by_text("fin de votre propre délégation")).to_be_visible()
    is_fine(page)


def test_a_form_that_is_refused_is_fine(open_page: Open, cast: Cast) -> None:
    page = open_page(f"/delegations/demander/?compte={cast.account.pk}", cast.user("attached"))
    answers = statuses(page, "**/demander/**")
    page.get_by_role("button", name="Envoyer la demande").click()
    assert answers.pop() == 400
    expect(page.get_by_role("alert").first).to_contain_text("Choisissez un périmètre.")
    is_fine(page)


def test_who_answers_second_is_told_and_the_page_is_fine(open_page: Open, cast: Cast, asked: DelegationRequest) -> None:
    first = open_page(f"/delegations/demandes/{asked.pk}/", cast.user("referent"))
    second = open_page(f"/delegations/demandes/{asked.pk}/", cast.user("total"))
    choose(first, "Tout accepter")
    first.get_by_role("button", name="Envoyer ma réponse").click()
    expect(first.get_by_role("status")).to_contain_text("Délégation accordée")
    answers = statuses(second, "**/accepter/")
    choose(second, "Refuser")
    second.get_by_label("Motif du refus").fill("Elle n’est pas de l’équipe.")
    second.get_by_role("button", name="Envoyer ma réponse").click()
    assert answers.pop() == 409
    expect(second.get_by_role("alert").first).to_contain_text("déjà été acceptée par Maïlis Tournemirande")
    expect(second.get_by_text("Elle n’est pas de l’équipe.")).to_be_visible()
    is_fine(second)
