"""Living with delegations: the list, one of them, its end, its renewal, its reduction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from delegations.access import accounts_answered_by, delegations_visible_to, requests_visible_to
from delegations.drawing import cells
from delegations.errors import Refused, conflict, forbidden
from delegations.forms import typed_in
from delegations.forms_living import EndForm, RenewForm
from delegations.living_reading import Line, given, history, lines, past, received
from delegations.models import Delegation, DelegationReview
from delegations.orphans import is_last_to_answer
from delegations.querysets import DelegationQuerySet
from delegations.reviews import reviewable_by
from delegations.scopes import Scope
from delegations.services import ask_renewal, end_delegation, keep_delegation, reduce_delegation, renew
from delegations.services.common import read_scope
from delegations.services.cutting import ALREADY
from delegations.services.renewing import NO_END
from delegations.views import explanations
from delegations.views.crumbs import trail
from spico.web.acts import act_of
from spico.web.typography import NBSP, of_name

FIRST_ROWS = 10
ROWS_A_PAGE = 30
NOT_TO_END = "Vous ne pouvez pas mettre fin à cette délégation."
NOT_TO_REDUCE = "Vous ne pouvez pas réduire cette délégation."
NOTHING_CHOSEN = "Choisissez ce qui reste ouvert."
NOT_TO_RENEW = (
    f"Vous ne pouvez pas prolonger cette délégation{NBSP}: vous n’en tenez pas autant, ou pas plus longtemps."
)
HEARD = "Votre demande est transmise à qui peut la prolonger. Vous saurez quand la délégation sera prolongée."
UNHEARD = (
    "Personne ne peut prolonger cette délégation aujourd’hui. Le centre de service est prévenu"
    f"{NBSP}: il peut nommer un référent, qui le pourra."
)
NOT_ONES_OWN = f"Personne ne prolonge sa propre délégation{NBSP}: demandez-le à qui peut l’accorder."


def to_review(user: User, at: datetime) -> DelegationQuerySet:
    """What this person is asked to keep or to end, the oldest first."""
    return reviewable_by(user, at).told().order_by("account__name", "created_at", "pk")


# The lists of the page, by the word of their address; each has its own page when it is long.
LISTS: dict[str, tuple[str, Callable[[User, datetime], DelegationQuerySet]]] = {
    "revoir": ("À revoir", to_review),
    "recues": ("Reçues", received),
    "donnees": ("Données", given),
    "passees": ("Passées", past),
}


# --- The list -----------------------------------------------------------------------------------------------------


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user, at = cast(User, request.user), timezone.now()
    chosen = request.GET.get("liste", "")
    if chosen in LISTS:
        title, rows = LISTS[chosen]
        page = Paginator(rows(user, at), ROWS_A_PAGE).get_page(request.GET.get("page"))
        whole = {
            "title": title,
            "name": chosen,
            "page": page,
            "lines": lines(user, page.object_list, at),
            "asks_review": chosen == "revoir",
            "crumbs": trail(),
        }
        return render(request, "delegations/list.html", whole)
    found = {name: rows(user, at) for name, (_, rows) in LISTS.items()}
    counts = {name: rows.count() for name, rows in found.items()}
    first = {name: list(rows[:FIRST_ROWS]) for name, rows in found.items()}
    told = iter(lines(user, [row for name in LISTS for row in first[name]], at))
    sections = {
        name: {
            "title": title,
            "count": counts[name],
            "lines": [next(told) for _ in first[name]],
            "url": f"?liste={name}" if counts[name] > FIRST_ROWS else "",
        }
        for name, (title, _) in LISTS.items()
    }
    answers = accounts_answered_by(user, at).exists()
    return render(request, "delegations/index.html", {**sections, "answers": answers})


# --- One delegation -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """A delegation found among those that this person may see, with what they may do of it."""

    user: User
    at: datetime
    line: Line

    @property
    def delegation(self) -> Delegation:
        return self.line.delegation


def _seen(request: HttpRequest, pk: int) -> Seen:
    """404 for what is not visible, as for what does not exist."""
    user, at = cast(User, request.user), timezone.now()
    rows = delegations_visible_to(user, at).told().select_related("ended_by_account")
    return Seen(user, at, lines(user, [get_object_or_404(rows, pk=pk)], at)[0])


@require_safe
def delegation(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _seen(request, pk))


def _show(request: HttpRequest, seen: Seen, refusal: Refused | None = None) -> HttpResponse:
    row = seen.delegation
    context = {
        "line": seen.line,
        "can": seen.line.can,
        "row": row,
        "review": DelegationReview.objects.filter(delegation=row).select_related("reviewed_by_account").first(),
        "refusal": refusal.sentence if refusal else "",
        "next": Delegation.objects.filter(replaces=row).first(),
        "history": lines(seen.user, history(row), seen.at),
        "sees_request": requests_visible_to(seen.user, seen.at).filter(delegations=row).exists(),
        "crumbs": trail(),
    }
    status = refusal.status if refusal else HTTPStatus.OK
    return render(request, "delegations/delegation.html", context, status=status)


def _act_page(
    request: HttpRequest, name: str, seen: Seen, refusal: Refused | None = None, **more: object
) -> HttpResponse:
    """The page that asks before an act. A refusal shows there with its status; what was typed stays in the form, or is
    shown to be copied when the form has no place any more."""
    row = seen.delegation
    context: dict[str, Any] = {
        "line": seen.line,
        "row": row,
        "refusal": refusal.sentence if refusal else "",
        "is_closed": refusal is not None and refusal.status != HTTPStatus.BAD_REQUEST,
        "crumbs": trail((seen.line.other_name, reverse("delegations:delegation", args=[row.pk]))),
        **more,
    }
    form = more.get("form")
    context["typed"] = typed_in(form, *form.fields) if context["is_closed"] and isinstance(form, Form) else []
    is_wrong = request.method == "POST" and bool(getattr(form, "errors", None))
    status = refusal.status if refusal else HTTPStatus.BAD_REQUEST if is_wrong else HTTPStatus.OK
    return render(request, f"delegations/{name}.html", context, status=status)


def _closed(seen: Seen, is_able: bool, sentence: str) -> Refused | None:
    """Why the act is not offered at all: it has ended already, or it is not for this person."""
    if not seen.line.is_in_force:
        return conflict(ALREADY)
    return None if is_able else forbidden(sentence)


def _to(refusal: Refused, form: Any) -> Refused | None:
    """Put a refusal on the field that it speaks of; what speaks of none stays for the top of the page."""
    if refusal.field in form.fields and refusal.status == HTTPStatus.BAD_REQUEST:
        form.add_error(refusal.field, refusal.sentence)
        return None
    return refusal


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up one's own, or revoke somebody's."""
    seen = _seen(request, pk)
    row, can = seen.delegation, seen.line.can
    form = EndForm(request.POST if request.method == "POST" else None, is_needed=not seen.line.is_mine)
    refusal, is_last = None, _leaves_nobody(seen)
    if is_last and request.POST.get("directly"):
        return redirect("delegations:end", pk)
    if request.method != "POST":
        refusal = _closed(seen, can.give_up or can.revoke, NOT_TO_END)
    elif form.is_valid():
        try:
            end_delegation(seen.user, row, form.cleaned_data["reason"], seen.at)
        except Refused as refused:
            refusal = _to(refused, form)
        else:
            done = "Vous avez rendu votre délégation" if seen.line.is_mine else "La délégation est retirée"
            messages.success(request, f"{done}{NBSP}: elle n’ouvre plus rien.")
            # Of somebody else's, its page says whom they leave behind in the account.
            return redirect("delegations:index") if seen.line.is_mine else redirect("delegations:delegation", row.pk)
    return _act_page(request, "end", seen, refusal, form=form, is_last=is_last)


