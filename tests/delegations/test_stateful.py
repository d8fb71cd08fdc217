"""Whatever people do, in whatever order, the portal answers as the plain model of `world` does, by every door."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from accounts.models import User
from accounts.services import move_accounts
from accounts.states import ON_STRUCTURE_CLOSED, ON_STRUCTURE_REOPENED, ON_UNIT_CLOSED, ON_UNIT_REOPENED, AccountState
from delegations import checking, reminders, services
from delegations.models import Delegation, GrantProposal, Origin, Referent
from delegations.scopes import Scope
from delegations.services.service_centre import Word
from delegations.view_sql import GRANT_VIEW
from directory.models import Attachment
from tests.delegations.portal import BEGINNING, MORAL, OPERATORS, PEOPLE, PERSONAL, PLACES, USERS, Portal, query
from tests.delegations.world import SCOPES, Ask, Proposal, Row, Term
from tests.factories import (
    AttachmentFactory,
)
from tests.soak import IS_SOAK

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
# The view, with the clock of the test in place of the statement's.
MOVED_VIEW = GRANT_VIEW.replace("statement_timestamp()", "current_setting('spico.test_at')::timestamptz")


class Acts(Portal):
    """What people do, and what happens around them."""

    @initialize()
    def people_and_places(self) -> None:
        self.settle()
        self.someone_answers()
        self.is_ready = True
        self.compare()

    def someone_answers(self) -> None:
        """A referent, a holder of everything, a holder of a part: otherwise most acts would meet nobody."""
        self.appoint("op1", "pp:denis")
        self.grant_by_centre("op1", "pp:bilal", "unit", "total", None, "pp:denis")
        self.confirm("op2", 0)
        self.grant_by_centre("op2", "pp:chloe", "unit", "discussions", timedelta(days=60), "pp:denis")
        self.request("anna", "unit", "total")

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
        Acts,
        # Half an hour in `make soak`, on a slow machine three times as long: each step asks every door for everybody.
        settings=settings(max_examples=100 if IS_SOAK else 6, stateful_step_count=40 if IS_SOAK else 14),
    )
