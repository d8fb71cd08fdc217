"""Cleans single values, and says in French what is wrong with them."""

import re
from datetime import date
from functools import lru_cache

from directory.imports.csv_lines import LineUnreadable, tidy

FINESS = re.compile(r"[0-9A-Z]{9}")
RPPS = re.compile(r"[0-9]{11}")
ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
FRENCH_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
POSTAL_LINE = re.compile(r"(\d{5})\s+(.+)")
CEDEX = re.compile(r"\s+CEDEX(\s+\d+)?$", re.IGNORECASE)
LINKING_WORDS = frozenset(
    ("de", "du", "des", "d", "la", "le", "les", "l", "en", "et", "sur", "sous", "aux", "au", "lès", "lez", "par", "à")
)
DOUBLED = str.maketrans("0123456789", "0246813579")
ARTICLES = frozenset(("le", "la", "les"))


def at_most(text: str, length: int, what: str) -> str:
    """The text, refused when the directory has no room for it: cut, it would say something else."""
    if len(text) > length:
        raise LineUnreadable(f"{what} : {len(text)} caractères, {length} au plus")
    return text


@lru_cache(maxsize=16_384)
def day(text: str, what: str = "date") -> date | None:
    """A date written 2026-05-12 or 12/05/2026, or nothing."""
    if not text:
        return None
    try:
        if found := ISO_DAY.fullmatch(text):
            return date(*map(int, found.groups()))
        if found := FRENCH_DAY.fullmatch(text):
            return date(*map(int, reversed(found.groups())))
    except ValueError:
        pass
    raise LineUnreadable(f"{what} illisible : « {text[:40]} »")


def finess_number(text: str, what: str = "numéro FINESS") -> str:
    """A FINESS number as text: its zeros and letters stay."""
    number = text.upper()
    if not FINESS.fullmatch(number):
        raise LineUnreadable(f"{what} invalide : « {text[:40]} » (9 chiffres ou lettres attendus)")
    return number


def fails_luhn(number: str) -> bool:
    """Whether the control digit is wrong. A number with letters cannot be checked and does not fail.

    Written here for its speed: `stdnum.luhn` takes as long as the rest of a line.
    """
    if not (number.isascii() and number.isdigit()):
        return False
    return sum(map(int, number[-1::-2] + number[-2::-2].translate(DOUBLED))) % 10 != 0


@lru_cache(maxsize=16_384)
def postal_code_and_city(text: str) -> tuple[str, str]:
    """« 31800 ST GAUDENS » in two; without a code, all of it is the city."""
    found = POSTAL_LINE.fullmatch(text)
    return (found[1], found[2]) if found else ("", text)


@lru_cache(maxsize=16_384)
def commune_name(town: str) -> str:
    """« FORT DE FRANCE CEDEX » as a commune is written: « Fort-de-France »."""
    words = re.split(r"[\s-]+", CEDEX.sub("", tidy(town)).lower())
    full = [{"st": "saint", "ste": "sainte"}.get(word, word) for word in words if word]
    cased = [_cased(word, first=index == 0) for index, word in enumerate(full)]
    if len(cased) > 1 and full[0] in ARTICLES:
        return f"{cased[0]} {'-'.join([_cased(full[1], first=True), *cased[2:]])}"
    return "-".join(cased)


def _cased(word: str, *, first: bool) -> str:
    if not first and word in LINKING_WORDS:
        return word
    head, apostrophe, tail = word.partition("'")
    if apostrophe and (head in LINKING_WORDS or len(head) == 1):
        return f"{head.capitalize() if first else head}'{tail.capitalize()}"
    return word.capitalize()
