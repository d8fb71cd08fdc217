"""Requests: the lists, and the page of one: who sees it, who asks, what an answer would open."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Notification
from delegations.dates import end_of, last_day
from delegations.models import Delegation, DelegationRequest
from delegations.scopes import Scope
from delegations.services.common import end_words
from directory.models import Source
from tests.delegations.answering import OUTSIDERS, REQUESTS, act, answer, page_of, written
from tests.delegations.pages import Cast, as_user, listed, make_cast, person, text_of
from tests.factories import AttachmentFactory, ProfessionalFactory, StructureFactory
from tests.factories.delegations import DelegationFactory, DelegationRequestFactory

ACTS = ["prendre", "accepter", "refuser", "retirer"]


@pytest.fixture(scope="module")
def made_cast(shared: DjangoDbBlocker) -> Cast:
    with shared.unblock():
        return make_cast()


@pytest.fixture
def asked(cast: Cast) -> DelegationRequest:
    """The asker, for everything, to the hospital."""
    row: DelegationRequest = DelegationRequestFactory(requester=cast.asker.account, account=cast.account)
    return row


# --- Who sees a request -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["asker", "referent", "total", "partial"])
def test_who_asks_and_who_answers_see_the_request(cast: Cast, asked: DelegationRequest, name: str) -> None:
    shown = text_of(cast.client(name), page_of(asked))
    assert ('name="answer"' in shown) == (name != "asker")
    assert ("Retirer ma demande" in shown) == (name == "asker")
    assert ("Je m’en occupe" in shown) == (name != "asker")


@pytest.mark.parametrize("name", OUTSIDERS)
def test_others_find_nothing_and_do_nothing(cast: Cast, asked: DelegationRequest, name: str) -> None:
    client, before = cast.client(name), written()
    assert client.get(page_of(asked)).status_code == 404
    for one in ACTS:
        act(client, asked, one, 404, answer="total", reason="Non.")
    assert written() == before
    assert cast.asker.display_name not in text_of(client, REQUESTS)
    assert cast.asker.display_name not in text_of(client, "/")


def test_nobody_signs_in_first_and_comes_back_to_the_page(cast: Cast, asked: DelegationRequest, client: Client) -> None:
    for one in ACTS:
        assert client.post(f"{page_of(asked)}{one}/").url.startswith("/connexion/?next=")
        assert cast.client("total").get(f"{page_of(asked)}{one}/").url == page_of(asked)
        assert cast.client("total").put(f"{page_of(asked)}{one}/").status_code == 405


def test_ids_of_nothing_are_not_found(cast: Cast, db: None) -> None:
    client = cast.client("total")
    assert client.get(f"{REQUESTS}987654/").status_code == 404
    assert client.post(f"{REQUESTS}987654/accepter/", {"answer": "total"}).status_code == 404


def test_the_owner_of_an_account_answers_alone(cast: Cast) -> None:
    row = DelegationRequestFactory(requester=cast.asker.account, account=cast.stranger.account)
    DelegationFactory(holder=cast.partial.account, account=cast.stranger.account)
    assert cast.client("partial").get(page_of(row)).status_code == 404
    owner = cast.client("stranger")
    shown = text_of(owner, page_of(row))
    assert "C’est votre compte" in shown
    assert 'class="acting"' not in shown
    answer(owner, row, "discussions")
    given = Delegation.objects.get(holder=cast.asker.account)
    assert (given.scope, given.granted_ground) == ("discussions", "own")


def test_who_answers_for_another_account_is_told_in_whose_name(cast: Cast, asked: DelegationRequest) -> None:
    assert 'class="acting"' in text_of(cast.client("referent"), page_of(asked))


# --- The lists and home -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["referent", "total", "partial"])
def test_what_waits_is_at_home_in_the_navigation_and_in_the_list(
    cast: Cast, asked: DelegationRequest, name: str
) -> None:
    client = cast.client(name)
    for path in ("/", REQUESTS):
        shown = text_of(client, path)
        assert "Bénédicte Lagarrousse demande une délégation totale" in shown
        assert f'href="{page_of(asked)}"' in shown
        assert "1\xa0demande à traiter" in shown
    assert "à traiter</span>" in text_of(client, "/annuaire/")


def test_home_shows_five_and_leads_to_the_rest(cast: Cast) -> None:
    for _ in range(6):
        DelegationRequestFactory(account=cast.account)
    shown = text_of(cast.client("referent"), "/")
    assert shown.count('class="stretched" href="/delegations/demandes/') == 5
    assert '<span class="count num">6</span>' in shown


def test_home_shows_my_own_waiting_requests(cast: Cast, asked: DelegationRequest) -> None:
    shown = text_of(cast.client("asker"), "/")
    assert "Mes demandes en attente" in shown
    assert f'href="{page_of(asked)}"' in shown
    assert "Demandes à traiter" not in shown


def test_each_tab_holds_its_own(cast: Cast, asked: DelegationRequest) -> None:
    refused = DelegationRequestFactory(account=cast.account, refused=True)
    elsewhere = DelegationRequestFactory(refused=True)
    client = cast.client("referent")
    assert page_of(refused) not in text_of(client, REQUESTS)
    answered = text_of(client, f"{REQUESTS}?vue=traitees")
    assert page_of(refused) in answered
    assert page_of(asked) not in answered
    assert page_of(elsewhere) not in answered
    assert "Vous n’avez rien demandé" in text_of(client, f"{REQUESTS}?vue=mes-demandes")
    assert page_of(asked) in text_of(cast.client("asker"), f"{REQUESTS}?vue=mes-demandes")
    assert page_of(asked) in text_of(client, f"{REQUESTS}?vue=autre")


def test_pages_of_requests_ask_as_many_queries_for_one_as_for_twenty(cast: Cast) -> None:
    def make() -> None:
        DelegationRequestFactory(account=cast.account)
        DelegationRequestFactory(account=cast.account, refused=True)
        DelegationRequestFactory(requester=cast.referent.account)

    make()
    client = cast.client("referent")
    paths = ["/", *(f"{REQUESTS}?vue={tab}" for tab in ("a-traiter", "mes-demandes", "traitees"))]

    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(client, path)
        return len(captured)

    # Home stops at five, and counts the rest with one more.
    for _ in range(5):
        make()
    few = [count(path) for path in paths]
    for _ in range(16):
        make()
    assert [count(path) for path in paths] == few
    assert "Suivante" in text_of(client, f"{REQUESTS}?vue=a-traiter")
    assert "Précédente" in text_of(client, f"{REQUESTS}?vue=a-traiter&page=2")


def test_one_request_asks_as_much_whoever_asks_it(cast: Cast, asked: DelegationRequest) -> None:
    client = cast.client("total")

    def count(row: DelegationRequest) -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(client, page_of(row))
        return len(captured)

    few = count(asked)
    for number in range(20):
        AttachmentFactory(professional=cast.asker, structure=StructureFactory(name=f"Clinique {number}"))
    assert count(asked) == few


# --- Who asks -----------------------------------------------------------------------------------------------------


def test_the_asker_is_told_apart_by_trade_town_place_and_the_end_of_the_rpps(
    cast: Cast, asked: DelegationRequest
) -> None:
    shown = text_of(cast.client("total"), page_of(asked))
    for text in ("Infirmière", "CH de la Boralde", "1234", "Je travaille dans votre équipe depuis lundi."):
        assert text in shown
    assert "99912341234" not in shown
    assert "Déclaré, non confirmé" not in shown
    cast.asker.attachments.update(source=Source.DECLARED)
    assert "Déclaré, non confirmé" in text_of(cast.client("total"), page_of(asked))


@pytest.mark.parametrize(
    ("given", "family"),
    [
        ("Bénédicte", "Lagarrousse"),
        ("BENEDICTE", "LAGARROUSSE"),
        ("Bénédicte", "Lagarousse"),
        ("Bénédite", "Lagarrousse"),
        ("Lagarrousse", "Bénédicte"),
    ],
)
def test_nearly_the_same_name_has_to_be_chosen(cast: Cast, asked: DelegationRequest, given: str, family: str) -> None:
    other = ProfessionalFactory(given_name=given, family_name=family, rpps="99912345678")
    listed()
    client = cast.client("total")
    shown = text_of(client, page_of(asked))
    assert 'class="table versus"' in shown
    assert "5678" in shown
    assert "<mark>1234</mark>" in shown
    assert "<mark>Inconnue</mark>" not in shown
    before = written()
    again = answer(client, asked, "total", 409, until="31/03/2027")
    assert "Plusieurs personnes ont presque le même nom" in again
    assert 'value="31/03/2027"' in again
    assert 'value="total" checked' in again
    wrong = answer(client, asked, "total", 400, person=str(other.account_id))
    assert "La demande ne vient pas de cette personne" in wrong
    assert "Écrire au centre de service" in wrong
    assert f'value="{other.account_id}" checked' in wrong
    assert "Choisissez une des personnes affichées." in answer(client, asked, "total", 400, person="987654")
    assert written() == before
    answer(client, asked, "total", person=str(asked.requester_id))
    assert Delegation.objects.filter(holder=cast.asker.account).exists()


def test_a_refusal_asks_nothing_of_the_homonym(cast: Cast, asked: DelegationRequest) -> None:
    ProfessionalFactory(given_name="Bénédicte", family_name="Lagarrousse")
    listed()
    answer(cast.client("total"), asked, "refuse", reason="L’équipe est complète.", until="bientôt")
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("refused", "L’équipe est complète.")


@pytest.mark.parametrize(
    ("given", "family", "fields"),
    [
        ("Bénédicte", "Lagarrigue", {}),
        ("Benoîte", "Lagarrousse", {}),
        ("Bénédicte", "Lagarrousse", {"closed_on": date(2026, 1, 31)}),
    ],
)
def test_other_names_and_people_who_left_are_no_homonyms(
    cast: Cast, asked: DelegationRequest, given: str, family: str, fields: dict[str, Any]
) -> None:
    ProfessionalFactory(given_name=given, family_name=family, **fields)
    listed()
    assert "versus" not in text_of(cast.client("total"), page_of(asked))


@pytest.mark.parametrize(
    ("mine", "theirs"), [("Marie-Claude", "MARIECLAUDE"), ("Marieclaude", "Marie Claude"), ("Jean-Luc", "Jean Luc")]
)
def test_hyphens_are_no_difference(cast: Cast, mine: str, theirs: str) -> None:
    asker = person(given_name=mine, family_name="Castelbiran")
    row = DelegationRequestFactory(requester=asker.account, account=cast.account)
    ProfessionalFactory(given_name=theirs, family_name="CASTELBIRAN")
    listed()
    assert "versus" in text_of(cast.client("total"), page_of(row))


def test_many_homonyms_are_counted_and_the_nearest_shown(cast: Cast, asked: DelegationRequest) -> None:
    ProfessionalFactory(given_name="Bénédicte", family_name="Lagarroussé", rpps="99912347777")
    for _ in range(4):
        ProfessionalFactory(given_name="Bénédicte", family_name="Lagarousse")
    listed()
    shown = text_of(cast.client("total"), page_of(asked))
    assert shown.count('name="person"') == 3
    assert "7777" in shown
    assert "3\xa0autres homonymes" in shown


# --- What an answer would open ------------------------------------------------------------------------------------


def values(shown: str) -> list[str]:
    return [value for value in ("total", "dossier", "discussions", "refuse") if f' value="{value}"' in shown]


def test_who_holds_everything_sees_each_answer_with_its_four_spaces(cast: Cast, asked: DelegationRequest) -> None:
    shown = text_of(cast.client("total"), page_of(asked))
    assert values(shown) == ["total", "dossier", "discussions", "refuse"]
    assert shown.count("spaces-mini") == 4
    assert shown.count('<li class="shut">') == 0 + 1 + 3 + 4
    assert "Le reste de la demande (discussions) attendra une autre réponse." in shown


def test_a_partial_holder_sees_their_part_and_grants_no_more(cast: Cast, asked: DelegationRequest) -> None:
    client = cast.client("partial")
    shown = text_of(client, page_of(asked))
    assert values(shown) == ["discussions", "refuse"]
    assert "Vous tenez une partie de ce qui est demandé" in shown
    before = written()
    wider = answer(client, asked, "total", 400)
    assert "Vous ne pouvez pas accorder plus que votre propre délégation" in wider
    assert written() == before
    response = client.post(f"{page_of(asked)}accepter/", {"answer": "discussions"}, follow=True)
    assert response.status_code == 200
    assert "Délégation accordée à Bénédicte Lagarrousse" in response.content.decode()
    asked.refresh_from_db()
    assert (asked.state, asked.remaining) == ("pending", "dossier")
    assert values(text_of(cast.client("total"), page_of(asked))) == ["dossier", "refuse"]
    assert "Une partie vous est déjà accordée." in text_of(cast.client("asker"), page_of(asked))


def test_whose_part_another_granted_reads_the_request_and_answers_no_more(cast: Cast, asked: DelegationRequest) -> None:
    other = DelegationFactory(account=cast.account, partial=True).holder.user
    assert values(text_of(cast.client("partial"), page_of(asked))) == ["discussions", "refuse"]
    answer(as_user(other), asked, "discussions")
    told = Notification.objects.get(recipient=cast.user("partial"), kind="delegation.answered")
    client = cast.client("partial")
    shown = text_of(client, told.path)
    assert values(shown) == []
    assert "c’est à une autre personne d’y répondre" in shown
    assert "Je m’en occupe" not in shown
    before = written()
    late = answer(client, asked, "refuse", 403, reason="L’équipe est complète.")
    assert late.count("c’est à une autre personne d’y répondre") == 1
    assert "L’équipe est complète." in late, "what was typed can be copied"
    assert written() == before
    assert page_of(asked) not in text_of(client, REQUESTS), "not among those to answer"
    api = client.get(f"/api/v1/delegation-requests/{asked.pk}/").json()
    assert (api["can"]["accept"], api["can"]["refuse"], api["remaining"]) == ([], False, "dossier")
    text_of(cast.client("stranger"), told.path, 404)
    text_of(cast.client("attached"), told.path, 404)


def test_a_partial_holder_of_another_part_sees_nothing(cast: Cast) -> None:
    row = DelegationRequestFactory(requester=cast.asker.account, account=cast.account, scope=Scope.DOSSIER)
    before = written()
    assert page_of(row) not in text_of(cast.client("partial"), REQUESTS)
    answer(cast.client("partial"), row, "dossier", 404)
    assert written() == before


@pytest.mark.parametrize("state", ["pending", "refused"])
def test_a_holder_on_a_persons_account_learns_nothing_of_what_its_owner_is_asked(cast: Cast, state: str) -> None:
    holding = DelegationFactory(on_a_person=True)
    row = DelegationRequestFactory(account=holding.account, **({"refused": True} if state == "refused" else {}))
    client = as_user(holding.holder.user)
    before = written()
    for way in ("accepter", "refuser", "prendre", "retirer"):
        assert client.post(f"{page_of(row)}{way}/", {"answer": "total", "reason": "Non."}).status_code == 404, way
    assert written() == before


def test_what_is_open_already_is_said_before_answering(cast: Cast) -> None:
    ends = end_of(timezone.localdate() + timedelta(days=5))
    DelegationFactory(holder=cast.asker.account, account=cast.account, partial=True, until=ends)
    row = DelegationRequestFactory(requester=cast.asker.account, account=cast.account, remaining=Scope.DOSSIER)
    shown = text_of(cast.client("referent"), page_of(row))
    today = f"Discussions\xa0: aujourd’hui {end_words(ends)}"
    assert "La personne tiendra alors «\xa0Total\xa0»." in shown
    assert f"{today}, ensuite sans date de fin, sauf si vous choisissez une date." in shown
    assert f"Ce qui est ouvert le reste\xa0: discussions, {end_words(ends)}." in shown
    assert shown.count('<li class="shut">') == 0 + 3
    wrong = answer(cast.client("referent"), row, "total", 400, until="31/03/2027")
    assert f"{today}, ensuite jusqu’au 31\xa0mars\xa02027." in wrong


def test_whoever_may_not_move_the_end_of_what_is_open_is_told_to_give_the_same(cast: Cast) -> None:
    ends = end_of(timezone.localdate() + timedelta(days=5))
    DelegationFactory(holder=cast.asker.account, account=cast.account, dossier=True, until=ends)
    row = DelegationRequestFactory(requester=cast.asker.account, account=cast.account, remaining=Scope.DISCUSSIONS)
    shown = text_of(cast.client("partial"), page_of(row))
    assert f"Dossiers, agenda, tâches\xa0: {end_words(ends)}, comme aujourd’hui." in shown
    assert "Vous ne pouvez pas les prolonger\xa0: donnez cette fin." in shown
    answer(cast.client("partial"), row, "discussions", 409)
    answer(cast.client("partial"), row, "discussions", until=f"{last_day(ends):%d/%m/%Y}")


def test_until_when_is_said_of_what_is_not_open_yet(cast: Cast, asked: DelegationRequest) -> None:
    shown = text_of(cast.client("total"), page_of(asked))
    assert shown.count("Sans date de fin, sauf si vous choisissez une date.") == 3
    ends = end_of(timezone.localdate() + timedelta(days=30))
    brief = DelegationFactory(account=cast.account, until=ends).holder.user
    words = end_words(ends).capitalize()
    assert text_of(as_user(brief), page_of(asked)).count(f"{words}, sauf si vous choisissez une autre date.") == 3
