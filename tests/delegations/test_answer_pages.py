"""Answering a request by its page: every answer, what is refused, and what happened meanwhile."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Account
from accounts.states import AccountState
from delegations.dates import end_of, last_day
from delegations.models import Delegation, DelegationRequest, Referent
from delegations.scopes import Scope
from delegations.services import accept, end_delegation, refuse, withdraw
from delegations.services.referents import close_term
from tests.delegations.answering import OUTSIDERS, REQUESTS, act, answer, page_of, written
from tests.delegations.pages import Cast, as_user, make_cast, person, text_of
from tests.factories.delegations import DelegationFactory, DelegationRequestFactory, ReferentFactory


@pytest.fixture(scope="module")
def made_cast(shared: DjangoDbBlocker) -> Cast:
    with shared.unblock():
        return make_cast()


@pytest.fixture
def asked(cast: Cast) -> DelegationRequest:
    """The asker, for everything, to the hospital."""
    row: DelegationRequest = DelegationRequestFactory(requester=cast.asker.account, account=cast.account)
    return row


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
