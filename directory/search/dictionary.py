"""How many entries have each word, filter and beginning: what the index is asked first, in one small query.

Counts are estimates, but a term that has no row is in no entry.
"""

# ruff: noqa: S608, values are parameters: names of tables and columns alone stand in a statement
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from directory.search.plan import Branch, Plan, branches_of

LONGEST_SHORT_START = 3
MOST_EXPANSIONS = 60
MOST_LOOKED_AT = 1000
WHOLE = ""
TOP = "^"
# Beginnings of numbers that more entries have are counted, up to eight figures.
FEW_NUMBERS = 200
LONGEST_COUNTED_NUMBER = 8


def known_start(number: str) -> str:
    """The beginning of a number, « =10000… », as far as the dictionary counts it."""
    return number[: 1 + LONGEST_COUNTED_NUMBER]


@dataclass
class Dictionary:
    shelves: tuple[str, ...]
    _n: dict[tuple[str, str], int] = field(default_factory=dict)

    def learn(self, term: str, shelf: str, n: int) -> None:
        self._n[term, shelf] = max(n, 1)

    def n(self, term: str, shelf: str) -> int:
        """0 only when no entry has it. Numbers are no words: nobody knows how many begin so."""
        if term.startswith("="):
            return self._numbers(term, shelf)
        return self._n.get((term, shelf), 0)

    def _numbers(self, term: str, shelf: str) -> int:
        """A whole number is one entry's; a beginning that has no row is that of a few."""
        if not term.endswith("*"):
            return 1
        return self._n.get((known_start(term.removesuffix("*")) + "*", shelf), FEW_NUMBERS)

    def bound(self, branch: Branch, shelf: str) -> int:
        """No more entries than this match, by the dictionary; 0 when none can."""
        return min(self._each(branch, shelf), default=self.n(WHOLE, shelf))

    def guess(self, branch: Branch, shelf: str) -> float:
        """How many match if words come independently of one another."""
        whole = self.n(WHOLE, shelf)
        guess = float(whole)
        for n in self._each(branch, shelf):
            guess *= min(n / whole, 1) if whole else 0
        return guess

    def _each(self, branch: Branch, shelf: str) -> list[int]:
        slots = [sum(self.n(term, shelf) for term in terms) for terms in branch.slots]
        return [*slots, self.n(branch.starts + "*", shelf)] if branch.starts else slots

    def plan_bound(self, plan: Plan) -> int:
        return sum(self.bound(branch, shelf) for shelf, branch in branches_of(plan))

    def plan_guess(self, plan: Plan) -> float:
        return sum(self.guess(branch, shelf) for shelf, branch in branches_of(plan))

    def possible(self, plan: Plan) -> Plan:
        """Without the terms and the branches that no entry of the shelf can match; a branch stays in its best tier."""
        kept: Plan = {}
        for shelf, tiers in plan.items():
            seen: set[Branch] = set()
            for tier in sorted(tiers):
                branches = [self._kept(branch, shelf) for branch in tiers[tier] if self.bound(branch, shelf)]
                fresh = tuple(branch for branch in dict.fromkeys(branches) if branch not in seen)
                seen |= set(fresh)
                if fresh:
                    kept.setdefault(shelf, {})[tier] = fresh
        return kept

    def _kept(self, branch: Branch, shelf: str) -> Branch:
        slots = tuple(tuple(term for term in terms if self.n(term, shelf)) for terms in branch.slots)
        return Branch(slots, branch.starts)

    def top_share(self, shelves: Iterable[str]) -> float:
        """The part of these shelves that stands in the index of the most popular."""
        looked = list(shelves)
        whole = sum(self.n(WHOLE, shelf) for shelf in looked)
        return sum(self.n(TOP, shelf) for shelf in looked) / whole if whole else 0


@dataclass(frozen=True)
class Beginning:
    """The words that begin as the last one typed; None when they are too many to be listed."""

    words: tuple[str, ...] | None


def look_up(terms: Iterable[str], last: str, shelves: tuple[str, ...]) -> tuple[Dictionary, Beginning]:
    """One trip: the terms, and from four letters on the words that begin like the last one."""
    wanted = [*terms, WHOLE, TOP]
    is_long = len(last) > LONGEST_SHORT_START
    if last:
        wanted.append(last[:LONGEST_SHORT_START] + "*")
    statement = "SELECT term, shelf, n FROM directory_search_word WHERE term = ANY (%s) AND shelf = ANY (%s)"
    parameters: list[Any] = [wanted, list(shelves)]
    if is_long:
        statement += f""" UNION ALL (SELECT term, shelf, n FROM directory_search_word
            WHERE term > %s AND term < %s AND shelf = ANY (%s) AND term !~ '[*]' LIMIT {MOST_LOOKED_AT})"""
        parameters += [last, last + "~", list(shelves)]
    dictionary = Dictionary(shelves)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
    for term, shelf, n in rows:
        dictionary.learn(term, shelf, n)
    return dictionary, _beginning(dictionary, rows, last) if is_long else Beginning(None)


def _beginning(dictionary: Dictionary, rows: list[tuple[str, str, int]], last: str) -> Beginning:
    begun = [row for row in rows if row[0].startswith(last)]
    is_cut = len(begun) >= MOST_LOOKED_AT
    for shelf in dictionary.shelves:
        n = sum(row[2] for row in begun if row[1] == shelf)
        if is_cut:
            n = dictionary.n(last[:LONGEST_SHORT_START] + "*", shelf)
        if n:
            dictionary.learn(last + "*", shelf, n)
    words = tuple(sorted({term for term, _, _ in begun}))
    return Beginning(words if len(words) <= MOST_EXPANSIONS else None)


def departments_of(shelves: tuple[str, ...]) -> dict[str, int]:
    """How many entries each department has, as of the last rebuild."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT substr(term, 2), sum(n)::integer FROM directory_search_word
            WHERE term > '/' AND term < '0' AND shelf = ANY (%s) GROUP BY 1""",
            [list(shelves)],
        )
        return dict(cursor.fetchall())


@transaction.atomic
def rebuild_dictionary() -> int:
    """Count every word again, without keeping anybody from searching or writing. Returns how many rows changed."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("ANALYZE directory_searchentry")
        cursor.execute("SELECT directory_search_rebuild()")
        return int(cursor.fetchone()[0])
