"""A tree of units, flattened in reading order so that a template draws it in one loop, however deep or wide."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from directory.models import InternalOrganisation
from spico.web.addresses import address

OPEN_LEVELS = 2
FOLD_BEYOND = 60


@dataclass
class Node:
    """`below`: how many units it holds at any depth. `ends`: how many lists close after it."""

    unit: InternalOrganisation
    href: str
    depth: int
    below: int = 0
    ends: range = range(0)
    is_unfolded: bool = False


def flatten(units: Iterable[InternalOrganisation]) -> list[Node]:
    """Nodes in reading order. A unit whose parent is not among the given ones stands at the top."""
    given = list(units)
    known = {unit.pk for unit in given}
    children: dict[int | None, list[InternalOrganisation]] = defaultdict(list)
    for unit in given:
        children[unit.parent_id if unit.parent_id in known else None].append(unit)
    nodes = list(_walk(children, None, 0))
    _close_lists(nodes)
    _unfold(nodes)
    return nodes


def _walk(children: dict[int | None, list[InternalOrganisation]], parent: int | None, depth: int) -> Iterator[Node]:
    for unit in children.get(parent, []):
        node = Node(unit, address("directory:unit", unit.pk), depth)
        yield node
        for below in _walk(children, unit.pk, depth + 1):
            node.below += 1
            yield below


def _close_lists(nodes: list[Node]) -> None:
    for node, following in zip(nodes, [*nodes[1:], None], strict=False):
        node.ends = range(max(node.depth - (following.depth if following else 0), 0))


def _unfold(nodes: list[Node]) -> None:
    """Open to the second level; a long tree shows only its first level, and each arrow opens what is under it."""
    levels = OPEN_LEVELS if len(nodes) <= FOLD_BEYOND else 0
    for node in nodes:
        node.is_unfolded = node.depth < levels
