"""The page of a plan that matches more entries than are worth fetching.

Shelf by shelf, since popularity is not the same from one kind to another. Where matches are many, up to three ways go
in one statement and the first that gives a full page wins; the last one is always exact, so that a wrong estimate
costs time, never an answer:
  walk  the shelf in order of popularity, a bounded number of rows, words checked on the rows
  top   the index of the most popular: when enough of the matches should stand there
  full  the index of everything
Measured behind the limits: 1.3 to 4 µs a row walked or fetched, 0.06 µs an entry intersected in the index.
"""

# ruff: noqa: S608, values are parameters: names of tables and columns alone stand in a statement

from dataclasses import dataclass, field

from directory.search.dictionary import WHOLE, Dictionary
from directory.search.plan import (
    ENTRIES,
    FEW,
    Plan,
    Sql,
    in_index,
    in_top_index,
    is_everything,
    is_filtered,
    on_row,
    on_shelves,
)

# The most popular entries are not like the others: the walk may go further than the estimate asks.
MARGIN, SHORTEST_WALK, LONGEST_WALK = 4, 300, 6000
# Words that come together only: the walk is bounded by the rarest word instead of by their product.
MANY_IN_TOP = 6000
MOSTLY_TOP = 0.5
ORDER = "popularity DESC, id"


def best(dictionary: Dictionary, plan: Plan, better: Plan, limit: int) -> Sql:
    """SELECT id, popularity: the first `limit` entries of the plan that no better tier gives."""
    few = tuple(shelf for shelf in plan if dictionary.plan_bound(on_shelves(plan, (shelf,))) <= FEW // 2)
    rows = _indexed(in_index(on_shelves(plan, few)), _unless(on_shelves(better, few)), limit)
    tables, names = [_table("few", rows), _bar("few", "", limit)], ["few"]
    for shelf in plan:
        if shelf not in few:
            ladder = _climb(dictionary, on_shelves(plan, (shelf,)), on_shelves(better, (shelf,)), limit, names[-1])
            tables += [*ladder.tables, ladder.best(), _bar(ladder.name, names[-1], limit)]
            names.append(ladder.name)
    union = " UNION ALL ".join(f"SELECT * FROM {name}" for name in names)
    return Sql(
        f"WITH {', '.join(table.text for table in tables)} SELECT * FROM ({union}) x ORDER BY {ORDER} LIMIT {limit}",
        tuple(value for table in tables for value in table.parameters),
    )


def _table(name: str, rows: Sql) -> Sql:
    return Sql(f"{name} AS MATERIALIZED ({rows.text})", rows.parameters)


def _bar(name: str, before: str, limit: int) -> Sql:
    """Once one shelf fills the page, nothing less popular is worth a look on the next."""
    own = f"SELECT CASE WHEN count(*) = {limit} THEN min(popularity) ELSE '-Infinity' END FROM {name}"
    low = f"greatest(({own}), (SELECT low FROM {before}_bar))" if before else f"({own})"
    return Sql(f"{name}_bar AS MATERIALIZED (SELECT {low} AS low)")


@dataclass
class _Ladder:
    """The ways to one shelf's best entries: each is tried only when those before it were not enough."""

    shelf: str
    limit: int
    tables: list[Sql] = field(default_factory=list)
    enough: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """PostgreSQL does not tell a capital in a name."""
        return self.shelf if self.shelf.islower() else f"{self.shelf.lower()}_closed"

    def add(self, rows: Sql, or_enough: str = "FALSE") -> None:
        """A way is enough when it fills the page, or when something else says that it holds everything."""
        table = f"{self.name}_{len(self.tables)}"
        missed = " AND ".join(f"NOT {one}" for one in self.enough) or "TRUE"
        self.tables.append(_table(table, Sql(f"SELECT * FROM ({rows.text}) x WHERE {missed}", rows.parameters)))
        self.enough.append(f"((SELECT count(*) FROM {table}) = {self.limit} OR {or_enough})")

    def best(self) -> Sql:
        """The rows of the first that was enough; those of the last stand whatever they are."""
        conditions = [*self.enough[:-1], "TRUE"]
        picks = [f"SELECT * FROM {self.name}_{place} WHERE {one}" for place, one in enumerate(conditions)]
        return _table(self.name, Sql(" UNION ALL ".join(picks)))


def _climb(dictionary: Dictionary, plan: Plan, better: Plan, limit: int, before: str) -> _Ladder:
    """The ways to the best of a shelf with many matches, above the bar of the shelves before it."""
    (shelf,) = plan
    steps = limit if is_everything(plan) else _steps(dictionary, plan, limit)
    above, checked = f"shelf = '{shelf}' AND popularity >= (SELECT low FROM {before}_bar)", _unless(better)
    ladder = _Ladder(shelf, limit)
    ladder.add(_walk(above, steps, _and(on_row(plan), checked), limit), _is_short(above, steps))
    if _is_top_worth_it(dictionary, plan, limit):
        ladder.add(_indexed(in_top_index(plan), checked, limit))
    ladder.add(_indexed(in_index(plan), checked, limit))
    return ladder


def _steps(dictionary: Dictionary, plan: Plan, limit: int) -> int:
    """How many rows to walk at most: enough by the estimate, and as long as that costs a third of fetching them all.

    With a filter the index is surer; a short walk only sees whether the bar is too high.
    """
    if is_filtered(plan):
        return SHORTEST_WALK
    bound, guess = dictionary.plan_bound(plan), max(dictionary.plan_guess(plan), 1)
    whole = sum(dictionary.n(WHOLE, shelf) for shelf in plan)
    steps = int(MARGIN * limit * whole / guess) + SHORTEST_WALK
    if steps > LONGEST_WALK and bound * dictionary.top_share(plan) > MANY_IN_TOP:
        steps = int(MARGIN * limit * whole / bound) + SHORTEST_WALK
    if steps > LONGEST_WALK:
        return SHORTEST_WALK
    return max(steps, min(bound // 3, LONGEST_WALK))


def _is_top_worth_it(dictionary: Dictionary, plan: Plan, limit: int) -> bool:
    share = dictionary.top_share(plan)
    return share < MOSTLY_TOP and dictionary.plan_bound(plan) * share >= 2 * limit


def _unless(better: Plan) -> Sql:
    if not better:
        return Sql("TRUE")
    given = on_row(better)
    return Sql(f"NOT {given.text}", given.parameters)


def _and(one: Sql, other: Sql) -> Sql:
    return Sql(f"{one.text} AND {other.text}", one.parameters + other.parameters)


def _walk(above: str, steps: int, match: Sql, limit: int) -> Sql:
    """It stops where the page is full."""
    return Sql(
        f"""SELECT id, popularity FROM (
            SELECT id, popularity, lex FROM {ENTRIES} WHERE {above} ORDER BY {ORDER} LIMIT {steps}) s
        WHERE {match.text} ORDER BY {ORDER} LIMIT {limit}""",
        match.parameters,
    )


def _is_short(above: str, steps: int) -> str:
    """Whether the walk went through all that there was to walk."""
    return f"(SELECT count(*) FROM (SELECT FROM {ENTRIES} WHERE {above} LIMIT {steps}) x) < {steps}"


def _indexed(condition: Sql, checked: Sql, limit: int) -> Sql:
    return Sql(
        f"""SELECT id, popularity FROM (SELECT id, popularity, lex FROM {ENTRIES} WHERE {condition.text} OFFSET 0) s
        WHERE {checked.text} ORDER BY {ORDER} LIMIT {limit}""",
        condition.parameters + checked.parameters,
    )
