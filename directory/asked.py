"""What a person asked of the directory: read from the address leniently, and written back to it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import QueryDict

from directory.communes import commune_by_code, find_communes
from directory.kinds import kinds
from directory.models import Commune, Department, EstablishmentCategory, Profession, Structure
from directory.search import Query
from spico.web.addresses import address as reverse

LISTS_SECONDS = 600
FURTHEST_PAGE = 9999
# As far as the search reads; every link of the page repeats it.
LONGEST_TEXT = 200


class Listed(NamedTuple):
    """A line of a reference list: what a filter shows of it. `region` is that of a department."""

    code: str
    label: str
    region: str = ""


class Lists(NamedTuple):
    """The reference lists that filters offer, by code. The categories are those that at least one structure has."""

    departments: dict[str, Listed]
    professions: dict[str, Listed]
    categories: dict[str, Listed]


def _departments() -> Iterable[tuple[str, ...]]:
    return Department.objects.values_list("code", "name", "region")


def _professions() -> Iterable[tuple[str, ...]]:
    return Profession.objects.filter(is_active=True).values_list("code", "label")


def _categories() -> Iterable[tuple[str, ...]]:
    used = Structure.objects.exclude(category=None).values("category").distinct()
    return EstablishmentCategory.objects.filter(pk__in=used).values_list("code", "label")


QUESTIONS = {
    "directory:list:departments": _departments,
    "directory:list:professions": _professions,
    "directory:list:categories": _categories,
}


def lists() -> Lists:
    """In one question to the cache. Lists change with an import; nothing of access is in them. Plain words are kept:
    a cache reads a hundred of them in the time of five models."""
    found: dict[str, list[tuple[str, ...]]] = cache.get_many(list(QUESTIONS))
    for name in QUESTIONS.keys() - found.keys():
        found[name] = [tuple(row) for row in QUESTIONS[name]()]
        cache.set(name, found[name], LISTS_SECONDS)
    return Lists(*({row[0]: Listed(*row) for row in found[name]} for name in QUESTIONS))


def _page(text: str) -> int:
    return min(max(int(text), 1), FURTHEST_PAGE) if text.isascii() and text.isdigit() and len(text) < 6 else 1


@dataclass(frozen=True)
class Asked:
    """One search. A parameter that means nothing is left out, as if it had not been given.

    `town` is what the person typed; `commune` what it was understood as, and `towns` the other readings.
    """

    text: str
    kinds: tuple[str, ...]
    department: Listed | None
    commune: Commune | None
    town: str
    towns: tuple[Commune, ...]
    category: Listed | None
    profession: Listed | None
    with_closed: bool
    page: int
    lists: Lists = field(repr=False)

    @classmethod
    def read(cls, get: QueryDict) -> Self:
        ticked = tuple(name for name in kinds() if name in get.getlist("kind"))
        town = get.get("town", "").strip()[:100]
        commune, towns = cls._read_commune(town, get.get("commune", ""))
        known = lists()
        return cls(
            text=get.get("q", "")[:LONGEST_TEXT].replace("\0", " ").strip(),
            kinds=ticked or tuple(name for name, kind in kinds().items() if kind.is_ticked),
            department=known.departments.get(get.get("department", "")),
            commune=commune,
            town=commune.name if commune else town,
            towns=towns,
            category=known.categories.get(get.get("category", "")),
            profession=known.professions.get(get.get("profession", "")),
            with_closed=get.get("closed") == "1",
            page=_page(get.get("page", "")),
            lists=known,
        )

    @staticmethod
    def _read_commune(town: str, code: str) -> tuple[Commune | None, tuple[Commune, ...]]:
        """The code wins while the field still says the same town; otherwise the person has typed another."""
        by_code = commune_by_code(code) if code else None
        if by_code and town in ("", by_code.name):
            return by_code, ()
        found = find_communes(town, limit=6) if town else []
        return (found[0], tuple(found[1:])) if found else (None, ())

    @property
    def query(self) -> Query:
        return Query(
            text=self.text,
            kinds=self.kinds,
            department=self.department.code if self.department else "",
            commune=self.commune.insee_code if self.commune else "",
            category=self.category.code if self.category else "",
            profession=self.profession.code if self.profession else "",
            with_closed=self.with_closed,
            page=self.page,
        )

    @property
    def is_filtered(self) -> bool:
        return any([self.department, self.commune, self.category, self.profession])

    def href_by_department(self) -> Callable[[str], str]:
        """`href` with a department in the place of the present one; the map has thirteen. What a person typed holds no
        `=` in an address."""
        before, given, after = self.href(department="00").partition("department=00")
        return lambda code: f"{before}department={code}{after}" if given and code else self.href(department=code)

    def href(self, **changes: Any) -> str:
        """The address of this search with something of its query changed; another search starts at its first page."""
        return address(replace(self.query, **{"page": 1, **changes}))


def address(query: Query) -> str:
    """Where a search stands: every parameter that says something, so that it can be shared."""
    parameters = [("q", query.text)] if query.text else []
    parameters += [("kind", kind) for kind in query.kinds or kinds()]
    for name in ("department", "commune", "category", "profession"):
        if code := getattr(query, name):
            parameters.append((name, code))
    if query.with_closed:
        parameters.append(("closed", "1"))
    if query.page > 1:
        parameters.append(("page", str(query.page)))
    return f"{reverse('directory:search')}?{urlencode(parameters)}"
