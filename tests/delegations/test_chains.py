"""Renewed, widened or reduced, a delegation is still the same one for people: since when, by whom, when it served."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from delegations import services
from delegations.abilities import of_delegations
from delegations.chains import chains_of
from delegations.living_reading import lines
from delegations.models import Delegation
from delegations.scopes import Scope, Space
from tests.delegations.people import Cast, account_of, opens_space, person
from tests.factories.delegations import DelegationFactory, DelegationRequestFactory

pytestmark = pytest.mark.django_db


def told(row: Delegation) -> Delegation:
    return Delegation.objects.told().get(pk=row.pk)


def renewed(cast: Cast, row: Delegation, days: int = 700) -> Delegation:
    return services.renew(cast.referent, told(row), timezone.now() + timedelta(days=days), timezone.now())


def widened(cast: Cast, row: Delegation) -> Delegation:
    request = DelegationRequestFactory(requester=row.holder, account=row.account, scope=Scope.TOTAL)
    return services.accept(cast.referent, request, timezone.now())


def a_delegation(account: Account, **more: object) -> Delegation:
    now = timezone.now()
    times = {"since": now - timedelta(days=200), "until": now + timedelta(days=20)}
    return DelegationFactory(account=account, **(times | more))


def test_it_is_told_since_it_began(cast: Cast) -> None:
    row = a_delegation(cast.account)
    longer = renewed(cast, row)
    line = lines(row.holder.user, [told(longer)], timezone.now())[0]
    assert line.since == row.period.lower
    assert [link.pk for link in chains_of([longer])[longer.pk].links] == [longer.pk, row.pk]


def test_the_last_use_goes_on_when_it_is_renewed(cast: Cast) -> None:
    row = a_delegation(cast.account)
    opens_space(row.holder.user, cast.account, Space.AGENDA)
    longer = renewed(cast, row)
    line = lines(row.holder.user, [told(longer)], timezone.now())[0]
    assert {cell.space for cell in line.cells if cell.last} == {Space.AGENDA}


def test_what_was_unused_before_it_was_renewed_still_is(cast: Cast) -> None:
    row = a_delegation(cast.account)
    line = lines(cast.referent, [told(renewed(cast, row))], timezone.now())[0]
    assert line.unused is not None


def test_a_space_opened_yesterday_is_not_unused_for_ninety_days(cast: Cast) -> None:
    row = a_delegation(cast.account, scope=Scope.DISCUSSIONS)
    opens_space(row.holder.user, cast.account, Space.DISCUSSIONS)
    wider = widened(cast, row)
    chain = chains_of([wider])[wider.pk]
    assert chain.opened(Space.DISCUSSIONS) == row.period.lower
    assert chain.opened(Space.DOSSIERS) == wider.period.lower
    assert lines(cast.referent, [told(wider)], timezone.now())[0].unused is None


def test_whoever_granted_it_first_may_still_end_it(cast: Cast) -> None:
    mine = Delegation.objects.get(holder=account_of(cast.total), account=cast.account)
    row = a_delegation(cast.account, through=mine, since=timezone.now() - timedelta(days=9))
    other = DelegationFactory(account=cast.account).holder.user
    longer = renewed(cast, row)
    now = timezone.now()
    assert of_delegations(cast.total, [told(longer)], now)[longer.pk].revoke
    assert not of_delegations(other, [told(longer)], now)[longer.pk].revoke
    services.end_delegation(cast.total, longer, "Elle a changé de service.", timezone.now())
    longer.refresh_from_db()
    assert longer.ended_by == cast.total


def test_a_chain_is_read_in_one_query_whatever_its_length(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [a_delegation(cast.account, holder=account_of(person())) for _ in range(3)]
    rows.append(renewed(cast, renewed(cast, rows.pop()), days=900))
    with django_assert_num_queries(1):
        assert len(chains_of(rows)) == 3
    assert chains_of([]) == {}
