"""What a request's page offers is what an answer may do, and it speaks to whoever reads it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from accounts.states import AccountState
from delegations import services
from delegations.abilities import of_requests
from delegations.dates import end_of, last_day
from delegations.models import DelegationRequest, RequestState
from delegations.scopes import Scope
from tests.delegations.acting import holder_of, later, now, referent_of, refused, someone
from tests.delegations.pages import as_user, listed, text_of
from tests.factories import DelegationFactory, DelegationRequestFactory, StructureFactory

pytestmark = pytest.mark.django_db
TALKS, FILES = Scope.DISCUSSIONS, Scope.DOSSIER


@pytest.fixture
def account() -> Account:
    found: Account = StructureFactory(open_account=True, name="CH de la Boralde").account
    return found


def asked(account: Account, held_days: int | None = None, *, holds: bool = True) -> DelegationRequest:
    """For dossiers, by somebody who holds the discussions already: until then, or without end."""
    row: DelegationRequest = DelegationRequestFactory(account=account, remaining=FILES if holds else Scope.TOTAL)
    if holds:
        until = end_of(later(days=held_days).date()) if held_days else None
        DelegationFactory(holder=row.requester, account=account, scope=TALKS, until=until)
    return row


def page_of(row: DelegationRequest) -> str:
    return f"/delegations/demandes/{row.pk}/"


@pytest.mark.parametrize("held_days", [None, 90])
def test_nothing_is_offered_to_who_holds_longer_than_the_answerer(account: Account, held_days: int | None) -> None:
    user, row = holder_of(account, until=later(days=30)), asked(account, held_days)
    can = of_requests(user, [row], now())[row.pk]
    assert (can.accept, can.answer) == ([], True)
    with refused(409, "ne peut pas finir avant", "until"):
        services.accept(user, row, now(), until=later(days=20))
    listed()
    shown = text_of(as_user(user), page_of(row))
    assert "plus longtemps que la vôtre" in shown
    assert 'value="refuse"' in shown
    for absent in ('value="dossier"', 'name="until"'):
        assert absent not in shown
    response = as_user(user).post(f"{page_of(row)}accepter/", {"answer": "refuse", "reason": "Voyez le référent."})
    assert response.status_code == 302
    row.refresh_from_db()
    assert row.state == RequestState.REFUSED


@pytest.mark.parametrize("held_days", [None, 10])
def test_who_answers_for_as_long_is_offered_the_part(account: Account, held_days: int | None) -> None:
    row = asked(account, held_days)
    for user in (referent_of(account.structure), holder_of(account, until=later(days=30) if held_days else None)):
        assert of_requests(user, [row], now())[row.pk].accept == [FILES]


def test_whoever_may_not_move_the_end_finds_it_in_its_field(account: Account) -> None:
    user, row = holder_of(account, dossier=True), asked(account, 10)
    listed()
    shown = text_of(as_user(user), page_of(row))
    day = last_day(row.requester.held_delegations.get().period.upper)
    assert f'value="{day:%d/%m/%Y}"' in shown
    assert "vous ne pouvez pas la changer" in shown
    answer = {"answer": FILES.value, "until": f"{day:%d/%m/%Y}"}
    assert as_user(user).post(f"{page_of(row)}accepter/", answer).status_code == 302
    row.refresh_from_db()
    assert row.state == RequestState.ACCEPTED


def test_what_askers_hold_is_read_once_whatever_their_number(account: Account) -> None:
    user = holder_of(account, until=later(days=30))
    counts = []
    for rows in ([asked(account)], [asked(account, holds=number % 2 == 0) for number in range(20)]):
        told = list(DelegationRequest.objects.told().filter(pk__in=[row.pk for row in rows]))
        with CaptureQueriesContext(connection) as queries:
            able = of_requests(user, told, now())
        counts.append(len(queries))
        assert {can.answer for can in able.values()} == {True}
    assert counts == [3, 3]


def test_a_part_that_another_granted_leaves_the_rest_out_of_reach(account: Account) -> None:
    user, row = holder_of(account, dossier=True), DelegationRequestFactory(account=account)
    nobody = someone().user
    services.accept(user, row, now())
    with refused(403, "dépasse votre délégation"):
        services.accept(user, row, now())
    with refused(403, "il faut tenir une délégation"):
        services.accept(nobody, row, now())


def test_the_owner_of_an_account_is_alone_to_answer_and_told_nothing_of_others(account: Account) -> None:
    owner = someone()
    row = DelegationRequestFactory(account=owner)
    listed()
    shown = text_of(as_user(owner.user), page_of(row))
    assert "Pour agir en votre nom." in shown
    for absent in ("Je m’en occupe", "Les autres", "La première réponse compte"):
        assert absent not in shown
    other = DelegationRequestFactory(account=account)
    shown = text_of(as_user(referent_of(account.structure)), page_of(other))
    for present in ("Pour agir au nom de ", "Je m’en occupe", "Les autres personnes qui répondent"):
        assert present in shown


@pytest.mark.parametrize(("state", "may"), [(AccountState.OPEN, True), (AccountState.FROZEN, False)])
def test_asking_again_is_offered_where_it_may_be_asked(account: Account, state: AccountState, may: bool) -> None:
    row = DelegationRequestFactory(account=account, expired=True, reason="" if may else "Le compte est gelé.")
    Account.objects.filter(pk=account.pk).update(state=state)
    listed()
    shown = text_of(as_user(row.asked_by), page_of(row))
    assert ("Demander à nouveau" in shown) == may
    assert ("Personne n’a répondu" in shown) == may
    assert ("Classée sans réponse" in shown) == (not may)
    assert "<dt>Envoyée</dt>" in shown
