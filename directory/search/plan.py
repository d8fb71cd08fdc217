"""Turns readings of a request into conditions that the indexes answer. No SQL runs here."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from directory.search.results import Tier

# The partial index of the migration holds entries from this popularity on: a sixteenth of the people.
TOP_POPULARITY = 0.9375
# Up to so many entries are fetched whole: one scan gives the page and every count. Whole shelves cost less: no index of
# words is read, and their departments are the first thing that people see.
FEW = 2000
FEW_ON_SHELVES = 4000
ENTRIES = "directory_searchentry"
PREFIXES = "directory_search_prefixes(lex)"

# True, and known to PostgreSQL as a function that parallel workers may not call: they take longer to start than the
# search to end.
ALONE = "pg_my_temp_schema() IS NOT NULL"

Slots: TypeAlias = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Branch:
    """One way to match: of each slot one term at least, and a word (or a number) that begins with `starts`.

    Terms are those of the dictionary, without shelf: « martin », « marti* » (a word that begins so), « /31 »,
    « @31555 », « #500 », « =310000000 ». `starts` is short, or begins with « = »: the index has it as it is.
    """

    slots: Slots = ()
    starts: str = ""

    def within(self, slots: Slots) -> "Branch":
        return Branch(self.slots + slots, self.starts)

    def implies(self, other: "Branch") -> bool:
        """Whether all that matches this one surely matches the other."""
        has_slots = all(any(set(own) <= set(terms) for own in self.slots) for terms in other.slots)
        return has_slots and (not other.starts or other.starts == self.starts or self._has_start(other.starts))

    def _has_start(self, starts: str) -> bool:
        return any(all(term.startswith(starts) for term in terms) for terms in self.slots)


# For each shelf, the ways to match, the best first.
Plan: TypeAlias = dict[str, dict[Tier, tuple[Branch, ...]]]


@dataclass(frozen=True)
class Sql:
    text: str
    parameters: tuple[Any, ...] = ()


def within(plan: Plan, slots: Slots) -> Plan:
    """The same plan, narrowed by filters."""
    return {
        shelf: {tier: tuple(branch.within(slots) for branch in branches) for tier, branches in tiers.items()}
        for shelf, tiers in plan.items()
    }


def only(plan: Plan, tier: Tier) -> Plan:
    return {shelf: {tier: tiers[tier]} for shelf, tiers in plan.items() if tier in tiers}


def before(plan: Plan, tier: Tier) -> Plan:
    """What the better tiers already give."""
    return {
        shelf: earlier
        for shelf, tiers in plan.items()
        if (earlier := {other: branches for other, branches in tiers.items() if other < tier})
    }


def is_everything(plan: Plan) -> bool:
    """Whether nothing is asked of the entries but their shelf."""
    return all(not branch.slots and not branch.starts for _, branch in branches_of(plan))


def is_filtered(plan: Plan) -> bool:
    return any(terms[0][0] in "/@#" for _, branch in branches_of(plan) for terms in branch.slots)


def on_shelves(plan: Plan, shelves: tuple[str, ...]) -> Plan:
    return {shelf: tiers for shelf, tiers in plan.items() if shelf in shelves}


def branches_of(plan: Plan) -> list[tuple[str, Branch]]:
    """What has to be looked for, shelf by shelf: a branch that gives nothing more than another is left out."""
    return [(shelf, branch) for shelf, tiers in plan.items() for branch in _widest(tiers)]


def _widest(tiers: dict[Tier, tuple[Branch, ...]]) -> list[Branch]:
    kept: list[Branch] = []
    for branch in (branch for tier in sorted(tiers, reverse=True) for branch in tiers[tier]):
        if not any(branch.implies(other) for other in kept):
            kept.append(branch)
    return kept


def _term(shelf: str, term: str) -> str:
    quoted = (shelf + term.removesuffix("*")).replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}':*" if term.endswith("*") else f"'{quoted}'"


def _slot(shelf: str, terms: tuple[str, ...]) -> str:
    return "(" + " | ".join(_term(shelf, term) for term in terms) + ")"


def tsquery(shelf: str, branch: Branch, *, with_starts: bool) -> str:
    slots = [_slot(shelf, terms) for terms in branch.slots]
    if with_starts and branch.starts:
        slots.append(_term(shelf, branch.starts + "*"))
    return " & ".join(slots)


def on_row(plan: Plan) -> Sql:
    """Whether a row already at hand, on one of the plan's shelves, matches."""
    found = branches_of(plan)
    if any(not branch.slots and not branch.starts for _, branch in found):
        return Sql("TRUE")
    if not found:
        return Sql("FALSE")
    one = " | ".join(f"({tsquery(shelf, branch, with_starts=True)})" for shelf, branch in found)
    return Sql("lex @@ %s::tsquery", (one,))


def in_index(plan: Plan) -> Sql:
    """One condition a branch, joined by OR: GIN is slow on one tsquery that is an OR of ANDs."""
    conditions = [_condition(shelf, branch) for shelf, branch in branches_of(plan)]
    text = " OR ".join(condition.text for condition in conditions) or "FALSE"
    return Sql(f"({text}) AND {ALONE}", tuple(value for condition in conditions for value in condition.parameters))


def in_top_index(plan: Plan) -> Sql:
    """The same in the index of the most popular, which knows words alone."""
    found = branches_of(plan)
    text = " OR ".join(["lex @@ %s::tsquery"] * len(found))
    queries = tuple(tsquery(shelf, branch, with_starts=True) for shelf, branch in found)
    return Sql(f"popularity >= {TOP_POPULARITY} AND ({text})", queries)


def _condition(shelf: str, branch: Branch) -> Sql:
    if not branch.slots and not branch.starts:
        return Sql("shelf = %s", (shelf,))
    parts: list[Sql] = []
    if branch.slots:
        parts.append(Sql("lex @@ %s::tsquery", (tsquery(shelf, branch, with_starts=False),)))
    if branch.starts:
        parts.append(Sql(f"{PREFIXES} && %s", ([shelf + branch.starts],)))
    return Sql(
        "(" + " AND ".join(part.text for part in parts) + ")",
        tuple(value for part in parts for value in part.parameters),
    )
