"""« Mes espaces »: the accounts that one may act in, with what is new in each, and the door of each space."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Account, User
from accounts.prepared import Prepared
from delegations.access import Standing, accounts_entered_by
from delegations.drawing import Cell, cells
from delegations.living_reading import initials_of
from delegations.scopes import Scope, Space
from delegations.services.common import end_words
from directory.owners import Owner, owners_of
from spico.web.typography import NBSP
from workspace import converters  # noqa: F401, the addresses below use it
from workspace.news import News, news_of
from workspace.scope_words import what_others_need
from workspace.views import agenda, discussions, dossiers, tasks

ACCOUNTS_A_PAGE = 20


@dataclass(frozen=True)
class Door:
    """One of the four spaces of an account, with what waits behind it."""

    cell: Cell
    news: str


@dataclass(frozen=True)
class Place:
    """An account that opens, with its four spaces."""

    account: Account
    owner: Owner | None
    is_own: bool
    scope: Scope
    until: datetime | None
    news: dict[Space, News]

    @property
    def name(self) -> str:
        return self.owner.label if self.owner else self.account.name

    @property
    def is_person(self) -> bool:
        return self.owner is not None and self.owner.is_person

    @property
    def initials(self) -> str:
        return initials_of(self.owner, self.name)

    @property
    def icon(self) -> str:
        return self.owner.icon if self.owner else "key"

    @property
    def ends(self) -> str:
        return end_words(self.until)

    @property
    def doors(self) -> list[Door]:
        return [Door(cell, self.news[cell.space].words if cell.is_open else "") for cell in cells(self.scope)]

    @property
    def how(self) -> str:
        if self.is_own:
            return "Votre propre compte"
        return f"Par votre délégation «{NBSP}{self.scope.label}{NBSP}», {self.ends}"

    @property
    def why_shut(self) -> str:
        """Why the other spaces are closed, and what would open them; empty when none is."""
        return what_others_need(self.scope)


def _places(user: User, accounts: Iterable[Account], at: datetime) -> list[Place]:
    """In as many queries whatever the number. An account that the directory does not list has no door."""
    found = list(accounts)
    standing = Standing.of(user, at, found)
    owners = owners_of(found)
    scopes = {account.pk: scope for account in found if (scope := _scope(standing, account))}
    news = news_of(user, scopes, at)
    return [
        Place(
            account=account,
            owner=owners.get(account.pk),
            is_own=standing.is_own(account),
            scope=scopes[account.pk],
            until=None if standing.is_own(account) else standing.held[account.pk].period.upper,
            news=news[account.pk],
        )
        for account in found
        if account.pk in scopes
    ]


def _scope(standing: Standing, account: Account) -> Scope | None:
    held = standing.held.get(account.pk)
    return Scope.TOTAL if standing.is_own(account) else Scope(held.scope) if held else None


def _entered(user: User, at: datetime) -> QuerySet[Account]:
    own_first = Case(When(user=user, then=Value(0)), default=Value(1))
    return accounts_entered_by(user, at).order_by(own_first, "name", "pk")


_first = Prepared(lambda *, user, at: _entered(user, at)[: ACCOUNTS_A_PAGE + 1], user=User, at=datetime)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user, at = cast(User, request.user), timezone.now()
    first = _first.rows(user=user, at=at)
    # Nearly everybody's fit on one page: they are read without being counted.
    accounts = first if len(first) <= ACCOUNTS_A_PAGE else _entered(user, at)
    page = Paginator(accounts, ACCOUNTS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "spaces/index.html", {"page": page, "places": _places(user, page.object_list, at)})


DOORS = {
    Space.DOSSIERS: dossiers.index,
    Space.AGENDA: agenda.index,
    Space.TASKS: tasks.index,
    Space.DISCUSSIONS: discussions.index,
}


@require_safe
def space(request: HttpRequest, account: UUID, space: Space) -> HttpResponse:
    """The first page of a space: open, or 403 with what is missing; 404 for an account that is not listed."""
    return DOORS[space](request, account=account)


urlpatterns = [
    path("", index, name="index"),
    path("<uuid:account>/<space:space>/", space, name="space"),
]
