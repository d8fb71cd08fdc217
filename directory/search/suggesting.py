"""« Vouliez-vous dire »: the text with one word changed for a far more frequent one, spelt nearly alike."""

from directory.search import spelling
from directory.search.folding import tokens
from directory.search.readings import Reading

FAR_MORE_FREQUENT = 10
MORE_FREQUENT = 2
FEW_RESULTS = 3
# A word that so many entries have was meant as it is.
FREQUENT = 1000


def better_word(reading: Reading, total: int) -> tuple[str, str] | None:
    """The rarest word asked and the one that was probably meant. A plural or a feminine is no misspelling."""
    request = reading.request
    shelves = [shelf for kind in request.ticked for shelf in request.shelves(kind)]
    counted = {word: _frequency(reading, word, shelves) for word in request.words if spelling.is_spelt(word)}
    if not counted or min(counted.values()) > FREQUENT:
        return None
    rarest = min(counted, key=lambda word: counted[word])
    times = MORE_FREQUENT if total <= FEW_RESULTS else FAR_MORE_FREQUENT
    near = spelling.look_near([rarest], reading.dictionary)
    for other in near.words(rarest, shelves, furthest=1):
        is_form = other.startswith(rarest) or rarest.startswith(other)
        if not is_form and _frequency(reading, other, shelves) >= times * max(counted[rarest], 1):
            return rarest, other
    return None


def _frequency(reading: Reading, word: str, shelves: list[str]) -> int:
    return sum(reading.frequency(word, shelf) for shelf in shelves)


def with_words(text: str, changes: dict[str, str]) -> str:
    """The text as typed, but for these words."""
    written, end = "", 0
    for token in tokens(text):
        if token.word in changes:
            written += text[end : token.start] + changes[token.word]
            end = token.end
    return written + text[end:]
