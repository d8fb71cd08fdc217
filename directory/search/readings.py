"""The ways to read a request: by number, by whole words, by the beginning of the last one."""

from dataclasses import dataclass

from directory.search.dictionary import LONGEST_SHORT_START, Beginning, Dictionary, known_start, look_up
from directory.search.plan import Branch, Plan, Slots, within
from directory.search.query import NUMBER_LENGTHS, Request
from directory.search.results import Tier


@dataclass(frozen=True)
class Reading:
    """A request with all that the dictionary says of it."""

    request: Request
    dictionary: Dictionary
    beginning: Beginning

    def frequency(self, word: str, shelf: str) -> int:
        """Entries that have the word, or, for the last one, a word that begins so."""
        n = sum(self.dictionary.n(term, shelf) for term in whole_word(word))
        is_last = word == self.request.words[-1]
        return max(n, self.dictionary.n(self.request.last + "*", shelf)) if is_last else n

    def unknown(self, shelf: str) -> set[str]:
        return {word for word in self.request.words if not self.frequency(word, shelf)}

    def as_beginning(self, others: Slots) -> Branch:
        """The last word as the beginning of one; « st » begins « stomatologie » as much as it is « saint »."""
        last = self.request.last
        if len(last) <= LONGEST_SHORT_START:
            return Branch(others, starts=last)
        if self.beginning.words is None:
            return Branch((*others, (last + "*",)))
        return Branch((*others, self.beginning.words))


def consult(request: Request, kinds: tuple[str, ...]) -> Reading:
    """Ask the dictionary, in one trip, for all that this request is about."""
    shelves = tuple(shelf for kind in kinds for shelf in request.shelves(kind))
    slots = [whole_word(word) for word in request.words]
    filters = [*request.filters, *request.in_department]
    terms = [term for slot in (*slots, *filters) for term in slot]
    if request.number:
        terms.append(known_start("=" + request.number) + "*")
    return Reading(request, *look_up(terms, request.last, shelves))


def as_typed(reading: Reading) -> Plan:
    """What every kind is asked first; the department is left out, the other filters are in."""
    request = reading.request
    tiers: dict[Tier, tuple[Branch, ...]] = {}
    if request.words:
        words = tuple(whole_word(word) for word in request.words)
        tiers[Tier.WORDS] = (Branch(words),)
        tiers[Tier.BEGINNING] = (reading.as_beginning(words[:-1]),)
    if request.number:
        tiers[Tier.NUMBER] = (Branch((("=" + request.number,),)),)
        tiers[Tier.BEGINNING] = (*tiers[Tier.BEGINNING], Branch(starts="=" + request.number))
    plan = dict.fromkeys(reading.dictionary.shelves, tiers or {Tier.ALL: (Branch(),)})
    return reading.dictionary.possible(within(plan, request.filters))


def whole_word(word: str) -> tuple[str, ...]:
    """A word as long as a number may be one."""
    is_number = len(word) in NUMBER_LENGTHS and word[0].isdigit()
    return (word, "=" + word) if is_number else (word,)
