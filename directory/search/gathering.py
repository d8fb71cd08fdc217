"""Runs a plan: the page, what each kind would give, what each department would give.

Kinds with few matches are fetched whole, in one scan that gives everything. The others are counted up to the cap, and
their page comes from `rungs`.
"""

# ruff: noqa: S608, values are parameters: names of tables and columns alone stand in a statement
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from directory.search import rungs
from directory.search.dictionary import WHOLE, Dictionary, departments_of
from directory.search.plan import (
    ENTRIES,
    FEW,
    FEW_ON_SHELVES,
    Branch,
    Plan,
    Sql,
    before,
    branches_of,
    in_index,
    in_top_index,
    is_everything,
    on_row,
    on_shelves,
    only,
    within,
)
from directory.search.query import COUNT_CAP, Request
from directory.search.results import Count, Tier

# Up to so many matches, finding all of them in the index costs less than the most popular word by word.
MANY = 50_000
SURELY_OVER = COUNT_CAP * 6 // 5
# Words of one entry that begin alike: hardly ever more.
MOST_WORDS_ALIKE = 5
# Entries that the departments of a large answer are read from. All 8,000 nurses of a region would take 15 ms more than
# the search itself: the map says « at least », and « ? » where none of these is.
SAMPLE = 2000
_ROW = """e.id, e.kind, e.key, e.label, e.detail, e.keywords, e.aliases, e.numbers, e.department,
    e.account_id, e.is_closed"""


@dataclass(frozen=True)
class Row:
    """An entry of the page, whole."""

    tier: Tier
    id: int
    kind: str
    key: str
    label: str
    detail: str
    keywords: str
    aliases: list[dict[str, str]]
    numbers: list[str]
    department: str
    account: str | None
    is_closed: bool


@dataclass
class Gathered:
    """`kinds`: how many of each kind, up to one more than the cap. `best`: the best tier among the ticked kinds."""

    kinds: dict[str, int] = field(default_factory=dict)
    departments: dict[str, Count] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    best: Tier | None = None


def gather(request: Request, dictionary: Dictionary, plan: Plan, kinds: tuple[str, ...]) -> Gathered:
    """`plan` leaves the department out; `kinds` are those to count, of which the ticked ones fill the page."""
    few, many = _split(request, dictionary, plan, kinds)
    gathered = Gathered(kinds=dict.fromkeys(kinds, 0))
    if few and not _fetch(request, plan, few, gathered):
        many = few + many
        gathered = Gathered(kinds=dict.fromkeys(kinds, 0))
    if many:
        gathered.kinds |= _count(request, dictionary, plan, many)
    if set(many) & set(request.ticked):
        gathered.best, gathered.rows = _page(request, dictionary, plan)
        gathered.departments = _departments(request, dictionary, plan)
    return gathered


def tally(request: Request, dictionary: Dictionary, plan: Plan, kinds: tuple[str, ...]) -> Gathered:
    """How many of each of these kinds, and nothing else."""
    possible = tuple(kind for kind in kinds if on_shelves(plan, request.shelves(kind)))
    return Gathered(kinds=dict.fromkeys(kinds, 0) | _count(request, dictionary, plan, possible))


