"""The search told in plain Python, entry by entry: what the engine must answer, at whatever plan."""

from dataclasses import dataclass, field

from directory.kinds import kinds
from directory.search.folding import words
from directory.search.query import NUMBER_LENGTHS, Query, Request, read
from directory.search.results import Tier
from directory.search.spelling import distance, is_spelt


@dataclass
class Thing:
    kind: str
    key: str
    label: str
    keywords: str = ""
    numbers: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    popularity: float = 0.0
    is_closed: bool = False
    id: int = 0
    words: frozenset[str] = field(default=frozenset())

    def __post_init__(self) -> None:
        self.words = frozenset(words(f"{self.label} {self.keywords}"))


@dataclass
class Told:
    """What a brute search says: the keys in order, and how many each kind and each department would give."""

    keys: list[tuple[str, str]]
    tiers: list[Tier]
    kinds: dict[str, int]
    departments: dict[str, int]


def tell(things: list[Thing], query: Query) -> Told:
    request = read(query)
    at_hand = [thing for thing in things if _is_kept(thing, request)]
    typed = {thing.key: tier for thing in at_hand if (tier := _tier(thing, request)) is not None}
    ticked = [thing for thing in at_hand if thing.kind in request.ticked and thing.key in typed]
    here = sorted(
        (thing for thing in ticked if _is_here(thing, request)),
        key=lambda thing: (typed[thing.key], -thing.popularity, thing.id),
    )
    return Told(
        keys=[(thing.kind, thing.key) for thing in here],
        tiers=[typed[thing.key] for thing in here],
        kinds={
            kind: sum(t.kind == kind and t.key in typed and _is_here(t, request) for t in at_hand) for kind in kinds()
        },
        departments={
            code: n
            for code in {code for thing in things for code in thing.departments}
            if (n := sum(code in thing.departments for thing in ticked))
        },
    )


def _is_kept(thing: Thing, request: Request) -> bool:
    return (
        (request.with_closed or not thing.is_closed)
        and (not request.commune or request.commune in thing.communes)
        and (not request.facets or any(facet in thing.facets for facet in request.facets))
    )


def _is_here(thing: Thing, request: Request) -> bool:
    return not request.department or request.department in thing.departments


def _tier(thing: Thing, request: Request) -> Tier | None:
    numbers = [number.lower() for number in thing.numbers]
    if not request.words:
        return Tier.ALL
    if request.number and request.number in numbers:
        return Tier.NUMBER
    *others, last = [_has(thing, word, numbers) for word in request.words]
    if all(others) and last:
        return Tier.WORDS
    begins = all(others) and any(word.startswith(request.last) for word in thing.words)
    if begins or (request.number and any(number.startswith(request.number) for number in numbers)):
        return Tier.BEGINNING
    return None


def _has(thing: Thing, word: str, numbers: list[str]) -> bool:
    return word in thing.words or (len(word) in NUMBER_LENGTHS and word[0].isdigit() and word in numbers)


def one_word_spellings(things: list[Thing], word: str, kind: str) -> list[str]:
    """For one unknown word alone: the keys of the entries that have a word one edit away, or else two deletions."""
    open_things = [thing for thing in things if thing.kind == kind and not thing.is_closed]
    if not is_spelt(word):
        return []
    for furthest in (1, 2):
        near = [
            thing
            for thing in open_things
            if any(is_spelt(other) and 0 < distance(word, other) <= furthest for other in thing.words)
        ]
        if near:
            return [thing.key for thing in sorted(near, key=lambda thing: (-thing.popularity, thing.id))]
    return []
