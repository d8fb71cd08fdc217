"""A tree of units, flattened in reading order so that a template draws it in one loop, however deep or wide."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, NamedTuple, Protocol, TypeVar

from django.utils.safestring import SafeString

from spico.web.addresses import address
from spico.web.look import drawn_part

OPEN_LEVELS = 2
FOLD_BEYOND = 60
# Of the structures most looked at; a large one weighs 40 KB.
MOST_DRAWN = 128


class Unit(Protocol):
    @property
    def pk(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def parent_id(self) -> int | None: ...


AnyUnit = TypeVar("AnyUnit", bound=Unit)


class UnitLine(NamedTuple):
    """No more than a tree draws of a unit."""

    pk: int
    name: str
    parent_id: int | None


@dataclass
class Node(Generic[AnyUnit]):
    """`below`: how many units it holds at any depth. `ends`: how many lists close after it."""

    unit: AnyUnit
    href: str
    depth: int
    below: int = 0
    ends: range = range(0)
    is_unfolded: bool = False


def drawn(units: Iterable[UnitLine]) -> SafeString:
    """The list of them, unfolded as far as it should be. The same units make the same page: it is drawn again when one
    of them changes."""
    return _drawn(tuple(units))


@lru_cache(maxsize=MOST_DRAWN)
def _drawn(units: tuple[UnitLine, ...]) -> SafeString:
    return drawn_part("directory/_units.html", nodes=flatten(units))


def flatten(units: Iterable[AnyUnit]) -> list[Node[AnyUnit]]:
    """Nodes in reading order. A unit whose parent is not among the given ones stands at the top."""
    given = list(units)
    known = {unit.pk for unit in given}
    children: dict[int | None, list[AnyUnit]] = defaultdict(list)
    for unit in given:
        children[unit.parent_id if unit.parent_id in known else None].append(unit)
    nodes = list(_walk(children, None, 0))
    _close_lists(nodes)
    _unfold(nodes)
    return nodes


def _walk(children: dict[int | None, list[AnyUnit]], parent: int | None, depth: int) -> Iterator[Node[AnyUnit]]:
    for unit in children.get(parent, []):
        node = Node(unit, address("directory:unit", unit.pk), depth)
        yield node
        for below in _walk(children, unit.pk, depth + 1):
            node.below += 1
            yield below


def _close_lists(nodes: list[Node[AnyUnit]]) -> None:
    for node, following in zip(nodes, [*nodes[1:], None], strict=False):
        node.ends = range(max(node.depth - (following.depth if following else 0), 0))


def _unfold(nodes: list[Node[AnyUnit]]) -> None:
    """Open to the second level; a long tree shows only its first level, and each arrow opens what is under it."""
    levels = OPEN_LEVELS if len(nodes) <= FOLD_BEYOND else 0
    for node in nodes:
        node.is_unfolded = node.depth < levels
