"""One reading of a text, the same here and in SQL (`directory_search_fold`): a test compares them.

Folded: no accents, no case, everything that is neither a Latin letter nor a figure is a space, dotted acronyms in one
word (« E.H.P.A.D. » is `ehpad`). Only ranges of Unicode that have not moved for years are decomposed, so that another
version of Python or of PostgreSQL folds alike.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

STOP_WORDS = frozenset(
    ["a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "par", "pour", "sur"]
)
SAINTS = {"st": "saint", "ste": "sainte"}
LONGEST_WORD = 40

_UNREAD = re.compile("[^\u0001-\u024f\u0300-\u036f\u1d00-\u1d7f\u1e00-\u1eff\u2000-\u218f\ufb00-\ufb06\uff00-\uff5e]")
_MARKS = re.compile("[\u0300-\u036f]+")
_ACRONYM_DOT = re.compile(r"(?<![a-z0-9])([a-z])\.(?=[a-z](?![a-z0-9]))")
_APART = re.compile("[^a-z0-9]+")
_LETTERS = str.maketrans(
    {
        **{chr(capital): chr(capital + 32) for capital in range(ord("A"), ord("Z") + 1)},
        **dict.fromkeys("Ææ", "ae"),
        **dict.fromkeys("Œœ", "oe"),
        **dict.fromkeys("ẞß", "ss"),
        **dict.fromkeys("Þþ", "th"),
        **dict.fromkeys("Øø", "o"),
        **dict.fromkeys("Łł", "l"),
        **dict.fromkeys("ĐđÐð", "d"),
        **dict.fromkeys("Ħħ", "h"),
        "ı": "i",
    }
)


@dataclass(frozen=True)
class Token:
    """A word of a text: as folded (`raw`), as searched (`word`: st is saint), and where each of its letters stands."""

    raw: str
    word: str
    places: tuple[int, ...]

    @property
    def start(self) -> int:
        return self.places[0]

    @property
    def end(self) -> int:
        return self.places[-1] + 1


def _letters(text: str) -> str:
    """Every character in lower-case ASCII or left for a space, dots still there."""
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", _UNREAD.sub(" ", text)))
    return text.translate(_LETTERS)


@lru_cache(maxsize=2048)
def _letter(character: str) -> str:
    return _letters(character)


def fold(text: str) -> str:
    return _APART.sub(" ", _ACRONYM_DOT.sub(r"\1", _letters(text))).strip(" ")


def as_word(raw: str) -> str:
    return SAINTS.get(raw, raw[:LONGEST_WORD])


def words(text: str) -> list[str]:
    """The words under which a text is found, without the small ones."""
    return [as_word(raw) for raw in fold(text).split() if raw not in STOP_WORDS]


@lru_cache(maxsize=1024)
def tokens(text: str) -> tuple[Token, ...]:
    """Every word of a text, small ones included, each with the places of its letters in the text."""
    letters = [(letter, place) for place, character in enumerate(text) for letter in _letter(character)]
    folded = "".join(letter for letter, _ in letters)
    dots = {match.end() - 1 for match in _ACRONYM_DOT.finditer(folded)}
    kept = [pair for index, pair in enumerate(letters) if index not in dots]
    found = re.finditer("[a-z0-9]+", "".join(letter for letter, _ in kept))
    return tuple(
        Token(match[0], as_word(match[0]), tuple(place for _, place in kept[match.start() : match.end()]))
        for match in found
    )
