"""A question written once answers as the queryset that it comes from."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.paginator import Paginator
from django.db import connection
from django.db.models.functions import Upper
from django.db.models.signals import post_init
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, JournalEntry, User
from accounts.prepared import Prepared
from accounts.prepared_lists import PreparedList, number_of
from delegations.models import Delegation
from tests.accounts.journal import write
from tests.factories import DelegationFactory, ProfessionalFactory

pytestmark = pytest.mark.django_db


def held(user: User, at: datetime, *, named: bool = False) -> Any:
    found = Delegation.objects.in_force(at).filter(holder__user=user).select_related("account").order_by("pk")
    return found.values_list("account__name", flat=True) if named else found


def test_it_gives_what_the_queryset_gives(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    prepared: Prepared[Any] = Prepared(held, user=User, at=datetime)
    rows = [DelegationFactory(), DelegationFactory(), DelegationFactory(ended=True)]
    for moment in (timezone.now(), timezone.now() + timedelta(days=9_000)):
        for user in [row.holder.user for row in rows]:
            for named in (False, True):
                expected = list(held(user, moment, named=named))
                assert prepared.rows(user=user, at=moment, named=named) == expected
    with django_assert_num_queries(1):
        (found,) = prepared.rows(user=rows[0].holder.user, at=timezone.now(), named=False)
        assert (found, found.account) == (rows[0], rows[0].account)
        assert found._state.db == connection.alias and not found._state.adding


def everything_of(row: Any, deep: int = 4) -> dict[str, Any]:
    """What stands in a row, and in those that came along with it."""
    state, values = row._state, {name: value for name, value in vars(row).items() if name != "_state"}
    along = {name: other and everything_of(other, deep - 1) for name, other in state.fields_cache.items() if deep}
    return {"row": values, "state": (state.db, state.adding), "along": along}


def test_rows_are_made_as_django_makes_them(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    def asked(*, at: datetime) -> Any:
        found = Delegation.objects.in_force(at).select_related("holder__user", "account", "granted_by_account")
        return found.defer("ended_reason").annotate(spaces=Upper("scope")).order_by("pk")

    given = DelegationFactory(granted_by_account=ProfessionalFactory().account)
    DelegationFactory(granted_by_account=None)
    at = timezone.now()
    found = Prepared(asked, at=datetime).rows(at=at)
    assert [everything_of(row) for row in found] == [everything_of(row) for row in asked(at=at)]
    assert found[0].get_deferred_fields() == {"ended_reason"} and found[0].spaces == given.scope.upper()
    with django_assert_num_queries(0):
        assert found[0].holder.user.account == given.holder
        assert found[1].granted_by_account is None
    with django_assert_num_queries(1):
        assert found[0].ended_reason == ""


def test_who_listens_to_new_rows_hears_them() -> None:
    heard: list[Any] = []

    def hear(instance: Any, **_: Any) -> None:
        heard.append(instance)

    account = ProfessionalFactory().account
    post_init.connect(hear, sender=Account)
    try:
        found = Prepared(lambda *, account: Account.objects.filter(pk=account), account=UUID).rows(account=account.pk)
    finally:
        post_init.disconnect(hear, sender=Account)
    assert found == [account] and heard[-1] is found[0]


@pytest.mark.parametrize(
    ("compose", "said"),
    [
        (lambda *, account: Account.objects.filter(pk=account).values("name"), "ValuesIterable"),
        (lambda *, account: Account(pk=uuid4()).delegations.filter(holder=account), "another one"),
    ],
)
def test_what_is_read_in_another_way_is_refused(compose: Callable[..., Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        Prepared(compose, account=UUID).rows(account=uuid4())


def test_the_first_or_nothing() -> None:
    prepared = Prepared(lambda *, account: Account.objects.filter(pk=account), account=UUID)
    account = ProfessionalFactory().account
    assert prepared.first(account=account.pk) == account
    assert prepared.first(account=uuid4()) is None


def test_columns_are_those_of_the_queryset() -> None:
    row = DelegationFactory()
    names = ("account__name", "pk", "period", "scope")
    columns = Prepared(lambda *, at: Delegation.objects.in_force(at).values_list(*names), at=datetime)
    assert columns.rows(at=timezone.now()) == [(row.account.name, row.pk, row.period, row.scope)]


def test_the_database_plans_once_what_is_asked_again() -> None:
    row = DelegationFactory()
    asked = "SELECT sum(custom_plans + generic_plans) FROM pg_prepared_statements WHERE statement LIKE '%delegation%'"
    named = Prepared(lambda *, account: held_on(account).values_list("holder__name"), account=UUID)
    for _ in range(3):
        assert named.rows(account=row.account_id) == [(row.holder.name,)]
        assert named.rows(account=uuid4()) == []
    with connection.cursor() as cursor:
        cursor.execute(asked)
        (times,) = cursor.fetchone()
    assert times >= 4


def held_on(account: UUID) -> Any:
    return Delegation.objects.filter(account=account)


def test_what_a_field_reads_otherwise_than_the_database_is_read_so() -> None:
    write()
    told = Prepared(lambda *, at: JournalEntry.objects.filter(at__lte=at).values_list("details", "verb"), at=datetime)
    expected = list(JournalEntry.objects.values_list("details", "verb"))
    assert expected and told.rows(at=timezone.now() + timedelta(days=36_500)) == expected


def test_a_list_of_any_length() -> None:
    prepared = Prepared(
        lambda *, accounts, at: Account.objects.filter(pk__in=accounts, created_at__lte=at).order_by("name"),
        accounts=list[UUID],
        at=datetime,
    )
    accounts = [ProfessionalFactory(given_name=name).account for name in "ABCDE"]
    for several in (accounts, accounts[1:3], accounts[:1], []):
        assert prepared.rows(accounts=[one.pk for one in several], at=timezone.now()) == several
    assert prepared.rows(accounts=[accounts[0].pk], at=timezone.now() - timedelta(days=9_000)) == []


def test_a_number_that_no_key_can_be_finds_nothing() -> None:
    prepared = Prepared(lambda *, user: User.objects.filter(pk=user), user=int)
    someone = ProfessionalFactory(signed_in=True).account.user
    assert prepared.first(user=someone.pk) == someone
    assert prepared.rows(user=10**30) == prepared.rows(user=-(10**30)) == []


def test_a_text_is_asked_as_it_is() -> None:
    prepared = Prepared(lambda *, name: Account.objects.filter(name=name), name=str)
    account = ProfessionalFactory(given_name="L’Été", family_name="50 %").account
    assert prepared.first(name=account.name) == account
    assert prepared.rows(name=f"{account.name}'; --") == []


def test_related_rows_are_read_as_ever(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    prepared = Prepared(
        lambda *, account: Account.objects.filter(pk=account).prefetch_related("held_delegations"), account=UUID
    )
    row = DelegationFactory()
    with django_assert_num_queries(2):
        (account,) = prepared.rows(account=row.holder_id)
        assert list(account.held_delegations.all()) == [row]


def test_nobody_asks_nothing() -> None:
    prepared: Prepared[Any] = Prepared(held, user=User, at=datetime)
    away = DelegationFactory().holder.user
    away.is_active = False
    for user in (None, User(), away):
        assert prepared.rows(user=user, at=timezone.now()) == []


@pytest.mark.parametrize(
    "compose", [lambda *, user, at: Account.objects.filter(user=user), lambda **_: Account.objects.all()]
)
def test_a_question_that_leaves_out_what_it_was_given_is_refused(compose: Callable[..., Any]) -> None:
    with pytest.raises(AssertionError, match="leaves out"):
        Prepared(compose, user=User, at=datetime).rows(user=User(pk=1, is_active=True), at=timezone.now())


@pytest.mark.parametrize(
    "compose",
    [
        lambda *, at: Account.objects.filter(created_at__range=(at - timedelta(days=1), at)),
        lambda *, at: Account.objects.filter(created_at__range=(timezone.now(), at)),
    ],
)
def test_what_would_not_change_with_the_question_is_refused(compose: Callable[..., Any]) -> None:
    with pytest.raises(AssertionError, match="reckons"):
        Prepared(compose, at=datetime).rows(at=timezone.now())


def test_a_value_of_another_kind_cannot_stand_in() -> None:
    with pytest.raises(TypeError, match="float"):
        Prepared(lambda *, price: Account.objects.filter(name=price), price=float)
    with pytest.raises(TypeError, match="User"):
        Prepared(lambda *, users: Account.objects.filter(user__in=users), users=list[User])


def test_two_threads_each_ask_by_their_own_connection() -> None:
    prepared = Prepared(lambda *, account: Account.objects.filter(pk=account), account=UUID)
    account = ProfessionalFactory().account
    assert prepared.first(account=account.pk) == account
    found: list[Account | None] = []

    def ask() -> None:
        found.append(prepared.first(account=account.pk))
        connection.close()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    # The other connection does not see what this transaction has not committed: it was really asked.
    assert found == [None]


def test_a_list_is_counted_and_read_by_pages(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    places = PreparedList(
        lambda *, account, at: Delegation.objects.in_force(at).filter(account=account).order_by("pk"),
        account=UUID,
        at=datetime,
    )
    account = ProfessionalFactory().account
    given = [DelegationFactory(account=account) for _ in range(5)]
    listed = places.of(account=account.pk, at=timezone.now())
    with django_assert_num_queries(1):
        assert listed.count() == 5
    with django_assert_num_queries(1):
        first, second = listed.select_related("holder")[3:5]
        assert [first, second] == given[3:] and first.holder == given[3].holder
    assert Paginator(listed, 2).get_page(9).object_list == given[4:]
    assert (listed[:3], listed[:]) == (given[:3], given)
    assert places.of(account=uuid4(), at=timezone.now()).count() == 0
    with django_assert_num_queries(0):
        nothing = listed.none()
        assert (nothing.count(), nothing[:5], listed[3:3]) == (0, [], [])


def test_a_list_may_be_counted_otherwise() -> None:
    places = PreparedList(
        lambda *, account, user: Delegation.objects.filter(account=account).exclude(granted_by=user).order_by("pk"),
        lambda *, account: number_of(Delegation.objects.filter(account=account)),
        apart=("user",),
        account=UUID,
        user=User,
    )
    given = DelegationFactory()
    listed = places.of(account=given.account_id, user=given.granted_by)
    assert (listed.count(), listed[:5]) == (1, [])


def test_a_day_is_asked_as_it_is() -> None:
    born = Prepared(lambda *, day: Session.objects.filter(expire_date__date=day), day=date)
    assert born.rows(day=timezone.localdate()) == []


def plans_kept(of: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [f"%{of}%"])
        (found,) = cursor.fetchone()
    return int(found)


def test_what_is_asked_by_value_is_planned_for_each() -> None:
    account = ProfessionalFactory().account
    for by_value in (True, False):
        named = Prepared(
            lambda *, name: Account.objects.filter(name__gt=name).defer("kind"), by_value=by_value, name=str
        )
        for _ in range(4):
            assert account in named.rows(name="")
        assert bool(plans_kept('"accounts_account"."name" > ')) is not by_value


def test_moments_and_periods_are_read_in_binary_as_in_text() -> None:
    given = DelegationFactory(ended=True)
    columns = ("period", "created_at", "account", "pk", "ended_reason", "replaces", "account__kind")
    told = Prepared(lambda *, at: Delegation.objects.filter(created_at__lte=at).values_list(*columns), at=datetime)
    at = timezone.now()
    assert told._written(()).in_binary
    (row,) = told.rows(at=at)
    assert row == Delegation.objects.values_list(*columns).get()
    assert row[0] == given.period and row[0].upper.isoformat() == given.period.upper.isoformat()
    assert [type(value) for value in row] == [type(value) for value in Delegation.objects.values_list(*columns).get()]
    details = Prepared(lambda *, at: JournalEntry.objects.filter(at__lte=at).values_list("details"), at=datetime)
    assert not details._written(()).in_binary
