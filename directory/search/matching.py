"""Says, in French, why an entry of the page answers, and which letters of its name matched. The page's entries only."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from directory.kinds import kinds
from directory.search.folding import Token, tokens
from directory.search.gathering import Row
from directory.search.keywords import Mark, lines
from directory.search.query import NUMBER_LENGTHS, Request
from directory.search.results import Match, Parts, Tier
from directory.search.spelling import distance

NBSP = "\u00a0"
FURTHEST = 2
# Of letters that are marked, of letters that are not.
RUNS = re.compile(b"\0+|\1+")


class Where(Enum):
    """Where a word stands in an entry; the order is that of what is said first."""

    NAME = "name"
    ALIAS = "alias"
    OTHER_NAME = "other_name"
    ACRONYM = "acronym"
    NATURE = "nature"
    SPECIALITY = "speciality"
    STRUCTURE = "structure"
    PLACE = "place"
    OTHER = "other"
    DETAIL = "detail"


class How(Enum):
    WHOLE = 0
    BEGINNING = 1
    NEAR = 2


_OF_MARK = {
    Mark.OTHER_NAME: Where.OTHER_NAME,
    Mark.ACRONYM: Where.ACRONYM,
    Mark.NATURE: Where.NATURE,
    Mark.SPECIALITY: Where.SPECIALITY,
    Mark.STRUCTURE: Where.STRUCTURE,
    Mark.PLACE: Where.PLACE,
    None: Where.OTHER,
}


@dataclass(frozen=True)
class Text:
    """A piece of an entry; `until` is the last day of an old name."""

    where: Where
    text: str
    until: str = ""


@dataclass(frozen=True)
class Evidence:
    """A word asked, and the word of the entry that answers it."""

    word: str
    how: How
    source: Text
    token: Token

    @property
    def written(self) -> str:
        return self.source.text[self.token.start : self.token.end]


def explain(row: Row, request: Request) -> Match:
    found = _evidences(row, request)
    alias = next((evidence.source for evidence in found if evidence.source.where is Where.ALIAS), None)
    return Match(
        tier=row.tier,
        reason=_reason(row, request, found),
        label_parts=_parts(row.label, request, row.tier),
        alias_parts=_parts(alias.text, request, row.tier) if alias else [],
    )


def spelt_as(row: Row, request: Request) -> dict[str, str]:
    """The words of an approximate answer, by the words asked that they stand for."""
    found = _evidences(row, request)
    return {evidence.word: evidence.token.word for evidence in found if evidence.how is How.NEAR}


def _texts(row: Row) -> list[Text]:
    """From the most telling to the least."""
    aliases = [Text(Where.ALIAS, alias["name"], alias["until"]) for alias in reversed(row.aliases)]
    marked = [Text(_OF_MARK[mark], piece.strip()) for mark, line in lines(row.keywords) for piece in line.split(" ; ")]
    return [Text(Where.NAME, row.label), *aliases, *marked, Text(Where.DETAIL, row.detail)]


def _evidences(row: Row, request: Request) -> list[Evidence]:
    texts = _texts(row)
    return [found for word in request.words if (found := _evidence(row, request, word, texts))]


def _evidence(row: Row, request: Request, word: str, texts: list[Text]) -> Evidence | None:
    """The clearest: whole rather than begun rather than near, then the most telling text."""
    is_last = word == request.words[-1]
    for text in texts:
        for token in tokens(text.text):
            if token.word == word:
                return Evidence(word, How.WHOLE, text, token)
    for text in texts if is_last else ():
        for token in tokens(text.text):
            if _begins(token, request.last):
                return Evidence(word, How.BEGINNING, text, token)
    return _nearest(texts, word) if row.tier is Tier.SPELLING else None


def _begins(token: Token, beginning: str) -> bool:
    return token.word.startswith(beginning)


def _nearest(texts: Iterable[Text], word: str) -> Evidence | None:
    near = [(distance(word, token.word), text, token) for text in texts for token in tokens(text.text)]
    far, text, token = min(near, key=lambda one: one[0])
    return Evidence(word, How.NEAR, text, token) if far <= FURTHEST else None


def _reason(row: Row, request: Request, found: list[Evidence]) -> str:
    if row.tier is Tier.ALL:
        return ""
    if number := _number(row, request, found):
        return number
    near = [evidence for evidence in found if evidence.how is How.NEAR]
    if near:
        said = ", ".join(f"{evidence.written} pour «{NBSP}{evidence.word}{NBSP}»" for evidence in near)
        return f"Orthographe approchée{NBSP}: {said}"
    sources = list(dict.fromkeys(evidence.source for evidence in found))
    if [source.where for source in sources] == [Where.NAME]:
        return _in_name(request, found)
    ordered = sorted(sources, key=lambda source: list(Where).index(source.where))
    said_once = list(dict.fromkeys(_said(row, source, found) for source in ordered))
    return "Trouvé " + " et ".join(said_once) if said_once else "Trouvé par un autre mot de la fiche"


def _in_name(request: Request, found: list[Evidence]) -> str:
    if any(evidence.how is How.BEGINNING for evidence in found):
        return f"Trouvé par le début d’un mot{NBSP}: {request.last}…"
    return "Trouvé dans le nom"


def _number(row: Row, request: Request, found: list[Evidence]) -> str:
    """By its number, whole or begun, unless words say it better."""
    if not request.number or (found and row.tier is not Tier.NUMBER):
        return ""
    number = next((number for number in row.numbers if number.lower().startswith(request.number)), "")
    if not number:
        return ""
    name = NUMBER_LENGTHS.get(len(number), "")
    named = f"{name} {number}".strip()
    is_whole = len(number) == len(request.number)
    return f"Trouvé par le numéro {named}" if is_whole else f"Trouvé par le début du numéro {named}"


def _said(row: Row, source: Text, found: list[Evidence]) -> str:
    is_person = kinds()[row.kind].is_person if row.kind in kinds() else False
    sentences = {
        Where.NAME: "dans le nom",
        Where.ALIAS: f"par un ancien nom{NBSP}: {source.text}, jusqu’en {source.until[:4]}",
        Where.OTHER_NAME: f"par un autre nom{NBSP}: {source.text}",
        Where.ACRONYM: f"par le sigle {source.text.split(' ', 1)[0]}",
        Where.NATURE: f"par la {'profession' if is_person else 'catégorie'}{NBSP}: {source.text}",
        Where.SPECIALITY: f"par le savoir-faire{NBSP}: {source.text}",
        Where.STRUCTURE: f"par la structure{NBSP}: {source.text}",
        Where.PLACE: _said_of_place(source, found),
        Where.OTHER: f"par un autre mot de la fiche{NBSP}: {source.text}",
        Where.DETAIL: f"par la description{NBSP}: {source.text}",
    }
    return sentences[source.where]


def _said_of_place(source: Text, found: list[Evidence]) -> str:
    asked = [evidence for evidence in found if evidence.source == source]
    codes = [evidence for evidence in asked if evidence.token.raw.isdigit()]
    if codes and len(codes) == len(asked):
        return f"par le code postal {codes[0].written}"
    town = " ".join(word for word in source.text.split() if not word.isdigit())
    return f"par la commune{NBSP}: {town}"


def _parts(text: str, request: Request, tier: Tier) -> Parts:
    """The text in pieces, true for those that matched."""
    marked = bytearray(len(text))
    for start, end in _spans(text, request, tier) if request.words or request.last else ():
        marked[start:end] = b"\1" * (end - start)
    return [(text[run.start() : run.end()], run[0][0] == 1) for run in RUNS.finditer(marked)]


def _spans(text: str, request: Request, tier: Tier) -> list[tuple[int, int]]:
    spans = []
    asked = set(request.words)
    for token in tokens(text):
        is_near = tier is Tier.SPELLING and any(distance(word, token.word) <= FURTHEST for word in asked)
        if token.word in asked or (is_near and len(token.word) > 3):
            spans.append((token.start, token.end))
        elif request.last and token.raw.startswith(request.last):
            spans.append((token.start, token.places[len(request.last) - 1] + 1))
    return spans
