"""Who else has nearly the same name: accents, case, hyphens and order aside, or one letter away.

Candidates come from the search's own dictionary and index, each word as it is spelt or one edit away; then names are
compared whole. So the cost follows how common the name is, not how many people are listed.
"""

# ruff: noqa: S608, values are parameters: the condition is made of placeholders
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from directory.models import Professional
from directory.search.dictionary import Dictionary
from directory.search.folding import fold, words
from directory.search.plan import ENTRIES, Branch, Slots, in_index
from directory.search.results import Tier
from directory.search.spelling import distance, look_near

# The shelf of the people who are listed today.
SHELF = "p"
MOST_READ = 5000
MOST_SHOWN = 2
SHORTEST_HALF = 3


@dataclass(frozen=True)
class Homonyms:
    """`shown`: the nearest, a few at most; `count`: how many there are in all."""

    shown: list[Professional]
    count: int


def homonyms_of(person: Professional) -> Homonyms:
    """Listed people, the closed ones left out. Three queries."""
    name = person.display_name
    found = [(key, label) for key, label in _candidates(words(name)) if key != str(person.pk)]
    near = sorted((_far(name, label), int(key)) for key, label in found if _is_near(name, label))
    shown = [key for _, key in near[:MOST_SHOWN]]
    people = Professional.objects.filter(closed_on=None).select_related("profession").in_bulk(shown)
    return Homonyms([people[key] for key in shown if key in people], len(near))


def _plain(name: str) -> str:
    return fold(name).replace(" ", "")


def _is_near(one: str, other: str) -> bool:
    return _far(one, other) <= 1


def _far(one: str, other: str) -> int:
    """0 for the same name, whatever the order of its words; 1 for one letter more, less, changed, or two swapped."""
    if sorted(fold(one).split()) == sorted(fold(other).split()):
        return 0
    return distance(_plain(one), _plain(other))


def _candidates(name: list[str]) -> list[tuple[str, str]]:
    """Keys and names of the people who have these words, or these but one that is spelt almost so."""
    if not name:
        return []
    condition = in_index({SHELF: {Tier.SPELLING: tuple(_branches(name))}})
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT key, label FROM {ENTRIES} WHERE {condition.text} LIMIT {MOST_READ}", condition.parameters
        )
        found: list[tuple[str, str]] = cursor.fetchall()
    return found


def _branches(name: list[str]) -> Iterable[Branch]:
    near = look_near(name, Dictionary((SHELF,)))
    for place, word in enumerate(name):
        alike = sorted(other for other in near.found.get(word, {}) if distance(word, other) == 1)
        yield Branch(_slots(name[:place], (word, *alike), name[place + 1 :]))
        if place:
            yield Branch(_slots(name[: place - 1], (name[place - 1] + word,), name[place + 1 :]))
        for cut in range(SHORTEST_HALF, len(word) - SHORTEST_HALF + 1):
            yield Branch(_slots([*name[:place], word[:cut], word[cut:]], (), name[place + 1 :]))


def _slots(before: list[str], among: tuple[str, ...], after: list[str]) -> Slots:
    middle = (among,) if among else ()
    return (*((word,) for word in before), *middle, *((word,) for word in after))
