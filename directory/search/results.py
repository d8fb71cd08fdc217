"""What a search answers."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from uuid import UUID

from directory.kinds import Kind, kind_named
from directory.search.query import COUNT_CAP, Query

Parts = list[tuple[str, bool]]


class Tier(IntEnum):
    """How an entry answers, the best first. `ALL`: nothing was asked but filters."""

    ALL = 0
    NUMBER = 1
    WORDS = 2
    BEGINNING = 3
    SPELLING = 4

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Count:
    """`n` entries; when not exact, at least so many. `by_spelling`: nothing but approximate spellings."""

    n: int
    is_exact: bool
    by_spelling: bool = False

    @classmethod
    def capped(cls, n: int, *, by_spelling: bool = False) -> "Count":
        return cls(min(n, COUNT_CAP), n <= COUNT_CAP, by_spelling)


@dataclass(frozen=True)
class Match:
    """Why an entry is there. Parts are pieces of text, true for the letters that matched."""

    tier: Tier
    reason: str
    label_parts: Parts
    alias_parts: Parts = field(default_factory=list)


@dataclass(frozen=True)
class Hit:
    kind: str
    key: str
    label: str
    detail: str
    department: str
    account: UUID | None
    is_closed: bool
    match: Match

    @property
    def url(self) -> str:
        return self._kind.page_of(self.key)

    @property
    def kind_label(self) -> str:
        return self._kind.label

    @property
    def icon(self) -> str:
        return self._kind.icon

    @property
    def is_person(self) -> bool:
        return self._kind.is_person

    @property
    def initials(self) -> str:
        words = self.label.split()
        return (words[0][0] + words[-1][0]).upper() if len(words) > 1 else self.label[:2].upper()

    @property
    def _kind(self) -> Kind:
        return kind_named(self.kind)


class WayOn(StrEnum):
    """What a way on changes in the search."""

    KIND = "kind"
    SPELLING = "spelling"
    WORD = "word"
    DEPARTMENT = "department"
    COMMUNE = "commune"
    CATEGORY = "category"
    PROFESSION = "profession"
    FILTERS = "filters"
    CLOSED = "closed"
    EVERYTHING = "everything"


@dataclass(frozen=True)
class Way:
    """Another search that does find something, with how much, and a sentence that offers it."""

    on: WayOn
    text: str
    query: Query
    count: Count


@dataclass(frozen=True)
class Results:
    """`ways` are there when nothing was found. `tier` is the best one's; `count` never passes the cap."""

    hits: list[Hit]
    count: int
    count_is_exact: bool
    page: int
    pages: int
    has_next: bool
    tier: Tier
    kind_counts: dict[str, Count]
    department_counts: dict[str, Count]
    suggestion: str = ""
    ways: list[Way] = field(default_factory=list)

    @property
    def total(self) -> Count:
        return Count(self.count, self.count_is_exact, self.is_approximate)

    @property
    def is_approximate(self) -> bool:
        return self.tier == Tier.SPELLING

    @property
    def has_reached_the_end_of_pages(self) -> bool:
        """The last page that can be read is there, and more entries match than can be shown."""
        return not self.has_next and not self.count_is_exact
