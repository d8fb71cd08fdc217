"""What a search costs in the database, beside the usual way: `icontains` on the columns, as DRF's SearchFilter asks.

A cell draws its searches from the entries themselves, always the same ones. The database's time is that of its
statements, page and every count together.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from bench.figures import decimal, percentile, verdict
from directory.kinds import kinds
from directory.models import SearchEntry
from directory.search import Query, rebuild_dictionary, search
from directory.search.folding import words

BUDGET_MS = 10
SEARCHES, PEER_SEARCHES, WARM_UP = 200, 20, 20
SEARCHED_FIELDS = ("label", "detail", "keywords", "numbers")
TEXTS_DRAWN = 4000
NATIONAL, FILTERED = "toutes sortes, sans filtre", "une sorte, un département"


@dataclass
class Drawn:
    """Words of the entries, and how many entries have each."""

    draw: random.Random
    entries: list[SearchEntry]
    frequency: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "Drawn":
        draw = random.Random(20261123)
        ids = list(SearchEntry.objects.filter(is_closed=False).order_by("pk").values_list("pk", flat=True))
        entries = list(SearchEntry.objects.filter(pk__in=draw.sample(ids, min(TEXTS_DRAWN, len(ids)))).order_by("pk"))
        with connection.cursor() as cursor:
            cursor.execute("SELECT term, sum(n)::integer FROM directory_search_word WHERE term ~ '^[a-z]+$' GROUP BY 1")
            return cls(draw, entries, dict(cursor.fetchall()))

    def entry(self) -> SearchEntry:
        return self.draw.choice(self.entries)

    def word(self, shortest: int = 3) -> tuple[SearchEntry, str]:
        """A word of a name, the rarer ones as people type them."""
        while True:
            entry = self.entry()
            if found := [word for word in words(entry.label) if word.isalpha() and len(word) >= shortest]:
                return entry, min(found, key=lambda word: self.frequency.get(word, 0))

    def by_frequency(self, keep: Callable[[int], bool]) -> str:
        kept = sorted(word for word, n in self.frequency.items() if len(word) > 3 and keep(n))
        return self.draw.choice(kept)


def exact(drawn: Drawn) -> tuple[SearchEntry, str]:
    return drawn.word()


def beginning(drawn: Drawn) -> tuple[SearchEntry, str]:
    entry, word = drawn.word()
    return entry, word[:3]


def two_words(drawn: Drawn) -> tuple[SearchEntry, str]:
    entry, word = drawn.word()
    return entry, f"{word} {drawn.draw.choice(words(entry.label) + words(entry.detail))}"


def misspelt(drawn: Drawn) -> tuple[SearchEntry, str]:
    """One edit, not in the first letter."""
    entry, word = drawn.word(shortest=6)
    at, letter = drawn.draw.randrange(1, len(word) - 1), drawn.draw.choice("aeiorstln")
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    forms = [word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :], swapped]
    return entry, drawn.draw.choice(forms)


def rare(drawn: Drawn) -> tuple[SearchEntry, str]:
    return drawn.entry(), drawn.by_frequency(lambda n: n <= 3)


def frequent(drawn: Drawn) -> tuple[SearchEntry, str]:
    floor = sorted(drawn.frequency.values())[-40]
    return drawn.entry(), drawn.by_frequency(lambda n: n >= floor)


def number(drawn: Drawn) -> tuple[SearchEntry, str]:
    while True:
        entry = drawn.entry()
        if entry.numbers:
            return entry, drawn.draw.choice([entry.numbers[0], entry.numbers[0][:6]])


def nothing(drawn: Drawn) -> tuple[SearchEntry, str]:
    return drawn.entry(), ""


CELLS: dict[str, Callable[[Drawn], tuple[SearchEntry, str]]] = {
    "mot exact": exact,
    "3 premières lettres": beginning,
    "deux mots": two_words,
    "faute de frappe": misspelt,
    "mot rare": rare,
    "mot fréquent": frequent,
    "numéro, entier ou début": number,
    "sans mot": nothing,
}


def run() -> list[dict[str, str]]:
    rebuild_dictionary()
    drawn = Drawn.read()
    return [
        measure(f"{what}, {where}", [asked(cell(drawn), where) for _ in range(SEARCHES)])
        for what, cell in CELLS.items()
        for where in (FILTERED, NATIONAL)
    ]


def asked(drawn: tuple[SearchEntry, str], where: str) -> Query:
    entry, text = drawn
    if where == NATIONAL:
        return Query(text)
    return Query(text, kinds=(entry.kind,), department=entry.department)


def measure(what: str, queries: list[Query]) -> dict[str, str]:
    for query in queries[:WARM_UP]:
        search(query)
    waited, worked, in_python = [], [], process_time()
    for query in queries:
        begun = backend_time()
        with database_time() as spent:
            search(query)
        waited.append(sum(spent))
        worked.append(backend_time() - begun)
    python = 1000 * (process_time() - in_python) / len(queries)
    peer = [peer_time(query) for query in queries[:PEER_SEARCHES]]
    kept = verdict(percentile(waited, 95) <= BUDGET_MS)
    note = f"{kept} (p95 ≤ {BUDGET_MS} ms) ; processeur : base p95 {decimal(percentile(worked, 95))} ms"
    return {
        "what": what,
        "ours": said(waited),
        "peer": said(peer),
        "note": f"{note}, Python {decimal(python)} ms",
    }


def backend_time() -> float:
    """Milliseconds that the database's own process has worked: unlike the wait, they hardly depend on who else uses the
    machine. Read where Linux tells them, when the database is on this machine."""
    told = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(told.read_text().split()[0]) / 1e6 if told.exists() else 0.0


def said(times: list[float]) -> str:
    return ", ".join(f"p{rank} {decimal(percentile(times, rank))} ms" for rank in (50, 95, 99))


@contextmanager
def database_time() -> Iterator[list[float]]:
    """Milliseconds of each statement run inside."""
    spent: list[float] = []

    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append(1000 * (perf_counter() - begun))

    with connection.execute_wrapper(timed):
        yield spent


def peer_time(query: Query) -> float:
    """The same search as DRF's SearchFilter and its pagination would ask it: every word somewhere, a page, a count."""
    entries = peer(query)
    with database_time() as spent:
        list(entries.order_by("-popularity", "pk")[: query.page_size])
        entries.count()
    return sum(spent)


def peer(query: Query) -> QuerySet[SearchEntry]:
    kept = SearchEntry.objects.filter(kind__in=query.kinds or tuple(kinds()), is_closed=False)
    if query.department:
        kept = kept.filter(departments__contains=[query.department])
    each = [reduce(or_, (Q(**{f"{name}__icontains": word}) for name in SEARCHED_FIELDS)) for word in query.text.split()]
    return kept.filter(reduce(and_, each)) if each else kept