def _leaves_nobody(seen: Seen) -> bool:
    """Would nobody answer for the account any more, once this total delegation is ended or reduced? The page that asks
    says so; a list, where one click is enough, leads to that page first."""
    row = seen.delegation
    return row.scope == Scope.TOTAL and seen.line.is_in_force and is_last_to_answer(row.account, row.holder, seen.at)


@require_http_methods(["GET", "HEAD", "POST"])
def renew_page(request: HttpRequest, pk: int) -> HttpResponse:
    seen = _seen(request, pk)
    can = seen.line.can
    form = RenewForm(request.POST if request.method == "POST" else None, limit=can.until)
    refusal = None
    if request.method != "POST":
        refusal = _closed(seen, can.renew, _why_not_renewed(seen))
    elif form.is_valid():
        try:
            longer = renew(seen.user, seen.delegation, form.moment(), seen.at)
        except Refused as refused:
            refusal = _to(refused, form)
        else:
            new = lines(seen.user, [longer], seen.at)[0]
            messages.success(request, f"La délégation {of_name(new.holder_name)} est prolongée, {new.ends}.")
            return redirect("delegations:delegation", longer.pk)
    return _act_page(request, "renew", seen, refusal, form=form)


def _why_not_renewed(seen: Seen) -> str:
    if seen.line.is_mine:
        return NOT_ONES_OWN
    return NO_END if seen.delegation.period.upper is None else NOT_TO_RENEW


