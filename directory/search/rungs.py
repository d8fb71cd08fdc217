"""The page of a plan that matches more entries than are worth fetching.

Up to three ways go in one statement and the first that gives a full page wins; the last one is always exact, so that a
wrong estimate costs time, never an answer:
  walk  the shelves in order of popularity, a bounded number of rows, words checked on the rows: when matches are many
  top   the index of the most popular sixteenth: when enough of the matches should stand there
  full  the index of everything
Measured behind the limits: 1.3 to 4 µs a row walked or fetched, 0.06 µs an entry intersected in the index.
"""

# ruff: noqa: S608, values are parameters: names of tables and columns alone stand in a statement
from directory.search.dictionary import WHOLE, Dictionary
from directory.search.plan import ENTRIES, FEW, Plan, Sql, branches_of, in_index, in_top_index, on_row

LONGEST_WALK = 6000
# Words that come together only: the walk is bounded by the rarest word instead of by their product.
MANY_IN_TOP = 6000
MOSTLY_TOP = 0.5
ORDER = "popularity DESC, id"


def best(dictionary: Dictionary, plan: Plan, better: Plan, limit: int, *, is_filtered: bool) -> Sql:
    """SELECT id, popularity: the first `limit` entries of the plan that no better tier gives."""
    shelves = tuple(plan)
    checked = _unless(better)
    if all(not branch.slots and not branch.starts for _, branch in branches_of(plan)):
        return _walk(shelves, limit, Sql("TRUE"), limit)
    match = _and(on_row(plan), checked)
    rungs = []
    if steps := _steps(dictionary, plan, limit, is_filtered=is_filtered):
        rungs.append(_walk(shelves, steps, match, limit))
    if _is_top_worth_it(dictionary, plan, limit):
        rungs.append(_indexed(in_top_index(plan), checked, limit))
    rungs.append(_indexed(in_index(plan), checked, limit))
    return _first_full(rungs, limit)


def _steps(dictionary: Dictionary, plan: Plan, limit: int, *, is_filtered: bool) -> int:
    """How many rows to walk; 0 when walking is no good."""
    bound, guess = dictionary.plan_bound(plan), dictionary.plan_guess(plan)
    if is_filtered or bound <= FEW // 2 or guess < 1:
        return 0
    whole = sum(dictionary.n(WHOLE, shelf) for shelf in plan)
    steps = int(3 * limit * whole / guess) + 50
    if steps > LONGEST_WALK and bound * dictionary.top_share(plan) > MANY_IN_TOP:
        steps = int(3 * limit * whole / bound) + 50
    return steps if steps <= LONGEST_WALK else 0


def _is_top_worth_it(dictionary: Dictionary, plan: Plan, limit: int) -> bool:
    share = dictionary.top_share(plan)
    bound = dictionary.plan_bound(plan)
    return bound > FEW // 2 and share < MOSTLY_TOP and bound * share >= 2 * limit


def _unless(better: Plan) -> Sql:
    if not better:
        return Sql("TRUE")
    given = on_row(better)
    return Sql(f"NOT {given.text}", given.parameters)


def _and(one: Sql, other: Sql) -> Sql:
    return Sql(f"{one.text} AND {other.text}", one.parameters + other.parameters)


def _walk(shelves: tuple[str, ...], steps: int, match: Sql, limit: int) -> Sql:
    """The limit stands inside each branch of the union, or PostgreSQL sorts whole shelves."""
    one = f"(SELECT id, popularity, lex FROM {ENTRIES} WHERE shelf = %s ORDER BY {ORDER} LIMIT {steps})"
    walked = " UNION ALL ".join([one] * len(shelves))
    return Sql(
        f"""SELECT id, popularity FROM (SELECT * FROM ({walked}) w ORDER BY {ORDER} LIMIT {steps}) s
        WHERE {match.text} ORDER BY {ORDER} LIMIT {limit}""",
        (*shelves, *match.parameters),
    )


def _indexed(condition: Sql, checked: Sql, limit: int) -> Sql:
    return Sql(
        f"""SELECT id, popularity FROM (SELECT id, popularity, lex FROM {ENTRIES} WHERE {condition.text} OFFSET 0) s
        WHERE {checked.text} ORDER BY {ORDER} LIMIT {limit}""",
        condition.parameters + checked.parameters,
    )


def _first_full(rungs: list[Sql], limit: int) -> Sql:
    """Each rung runs only when those before it did not fill the page; the last one's rows stand whatever they are."""
    if len(rungs) == 1:
        return rungs[0]
    tables, picks, last = [], [], len(rungs) - 1
    for place, rung in enumerate(rungs):
        missed = " AND ".join(f"(SELECT count(*) FROM r{before}) < {limit}" for before in range(place)) or "TRUE"
        tables.append(f"r{place} AS MATERIALIZED (SELECT * FROM ({rung.text}) x WHERE {missed})")
        is_full = f" WHERE (SELECT count(*) FROM r{place}) = {limit}" if place < last else ""
        picks.append(f"SELECT * FROM r{place}{is_full}")
    text = f"WITH {', '.join(tables)} SELECT * FROM ({' UNION ALL '.join(picks)}) y ORDER BY {ORDER}"
    return Sql(text, tuple(value for rung in rungs for value in rung.parameters))
