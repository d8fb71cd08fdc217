"""What is asked: as the caller says it (`Query`), then as the engine reads it (`Request`), which cannot be wrong."""

import re
from dataclasses import dataclass

from directory.kinds import kinds
from directory.search.folding import LONGEST_WORD, STOP_WORDS, Token, tokens

LONGEST_TEXT = 200
MOST_WORDS = 8
MOST_PAGES = 50
PAGE_SIZE = 20
# Beyond this nobody reads, and neither a count nor a page goes further: « plus de 1 000 ».
COUNT_CAP = MOST_PAGES * PAGE_SIZE
NUMBER_LENGTHS = {9: "FINESS", 11: "RPPS", 14: "SIRET"}
SHORTEST_NUMBER = 5
_NUMBER = re.compile(r"\d(?:[0-9a-z]*\d){4}[0-9a-z]*")
_CODE = re.compile(r"[0-9A-Za-z]{1,10}")
# A filter that no entry can have: what was asked means nothing, and so finds nothing.
NOWHERE = "?"


@dataclass(frozen=True)
class Query:
    """A search. Without `kinds`, every kind; anything else that means nothing finds nothing, and never fails.

    `category` keeps structures and units of that category, `profession` people of that profession; both together keep
    the ones and the others.
    """

    text: str = ""
    kinds: tuple[str, ...] = ()
    department: str = ""
    commune: str = ""
    category: str = ""
    profession: str = ""
    with_closed: bool = False
    page: int = 1
    page_size: int = PAGE_SIZE


@dataclass(frozen=True)
class Request:
    """`words` are searched whole; `last` is what the last of them looked like, as the beginning of a word.

    `number` is the whole text without its spaces when it may be a number.
    """

    words: tuple[str, ...]
    last: str
    number: str
    ticked: tuple[str, ...]
    department: str
    commune: str
    facets: tuple[str, ...]
    with_closed: bool
    page: int
    page_size: int

    @property
    def filters(self) -> tuple[tuple[str, ...], ...]:
        """Without the department's, which the counts of departments leave out: terms of which one must be there."""
        commune = (("@" + self.commune,),) if self.commune else ()
        facets = (tuple("#" + facet for facet in self.facets),) if self.facets else ()
        return (*commune, *facets)

    @property
    def in_department(self) -> tuple[tuple[str, ...], ...]:
        return (("/" + self.department,),) if self.department else ()

    def shelves(self, kind: str) -> tuple[str, ...]:
        return (kind[0], kind[0].upper()) if self.with_closed else (kind[0],)


def read(query: Query) -> Request:
    spoken = _spoken(query.text)
    size = min(max(query.page_size, 1), COUNT_CAP)
    return Request(
        words=tuple(token.word for token in spoken),
        last=spoken[-1].raw[:LONGEST_WORD] if spoken else "",
        number=_number(query.text),
        ticked=tuple(name for name in kinds() if name in query.kinds or not query.kinds),
        department=_code(query.department),
        commune=_code(query.commune),
        facets=tuple(_code(code) for code in (query.category, query.profession) if code),
        with_closed=query.with_closed,
        page=min(max(query.page, 1), max(COUNT_CAP // size, 1)),
        page_size=size,
    )


def _spoken(text: str) -> list[Token]:
    """The first words of a text, each once, without the small ones unless there is nothing else."""
    said = tokens(text[:LONGEST_TEXT])
    kept = {token.word: token for token in said if token.raw not in STOP_WORDS} or {t.word: t for t in said}
    return list(kept.values())[:MOST_WORDS]


def _number(text: str) -> str:
    parts = [token.raw for token in tokens(text[:LONGEST_TEXT])]
    joined = "".join(parts)
    # « 12 D09 901 7 »: a number that is read aloud in groups may have letters, when it is whole.
    has_figures = all(any(letter.isdigit() for letter in part) for part in parts)
    is_number = len(parts) == 1 or all(part.isdigit() for part in parts) or (has_figures and len(joined) == 9)
    if is_number and SHORTEST_NUMBER <= len(joined) <= max(NUMBER_LENGTHS) and _NUMBER.fullmatch(joined):
        return joined
    return ""


def _code(code: str) -> str:
    return code if not code or _CODE.fullmatch(code) else NOWHERE
