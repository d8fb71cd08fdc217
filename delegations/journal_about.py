"""What entries of the journal are about, in words: the apps above this one tell their own kinds of object."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import JournalEntry, User


@dataclass(frozen=True)
class About:
    """`text`: no key, and no name but that of an account. `path`: where it is, under the words `link`; empty for
    whoever may not open it."""

    text: str = ""
    link: str = ""
    path: str = ""


Teller = Callable[[User, Sequence[JournalEntry], datetime], Mapping[int, About]]
_tellers: dict[str, Teller] = {}


def register_about(kinds: Iterable[str], teller: Teller) -> None:
    """`teller`: for this reader, what entries of these kinds of object are about, by their number; asked once a page,
    so in a number of queries that does not depend on how many entries there are."""
    for kind in kinds:
        if _tellers.setdefault(kind, teller) is not teller:
            raise ValueError(f"Two tellers for the kind {kind!r}.")


def about_of(user: User, entries: Sequence[JournalEntry], at: datetime) -> dict[int, About]:
    """Of those whose kind has a teller."""
    found: dict[int, About] = {}
    for teller in dict.fromkeys(_tellers.values()):
        if own := [one for one in entries if _tellers.get(one.object_kind) is teller]:
            found |= teller(user, own, at)
    return found
