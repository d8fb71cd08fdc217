"""« Mes espaces », and the door of each space: the one rule answers at each opening, and the journal keeps it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import cast
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Case, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Account, User
from delegations.access import Standing, accounts_entered_by, answers_for
from delegations.drawing import Cell, cells
from delegations.explaining import OWN, granted_sentence
from delegations.living_reading import initials_of
from delegations.scopes import Scope, Space
from delegations.services import open_space
from delegations.services.common import end_words
from delegations.views.explanations import explanation_context, listed_or_404
from directory.owners import Owner, owners_of
from spico.web.typography import NBSP

ACCOUNTS_A_PAGE = 20


@dataclass(frozen=True)
class Place:
    """An account that opens, with its four spaces."""

    account: Account
    owner: Owner | None
    is_own: bool
    scope: Scope
    until: datetime | None

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
    def cells(self) -> list[Cell]:
        return cells(self.scope)

    @property
    def how(self) -> str:
        if self.is_own:
            return "Votre propre compte"
        return f"Par votre délégation «{NBSP}{self.scope.label}{NBSP}», {self.ends}"

    @property
    def why_shut(self) -> str:
        """Why the other spaces are closed; empty when none is."""
        if self.scope == Scope.TOTAL:
            return ""
        return f"Votre délégation s’arrête au périmètre «{NBSP}{self.scope.label}{NBSP}»."


def _places(user: User, accounts: Iterable[Account], at: datetime) -> list[Place]:
    """In three queries whatever the number. An account that the directory does not list has no door."""
    found = list(accounts)
    standing = Standing.of(user, at, found)
    owners = owners_of(found)
    places = []
    for account in found:
        held = standing.held.get(account.pk)
        is_own = standing.is_own(account)
        if is_own or held:
            scope = Scope.TOTAL if is_own or not held else Scope(held.scope)
            until = held.period.upper if held else None
            places.append(Place(account, owners.get(account.pk), is_own, scope, until))
    return places


def _crumbs() -> list[tuple[str, str]]:
    return [("Mes espaces", reverse("spaces:index"))]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user, at = cast(User, request.user), timezone.now()
    own_first = Case(When(user=user, then=Value(0)), default=Value(1))
    accounts = accounts_entered_by(user, at).order_by(own_first, "name", "pk")
    page = Paginator(accounts, ACCOUNTS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "spaces/index.html", {"page": page, "places": _places(user, page.object_list, at)})


@dataclass(frozen=True)
class Tab:
    """One of the four spaces, shown closed rather than hidden."""

    cell: Cell
    is_here: bool


@require_safe
def space(request: HttpRequest, account: UUID, space: str) -> HttpResponse:
    """Open, or 403 with what is missing; 404 for what does not exist, of which the journal keeps nothing."""
    if space not in Space.values:
        raise Http404
    found, owner = listed_or_404(account)
    here = Space(space)
    user, at = cast(User, request.user), timezone.now()
    answer = open_space(user, found, here, at)
    if not answer.allowed:
        context = explanation_context(user, found, owner, at)
        because = context["explanation"].of(here).because
        refused = {**context, "cell": Cell(here, False), "because": because, "crumbs": _crumbs()}
        return render(request, "spaces/refused.html", refused, status=HTTPStatus.FORBIDDEN)
    place = _places(user, [found], at)[0]
    answers = answers_for(user, found, at)
    context = {
        "account": found,
        "owner": owner,
        "place": place,
        "cell": Cell(here, True),
        "tabs": [Tab(Cell(one, answers[one].allowed), one == here) for one in Space],
        "because": granted_sentence(answer.delegation) if answer.delegation else OWN,
        "crumbs": _crumbs(),
        "at": at,
    }
    return render(request, "spaces/space.html", context)


urlpatterns = [
    path("", index, name="index"),
    path("<uuid:account>/<str:space>/", space, name="space"),
]
