"""The engine answers as plain Python does, whichever plan it chooses."""

import random
from collections.abc import Callable, Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.models import SearchEntry
from directory.search import (
    COUNT_CAP,
    Count,
    Query,
    Results,
    Tier,
    dictionary,
    gathering,
    rebuild_dictionary,
    rungs,
    search,
)
from tests.directory.search.brute import Thing, one_word_spellings, tell
from tests.soak import examples

pytestmark = pytest.mark.django_db

NAMES = ["Lagarrousse", "Vaysserat", "Boralde", "Genêts", "Tilleuls", "Saint-Jean", "St-Martin", "Ste-Marie"]
NAMES += ["Martin", "Marti", "Mar"]
TRADES = ["EHPAD", "C.H.", "CHU", "Clinique", "Gériatrie", "gériatrique", "Stomatologie", "stock"]
TRADES += ["Infirmière", "Infirmier", "médecin"]
TOWNS = ["Espalion", "Rodez", "Saint-Gaudens", "L’Isle-Jourdain", "Le Caylar"]
DEPARTMENTS = ["09", "12", "31", "2A"]
COMMUNES = ["12096", "31555", "12202"]
FACETS = ["500", "355", "60", "10"]
KINDS = ["structure", "unit", "professional"]
SIZE = 320


def _things() -> list[Thing]:
    draw = random.Random(20261123)  # noqa: S311, the same entries at each run
    return [_thing(draw, number) for number in range(SIZE)]


def _thing(draw: random.Random, number: int) -> Thing:
    kind = draw.choices(KINDS, [3, 4, 6])[0]
    departments = tuple(draw.sample(DEPARTMENTS, draw.choice([0, 1, 1, 1, 2])))
    return Thing(
        kind=kind,
        key=str(number),
        label=f"{draw.choice(TRADES)} {draw.choice(NAMES)} {draw.choice(['', 'de la', 'A', draw.choice(NAMES)])}",
        keywords=f"#{draw.choice(TRADES)}\n@{draw.choice(TOWNS)} {draw.choice(['12500', '31000', ''])}",
        numbers=(f"{draw.choice(['12', '31', '2A'])}{draw.choice('D0')}{number:06d}",) if draw.random() < 0.6 else (),
        departments=departments,
        communes=tuple(draw.sample(COMMUNES, draw.choice([0, 1, 1, 2]))),
        facets=tuple(draw.sample(FACETS, draw.choice([0, 1, 1]))),
        popularity=draw.choice([0.0, 0.25, 0.5, 0.95, 1.5, draw.random()]),
        is_closed=draw.random() < 0.1,
    )


THINGS = _things()
VOCABULARY = sorted({word for thing in THINGS for word in thing.words})


@pytest.fixture
def things(db: None) -> list[Thing]:
    rows = SearchEntry.objects.bulk_create(
        SearchEntry(
            kind=thing.kind,
            key=thing.key,
            label=thing.label,
            keywords=thing.keywords,
            numbers=list(thing.numbers),
            department=next(iter(thing.departments), ""),
            departments=list(thing.departments),
            communes=list(thing.communes),
            facets=list(thing.facets),
            popularity=thing.popularity,
            is_closed=thing.is_closed,
        )
        for thing in THINGS
    )
    for thing, row in zip(THINGS, rows, strict=True):
        thing.id = row.pk
    return THINGS


@pytest.fixture(params=["everything is few", "everything is many", "dictionary counted anew"])
def whichever_plan(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, things: list[Thing]) -> None:
    """The same answers when entries are fetched whole, and when they are walked, ranked and counted."""
    if request.param == "everything is many":
        for module in (gathering, rungs):
            monkeypatch.setattr(module, "FEW", 4)
        monkeypatch.setattr(gathering, "FEW_ON_SHELVES", 4)
        monkeypatch.setattr(gathering, "SAMPLE", SIZE)
        monkeypatch.setattr(dictionary, "MOST_EXPANSIONS", 1)
    if request.param == "dictionary counted anew":
        rebuild_dictionary()


def _beginnings(word: str) -> st.SearchStrategy[str]:
    return st.integers(1, len(word)).map(lambda size: word[:size])


WORDS = st.sampled_from([*VOCABULARY, "st", "ste", "de", "l'", "É.H.", "C.H.U", "zzz", "%", "_"])
NUMBERS = st.sampled_from(sorted(number for thing in THINGS for number in thing.numbers)[::9])
TEXTS = st.one_of(
    st.lists(WORDS, max_size=3).map(" ".join),
    st.tuples(st.lists(WORDS, max_size=2).map(" ".join), WORDS.flatmap(_beginnings)).map(" ".join),
    NUMBERS,
    NUMBERS.flatmap(_beginnings),
    NUMBERS.map(lambda number: f"{number[:2]} {number[2:5]} {number[5:]}"),
)
QUERIES = st.builds(
    Query,
    text=TEXTS,
    kinds=st.lists(st.sampled_from(KINDS), unique=True).map(tuple),
    department=st.sampled_from(["", "", *DEPARTMENTS, "zz"]),
    commune=st.sampled_from(["", "", "", *COMMUNES]),
    category=st.sampled_from(["", "", "500", "355"]),
    profession=st.sampled_from(["", "", "60"]),
    with_closed=st.booleans(),
    page_size=st.sampled_from([1, 7, 20, 100]),
)


