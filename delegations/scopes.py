"""Spaces, and the scopes that open them: plain data, with the little algebra that « nobody gives more » needs."""

from collections.abc import Iterable

from django.db import models


class Space(models.TextChoices):
    """In the order in which every page draws them."""

    DOSSIERS = "dossiers", "Dossiers"
    AGENDA = "agenda", "Agenda"
    TASKS = "tasks", "Tâches"
    DISCUSSIONS = "discussions", "Discussions"


class Scope(models.TextChoices):
    TOTAL = "total", "Total"
    DOSSIER = "dossier", "Dossier"
    DISCUSSIONS = "discussions", "Discussions"


OPENS: dict[Scope, frozenset[Space]] = {
    Scope.TOTAL: frozenset(Space),
    Scope.DOSSIER: frozenset({Space.DOSSIERS, Space.AGENDA, Space.TASKS}),
    Scope.DISCUSSIONS: frozenset({Space.DISCUSSIONS}),
}
# What a scope is made of: a grant of one part leaves the other open.
PARTS: dict[Scope, frozenset[Scope]] = {
    Scope.TOTAL: frozenset({Scope.DOSSIER, Scope.DISCUSSIONS}),
    Scope.DOSSIER: frozenset({Scope.DOSSIER}),
    Scope.DISCUSSIONS: frozenset({Scope.DISCUSSIONS}),
}
OF_PARTS = {parts: scope for scope, parts in PARTS.items()}
DETAIL = {
    Scope.TOTAL: "dossiers, agenda, tâches et discussions",
    Scope.DOSSIER: "dossiers, agenda et tâches",
    Scope.DISCUSSIONS: "discussions",
}


def parts(scope: Scope | str | None) -> frozenset[Scope]:
    return PARTS[Scope(scope)] if scope else frozenset()


def of_parts(chosen: Iterable[Scope]) -> Scope | None:
    """The scope made of these parts; None when there is none."""
    return OF_PARTS.get(frozenset(chosen))


def union(one: Scope | str | None, other: Scope | str | None) -> Scope | None:
    return of_parts(parts(one) | parts(other))


def common(one: Scope | str | None, other: Scope | str | None) -> Scope | None:
    return of_parts(parts(one) & parts(other))


def without(one: Scope | str | None, other: Scope | str | None) -> Scope | None:
    return of_parts(parts(one) - parts(other))


def holds(wide: Scope | str | None, narrow: Scope | str) -> bool:
    """Does whoever holds `wide` hold all of `narrow`?"""
    return parts(narrow) <= parts(wide)


def scopes_within(wide: Scope | str | None) -> list[Scope]:
    """The scopes that somebody who holds `wide` may give, the widest first."""
    return [scope for scope in Scope if holds(wide, scope)]


def scopes_opening(space: Space | str) -> list[Scope]:
    return [scope for scope, spaces in OPENS.items() if Space(space) in spaces]


def scopes_beyond(scope: Scope | str) -> list[Scope]:
    """The scopes that hold all of this one, itself included."""
    return [wide for wide in Scope if holds(wide, scope)]
