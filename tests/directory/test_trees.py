import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.models import InternalOrganisation
from directory.trees import FOLD_BEYOND, Node, flatten
from tests.soak import examples


@st.composite
def forests(draw: st.DrawFn) -> list[InternalOrganisation]:
    """Units whose parent, if any, comes before them: any forest can be numbered so."""
    size = draw(st.integers(0, 40))
    parents = [draw(st.none() | st.integers(0, number - 1)) if number else None for number in range(size)]
    return [
        InternalOrganisation(pk=number, parent_id=parent, name=f"U{number}") for number, parent in enumerate(parents)
    ]


def drawn(nodes: list[Node]) -> list[tuple[int, int | None]]:
    """Read the flat list as the template does: a unit with something below opens a list, `ends` closes some."""
    stack: list[int] = []
    seen = []
    for node in nodes:
        seen.append((node.unit.pk, stack[-1] if stack else None))
        if node.below:
            stack.append(node.unit.pk)
        for _ in node.ends:
            stack.pop()
    assert not stack, "every list that opens is closed"
    return seen


@pytest.mark.soak
@examples(100)
@given(forests())
def test_the_flat_list_draws_the_same_tree(units: list[InternalOrganisation]) -> None:
    assert sorted(drawn(flatten(units))) == sorted((unit.pk, unit.parent_id) for unit in units)


@pytest.mark.soak
@examples(100)
@given(forests())
def test_each_unit_says_how_many_it_holds(units: list[InternalOrganisation]) -> None:
    parents = {unit.pk: unit.parent_id for unit in units}

    def is_under(pk: int | None, top: int) -> bool:
        while pk is not None and (pk := parents[pk]) is not None:
            if pk == top:
                return True
        return False

    for node in flatten(units):
        assert node.below == sum(is_under(pk, node.unit.pk) for pk in parents)


def test_a_unit_whose_parent_is_not_shown_stands_at_the_top() -> None:
    (node,) = flatten([InternalOrganisation(pk=2, parent_id=1, name="Orpheline")])
    assert node.depth == 0


def test_a_long_tree_begins_folded() -> None:
    units = [InternalOrganisation(pk=1, name="Pôle")]
    units += [InternalOrganisation(pk=pk, parent_id=1, name=f"U{pk}") for pk in range(2, FOLD_BEYOND + 3)]
    assert not any(node.is_unfolded for node in flatten(units))
    assert flatten(units[:5])[0].is_unfolded
