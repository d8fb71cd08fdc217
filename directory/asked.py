"""What a person asked of the directory: read from the address leniently, and written back to it."""

from dataclasses import dataclass, replace
from typing import Any, Self

from django.core.cache import cache
from django.http import QueryDict
from django.urls import reverse

from directory.communes import commune_by_code, find_communes
from directory.kinds import kinds
from directory.models import Commune, Department, EstablishmentCategory, Profession, Structure
from directory.search import Query

LISTS_SECONDS = 600
FURTHEST_PAGE = 9999
# As far as the search reads; every link of the page repeats it.
LONGEST_TEXT = 200


def _cached_list(name: str, rows: Any) -> dict[str, Any]:
    """A reference list by code; lists change with an import, and nothing of access is in them."""
    found: dict[str, Any] | None = cache.get(name)
    if found is None:
        found = {row.pk: row for row in rows()}
        cache.set(name, found, LISTS_SECONDS)
    return found


def departments() -> dict[str, Department]:
    return _cached_list("directory:departments", Department.objects.all)


def professions() -> dict[str, Profession]:
    return _cached_list("directory:professions", Profession.objects.filter(is_active=True).all)


def categories() -> dict[str, EstablishmentCategory]:
    """The categories that at least one structure has."""
    used = Structure.objects.exclude(category=None).values("category").distinct()
    return _cached_list("directory:categories", EstablishmentCategory.objects.filter(pk__in=used).all)


def _page(text: str) -> int:
    return min(max(int(text), 1), FURTHEST_PAGE) if text.isascii() and text.isdigit() and len(text) < 6 else 1


@dataclass(frozen=True)
class Asked:
    """One search. A parameter that means nothing is left out, as if it had not been given.

    `town` is what the person typed; `commune` what it was understood as, and `towns` the other readings.
    """

    text: str
    kinds: tuple[str, ...]
    department: Department | None
    commune: Commune | None
    town: str
    towns: tuple[Commune, ...]
    category: EstablishmentCategory | None
    profession: Profession | None
    with_closed: bool
    page: int

    @classmethod
    def read(cls, get: QueryDict) -> Self:
        ticked = tuple(name for name in kinds() if name in get.getlist("kind"))
        town = get.get("town", "").strip()[:100]
        commune, towns = cls._read_commune(town, get.get("commune", ""))
        return cls(
            text=get.get("q", "")[:LONGEST_TEXT].replace("\0", " ").strip(),
            kinds=ticked or tuple(name for name, kind in kinds().items() if kind.is_ticked),
            department=departments().get(get.get("department", "")),
            commune=commune,
            town=commune.name if commune else town,
            towns=towns,
            category=categories().get(get.get("category", "")),
            profession=professions().get(get.get("profession", "")),
            with_closed=get.get("closed") == "1",
            page=_page(get.get("page", "")),
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

    def href(self, **changes: Any) -> str:
        """The address of this search with something of its query changed; another search starts at its first page."""
        return address(replace(self.query, **{"page": 1, **changes}))


def address(query: Query) -> str:
    """Where a search stands: every parameter that says something, so that it can be shared."""
    parameters = QueryDict(mutable=True)
    if query.text:
        parameters["q"] = query.text
    parameters.setlist("kind", list(query.kinds or kinds()))
    for name in ("department", "commune", "category", "profession"):
        if code := getattr(query, name):
            parameters[name] = code
    if query.with_closed:
        parameters["closed"] = "1"
    if query.page > 1:
        parameters["page"] = str(query.page)
    return f"{reverse('directory:search')}?{parameters.urlencode()}"
