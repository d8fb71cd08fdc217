"""A search from end to end: read, ask the dictionary, gather, and say why and what else."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias
from uuid import UUID

from directory.kinds import kinds
from directory.search import readings, spelling
from directory.search.dictionary import Dictionary
from directory.search.gathering import Gathered, Row, gather, tally
from directory.search.matching import explain, spelt_as
from directory.search.plan import Plan
from directory.search.query import Query, Request, read
from directory.search.readings import Reading
from directory.search.results import Count, Hit, Results, Tier
from directory.search.suggesting import better_word, with_words
from directory.search.ways import ways_on

ONE_EDIT, TWO_DELETIONS = 1, 2
Collect: TypeAlias = Callable[[Request, Dictionary, Plan, tuple[str, ...]], Gathered]


@dataclass
class Answer:
    """What a request gave: as typed, then by further and further spellings."""

    reading: Reading
    levels: list[Gathered]

    @property
    def request(self) -> Request:
        return self.reading.request

    @property
    def shown(self) -> Gathered:
        """Approximate spellings only when nothing nearer was found in the ticked kinds."""
        ticked = self.request.ticked
        return next((level for level in self.levels if any(level.kinds.get(k) for k in ticked)), self.levels[0])

    @property
    def total(self) -> Count:
        n = sum(self.shown.kinds.get(kind, 0) for kind in self.request.ticked)
        return Count.capped(n, by_spelling=self.shown is not self.levels[0])

    @property
    def counts(self) -> dict[str, Count]:
        """What each kind would give if it alone were ticked."""
        return {kind: self._count(kind) for kind in kinds()}

    def _count(self, kind: str) -> Count:
        for level in self.levels:
            if n := level.kinds.get(kind, 0):
                return Count.capped(n, by_spelling=level is not self.levels[0])
        return Count(0, is_exact=True)

    @property
    def unknown(self) -> set[str]:
        """The words that no entry has, of any kind."""
        return set.intersection(*(self.reading.unknown(shelf) for shelf in self.reading.dictionary.shelves))


def search(query: Query) -> Results:
    """Whatever was asked is a normal query: cut, clamped, or simply without answer."""
    answer = _answer(read(query), tuple(kinds()), gather)
    total = answer.total
    pages = max(-(-total.n // answer.request.page_size), 1)
    if answer.request.page > pages:
        return search(replace(query, page=pages))
    return Results(
        hits=[_hit(row, answer.request) for row in answer.shown.rows],
        count=total.n,
        count_is_exact=total.is_exact,
        page=answer.request.page,
        pages=pages,
        has_next=answer.request.page < pages,
        tier=Tier.ALL if answer.shown.best is None else answer.shown.best,
        kind_counts=answer.counts,
        department_counts=answer.shown.departments,
        suggestion=_suggestion(query, answer) if total.n else "",
        ways=[] if total.n else ways_on(query, answer.counts, answer.unknown, _count_like(answer.reading)),
    )


def count(query: Query) -> Count:
    """How many a search would give, and whether by spelling only."""
    request = read(query)
    return _answer(request, request.ticked, tally).total


def _count_like(reading: Reading) -> Callable[[Query], Count]:
    """The same, without asking the dictionary again as long as the words are those of this reading."""

    def counted(query: Query) -> Count:
        request = read(query)
        if (request.words, request.with_closed) != (reading.request.words, reading.request.with_closed):
            return count(query)
        return _answered(replace(reading, request=request), request.ticked, tally).total

    return counted


def _answer(request: Request, among: tuple[str, ...], collect: Collect) -> Answer:
    return _answered(readings.consult(request, among), among, collect)


def _answered(reading: Reading, among: tuple[str, ...], collect: Collect) -> Answer:
    """Each of these kinds, as typed then by spelling; `collect` says what is wanted of them."""
    request = reading.request
    typed = collect(request, reading.dictionary, readings.as_typed(reading), among)
    answer = Answer(reading, [typed])
    empty = tuple(kind for kind, n in typed.kinds.items() if not n)
    if request.words and empty:
        _spell(answer, empty, collect)
    return answer


def _spell(answer: Answer, empty: tuple[str, ...], collect: Collect) -> None:
    """Add a level for the kinds that gave nothing: one edit, then, for those still without, two deletions."""
    reading, request = answer.reading, answer.request
    shelves = [shelf for kind in empty for shelf in request.shelves(kind)]
    wrong = set().union(*(spelling.doubtful(reading, shelf) for shelf in shelves))
    near = spelling.look_near(wrong, reading.dictionary)
    for furthest in (ONE_EDIT, TWO_DELETIONS):
        plan: Plan = {}
        for kind in empty:
            plan |= spelling.approximate(reading, near, kind, furthest)
        if plan:
            level = collect(request, reading.dictionary, plan, empty)
            answer.levels.append(level)
            empty = tuple(kind for kind in empty if not level.kinds[kind])


def _suggestion(query: Query, answer: Answer) -> str:
    """The text in the words of the first approximate answer, or with a far more frequent word that also finds."""
    request, rows = answer.request, answer.shown.rows
    if answer.total.by_spelling:
        return with_words(query.text, spelt_as(rows[0], request)) if rows else ""
    change = better_word(answer.reading, answer.total.n) if request.words else None
    if not change:
        return ""
    suggested = with_words(query.text, dict([change]))
    found = count(replace(query, text=suggested, page=1))
    return suggested if found.n > answer.total.n and not found.by_spelling else ""


def _hit(row: Row, request: Request) -> Hit:
    return Hit(
        kind=row.kind,
        key=row.key,
        label=row.label,
        detail=row.detail,
        department=row.department,
        account=UUID(row.account) if row.account else None,
        is_closed=row.is_closed,
        match=explain(row, request),
    )