def _shelves(request: Request, kinds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(shelf for kind in kinds for shelf in request.shelves(kind))


def _split(
    request: Request, dictionary: Dictionary, plan: Plan, kinds: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Kinds to fetch, ticked ones first, as long as they stay few together; kinds to count.

    Once a ticked kind is not fetched, the page has to be found otherwise, and counting is all that is left to do.
    """
    few: list[str] = []
    many: list[str] = []
    room = _most(plan)
    for kind in sorted(kinds, key=lambda name: name not in request.ticked):
        bound = dictionary.plan_bound(on_shelves(plan, request.shelves(kind)))
        if bound == 0:
            continue
        if bound <= room:
            room -= bound
            few.append(kind)
        else:
            many.append(kind)
    if set(many) & set(request.ticked):
        few, many = [], few + many
    return tuple(few), tuple(many)


def _tier(plan: Plan) -> Sql:
    tiers = sorted({tier for tiers in plan.values() for tier in tiers})
    whens, parameters = "", ()
    for tier in tiers[:-1]:
        match = on_row(only(plan, tier))
        whens += f" WHEN {match.text} THEN {int(tier)}"
        parameters += match.parameters
    last = int(tiers[-1])
    return Sql(f"CASE{whens} ELSE {last} END" if whens else str(last), parameters)


def _fetch(request: Request, plan: Plan, few: tuple[str, ...], gathered: Gathered) -> bool:
    """Everything in one scan; False when the entries are more than the dictionary said."""
    plan = on_shelves(plan, _shelves(request, few))
    condition, tier = in_index(plan), _tier(plan)
    statement = f"""
        WITH matching AS MATERIALIZED (
            SELECT id, shelf, popularity, departments, {tier.text} AS tier FROM {ENTRIES} WHERE {condition.text}),
        found AS MATERIALIZED (SELECT * FROM matching LIMIT {_most(plan) + 1}),
        page AS (
            SELECT id, tier FROM found WHERE shelf = ANY (%s) AND (%s = '' OR %s = ANY (departments))
            ORDER BY tier, {rungs.ORDER} LIMIT %s OFFSET %s)
        SELECT
            (SELECT jsonb_agg(jsonb_build_array(shelf, tier, departments, n)) FROM (
                SELECT shelf, tier, departments, count(*) AS n FROM found GROUP BY 1, 2, 3) x),
            (SELECT jsonb_agg(jsonb_build_array({_ROW}, p.tier) ORDER BY p.tier, {rungs.ORDER})
                FROM page p JOIN {ENTRIES} e USING (id))
    """
    ticked, start = list(_shelves(request, request.ticked)), (request.page - 1) * request.page_size
    places = (ticked, request.department, request.department, request.page_size, start)
    groups, rows = _one(Sql(statement, (*tier.parameters, *condition.parameters, *places)))
    gathered.rows = [Row(Tier(values[-1]), *values[:-1]) for values in json.loads(rows or "[]")]
    return _add_up(request, json.loads(groups or "[]"), gathered) <= _most(plan)


def _most(plan: Plan) -> int:
    return FEW_ON_SHELVES if is_everything(plan) else FEW


def _add_up(request: Request, groups: list[tuple[str, int, list[str], int]], gathered: Gathered) -> int:
    """Counts from groups of entries alike: their shelf, their tier, their departments, how many they are. All told."""
    departments: Counter[str] = Counter()
    kinds = {shelf: kind for kind in gathered.kinds for shelf in request.shelves(kind)}
    for shelf, tier, places, n in groups:
        is_ticked = kinds[shelf] in request.ticked
        if is_ticked:
            departments.update(dict.fromkeys(places, n))
        if not request.department or request.department in places:
            gathered.kinds[kinds[shelf]] += n
            if is_ticked:
                gathered.best = min(Tier(tier), gathered.best or Tier(tier))
    gathered.departments = {code: Count.capped(n) for code, n in departments.items()}
    return sum(n for _, _, _, n in groups)


def _count(request: Request, dictionary: Dictionary, plan: Plan, many: tuple[str, ...]) -> dict[str, int]:
    """Each kind up to one more than the cap; nothing is read when the dictionary leaves no doubt."""
    here = within(plan, request.in_department)
    parts = {kind: on_shelves(here, request.shelves(kind)) for kind in many}
    counts = {kind: COUNT_CAP + 1 for kind in many if _is_surely_over(dictionary, parts[kind])}
    asked = {kind: _counted(dictionary, part) for kind, part in parts.items() if kind not in counts}
    if asked:
        parameters = tuple(value for count in asked.values() for value in count.parameters)
        numbers = _one(Sql("SELECT " + ", ".join(count.text for count in asked.values()), parameters))
        counts |= dict(zip(asked, numbers, strict=True))
    return counts


def _is_surely_over(dictionary: Dictionary, part: Plan) -> bool:
    """One thing asked, or nothing at all, that clearly more entries had when they were last counted."""
    return any(_counted_alone(dictionary, branch, shelf) > SURELY_OVER for shelf, branch in branches_of(part))


def _counted_alone(dictionary: Dictionary, branch: Branch, shelf: str) -> int:
    """0 when several things are asked together. A beginning is counted once a word, not once an entry."""
    if branch.starts and not branch.slots:
        n = dictionary.n(branch.starts + "*", shelf)
        return n if branch.starts.startswith("=") else n // MOST_WORDS_ALIKE
    if branch.starts or len(branch.slots) > 1:
        return 0
    return max(dictionary.n(term, shelf) for term in (branch.slots[0] if branch.slots else (WHOLE,)))


def _counted(dictionary: Dictionary, part: Plan) -> Sql:
    """The most popular alone when they should be enough."""
    count = _up_to_cap(in_index(part))
    if not _top_is_enough(dictionary, part):
        return count
    top = _up_to_cap(in_top_index(part))
    return Sql(
        f"CASE WHEN {top.text} > {COUNT_CAP} THEN {COUNT_CAP + 1} ELSE {count.text} END",
        top.parameters + count.parameters,
    )


def _up_to_cap(condition: Sql) -> Sql:
    """The limit stands outside: inside, PostgreSQL hopes to find the first rows sooner by reading the whole table."""
    return Sql(
        f"""(WITH matching AS MATERIALIZED (SELECT FROM {ENTRIES} WHERE {condition.text})
        SELECT count(*) FROM (SELECT FROM matching LIMIT {COUNT_CAP + 1}) x)""",
        condition.parameters,
    )


def _top_is_enough(dictionary: Dictionary, part: Plan) -> bool:
    share, guess = dictionary.top_share(part), dictionary.plan_guess(part)
    return not is_everything(part) and share < rungs.MOSTLY_TOP and guess > MANY and guess * share > 3 * COUNT_CAP


def _page(request: Request, dictionary: Dictionary, plan: Plan) -> tuple[Tier | None, list[Row]]:
    """The best tier, and the page: tier after tier until it is full."""
    plan = dictionary.possible(within(on_shelves(plan, _shelves(request, request.ticked)), request.in_department))
    start, end = (request.page - 1) * request.page_size, request.page * request.page_size
    passed, best, rows = 0, None, []
    for tier in sorted({tier for tiers in plan.values() for tier in tiers}):
        if passed < end:
            ranked = rungs.best(dictionary, only(plan, tier), before(plan, tier), end - passed)
            found = _all(_from(ranked, start - passed))
            best = tier if found and best is None else best
            rows += [Row(tier, *json.loads(values)) for (values,) in found if values]
            passed += len(found)
    return best, rows


def _from(ranked: Sql, start: int) -> Sql:
    """One row for each entry ranked; those that come before the page are passed over without being read."""
    return Sql(
        f"""SELECT CASE WHEN row_number() OVER (ORDER BY {rungs.ORDER}) > %s
            THEN (SELECT jsonb_build_array({_ROW}) FROM {ENTRIES} e WHERE e.id = ranked.id) END
        FROM ({ranked.text}) ranked ORDER BY {rungs.ORDER}""",
        (start, *ranked.parameters),
    )


def _departments(request: Request, dictionary: Dictionary, plan: Plan) -> dict[str, Count]:
    """At least so many in each: from as many entries as are worth reading, or from the dictionary for whole shelves."""
    plan = on_shelves(plan, _shelves(request, request.ticked))
    if is_everything(plan):
        counts = departments_of(tuple(plan))
        return {code: Count(min(n, COUNT_CAP), is_exact=False) for code, n in counts.items()}
    found, is_cut = _sampled(in_top_index(plan)) if _is_wide(dictionary, plan) else (Counter(), False)
    if not is_cut:
        found, is_cut = _sampled(in_index(plan))
    return {code: Count(min(n, COUNT_CAP), not is_cut and n <= COUNT_CAP) for code, n in found.items()}


def _is_wide(dictionary: Dictionary, plan: Plan) -> bool:
    share, guess = dictionary.top_share(plan), dictionary.plan_guess(plan)
    return share < rungs.MOSTLY_TOP and guess > MANY and guess * share > SAMPLE


def _sampled(condition: Sql) -> tuple[Counter[str], bool]:
    """Departments of so many entries, and whether there were more."""
    statement = f"""
        WITH matching AS MATERIALIZED (SELECT departments FROM {ENTRIES} WHERE {condition.text}),
        found AS MATERIALIZED (SELECT * FROM matching LIMIT {SAMPLE + 1})
        SELECT departments, count(*) FROM found GROUP BY 1
    """
    rows = _all(Sql(statement, condition.parameters))
    found: Counter[str] = Counter()
    for places, n in rows:
        found.update(dict.fromkeys(places, n))
    return found, sum(n for _, n in rows) > SAMPLE


def _all(sql: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.parameters)
        return list(cursor.fetchall())


def _one(sql: Sql) -> tuple[Any, ...]:
    return _all(sql)[0]
