"""The portal beside the plain model of `world`: what both do, and what every door answers, compared."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import time_machine
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from hypothesis.stateful import RuleBasedStateMachine

from accounts.journal.sealing import seal
from accounts.journal.verification import verify
from accounts.models import Account, User
from accounts.states import AccountState
from delegations import abilities, access, checking
from delegations.errors import Refused
from delegations.explaining import explain
from delegations.guardian import accounts_with_permission
from delegations.models import Delegation, DelegationRequest
from delegations.scopes import OPENS, Scope, Space
from tests.delegations.people import publish
from tests.delegations.world import SCOPES, Ask, No, Place, Proposal, Row, Term, World
from tests.emptying import KEPT
from tests.factories import (
    InternalOrganisationFactory,
    ProfessionalFactory,
    StructureFactory,
    UserFactory,
)
from tests.soak import IS_SOAK
from tests.spico.written import told_of
from tests.workspace import everywhere
from tests.workspace.every_door import Visitor, tried, ways

BEGINNING = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
PEOPLE = ["anna", "bilal", "chloe", "denis", "farid", "gael"]
OPERATORS = ["gael", "op1", "op2"]
USERS = [*PEOPLE, "op1", "op2"]
MORAL = ["structure", "unit", "ward", "other"]
PERSONAL = [f"pp:{name}" for name in [*PEOPLE, "elsa"]]
PLACES = [*MORAL, *PERSONAL]
SCOPE_OF = {parts: scope for scope, parts in SCOPES.items()}

# What no act of these writes: lists, and the words of the directory.
APART = {*KEPT, "django_session", "directory_search_word", "directory_search_word_key"}


def query(sql: str, *values: object) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row: tuple[Any, ...] = cursor.fetchone()
        return row


class Portal(RuleBasedStateMachine):
    """`real`: the portal's row of each thing of the model, by the identity of the latter."""

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.at = BEGINNING
        self.turn = 0
        self.refused: dict[int, int] = {}
        self.history: list[tuple[datetime, dict[str, Any]]] = []
        self.real: dict[int, Any] = {}
        self.tables = [name for name in connection.introspection.table_names() if name not in APART]

    def settle(self) -> None:
        owners = {name: ProfessionalFactory(signed_in=True, given_name=name.title()) for name in PEOPLE}
        owners["elsa"] = ProfessionalFactory(given_name="Elsa")
        structure = StructureFactory()
        unit = InternalOrganisationFactory(structure=structure, account__state=AccountState.OPEN)
        ward = InternalOrganisationFactory(structure=structure, parent=unit)
        self.owners = owners
        self.works_in = [{"structure": structure}, {"internal_organisation": unit}, {"internal_organisation": ward}]
        self.structure = structure
        self.accounts = {f"pp:{name}": owner.account for name, owner in owners.items()}
        places = {"structure": structure, "unit": unit, "ward": ward, "other": StructureFactory(open_account=True)}
        self.accounts |= {name: place.account for name, place in places.items()}
        self.names = {account.pk: name for name, account in self.accounts.items()}
        self.users: dict[str, User] = {name: owners[name].account.user for name in PEOPLE}
        self.users |= {name: UserFactory(is_staff=True) for name in ("op1", "op2")}
        self.allow_operators()
        User.objects.filter(pk=self.users["farid"].pk).update(is_active=False)
        self.world = World(
            places={
                name: Place(name, account.kind, account.state, name.removeprefix("pp:") if "pp:" in name else "")
                for name, account in self.accounts.items()
            },
            users={name: name != "farid" for name in USERS},
            operators=set(OPERATORS),
            structure=set(MORAL[:3]),
        )
        self.things = everywhere.fill(self.accounts, list(self.users.values()), self.accounts["pp:anna"], self.at)
        self.is_ready = False

    def allow_operators(self) -> None:
        allowed = Permission.objects.filter(codename__in=["add_grantproposal", "add_referent"])
        for name in ("op1", "op2"):
            self.users[name].user_permissions.set(allowed)
        User.objects.filter(pk=self.users["gael"].pk).update(is_superuser=True, is_staff=True)

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.ends_well()
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    # --- An act, here and there ---------------------------------------------------------------------------------------

    def act(self, here: Callable[[], Any], there: Callable[[datetime], Any]) -> tuple[Any, Any] | None:
        """Both do it, or both refuse with the same status, and then not a letter of any table changed, so that what was
        compared stands. What the model made is remembered with the portal's row."""
        self.at += timedelta(seconds=1)
        before = told_of(self.tables)
        try:
            told, status = here(), 0
        except No as no:
            told, status = None, no.status
        try:
            done = there(self.at)
        except Refused as refused:
            assert refused.status == status, f"model: {status}, portal: {refused.status} « {refused.sentence} »"
            assert told_of(self.tables) == before
            assert refused.sentence.endswith(".")
            return None
        assert status == 0, f"the model refuses with {status}, the portal does not"
        if isinstance(told, Ask | Term | Proposal):
            self.real[id(told)] = done.pk
        self.compare()
        return told, done

    def user(self, name: str) -> User:
        return User.objects.get(pk=self.users[name].pk)

    def account(self, name: str) -> Account:
        return Account.objects.get(pk=self.accounts[name].pk)

    def row_of(self, row: Row) -> Delegation:
        """The portal's row, found by what it says: who, on what, since when."""
        found = Delegation.objects.get(
            holder=self.accounts[row.holder], account=self.accounts[row.account], period__startswith=row.since
        )
        assert found.scope == SCOPE_OF[row.parts]
        assert found.period.upper == row.until
        return found

    def ask_of(self, ask: Ask) -> DelegationRequest:
        return DelegationRequest.objects.told().get(pk=self.real[id(ask)])

    # --- The comparison -----------------------------------------------------------------------------------------------

    def compare(self) -> None:
        """For every user, what they may open and answer; every other door, for one in turn, and in `make soak` for
        every user too; who had access, now and at a moment before. Once a sequence ends, all of it for everybody."""
        if not self.is_ready:
            return
        with self.clock():
            users = User.objects.in_bulk([user.pk for user in self.users.values()])
            for name in USERS:
                user = users[self.users[name].pk]
                # These two differ; the two other spaces are opened by the scopes of the first.
                for space in (Space.DOSSIERS, Space.DISCUSSIONS):
                    assert self.told(access.accounts_open_to(user, space, self.at)) == self.expected(name, space)
                self.compare_answerable(name, user)
            self.turn += 1
            for name in USERS if IS_SOAK else [USERS[self.turn % len(USERS)]]:
                self.compare_doors(name)
        self.history.append((self.at, {name: self.world.who(name, self.at) for name in PLACES}))
        for at, told in (self.history[-1], self.history[(self.turn * 7) % len(self.history)]):
            self.compare_holders(at, told)
        states = {row.pk: row for row in DelegationRequest.objects.all()}
        for ask in self.world.asks:
            row = states[self.real[id(ask)]]
            assert row.state == ask.state
            assert ask.state != "pending" or row.remaining == SCOPE_OF[ask.remaining]

    @contextmanager
    def clock(self) -> Iterator[None]:
        """The machine's moment, for Python's clock and for the view's."""
        query("SELECT set_config('spico.test_at', %s, true)", self.at.isoformat())
        with time_machine.travel(self.at, tick=False):
            yield

    def expected(self, name: str, space: Space) -> set[str]:
        return {place for place in PLACES if space.value in self.world.opens(name, place, self.at)}

    def told(self, found: Any) -> set[str]:
        return {self.names[pk] for pk in found.values_list("pk", flat=True)}

    def compare_answerable(self, name: str, user: User) -> None:
        answerable = set(access.requests_answerable_by(user, self.at).values_list("pk", flat=True))
        may = {self.real[id(ask)] for ask in self.world.asks if self.world.may_give(name, ask, self.at)}
        assert answerable == may

    def compare_doors(self, name: str) -> None:
        """Each space of each account, by the list, guardian's list, the question, the permission, the explanation."""
        user = self.user(name)
        for space in Space:
            listed = list(access.accounts_open_to(user, space, self.at).order_by("name", "pk"))
            assert {self.names[account.pk] for account in listed} == self.expected(name, space)
            assert access.open_accounts(user, space, self.at) == listed
            assert self.told(accounts_with_permission(user, space)) == self.expected(name, space)
        expected = {space: self.expected(name, space) for space in Space}
        assert everywhere.seen_by(user, self.things, self.at) == expected
        entered = {place for place in PLACES if self.world.opens(name, place, self.at)}
        assert self.told(access.accounts_entered_by(user, self.at)) == entered
        accounts = Account.objects.in_bulk(self.names)
        for place in PLACES:
            account = accounts[self.accounts[place].pk]
            expected = {Space(space) for space in self.world.opens(name, place, self.at)}
            explained = explain(user, account, self.at)
            assert {one.space for one in explained.spaces if one.allowed} == expected
            assert all(one.because for one in explained.spaces)
            assert bool(explained.missing) == (expected != set(Space))
            assert {space for space in Space if access.may_open(user, account, space, self.at)} == expected
            assert {space for space in Space if user.has_perm(f"accounts.open_{space.value}", account)} == expected
        able = abilities.of_requests(user, DelegationRequest.objects.told(), self.at)
        for ask in self.world.asks:
            can, may = able[self.real[id(ask)]], self.world.may_offer(name, ask, self.at)
            assert can.accept == [scope for scope in Scope if may and SCOPES[scope.value] <= may]
            assert can.answer == bool(self.world.may_give(name, ask, self.at))

    def compare_holders(self, at: datetime, told: dict[str, Any]) -> None:
        for name in MORAL:
            found = access.who_has_access(self.accounts[name].pk, at)
            assert {(self.names[row.holder_id], SCOPES[row.scope]) for row in found} == told[name]

    def ends_well(self) -> None:
        """Every door for everybody, addresses of the spaces included; every moment remembered; and the journal tells it
        all."""
        with self.clock():
            for name in USERS:
                self.compare_doors(name)
            publish()
            for name in USERS:
                self.visit(name)
        for at, told in self.history:
            self.compare_holders(at, told)
        assert [fault for fault in checking.faults() if fault.what != "view_differs"] == []
        seal(self.at)
        verdict = verify()
        assert not verdict.broken
        assert verdict.unsealed == 0
        assert all(OPENS[Scope(row.scope)] for row in Delegation.objects.all())

    def visit(self, name: str) -> None:
        """Each address of the spaces, of an account drawn among those that the model opens or among the others: all of
        them in `make soak`; otherwise a sixth of them, others for each user and each sequence."""
        user, drawn = self.user(name), Random(f"{name} {self.turn}")  # noqa: S311, no secret: which account is asked of
        spaces = {place: {Space(space) for space in self.world.opens(name, place, self.at)} for place in PLACES}
        visitor = Visitor(user, self.at, lambda account: spaces[self.names[account.pk]])
        first, step = (0, 1) if IS_SOAK else ((self.turn + USERS.index(name)) % 6, 6)
        for way in ways()[first::step]:
            space = tried(way, self.accounts["unit"], self.things["unit"], user).space
            is_open = drawn.choice([True, False])
            place = drawn.choice([place for place in PLACES if (space in spaces[place]) == is_open] or PLACES)
            door = tried(way, self.accounts[place], self.things[place], user)
            visitor.check(door, self.account(place), is_frozen=self.world.places[place].state == "frozen")
        for place in PLACES if IS_SOAK else drawn.sample(PLACES, 1):
            visitor.check_apart(self.account(place), self.things[place])
        visitor.check_list(self.accounts, {place for place in PLACES if spaces[place]})
