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

from directory.search.dictionary import WHOLE, Dictionary
from directory.search.plan import (
    ENTRIES,
    FEW,
    Plan,
    Sql,
    in_index,
    in_top_index,
    is_everything,
    on_row,
    on_shelves,
)

# The most popular entries are not like the others: the walk goes further than the estimate asks. A short one always
# pays: it ends at once when other kinds already fill the page with more popular entries.
MARGIN, SHORTEST_WALK, LONGEST_WALK = 4, 300, 6000
# Words that come together only: the walk is bounded by the rarest word instead of by their product.
MANY_IN_TOP = 6000
MOSTLY_TOP = 0.5
ORDER = "popularity DESC, id"


def best(dictionary: Dictionary, plan: Plan, better: Plan, limit: int) -> Sql:
    """SELECT id, popularity: the first `limit` entries of the plan that no better tier gives."""
    few = tuple(shelf for shelf in plan if dictionary.plan_bound(on_shelves(plan, (shelf,))) <= FEW // 2)
    tables = [_floor(on_shelves(plan, few), better, limit)]
    for shelf in plan:
        if shelf not in few:
            tables += _climb(dictionary, on_shelves(plan, (shelf,)), on_shelves(better, (shelf,)), limit)
    last = " UNION ALL ".join(
        ["SELECT * FROM few", *(f"SELECT * FROM best_{_named(shelf)}" for shelf in plan if shelf not in few)]
    )
    return Sql(
        f"WITH {', '.join(table.text for table in tables)} SELECT * FROM ({last}) x ORDER BY {ORDER} LIMIT {limit}",
        tuple(value for table in tables for value in table.parameters),
    )


def _floor(plan: Plan, better: Plan, limit: int) -> Sql:
    """The best of the shelves with few matches; when they fill the page, nothing less popular is worth a look."""
    rows = _indexed(in_index(plan), _unless(on_shelves(better, tuple(plan))), limit)
    return Sql(
        f"""few AS MATERIALIZED ({rows.text}), bar AS MATERIALIZED (
            SELECT CASE WHEN count(*) = {limit} THEN min(popularity) ELSE '-Infinity' END AS low FROM few)""",
        rows.parameters,
    )


def _climb(dictionary: Dictionary, plan: Plan, better: Plan, limit: int) -> list[Sql]:
    """Tables for one shelf with many matches; the last is its `best_`."""
    (shelf,) = plan
    steps = limit if is_everything(plan) else _steps(dictionary, plan, limit)
    checked = _unless(better)
    rungs = [_indexed(in_index(plan), checked, limit)]
    if _is_top_worth_it(dictionary, plan, limit):
        rungs.insert(0, _indexed(in_top_index(plan), checked, limit))
    return [*_walk(shelf, steps, _and(on_row(plan), checked), limit), *_next_rungs(shelf, rungs, steps, limit)]


def _named(shelf: str) -> str:
    """PostgreSQL does not tell a capital in a name."""
    return shelf if shelf.islower() else f"{shelf.lower()}_closed"


def _steps(dictionary: Dictionary, plan: Plan, limit: int) -> int:
    """How many rows to walk, if that should be enough; else a few, for the case that the bar is high."""
    bound, guess = dictionary.plan_bound(plan), max(dictionary.plan_guess(plan), 1)
    whole = sum(dictionary.n(WHOLE, shelf) for shelf in plan)
    steps = int(MARGIN * limit * whole / guess) + SHORTEST_WALK
    if steps > LONGEST_WALK and bound * dictionary.top_share(plan) > MANY_IN_TOP:
        steps = int(MARGIN * limit * whole / bound) + SHORTEST_WALK
    return steps if steps <= LONGEST_WALK else SHORTEST_WALK


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


def _walk(shelf: str, steps: int, match: Sql, limit: int) -> list[Sql]:
    """The rows walked, and those that match; enough when the page is full or there was nothing more to walk."""
    return [
        Sql(
            f"""walk_{_named(shelf)} AS MATERIALIZED (
            SELECT id, popularity, lex FROM {ENTRIES} WHERE shelf = %s AND popularity >= (SELECT low FROM bar)
            ORDER BY {ORDER} LIMIT {steps})""",
            (shelf,),
        ),
        Sql(
            f"""{_named(shelf)}_0 AS MATERIALIZED (
            SELECT id, popularity FROM walk_{_named(shelf)} WHERE {match.text} ORDER BY {ORDER} LIMIT {limit})""",
            match.parameters,
        ),
    ]


def _indexed(condition: Sql, checked: Sql, limit: int) -> Sql:
    return Sql(
        f"""SELECT id, popularity FROM (SELECT id, popularity, lex FROM {ENTRIES} WHERE {condition.text} OFFSET 0) s
        WHERE {checked.text} ORDER BY {ORDER} LIMIT {limit}""",
        condition.parameters + checked.parameters,
    )


def _next_rungs(shelf: str, rungs: list[Sql], steps: int, limit: int) -> list[Sql]:
    """Each rung runs only when those before it were not enough; the last one's rows stand whatever they are."""
    enough = [
        f"((SELECT count(*) FROM {_named(shelf)}_0) = {limit} OR (SELECT count(*) FROM walk_{_named(shelf)}) < {steps})"
    ]
    tables, picks = [], [f"SELECT * FROM {_named(shelf)}_0 WHERE {enough[0]}"]
    for place, rung in enumerate(rungs, start=1):
        missed = " AND ".join(f"NOT {one}" for one in enough)
        tables.append(
            Sql(
                f"{_named(shelf)}_{place} AS MATERIALIZED (SELECT * FROM ({rung.text}) x WHERE {missed})",
                rung.parameters,
            )
        )
        enough.append(f"(SELECT count(*) FROM {_named(shelf)}_{place}) = {limit}")
        is_taken = "" if place == len(rungs) else f" WHERE {enough[place]}"
        picks.append(f"SELECT * FROM {_named(shelf)}_{place}{is_taken}")
    return [*tables, Sql(f"best_{_named(shelf)} AS ({' UNION ALL '.join(picks)})")]
