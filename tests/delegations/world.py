"""The rules of access once more, in plain Python: names, sets and moments, without a line of the product.

`test_stateful` plays the same acts here and in the portal, and compares every answer.
"""

from dataclasses import dataclass, field
from datetime import datetime

DOSSIER, DISCUSSIONS = frozenset({"dossier"}), frozenset({"discussions"})
TOTAL = DOSSIER | DISCUSSIONS
SCOPES = {"total": TOTAL, "dossier": DOSSIER, "discussions": DISCUSSIONS}
SPACES = {"dossiers": "dossier", "agenda": "dossier", "tasks": "dossier", "discussions": "discussions"}
NEW_ALLOWED = {"listed", "open"}
Parts = frozenset[str]


class No(Exception):
    """The act is refused, with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class Place:
    """An account. `person`: whose PP account it is."""

    name: str
    kind: str
    state: str
    person: str = ""


@dataclass
class Row:
    holder: str
    account: str
    parts: Parts
    since: datetime
    until: datetime | None
    granter: str | None
    ended: bool = False
    former: "Row | None" = None

    def holds_at(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)

    def granters(self) -> set[str | None]:
        """Of this row, and of those that it took over."""
        return {self.granter} | (self.former.granters() if self.former else set())


@dataclass
class Ask:
    requester: str
    account: str
    remaining: Parts
    asked_at: datetime
    state: str = "pending"


@dataclass
class Term:
    person: str
    since: datetime
    by: str
    until: datetime | None = None

    def holds_at(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass
class Proposal:
    holder: str
    account: str
    parts: Parts
    until: datetime | None
    word_of: str
    by: str
    state: str = "proposed"


@dataclass(frozen=True)
class Power:
    parts: Parts
    until: datetime | None = None


EVERYTHING = Power(TOTAL)


@dataclass
class World:
    """`users`: who signs in, and whether they still may. `structure`: the accounts of one structure and its units."""

    places: dict[str, Place]
    users: dict[str, bool]
    operators: set[str]
    structure: set[str]
    rows: list[Row] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)

    # --- Answers ------------------------------------------------------------------------------------------------------

    def is_own(self, user: str, account: str) -> bool:
        return self.users[user] and self.places[account].person == user

    def own(self, user: str) -> str | None:
        place = self.places.get(f"pp:{user}")
        return place.name if place and self.users[user] and place.state != "closed" else None

    def present(self, holder: str, account: str, at: datetime) -> Row | None:
        return next((r for r in self.rows if (r.holder, r.account) == (holder, account) and r.holds_at(at)), None)

    def held(self, user: str, account: str, at: datetime) -> Row | None:
        if not self.users.get(user) or self.places[account].state == "closed":
            return None
        return self.present(f"pp:{user}", account, at)

    def opens(self, user: str, account: str, at: datetime) -> set[str]:
        if self.is_own(user, account) and self.places[account].state != "closed":
            return set(SPACES)
        row = self.held(user, account, at)
        return {space for space, part in SPACES.items() if row and part in row.parts}

    def refers(self, user: str, account: str, at: datetime) -> bool:
        return (
            self.users[user]
            and account in self.structure
            and any(term.person == f"pp:{user}" and term.holds_at(at) for term in self.terms)
        )

    def owes(self, user: str, holder: str, at: datetime) -> bool:
        mine = [term for term in self.terms if term.person == f"pp:{user}" and term.holds_at(at)]
        return any(term.by == self.places[holder].person for term in mine)

    def power(self, user: str, account: str, holder: str, at: datetime) -> Power | None:
        """What this user may give to that holder: not as a referent whom the holder appointed."""
        if self.places[account].state == "closed":
            return None
        if self.is_own(user, account):
            return EVERYTHING
        if self.refers(user, account, at) and not self.owes(user, holder, at):
            return EVERYTHING
        row = self.held(user, account, at)
        return Power(row.parts, row.until) if row and self.places[account].kind != "pp" else None

    def may_give(self, user: str, ask: Ask, at: datetime) -> Parts:
        """What this user may give of what this request still asks; nothing: they may not answer."""
        power = self.power(user, ask.account, ask.requester, at)
        if ask.state != "pending" or self.is_own(user, ask.requester) or power is None:
            return frozenset()
        return power.parts & ask.remaining

    def may_offer(self, user: str, ask: Ask, at: datetime) -> Parts:
        """What accepting may give: nothing to who holds already until later than this user may give, since one row
        would hold both."""
        power, present = self.power(user, ask.account, ask.requester, at), self.present(ask.requester, ask.account, at)
        if power and power.until and present and (present.until is None or present.until > power.until):
            return frozenset()
        return self.may_give(user, ask, at)

    def who(self, account: str, at: datetime) -> set[tuple[str, Parts]]:
        return {(row.holder, row.parts) for row in self.rows if row.account == account and row.holds_at(at)}

    # --- Acts: each refuses with `No`, or is done ---------------------------------------------------------------------

    def ask(self, user: str, account: str, parts: Parts, at: datetime) -> Ask:
        own = self.own(user)
        if own is None:
            raise No(403)
        if own == account:
            raise No(400)
        if self.places[account].state not in NEW_ALLOWED or self._waiting(own, account):
            raise No(409)
        held = self.present(own, account, at)
        remaining = parts - (held.parts if held else frozenset())
        if not remaining:
            raise No(409)
        self.asks.append(Ask(own, account, remaining, at))
        return self.asks[-1]

    def _waiting(self, requester: str, account: str) -> Ask | None:
        return next(
            (a for a in self.asks if (a.requester, a.account, a.state) == (requester, account, "pending")), None
        )

    def _check_answer(self, user: str, ask: Ask, at: datetime) -> Parts:
        if ask.state != "pending":
            raise No(409)
        part = self.may_give(user, ask, at)
        if not part:
            raise No(403)
        return part

    def accept(self, user: str, ask: Ask, chosen: Parts, until: datetime | None, at: datetime) -> None:
        """`chosen` empty: all that may be given."""
        part = self._check_answer(user, ask, at)
        if not chosen <= ask.remaining:
            raise No(400)
        power = self.power(user, ask.account, ask.requester, at)
        assert power
        self._grant(self.own(user), power, ask.requester, ask.account, chosen or part, until, at)

    def refuse(self, user: str, ask: Ask, at: datetime) -> None:
        self._check_answer(user, ask, at)
        ask.state = "refused"

    def claim(self, user: str, ask: Ask, at: datetime) -> None:
        self._check_answer(user, ask, at)

    def withdraw(self, user: str, ask: Ask) -> None:
        if not self.is_own(user, ask.requester):
            raise No(403)
        if ask.state != "pending":
            raise No(409)
        ask.state = "withdrawn"

    def _grant(
        self,
        granter: str | None,
        power: Power,
        holder: str,
        account: str,
        parts: Parts,
        until: datetime | None,
        at: datetime,
        renewing: bool = False,
    ) -> None:
        self._check_living(holder, account)
        if until is not None and until <= at:
            raise No(400)
        if not parts <= power.parts or (power.until and (until is None or until > power.until)):
            raise No(400)
        row = self.present(holder, account, at)
        if row:
            parts = self._widened(row, power, parts, until, renewing)
            row.until, row.ended = at, True
        self.rows.append(Row(holder, account, parts, at, until, granter, former=row))
        if ask := self._waiting(holder, account):
            rest = ask.remaining - parts
            ask.remaining, ask.state = (rest, "pending") if rest else (ask.remaining, "accepted")
        if self.places[account].state == "listed" and self.places[account].kind != "pp":
            self.places[account].state = "open"

    @staticmethod
    def _widened(row: Row, power: Power, parts: Parts, until: datetime | None, renewing: bool = False) -> Parts:
        whole = row.parts | parts
        is_longer = row.until is not None and (until is None or until > row.until)
        is_shorter = until is not None and (row.until is None or until < row.until)
        if is_shorter or (whole == row.parts and not renewing) or (is_longer and not whole <= power.parts):
            raise No(409)
        return whole

    def _check_living(self, holder: str, account: str) -> None:
        if self.places[account].state not in NEW_ALLOWED or self.places[holder].state == "closed":
            raise No(409)

    def _check_end(self, user: str, row: Row, at: datetime) -> None:
        if row.ended or not row.holds_at(at):
            raise No(409)
        mine = self.held(user, row.account, at)
        by_total = mine and mine.parts == TOTAL and (row.parts != TOTAL or mine.holder in row.granters())
        is_owner = self.is_own(user, row.holder) or self.is_own(user, row.account)
        if not (is_owner or self.refers(user, row.account, at) or by_total):
            raise No(403)

    def end(self, user: str, row: Row, at: datetime) -> None:
        self._check_end(user, row, at)
        row.until, row.ended = at, True

    def reduce(self, user: str, row: Row, keep: Parts, at: datetime) -> None:
        self._check_end(user, row, at)
        if not keep < row.parts:
            raise No(400)
        self.rows.append(Row(row.holder, row.account, keep, at, row.until, row.granter, former=row))
        row.until, row.ended = at, True

    def renew(self, user: str, row: Row, until: datetime | None, at: datetime) -> None:
        if row.ended or not row.holds_at(at):
            raise No(409)
        self._check_living(row.holder, row.account)
        if row.until is None:
            raise No(409)
        power = self.power(user, row.account, row.holder, at)
        if self.is_own(user, row.holder) or power is None or not row.parts <= power.parts:
            raise No(403)
        if power.until is not None and power.until <= row.until:
            raise No(403)
        if until is not None and until <= row.until:
            raise No(400)
        self._grant(self.own(user), power, row.holder, row.account, row.parts, until, at, renewing=True)

    # --- The service centre -------------------------------------------------------------------------------------------

    def _check_word(self, user: str, word: Proposal, at: datetime) -> None:
        if user not in self.operators or not self.users[user]:
            raise No(403)
        if (word.until is not None and word.until <= at) or word.holder == word.account:
            raise No(400)
        if self.places[word.holder].person == user:
            raise No(403)
        self._check_living(word.holder, word.account)
        if word.word_of == word.holder:
            raise No(400)
        if self.places[word.account].kind == "pp":
            is_theirs = word.word_of == word.account
        else:
            is_theirs = word.account in self.structure and any(
                term.person == word.word_of and term.holds_at(at) for term in self.terms
            )
        if not is_theirs:
            raise No(400)
        if row := self.present(word.holder, word.account, at):
            self._widened(row, EVERYTHING, word.parts, word.until)

    def grant_by_centre(self, user: str, word: Proposal, at: datetime) -> Proposal | None:
        """None when it is granted at once; otherwise what waits for a second operator."""
        self._check_word(user, word, at)
        row = self.present(word.holder, word.account, at)
        if (word.parts | (row.parts if row else frozenset())) != TOTAL:
            self._grant(self.own(user), EVERYTHING, word.holder, word.account, word.parts, word.until, at)
            return None
        if any((p.holder, p.account, p.state) == (word.holder, word.account, "proposed") for p in self.proposals):
            raise No(409)
        self.proposals.append(word)
        return word

    def confirm(self, user: str, word: Proposal, at: datetime) -> None:
        if user not in self.operators or not self.users[user] or word.by == user:
            raise No(403)
        if word.state != "proposed":
            raise No(409)
        self._check_word(user, word, at)
        self._grant(self.own(word.by), EVERYTHING, word.holder, word.account, word.parts, word.until, at)
        word.state = "confirmed"

    def reject(self, user: str, word: Proposal) -> None:
        if user not in self.operators or not self.users[user]:
            raise No(403)
        if word.state != "proposed":
            raise No(409)
        word.state = "rejected"

    def appoint(self, user: str, person: str, at: datetime) -> Term:
        if user not in self.operators or not self.users[user] or self.places[person].person == user:
            raise No(403)
        is_in_office = any(term.person == person and term.holds_at(at) for term in self.terms)
        if self.places[person].state == "closed" or self.places["structure"].state == "closed" or is_in_office:
            raise No(409)
        self.terms.append(Term(person, at, user))
        return self.terms[-1]

    def dismiss(self, user: str, term: Term, at: datetime) -> None:
        if user not in self.operators or not self.users[user]:
            raise No(403)
        if not term.holds_at(at):
            raise No(409)
        term.until = at

    # --- What happens by itself ---------------------------------------------------------------------------------------

    def move(self, account: str, state: str, at: datetime) -> None:
        self.places[account].state = state
        if state in NEW_ALLOWED:
            return
        is_closed = state == "closed"
        for ask in self.asks:
            if ask.state == "pending" and (ask.account == account or (is_closed and ask.requester == account)):
                ask.state = "expired"
        if not is_closed:
            return
        for row in self.rows:
            if account in (row.account, row.holder) and not row.ended and row.holds_at(at):
                row.until, row.ended = at, True
        for term in self.terms:
            if term.holds_at(at) and account in (term.person, "structure"):
                term.until = at
