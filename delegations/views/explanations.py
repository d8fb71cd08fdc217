"""« Pourquoi ai-je accès ? » and « Qui a accès à ce compte ? »: the answers of the access rule, for people."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Account, User
from delegations.access import accounts_answered_by, accounts_overseen_by, who_has_access
from delegations.drawing import Cell, cells
from delegations.explaining import Explanation, SpaceExplanation, explain, granter
from delegations.forms_living import MomentForm
from delegations.living_reading import initials_of
from delegations.models import Delegation
from delegations.scopes import Scope
from delegations.services.common import end_words, referents_of
from delegations.views.crumbs import trail
from directory.owners import Owner, owners_of
from spico.web.typography import french_date

HOLDERS_A_PAGE = 50
WHO_REFUSED = "Seules les personnes qui répondent pour ce compte voient qui y a accès. Voici ce qu’il en est pour vous."
SUMMARIES = (
    "Aucun espace ne vous est ouvert",
    "Un espace sur quatre vous est ouvert",
    "Deux espaces sur quatre vous sont ouverts",
    "Trois espaces sur quatre vous sont ouverts",
    "Les quatre espaces vous sont ouverts",
)


def listed_or_404(pk: UUID) -> tuple[Account, Owner]:
    """An account that the directory does not list does not exist for pages."""
    owner = owners_of([pk]).get(pk)
    if owner is None:
        raise Http404
    return get_object_or_404(Account, pk=pk), owner


@dataclass(frozen=True)
class Reason:
    """One space of the explanation, as it is drawn."""

    cell: Cell
    because: str


def reason_of(one: SpaceExplanation) -> Reason:
    return Reason(Cell(one.space, one.allowed), one.because)


def explanation_context(user: User, account: Account, owner: Owner, at: datetime) -> dict[str, Any]:
    explanation = explain(user, account, at)
    return {
        "account": account,
        "owner": owner,
        "at": at,
        "explanation": explanation,
        "summary": SUMMARIES[sum(one.allowed for one in explanation.spaces)],
        "asks_for": asks_for(explanation),
        "reasons": [reason_of(one) for one in explanation.spaces],
        "answers": accounts_answered_by(user, at).filter(pk=account.pk).exists(),
        "oversees": accounts_overseen_by(user, at).filter(pk=account.pk).exists(),
        "refused": "",
    }


def asks_for(explanation: Explanation) -> str:
    """The words of the button that asks, empty when there is nothing to ask: « Demander les discussions »."""
    if not explanation.may_ask:
        return ""
    if not explanation.allowed:
        return "Demander une délégation"
    shut = [one.space for one in explanation.spaces if not one.allowed]
    return "Demander les discussions" if len(shut) == 1 else "Demander les autres espaces"


@require_safe
def access(request: HttpRequest, account: UUID) -> HttpResponse:
    """For whoever is signed in, and any listed account."""
    found, owner = listed_or_404(account)
    context = explanation_context(cast(User, request.user), found, owner, timezone.now())
    return render(request, "delegations/access.html", {**context, "crumbs": trail()})


@dataclass(frozen=True)
class Person:
    """Somebody whom a delegation lets in, or let in at that moment."""

    delegation: Delegation
    owner: Owner | None

    @property
    def name(self) -> str:
        return self.owner.label if self.owner else self.delegation.holder.name

    @property
    def initials(self) -> str:
        return initials_of(self.owner, self.name)

    @property
    def cells(self) -> list[Cell]:
        return cells(self.delegation.scope)

    @property
    def scope(self) -> Scope:
        return Scope(self.delegation.scope)

    @property
    def how(self) -> str:
        period = self.delegation.period
        since, ends = french_date(period.lower), end_words(period.upper)
        return f"Accordée par {granter(self.delegation)} le {since}, {ends}"


@require_safe
def who(request: HttpRequest, account: UUID) -> HttpResponse:
    """Now or at a past moment, for whoever answers for the account."""
    found, owner = listed_or_404(account)
    user, now = cast(User, request.user), timezone.now()
    if not accounts_answered_by(user, now).filter(pk=found.pk).exists():
        told = {**explanation_context(user, found, owner, now), "refused": WHO_REFUSED, "crumbs": trail()}
        return render(request, "delegations/access.html", told, status=HTTPStatus.FORBIDDEN)
    form = MomentForm(request.GET, now=now)
    crumbs = trail((owner.label, reverse("delegations:access", args=[found.pk])))
    context = {"account": found, "owner": owner, "form": form, "crumbs": crumbs}
    if not form.is_valid():
        return render(request, "delegations/who.html", {**context, "at": None}, status=HTTPStatus.BAD_REQUEST)
    answer = _who_at(found, form.moment(), request.GET.get("page"))
    return render(request, "delegations/who.html", {**context, **answer, "is_now": not form.is_asked})


def _who_at(account: Account, at: datetime, number: str | None) -> dict[str, Any]:
    # All at once, so that one query answers whatever the page.
    page = Paginator(who_has_access(account, at), HOLDERS_A_PAGE).get_page(number)
    terms = list(referents_of(account, at).select_related("account").order_by("account__name", "pk"))
    told = owners_of([*(row.holder_id for row in page), *(term.account_id for term in terms)])
    return {
        "at": at,
        "page": page,
        "people": [Person(row, told.get(row.holder_id)) for row in page],
        "referents": [{"name": term.account.name, "owner": told.get(term.account_id)} for term in terms],
    }


urlpatterns = [
    path("acces/<uuid:account>/", access, name="access"),
    path("acces/<uuid:account>/qui/", who, name="who"),
]
