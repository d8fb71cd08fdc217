"""Words that were probably meant: one edit away (a letter missing, added, changed, or two swapped), then two deletions.

Two words are near when they share a key: themselves, or themselves less one letter.
"""

# ruff: noqa: S608, no value stands in a statement
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection

from directory.search.dictionary import Dictionary
from directory.search.plan import Branch, Plan, within
from directory.search.readings import Reading, whole_word
from directory.search.results import Tier

MOST_NEAR = 8
MOST_READ = 3000
_SPELT = re.compile("[a-z]{4,24}")


def is_spelt(word: str) -> bool:
    """Whether the word is one that the keys know: shorter ones are near everything."""
    return bool(_SPELT.fullmatch(word))


def keys(word: str) -> set[str]:
    return {word} | {word[:i] + word[i + 1 :] for i in range(len(word))}


@lru_cache(maxsize=4096)
def distance(one: str, other: str) -> int:
    """0 for the same word, 1 for one edit, 2 for one deletion in each, 3 for anything further."""
    if one == other:
        return 0
    if abs(len(one) - len(other)) > 1:
        return 3
    if _is_one_edit(one, other):
        return 1
    return 2 if keys(one) & keys(other) else 3


def _is_one_edit(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    same = next((i for i, letter in enumerate(short) if letter != long[i]), len(short))
    if len(short) < len(long):
        return short[same:] == long[same + 1 :]
    swapped = short[same : same + 2][::-1] == long[same : same + 2] and short[same + 2 :] == long[same + 2 :]
    return swapped or short[same + 1 :] == long[same + 1 :]


@dataclass(frozen=True)
class Near:
    """For each word asked: the words near it, with their distance and how many entries of each shelf have them."""

    found: dict[str, dict[str, dict[str, int]]]

    def words(self, word: str, shelves: Iterable[str], furthest: int) -> list[str]:
        """The nearest, then the most frequent, a few at most."""
        wanted = set(shelves)
        counts = {
            other: sum(n for shelf, n in by_shelf.items() if shelf in wanted)
            for other, by_shelf in self.found.get(word, {}).items()
        }
        near = [other for other, n in counts.items() if n and 0 < distance(word, other) <= furthest]
        return sorted(near, key=lambda other: (distance(word, other), -counts[other], other))[:MOST_NEAR]


def look_near(words: Iterable[str], dictionary: Dictionary) -> Near:
    """One trip for all the words; the dictionary learns the words found."""
    asked = {word: keys(word) for word in words if is_spelt(word)}
    if not asked:
        return Near({})
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT w.term, w.shelf, w.n FROM (
                SELECT DISTINCT term FROM directory_search_word_key WHERE key = ANY (%s)) k
            JOIN directory_search_word w USING (term) WHERE w.shelf = ANY (%s) AND w.n > 0 LIMIT {MOST_READ}""",
            [sorted(set().union(*asked.values())), list(dictionary.shelves)],
        )
        rows = cursor.fetchall()
    found: dict[str, dict[str, dict[str, int]]] = {word: {} for word in asked}
    for term, shelf, n in rows:
        dictionary.learn(term, shelf, n)
        for word, own in asked.items():
            if own & keys(term):
                found[word].setdefault(term, {})[shelf] = n
    return Near(found)


def approximate(reading: Reading, near: Near, kind: str, furthest: int) -> Plan:
    """The kind's reading with the words it does not know replaced, or its rarest word when it knows them all."""
    plan: Plan = {}
    for shelf in reading.request.shelves(kind):
        if branch := _branch(reading, near, shelf, furthest):
            plan[shelf] = {Tier.SPELLING: (branch,)}
    return reading.dictionary.possible(within(plan, reading.request.filters))


def _branch(reading: Reading, near: Near, shelf: str, furthest: int) -> Branch | None:
    wrong, words = doubtful(reading, shelf), reading.request.words
    slots = []
    for word in words:
        terms = tuple(near.words(word, [shelf], furthest)) if word in wrong else whole_word(word)
        if not terms:
            return None
        slots.append(terms)
    return Branch(tuple(slots)) if words[-1] in wrong else reading.as_beginning(tuple(slots[:-1]))


def doubtful(reading: Reading, shelf: str) -> set[str]:
    """The words to replace: those that are unknown, else the rarest of those that can be spelt otherwise."""
    if wrong := reading.unknown(shelf):
        return wrong
    spelt = [word for word in reading.request.words if is_spelt(word)]
    return {min(spelt, key=lambda word: (reading.frequency(word, shelf), -len(word)))} if spelt else set()
