"""The door of every page of a space: the one rule answers at each request, and the journal keeps it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.grounds import Ground
from accounts.journal import entry, record_opening
from accounts.models import Account, User
from delegations.access import open_accounts
from delegations.drawing import Cell
from delegations.errors import Refused
from delegations.explaining import granter
from delegations.scopes import Scope, Space
from delegations.services.common import end_words, own_account
from delegations.views.explanations import explanation_context
from directory.owners import owners_of
from workspace.acting import Acting, NotOpen, act_in
from workspace.scope_words import what_others_need

MOST_CHANGES = 12
View = Callable[..., HttpResponse]


def in_space(space: Space, *, is_door: bool = False, is_page: bool = True) -> Callable[[View], View]:
    """The view gets an `Acting` in place of the account's key; it is called only when the rule says yes.

    `is_door`: the first page of the space, where a no is 403 with its explanation; below it a no is 404, the same page
    as for what does not exist. `is_page`: reading it is an opening of the space, kept by the journal; fragments, files
    and acts are not. A `Refused` that the view does not draw itself becomes a page with its sentence.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, account: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
            user, at = cast(User, request.user), timezone.now()
            try:
                acting = act_in(user, account, space, at)
            except NotOpen as no:
                return _not_open(request, no, space, is_door, at)
            if is_page and request.method in ("GET", "HEAD"):
                record_opening(acting.opened())
            try:
                return view(request, acting, *args, **kwargs)
            except Refused as refused:
                return refusal(request, acting, refused)

        return opened

    return decorate


def record_refusal(user: User, account: Account, space: Space, at: datetime) -> None:
    """That somebody asked for a space that is not open to them, whichever way they came."""
    refused = entry(
        "space.refused",
        at=at,
        ground=Ground.SERVICE_CENTRE if user.is_staff else Ground.OWN,
        actor=user,
        actor_account=own_account(user),
        account=account,
        object_kind="space",
        object_key=space,
    )
    record_opening(refused)


def _not_open(request: HttpRequest, no: NotOpen, space: Space, is_door: bool, at: datetime) -> HttpResponse:
    user = cast(User, request.user)
    record_refusal(user, no.account, space, at)
    if not is_door:
        raise Http404
    context = explanation_context(user, no.account, no.owner, at)
    because = context["explanation"].of(space).because
    told = {**context, "cell": Cell(space, False), "because": because, "crumbs": crumbs()}
    return render(request, "spaces/refused.html", told, status=HTTPStatus.FORBIDDEN)


def refusal(request: HttpRequest, acting: Acting, refused: Refused) -> HttpResponse:
    """A page that says why, inside the space, with the way back."""
    context = {**space_context(acting), "sentence": refused.sentence}
    return render(request, "spaces/no.html", context, status=refused.status)


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Mes espaces", reverse("spaces:index")), *more]


@dataclass(frozen=True)
class Tab:
    """One of the four spaces, shown closed rather than hidden."""

    cell: Cell
    is_here: bool


@dataclass(frozen=True)
class Change:
    """Another account in which the same space is open: one click away."""

    account: Account
    name: str
    is_own: bool


def space_context(acting: Acting, *more: tuple[str, str]) -> dict[str, Any]:
    """What `spaces/base.html` draws: the band, the tabs, the other accounts, the trail (`more`: below the space)."""
    here = Cell(acting.space, True)
    door = reverse("spaces:space", args=[acting.account.pk, acting.space])
    scope = Scope(acting.delegation.scope) if acting.delegation else None
    return {
        "acting": acting,
        "account": acting.account,
        "owner": acting.owner,
        "cell": here,
        "tabs": [Tab(Cell(one, acting.may(one)), one == acting.space) for one in Space],
        "ends": end_words(acting.delegation.period.upper) if acting.delegation else "",
        "scope": scope,
        "granter": granter(acting.delegation) if acting.delegation else "",
        "why_shut": what_others_need(scope) if scope else "",
        "changes": changes(acting),
        "door": door,
        "crumbs": crumbs(*([(here.label, door)] if more else []), *more[:-1]),
        "crumb_last": more[-1][0] if more else here.label,
    }


def changes(acting: Acting) -> list[Change]:
    """The first of the other accounts, one's own before all; two queries whatever their number."""
    opened = open_accounts(acting.user, acting.space, acting.at)
    others = sorted(opened, key=lambda one: one.user_id != acting.user.pk)
    found = [one for one in others if one.pk != acting.account.pk][:MOST_CHANGES]
    owners = owners_of(found)
    return [Change(one, owners[one.pk].label, one.user_id == acting.user.pk) for one in found if one.pk in owners]
