"""When nothing was found: other searches that do find something, each tried before it is offered."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from directory.kinds import kinds
from directory.search.folding import tokens, words
from directory.search.query import Query
from directory.search.results import Count, Way, WayOn

NBSP = "\u00a0"
_FILTERS = {
    WayOn.DEPARTMENT: ("department", "Dans tous les départements"),
    WayOn.COMMUNE: ("commune", "Dans toutes les communes"),
    WayOn.CATEGORY: ("category", "Dans toutes les catégories"),
    WayOn.PROFESSION: ("profession", "Dans toutes les professions"),
}


def ways_on(
    query: Query, counts: dict[str, Count], unknown: Iterable[str], count: Callable[[Query], Count]
) -> list[Way]:
    """`counts`: what each kind would give; `unknown`: the words that no entry has; `count` tries a search."""
    query = replace(query, page=1)
    ways = [*_kinds(query, counts), *_tried(_lighter(query, set(unknown)), count)]
    return ways or _tried(_closed(query), count) or _tried(_wider(query), count)


def how_many(count: Count, one: str, many: str) -> str:
    if not count.is_exact:
        return f"plus de {count.n:,}".replace(",", NBSP) + f"{NBSP}{many}"
    return f"{count.n:,}".replace(",", NBSP) + NBSP + (one if count.n < 2 else many)


def _kinds(query: Query, counts: dict[str, Count]) -> Iterator[Way]:
    for name, kind in kinds().items():
        found = counts.get(name)
        if found and found.n:
            many = kind.plural[0].lower() + kind.plural[1:]
            text = f"Chercher parmi les {many}{NBSP}: {_amount(found)}"
            yield Way(WayOn.KIND, text, replace(query, kinds=(name,)), found)


def _amount(count: Count) -> str:
    said = how_many(count, "résultat", "résultats")
    return f"{said}, orthographe approchée" if count.by_spelling else said


def _lighter(query: Query, unknown: set[str]) -> Iterator[tuple[WayOn, str, Query]]:
    """The same search with one thing less; every filter at once when there are several."""
    lighter = _without(query.text, unknown)
    if unknown and words(lighter):
        dropped = " ".join(f"«{NBSP}{word}{NBSP}»" for word in sorted(unknown))
        yield WayOn.WORD, f"Sans {dropped}", replace(query, text=lighter)
    kept = {on: said for on, said in _FILTERS.items() if getattr(query, said[0])}
    for on, (name, text) in kept.items():
        yield on, text, _changed(query, {name: ""})
    if len(kept) > 1:
        yield WayOn.FILTERS, "Sans aucun filtre", _unfiltered(query)


def _closed(query: Query) -> Iterator[tuple[WayOn, str, Query]]:
    if not query.with_closed:
        yield WayOn.CLOSED, "Avec ce qui est fermé", replace(query, with_closed=True)


def _wider(query: Query) -> Iterator[tuple[WayOn, str, Query]]:
    if any(getattr(query, name) for name, _ in _FILTERS.values()):
        yield WayOn.KIND, "Partout, sans filtre", replace(_unfiltered(query), kinds=())
        yield WayOn.EVERYTHING, "Tout ce que les filtres retiennent", replace(query, text="")
    known = tuple(name for name in query.kinds if name in kinds())
    yield WayOn.EVERYTHING, "Tout l’annuaire", Query(kinds=known, page_size=query.page_size)


def _unfiltered(query: Query) -> Query:
    return _changed(query, {name: "" for name, _ in _FILTERS.values()})


def _changed(query: Query, changes: dict[str, Any]) -> Query:
    return replace(query, **changes)


def _without(text: str, unknown: set[str]) -> str:
    return " ".join(text[token.start : token.end] for token in tokens(text) if token.word not in unknown)


def _tried(searches: Iterable[tuple[WayOn, str, Query]], count: Callable[[Query], Count]) -> list[Way]:
    found = [(on, text, query, count(query)) for on, text, query in searches]
    return [Way(on, f"{text}{NBSP}: {_amount(n)}", query, n) for on, text, query, n in found if n.n]