@pytest.mark.soak
@pytest.mark.usefixtures("whichever_plan")
@examples(60)
@given(query=QUERIES)
def test_a_page_and_its_counts_are_those_of_plain_python(query: Query) -> None:
    told, results = tell(THINGS, query), search(query)
    if results.tier is Tier.SPELLING:
        assert not told.keys
        return
    assert results.count == len(told.keys)
    assert results.count_is_exact
    assert [(hit.kind, hit.key) for hit in results.hits] == told.keys[: query.page_size]
    assert [hit.match.tier for hit in results.hits] == told.tiers[: query.page_size]
    typed = {kind: count.n for kind, count in results.kind_counts.items() if not count.by_spelling}
    assert typed == {kind: told.kinds[kind] for kind in typed}
    assert all(told.kinds[kind] == 0 for kind in KINDS if kind not in typed)
    if told.keys:
        _are_departments_right(results.department_counts, told.departments)


def _are_departments_right(counts: dict[str, Count], told: dict[str, int]) -> None:
    """Exact, or no more than there are."""
    if all(count.is_exact for count in counts.values()):
        assert {code: count.n for code, count in counts.items()} == told
    assert all(count.n <= told[code] for code, count in counts.items() if count.n)


@pytest.mark.soak
@pytest.mark.usefixtures("whichever_plan")
@examples(12)
@given(query=QUERIES)
def test_walking_all_pages_gives_each_entry_once_as_many_as_counted(query: Query) -> None:
    walked: list[tuple[str, str]] = []
    first = search(query)
    for page in range(1, min(first.pages, 40) + 1):
        results = search(Query(**{**vars(query), "page": page}))
        assert (results.page, results.count) == (page, first.count)
        walked += [(hit.kind, hit.key) for hit in results.hits]
        assert results.has_next == (page < first.pages)
    assert len(set(walked)) == len(walked)
    if first.pages <= 40:
        assert len(walked) == first.count


def _misspellings() -> Iterator[str]:
    for word in ("lagarrousse", "tilleuls", "stomatologie", "infirmier"):
        yield word[:3] + word[4:]
        yield word[:3] + "x" + word[3:]
        yield word[:4] + word[5] + word[4] + word[6:]
        yield "x" + word[1:]
        yield word[:2] + word[3:6] + "z" + word[6:]


@pytest.mark.usefixtures("whichever_plan")
def test_a_misspelt_word_finds_the_nearest() -> None:
    for word, kind in product(_misspellings(), KINDS):
        query = Query(word, kinds=(kind,), page_size=COUNT_CAP)
        if not tell(THINGS, query).keys:
            _is_nearest(word, kind, search(query))


def _is_nearest(word: str, kind: str, results: Results) -> None:
    assert [hit.key for hit in results.hits] == one_word_spellings(THINGS, word, kind)
    assert results.count == len(results.hits)
    if results.hits:
        assert results.tier is Tier.SPELLING
        assert results.kind_counts[kind] == Count(results.count, is_exact=True, by_spelling=True)
        assert all(hit.match.reason.startswith("Orthographe approchée") for hit in results.hits)


@pytest.fixture
def small_cap(monkeypatch: pytest.MonkeyPatch, things: list[Thing]) -> Callable[[int], None]:
    def cap(size: int) -> None:
        for module in ("query", "results", "gathering"):
            monkeypatch.setattr(f"directory.search.{module}.COUNT_CAP", size)
        monkeypatch.setattr(gathering, "SURELY_OVER", size * 6 // 5)
        for module in (gathering, rungs):
            monkeypatch.setattr(module, "FEW", 4)
        monkeypatch.setattr(gathering, "FEW_ON_SHELVES", 4)

    return cap


def test_beyond_the_cap_a_count_says_more_than_and_pages_end(small_cap: Callable[[int], None]) -> None:
    small_cap(40)
    first = search(Query(page_size=10))
    assert (first.count, first.count_is_exact, first.pages) == (40, False, 4)
    last = search(Query(page=10**9, page_size=10))
    assert (last.page, last.has_next, last.has_reached_the_end_of_pages) == (4, False, True)
    assert len(last.hits) == 10
    assert first.kind_counts["professional"] == Count(40, is_exact=False)
