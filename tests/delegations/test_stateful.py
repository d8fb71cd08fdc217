"""Whatever people do, in whatever order, the portal answers as the plain model of `world` does, by every door."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from accounts.journal.sealing import seal
from accounts.journal.verification import verify
from accounts.models import Account, User
from accounts.services import move_accounts
from accounts.states import ON_STRUCTURE_CLOSED, ON_STRUCTURE_REOPENED, ON_UNIT_CLOSED, ON_UNIT_REOPENED, AccountState
from delegations import abilities, access, checking, reminders, services
from delegations.errors import Refused
from delegations.explaining import explain
from delegations.guardian import accounts_with_permission
from delegations.models import Delegation, DelegationRequest, GrantProposal, Origin, Referent
from delegations.scopes import OPENS, Scope, Space
from delegations.services.service_centre import Word
from delegations.view_sql import GRANT_VIEW
from directory.models import Attachment
from tests.delegations.people import publish
from tests.delegations.world import SCOPES, Ask, No, Place, Proposal, Row, Term, World
from tests.factories import (
    AttachmentFactory,
    InternalOrganisationFactory,
    ProfessionalFactory,
    StructureFactory,
    UserFactory,
)
from tests.soak import IS_SOAK
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

users = st.sampled_from(USERS)
people = st.sampled_from(PEOPLE)
operators = st.sampled_from([*OPERATORS, *OPERATORS, "anna"])
holders = st.sampled_from(PERSONAL)
# Mostly the accounts of one structure: so that acts meet.
accounts = st.sampled_from([*MORAL[:3], *MORAL[:3], *PLACES])
scopes = st.sampled_from(list(SCOPES))
# The newest first: what was just done is what is undone, answered and repeated.
picks = st.integers(0, 5)
# Whoever may, if somebody may: drawn at random alone, nearly every act would be refused.
ables = st.sampled_from([True, True, False])
ends = st.sampled_from(
    [None, None, timedelta(hours=-1), timedelta(hours=2), timedelta(days=5), timedelta(days=60), "same"]
)
WRITTEN = """SELECT (SELECT count(*) FROM delegations_delegation), (SELECT count(*) FROM delegations_delegationrequest),
    (SELECT count(*) FROM accounts_journalentry), (SELECT count(*) FROM accounts_notification),
    (SELECT count(*) FROM delegations_referent), (SELECT count(*) FROM delegations_grantproposal)"""
# The view, with the clock of the test in place of the statement's.
MOVED_VIEW = GRANT_VIEW.replace("statement_timestamp()", "current_setting('spico.test_at')::timestamptz")


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

    @initialize()
    def people_and_places(self) -> None:
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
        self.someone_answers()
        self.is_ready = True
        self.compare()

    def allow_operators(self) -> None:
        allowed = Permission.objects.filter(codename__in=["add_grantproposal", "add_referent"])
        for name in ("op1", "op2"):
            self.users[name].user_permissions.set(allowed)
        User.objects.filter(pk=self.users["gael"].pk).update(is_superuser=True, is_staff=True)

    def someone_answers(self) -> None:
        """A referent, a holder of everything, a holder of a part: otherwise most acts would meet nobody."""
        self.appoint("op1", "pp:denis")
        self.grant_by_centre("op1", "pp:bilal", "unit", "total", None, "pp:denis")
        self.confirm("op2", 0)
        self.grant_by_centre("op2", "pp:chloe", "unit", "discussions", timedelta(days=60), "pp:denis")
        self.request("anna", "unit", "total")

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.ends_well()
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    # --- An act, here and there ---------------------------------------------------------------------------------------

    def act(self, here: Callable[[], Any], there: Callable[[datetime], Any]) -> tuple[Any, Any] | None:
        """Both do it, or both refuse with the same status, and then nothing at all was written. What the model made
        is remembered with the portal's row."""
        self.at += timedelta(seconds=1)
        before = query(WRITTEN)
        try:
            told, status = here(), 0
        except No as no:
            told, status = None, no.status
        try:
            done = there(self.at)
        except Refused as refused:
            assert refused.status == status, f"model: {status}, portal: {refused.status} « {refused.sentence} »"
            assert query(WRITTEN) == before
            assert refused.sentence.endswith(".")
            return self.compare()
        assert status == 0, f"the model refuses with {status}, the portal does not"
        if isinstance(told, Ask | Term | Proposal):
            self.real[id(told)] = done.pk
        self.compare()
        return told, done

    def user(self, name: str) -> User:
        return User.objects.get(pk=self.users[name].pk)

    def account(self, name: str) -> Account:
        return Account.objects.get(pk=self.accounts[name].pk)

    def until(self, end: Any, row: Row | None = None) -> datetime | None:
        if end == "same":
            return row.until if row else None
        return None if end is None else self.at + timedelta(seconds=1) + end

    @staticmethod
    def pick(rows: list[Any], number: int) -> Any:
        return rows[-1 - number % len(rows)]

    def asked(self, user: str, number: int, able: bool) -> tuple[str, Ask]:
        """A request, and who does something with it."""
        pending = [ask for ask in self.world.asks if ask.state == "pending"]
        ask = self.pick(pending if able and pending else self.world.asks, number)
        may = [name for name in USERS if able and self.world.may_give(name, ask, self.at)]
        return self.pick(may or [user], number), ask

    def held(self, user: str, number: int, able: bool) -> tuple[str, Row, Delegation]:
        """A delegation, and who does something with it."""
        row = self.pick(self.world.rows, number)
        may = [name for name in PEOPLE if able and self.world.power(name, row.account, row.holder, self.at)]
        return self.pick(may or [user], number + len(self.history)), row, self.row_of(row)

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

    # --- Acts ---------------------------------------------------------------------------------------------------------

    @rule(user=st.sampled_from([*PEOPLE, *PEOPLE, "op1"]), account=accounts, scope=scopes)
    def request(self, user: str, account: str, scope: str) -> None:
        self.act(
            lambda: self.world.ask(user, account, SCOPES[scope], self.at),
            lambda at: services.request_delegation(self.user(user), self.accounts[account].pk, scope, "", at),
        )

    def some_ask(self) -> bool:
        return hasattr(self, "world") and bool(self.world.asks)

    def some_row(self) -> bool:
        return hasattr(self, "world") and bool(self.world.rows)

    @precondition(some_ask)
    @rule(number=picks, part=st.sampled_from(["discussions", "dossier"]), end=ends)
    def accept_a_part(self, number: int, part: str, end: Any) -> None:
        self.accept("denis", number, True, part, end)

    @precondition(some_ask)
    @rule(user=users, number=picks, able=ables, scope=st.sampled_from(["", "", *SCOPES]), end=ends)
    def accept(self, user: str, number: int, able: bool, scope: str, end: Any) -> None:
        user, ask = self.asked(user, number, able)
        until = self.until(end, self.world.present(ask.requester, ask.account, self.at))
        self.act(
            lambda: self.world.accept(user, ask, SCOPES[scope] if scope else frozenset(), until, self.at),
            lambda at: services.accept(self.user(user), self.ask_of(ask), at, scope, until),
        )

    @precondition(some_ask)
    @rule(user=users, number=picks, able=ables)
    def refuse(self, user: str, number: int, able: bool) -> None:
        user, ask = self.asked(user, number, able)
        self.act(
            lambda: self.world.refuse(user, ask, self.at),
            lambda at: services.refuse(self.user(user), self.ask_of(ask), "L’équipe est complète.", at),
        )

    @precondition(some_ask)
    @rule(user=users, number=picks, able=ables)
    def claim(self, user: str, number: int, able: bool) -> None:
        user, ask = self.asked(user, number, able)
        self.act(
            lambda: self.world.claim(user, ask, self.at),
            lambda at: services.claim(self.user(user), self.ask_of(ask), at),
        )

    @precondition(some_ask)
    @rule(user=users, number=picks, able=ables)
    def withdraw(self, user: str, number: int, able: bool) -> None:
        ask = self.pick(self.world.asks, number)
        user = self.world.places[ask.requester].person if able else user
        self.act(
            lambda: self.world.withdraw(user, ask),
            lambda at: services.withdraw(self.user(user), self.ask_of(ask), at),
        )

    @precondition(some_row)
    @rule(user=users, number=picks, able=ables)
    def end(self, user: str, number: int, able: bool) -> None:
        user, row, real = self.held(user, number, able)
        self.act(
            lambda: self.world.end(user, row, self.at),
            lambda at: services.end_delegation(self.user(user), real, "Elle a changé de service.", at),
        )

    @precondition(some_row)
    @rule(user=users, number=picks, able=ables, keep=scopes)
    def reduce(self, user: str, number: int, able: bool, keep: str) -> None:
        user, row, real = self.held(user, number, able)
        self.act(
            lambda: self.world.reduce(user, row, SCOPES[keep], self.at),
            lambda at: services.reduce_delegation(self.user(user), real, Scope(keep), at),
        )

    @precondition(some_row)
    @rule(user=users, number=picks, able=ables, end=ends)
    def renew(self, user: str, number: int, able: bool, end: Any) -> None:
        user, row, real = self.held(user, number, able)
        until = self.until(end, row)
        self.act(
            lambda: self.world.renew(user, row, until, self.at),
            lambda at: services.renew(self.user(user), real, until, at),
        )

    @rule(user=operators, holder=holders, account=accounts, scope=scopes, end=ends, word_of=holders)
    def grant_by_centre(self, user: str, holder: str, account: str, scope: str, end: Any, word_of: str) -> None:
        until = self.until(end, self.world.present(holder, account, self.at))
        word = Proposal(holder, account, SCOPES[scope], until, word_of, user)
        real = Word(
            *(self.account(name) for name in (holder, account)),
            Scope(scope),
            until,
            Origin.SERVICE_CENTRE,
            self.account(word_of),
        )
        done = self.act(
            lambda: self.world.grant_by_centre(user, word, self.at),
            lambda at: services.grant_by_service_centre(self.user(user), real, at),
        )
        assert done is None or isinstance(done[1], GrantProposal if done[0] else Delegation)

    @rule(user=operators, holder=holders, account=st.sampled_from(MORAL[:3]), scope=scopes, end=ends, number=picks)
    def grant_on_a_referents_word(
        self, user: str, holder: str, account: str, scope: str, end: Any, number: int
    ) -> None:
        terms = [term.person for term in self.world.terms if term.holds_at(self.at)]
        if terms:
            self.grant_by_centre(user, holder, account, scope, end, self.pick(terms, number))

    @precondition(lambda self: hasattr(self, "world") and bool(self.world.proposals))
    @rule(user=operators, number=picks)
    def confirm(self, user: str, number: int) -> None:
        word = self.pick(self.world.proposals, number)
        proposal = GrantProposal.objects.get(pk=self.real[id(word)])
        self.act(
            lambda: self.world.confirm(user, word, self.at),
            lambda at: services.confirm_proposal(self.user(user), proposal, at),
        )

    @precondition(lambda self: hasattr(self, "world") and bool(self.world.proposals))
    @rule(user=operators, number=picks)
    def reject(self, user: str, number: int) -> None:
        word = self.pick(self.world.proposals, number)
        proposal = GrantProposal.objects.get(pk=self.real[id(word)])
        self.act(
            lambda: self.world.reject(user, word),
            lambda at: services.reject_proposal(self.user(user), proposal, at),
        )

    @rule(user=operators, person=holders)
    def appoint(self, user: str, person: str) -> None:
        self.act(
            lambda: self.world.appoint(user, person, self.at),
            lambda at: services.appoint_referent(self.user(user), self.structure, self.account(person), at),
        )

    @precondition(lambda self: hasattr(self, "world") and bool(self.world.terms))
    @rule(user=operators, number=picks)
    def dismiss(self, user: str, number: int) -> None:
        term: Term = self.pick(self.world.terms, number)
        real = Referent.objects.get(pk=self.real[id(term)])
        self.act(
            lambda: self.world.dismiss(user, term, self.at),
            lambda at: services.end_referent(self.user(user), real, "Départ en retraite.", at),
        )

    # --- What happens around ------------------------------------------------------------------------------------------

    @rule(name=st.sampled_from([*PEOPLE, "elsa"]), place=st.integers(0, 2), stays=st.booleans())
    def attach_or_detach(self, name: str, place: int, stays: bool) -> None:
        """The model knows nothing of it: whatever it compares must be as it was."""
        owner, where = self.owners[name], self.works_in[place]
        there = Attachment.objects.filter(professional=owner, until=None, **where)
        if stays and not there.exists():
            AttachmentFactory(professional=owner, since=date(2026, 1, 1), **where)
        elif not stays:
            there.update(until=date(2026, 3, 1))
        self.compare()

    @rule(name=people)
    def sign_in_is_cut_or_given_back(self, name: str) -> None:
        self.world.users[name] = not self.world.users[name]
        User.objects.filter(pk=self.users[name].pk).update(is_active=self.world.users[name])
        self.compare()

    @rule(name=st.sampled_from(PLACES), closes=st.sampled_from([True, False, False]))
    def close_or_reopen(self, name: str, closes: bool) -> None:
        self.at += timedelta(seconds=1)
        is_unit = name in ("unit", "ward")
        closing, reopening = (
            (ON_UNIT_CLOSED, ON_UNIT_REOPENED) if is_unit else (ON_STRUCTURE_CLOSED, ON_STRUCTURE_REOPENED)
        )
        moves = closing if closes else reopening
        if target := moves.get(AccountState(self.world.places[name].state)):
            self.world.move(name, target.value, self.at)
        move_accounts([self.accounts[name].pk], moves, self.at)
        self.compare()

    @rule(passed=st.sampled_from([timedelta(hours=3), timedelta(days=6), timedelta(days=25), timedelta(days=61)]))
    def time_passes(self, passed: timedelta) -> None:
        self.at += passed
        reminders.run(self.at)
        for ask in self.world.asks:
            if ask.state == "pending" and ask.asked_at <= self.at - timedelta(days=30):
                ask.state = "expired"
        self.compare()

    # --- The comparison -----------------------------------------------------------------------------------------------

    def compare(self) -> None:
        """For every user, what they may open and answer; every other door, for one in turn, and in `make soak` for
        every user too; who had access, now and at a moment before. Once a sequence ends, all of it for everybody."""
        if not self.is_ready:
            return
        with self.clock():
            for name in USERS:
                user = self.user(name)
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
            assert self.told(access.accounts_open_to(user, space, self.at)) == self.expected(name, space)
            assert access.open_accounts(user, space, self.at) == list(
                access.accounts_open_to(user, space, self.at).order_by("name", "pk")
            )
            assert self.told(accounts_with_permission(user, space)) == self.expected(name, space)
        expected = {space: self.expected(name, space) for space in Space}
        assert everywhere.seen_by(user, self.things, self.at) == expected
        entered = {place for place in PLACES if self.world.opens(name, place, self.at)}
        assert self.told(access.accounts_entered_by(user, self.at)) == entered
        for place in PLACES:
            account = self.account(place)
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


@pytest.fixture
def moved_view(db: None) -> Iterator[None]:
    query("SELECT set_config('spico.test_at', %s, true)", BEGINNING.isoformat())
    with connection.cursor() as cursor:
        cursor.execute(MOVED_VIEW)
    yield
    with connection.cursor() as cursor:
        cursor.execute(GRANT_VIEW)
    assert list(checking.faults()) == []


@pytest.mark.soak
def test_no_sequence_of_acts_parts_the_portal_from_the_rules(moved_view: None) -> None:
    run_state_machine_as_test(
        Portal,
        # An hour and a half in `make soak`, where each step asks every door for everybody.
        settings=settings(max_examples=100 if IS_SOAK else 6, stateful_step_count=40 if IS_SOAK else 14),
    )
