"""Figures as they are printed, in French."""

from collections.abc import Sequence


def percentile(figures: Sequence[float], rank: int) -> float:
    """By nearest rank: a figure that was really measured."""
    ordered = sorted(figures)
    return ordered[max(0, -(-len(ordered) * rank // 100) - 1)]


def decimal(figure: float) -> str:
    """« 12,3 »."""
    return f"{figure:.1f}".replace(".", ",")


def verdict(is_held: bool) -> str:
    return "tenu" if is_held else "MANQUÉ"
