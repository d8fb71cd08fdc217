"""Invented people: family names made of syllables, given names of many origins, near homonyms on purpose."""

from itertools import pairwise
from random import Random

from directory.demo.words import words

WORDS = words("people")
ACCENTS = str.maketrans("àâäéèêëîïôöùûüçÀÉÈÎÔÇ", "aaaeeeeiioouuucAEEIOC")


def family_names() -> list[str]:
    """Every name, in a fixed order; two vowels or two like consonants never meet at the joint."""
    made = {stem + ending for stem in WORDS["stems"] for ending in WORDS["endings"] if joins(stem, ending)}
    return sorted(made | set(WORDS["from_afar"]))


def joins(stem: str, ending: str) -> bool:
    return stem[-1] not in "aeiouyé" and ending[0] in "aeiouyè"


class People:
    """Draws names. A region has more people than there are pairs in use, so true homonyms happen by themselves."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.families = family_names()
        random.shuffle(self.families)

    def family(self) -> str:
        """Some names are more common than others; one in thirty is double."""
        name = self.one_family()
        return f"{name}-{self.one_family()}" if self.random.random() < 1 / 30 else name

    def one_family(self) -> str:
        return self.families[int(len(self.families) * self.random.random() ** 1.6)]

    def given(self, is_woman: bool) -> str:
        return self.random.choice(WORDS["women" if is_woman else "men"])

    def nearly(self, name: str) -> str:
        """The same name as another hand would type it: a letter simple or double, an accent or a hyphen lost."""
        ways = [name.translate(ACCENTS), name.replace("-", " "), single(name), name]
        return self.random.choice([way for way in ways if way != name] or [name])


def single(name: str) -> str:
    """The name with its first double letter made single."""
    for left, right in pairwise(name):
        if left == right:
            return name.replace(left + right, left, 1)
    return name