@act_of("delegations:delegation", "pk")
def ask_renewal_of(request: HttpRequest, pk: int) -> HttpResponse:
    """« Demander la prolongation », of one's own that nears its end."""
    seen = _seen(request, pk)
    try:
        is_heard = ask_renewal(seen.user, seen.delegation, seen.at)
    except Refused as refused:
        return _show(request, _seen(request, pk), refused)
    messages.success(request, HEARD if is_heard else UNHEARD)
    return redirect("delegations:delegation", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def reduce_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a part. The list's one-click proposals post here directly."""
    seen = _seen(request, pk)
    can, chosen = seen.line.can, request.POST.get("scope", "")
    refusal, is_last = None, _leaves_nobody(seen)
    if is_last and request.POST.get("directly"):
        return redirect("delegations:reduce", pk)
    if request.method != "POST":
        refusal = _closed(seen, bool(can.reduce), _why_not_reduced(seen))
    elif can.reduce and not chosen:
        refusal = Refused(NOTHING_CHOSEN, field="scope")
    else:
        try:
            keep = read_scope(chosen)
            narrower = reduce_delegation(seen.user, seen.delegation, keep, seen.at)
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, f"La délégation est réduite{NBSP}: il en reste «{NBSP}{keep.label}{NBSP}».")
            return redirect("delegations:delegation", narrower.pk)
    choices = [{"scope": scope, "cells": cells(scope)} for scope in can.reduce]
    return _act_page(request, "reduce", seen, refusal, choices=choices, chosen=chosen, is_last=is_last)


@act_of("delegations:delegation", "pk")
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """« La garder », of one to review; the other answer is to end it."""
    seen = _seen(request, pk)
    try:
        keep_delegation(seen.user, seen.delegation, seen.at)
    except Refused as refused:
        return _show(request, _seen(request, pk), refused)
    messages.success(request, f"C’est noté{NBSP}: la délégation {of_name(seen.line.holder_name)} est gardée.")
    return redirect("delegations:index")


def _why_not_reduced(seen: Seen) -> str:
    able = seen.line.can.give_up or seen.line.can.revoke
    return f"Cette délégation n’a qu’une partie{NBSP}: il n’y a rien à réduire." if able else NOT_TO_REDUCE


urlpatterns = [
    path("", index, name="index"),
    path("<int:pk>/", delegation, name="delegation"),
    path("<int:pk>/mettre-fin/", end, name="end"),
    path("<int:pk>/garder/", keep, name="keep"),
    path("<int:pk>/prolonger/", renew_page, name="renew"),
    path("<int:pk>/demander-prolongation/", ask_renewal_of, name="ask_renewal"),
    path("<int:pk>/reduire/", reduce_page, name="reduce"),
    *explanations.urlpatterns,
]
