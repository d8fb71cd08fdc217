"""Requests: the lists, the page of one, and every answer, through the doors that people use."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Account, JournalEntry, Notification
from accounts.states import AccountState
from delegations.dates import end_of, last_day
from delegations.models import Delegation, DelegationRequest, Referent
from delegations.scopes import Scope
from delegations.services import accept, end_delegation, refuse, withdraw
from delegations.services.common import end_words
from delegations.services.referents import close_term
from directory.models import Source
from tests.delegations.pages import Cast, as_user, listed, make_cast, person, text_of
from tests.factories import AttachmentFactory, ProfessionalFactory, StructureFactory
from tests.factories.delegations import DelegationFactory, DelegationRequestFactory, ReferentFactory

REQUESTS = "/delegations/demandes/"
OUTSIDERS = ["attached", "stranger", "superuser", "staff"]
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


def page_of(row: DelegationRequest) -> str:
    return f"{REQUESTS}{row.pk}/"


def act(client: Client, row: DelegationRequest, name: str, status: int = 302, **data: str) -> str:
    response = client.post(f"{page_of(row)}{name}/", data)
    assert response.status_code == status, response.content.decode()
    return response.content.decode()


def answer(client: Client, row: DelegationRequest, chosen: str, status: int = 302, **data: str) -> str:
    return act(client, row, "accepter", status, answer=chosen, **data)


def written() -> tuple[Any, ...]:
    """All that an act could write."""
    rows = DelegationRequest.objects.order_by("pk").values_list("pk", "state", "remaining", "claimed_by", "reason")
    return (*rows, Delegation.objects.count(), JournalEntry.objects.count())


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
    answer(cast.client("partial"), row, "dossier", 403)
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


# --- Answering ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["31/03/2027", "2027-03-31", "31-03-2027", " 31/03/2027 "])
def test_an_end_is_the_last_whole_day(cast: Cast, asked: DelegationRequest, day: str) -> None:
    answer(cast.client("referent"), asked, "total", until=day)
    given = Delegation.objects.get(holder=cast.asker.account)
    assert given.period.upper.isoformat() == "2027-03-31T22:00:00+00:00"
    assert last_day(given.period.upper).isoformat() == "2027-03-31"
    assert "jusqu’au 31\xa0mars\xa02027" in text_of(cast.client("asker"), page_of(asked))


def test_an_answer_without_end_has_none(cast: Cast, asked: DelegationRequest) -> None:
    response = cast.client("total").post(f"{page_of(asked)}accepter/", {"answer": "total", "until": ""}, follow=True)
    assert "Délégation accordée à Bénédicte Lagarrousse, sans date de fin." in response.content.decode()
    assert Delegation.objects.get(holder=cast.asker.account).period.upper is None


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ("bientôt", "Écrivez une date, comme 31/03/2027."),
        ("31/02/2027", "Écrivez une date, comme 31/03/2027."),
        ("01/01/2020", "La fin doit venir après aujourd’hui."),
        ("31/12/9999", "Cette date est trop lointaine."),
    ],
)
def test_an_end_that_cannot_be_is_refused_and_kept(
    cast: Cast, asked: DelegationRequest, until: str, sentence: str
) -> None:
    before = written()
    shown = answer(cast.client("total"), asked, "dossier", 400, until=until)
    assert sentence in shown
    assert f'value="{until}"' in shown
    assert 'value="dossier" checked' in shown
    assert written() == before


def test_nobody_grants_longer_than_they_hold(cast: Cast, asked: DelegationRequest) -> None:
    brief = person()
    ends = end_of(timezone.localdate() + timedelta(days=30))
    DelegationFactory(holder=brief.account, account=cast.account, until=ends)
    client = as_user(brief.account.user)
    shown = text_of(client, page_of(asked))
    assert "fin de votre propre délégation" in shown
    assert f'value="{last_day(ends):%d/%m/%Y}"' in shown
    before = written()
    for until in ("", f"{last_day(ends) + timedelta(days=1):%d/%m/%Y}"):
        assert "plus longtemps que votre propre délégation" in answer(client, asked, "total", 400, until=until)
    assert written() == before
    answer(client, asked, "total", until=f"{last_day(ends):%d/%m/%Y}")


@pytest.mark.parametrize("chosen", ["tout", ""])
def test_an_answer_that_does_not_exist_is_refused(cast: Cast, asked: DelegationRequest, chosen: str) -> None:
    before = written()
    shown = answer(cast.client("total"), asked, chosen, 400, reason="Un motif.")
    assert "Ce périmètre n’existe pas." in shown or "Choisissez votre réponse." in shown
    assert "Un motif." in shown
    assert written() == before


def test_wider_than_what_is_asked_is_refused(cast: Cast) -> None:
    row = DelegationRequestFactory(requester=cast.asker.account, account=cast.account, partial=True)
    before = written()
    assert "C’est plus que ce qui est demandé." in answer(cast.client("total"), row, "total", 400)
    assert written() == before


@pytest.mark.parametrize("act_name", ["accepter", "refuser"])
def test_a_refusal_gives_its_reason(cast: Cast, asked: DelegationRequest, act_name: str) -> None:
    client, before = cast.client("total"), written()
    assert "Dites pourquoi vous refusez" in act(client, asked, act_name, 400, answer="refuse", reason=" ")
    long = "é" * 501
    assert long in act(client, asked, act_name, 400, answer="refuse", reason=long)
    assert written() == before
    act(client, asked, act_name, answer="refuse", reason="L’équipe est complète.")
    shown = text_of(cast.client("asker"), page_of(asked))
    assert "L’équipe est complète." in shown
    assert "Refusée" in shown
    assert "par Rémi Aubrespin" in shown
    assert "Demander à nouveau" in shown


def test_a_claim_is_seen_by_the_others_and_binds_nobody(cast: Cast, asked: DelegationRequest) -> None:
    act(cast.client("total"), asked, "prendre")
    assert "Vous vous en occupez" in text_of(cast.client("total"), page_of(asked))
    for path in (page_of(asked), REQUESTS, "/"):
        assert "Pris en charge par Rémi Aubrespin" in text_of(cast.client("referent"), path)
    assert "Rémi Aubrespin" not in text_of(cast.client("asker"), page_of(asked))
    answer(cast.client("referent"), asked, "total")
    assert Delegation.objects.filter(holder=cast.asker.account).exists()


def test_the_asker_withdraws_and_is_not_told_who_could_answer(cast: Cast, asked: DelegationRequest) -> None:
    client = cast.client("asker")
    shown = text_of(client, page_of(asked))
    for name in ("Aubrespin", "Tournemirande", "Estorgues"):
        assert name not in shown
    act(client, asked, "retirer")
    asked.refresh_from_db()
    assert asked.state == "withdrawn"
    assert "Vous l’avez retirée" in text_of(client, page_of(asked))


def test_nobody_answers_their_own_request(cast: Cast) -> None:
    row = DelegationRequestFactory(requester=cast.partial.account, account=cast.account, remaining=Scope.DOSSIER)
    client, before = cast.client("partial"), written()
    assert 'name="answer"' not in text_of(client, page_of(row))
    assert "Personne ne répond à sa propre demande." in answer(client, row, "dossier", 403)
    assert "Personne ne répond à sa propre demande." in act(client, row, "refuser", 403, reason="Non.")
    assert "Personne ne répond à sa propre demande." in act(client, row, "prendre", 403)
    assert written() == before


def test_only_the_asker_withdraws(cast: Cast, asked: DelegationRequest) -> None:
    before = written()
    assert "Seule la personne qui a fait la demande" in act(cast.client("total"), asked, "retirer", 403)
    assert written() == before


# --- Meanwhile ----------------------------------------------------------------------------------------------------


def test_the_second_answer_is_told_of_the_first_and_keeps_what_was_typed(cast: Cast, asked: DelegationRequest) -> None:
    accept(cast.user("referent"), asked, timezone.now())
    before = written()
    shown = answer(cast.client("total"), asked, "refuse", 409, reason="Elle n’est pas de l’équipe.")
    assert "Cette demande a déjà été acceptée par Maïlis Tournemirande." in shown
    assert "Elle n’est pas de l’équipe." in shown
    assert 'name="answer"' not in shown
    for one in ("accepter", "refuser", "prendre"):
        act(cast.client("total"), asked, one, 409, answer="total", reason="Non.")
    assert "Cette demande a déjà été acceptée" in act(cast.client("asker"), asked, "retirer", 409)
    assert written() == before


def test_after_a_refusal_and_after_withdrawal_nothing_is_answered(cast: Cast, asked: DelegationRequest) -> None:
    other = DelegationRequestFactory(account=cast.account)
    refuse(cast.user("referent"), asked, "Non.", timezone.now())
    withdraw(other.requester.user, other, timezone.now())
    before = written()
    assert "Cette demande a déjà été refusée" in answer(cast.client("total"), asked, "total", 409)
    assert "Cette demande a été retirée" in answer(cast.client("total"), other, "total", 409)
    assert "Cette demande a été retirée" in act(as_user(other.requester.user), other, "retirer", 409)
    assert written() == before


def test_losing_the_delegation_between_the_page_and_the_click(cast: Cast, asked: DelegationRequest) -> None:
    client = cast.client("total")
    text_of(client, page_of(asked))
    mine = cast.delegation("total")
    now = timezone.now()
    end_delegation(cast.user("referent"), mine, "Départ.", now)
    before = written()
    shown = answer(client, asked, "refuse", 403, reason="Elle n’est pas de l’équipe.")
    assert "Vous ne pouvez pas répondre à cette demande" in shown
    assert "Elle n’est pas de l’équipe." in shown
    assert "Bénédicte Lagarrousse" not in shown
    assert act(client, asked, "prendre", 403)
    assert client.get(page_of(asked)).status_code == 404
    assert written() == before


def test_losing_the_role_of_referent_between_the_page_and_the_click(cast: Cast, asked: DelegationRequest) -> None:
    other = ReferentFactory(structure=cast.hospital)
    row = DelegationRequestFactory(account=cast.unit.account)
    client = as_user(other.account.user)
    text_of(client, page_of(row))
    close_term(Referent.objects.get(pk=other.pk), other.appointed_by, "Départ.", timezone.now())
    assert "Vous ne pouvez pas répondre à cette demande" in answer(client, row, "total", 403)
    ended = ReferentFactory(structure=cast.hospital, ended=True)
    answer(as_user(ended.account.user), row, "total", 404)


def test_a_request_on_an_account_that_closed_is_answered_by_nobody(cast: Cast, asked: DelegationRequest) -> None:
    Account.objects.filter(pk=cast.account.pk).update(state=AccountState.CLOSED)
    before = written()
    answer(cast.client("total"), asked, "total", 403)
    assert written() == before


def test_a_frozen_account_takes_no_new_delegation(cast: Cast, asked: DelegationRequest) -> None:
    Account.objects.filter(pk=cast.account.pk).update(state=AccountState.FROZEN)
    before = written()
    shown = answer(cast.client("total"), asked, "total", 409)
    assert "est gelé" in shown
    assert 'value="total" checked' in shown
    assert written() == before
    answer(cast.client("total"), asked, "refuse", reason="Le service a fermé.")


def test_an_answered_request_stays_for_who_answers_and_who_asked(cast: Cast, asked: DelegationRequest) -> None:
    answer(cast.client("total"), asked, "total")
    for name in ("asker", "referent", "total", "partial"):
        shown = text_of(cast.client(name), page_of(asked))
        assert "par Rémi Aubrespin" in shown
        assert "Ce qui a été accordé" in shown
        assert 'name="answer"' not in shown
    for name in OUTSIDERS:
        assert cast.client(name).get(page_of(asked)).status_code == 404


def test_a_request_handed_to_the_service_centre_says_so(cast: Cast) -> None:
    row = DelegationRequestFactory(requester=cast.asker.account, account=cast.account, escalated=True)
    assert "le centre de service a votre demande" in text_of(cast.client("asker"), page_of(row))
    assert "Transmise au centre de service" in text_of(cast.client("total"), page_of(row))


def test_days_without_an_answer_are_counted(cast: Cast) -> None:
    DelegationRequestFactory(account=cast.account, asked_at=timezone.now() - timedelta(days=5))
    assert "5\xa0jours sans réponse" in text_of(cast.client("total"), REQUESTS)
