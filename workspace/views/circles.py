"""The circle of a dossier: who is in it, how the patient learnt of it; bringing in, leaving, taking out; what waits."""

from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from delegations.access import accounts_entered_by, open_accounts
from delegations.errors import Refused
from delegations.scopes import Space
from delegations.views.explanations import listed_or_404
from directory.owners import owners_of
from spico.web.typography import NBSP
from workspace.access import dossier_or_404
from workspace.acting import NEVER_ONES_OWN, Acting
from workspace.forms.dossiers import InformedForm, InformedLaterForm
from workspace.forms.participants import Choosing, ChoosingForCircle
from workspace.models import CircleMember, Dossier
from workspace.services.circles import add_members, leave_circle, remove_member, tell_informed, why_not_informed
from workspace.services.dossiers import check_open, keep_opening
from workspace.services.dossiers_reading import Member, circle_of
from workspace.services.participants import why_not_written
from workspace.views.doors import crumbs, in_space, space_context
from workspace.views.dossiers import ONE, door, of, refuse

MOST_PLACES = 50


def _here(acting: Acting, dossier: Dossier) -> str:
    return reverse("spaces:circle", args=[acting.account.pk, dossier.pk])


@require_safe
@in_space(Space.DOSSIERS)
def circle(request: HttpRequest, acting: Acting, dossier: UUID) -> HttpResponse:
    found = dossier_or_404(acting, dossier)
    keep_opening(acting, found)
    members = circle_of(found)
    context = {
        **space_context(acting, of(acting, found), ("Cercle de soins", "")),
        "dossier": found,
        "members": [one for one in members if one.is_present],
        "former": [one for one in members if not one.is_present],
        "may_write": acting.is_writable and found.archived_at is None,
    }
    return render(request, "spaces/dossiers/circle.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.DOSSIERS)
def add(request: HttpRequest, acting: Acting, dossier: UUID) -> HttpResponse:
    """Accounts found in the directory; `compte`: one that is chosen already."""
    found = dossier_or_404(acting, dossier)
    check_open(acting, found)
    there = frozenset(one.row.member_id for one in circle_of(found) if one.is_present)
    if request.method != "POST":
        return _add_page(
            request, acting, found, ChoosingForCircle(acting, _chosen(request), there=there), InformedForm()
        )
    choosing, form = ChoosingForCircle(acting, request.POST, there=there), InformedForm(request.POST)
    if choosing.is_search:
        return _add_page(request, acting, found, choosing, InformedForm(initial=request.POST.dict()))
    status = HTTPStatus.BAD_REQUEST
    if form.is_valid():
        try:
            added = add_members(acting, found, choosing.ticked, form.told)
        except Refused as refused:
            status = HTTPStatus(refused.status)
            if refused.field in form.fields:
                refuse(form, refused)
            else:
                choosing.errors.append(refused.sentence)
        else:
            names = ", ".join(account.name for account in added)
            messages.success(request, f"Dans le cercle de soins{NBSP}: {names}.")
            return redirect(_here(acting, found))
    return _add_page(request, acting, found, choosing, form, status)


def _chosen(request: HttpRequest) -> QueryDict:
    data = QueryDict(mutable=True)
    if chosen := request.GET.get("compte"):
        data["to"] = chosen
    return data


def _add_page(  # noqa: PLR0913, PLR0917, what the page draws
    request: HttpRequest,
    acting: Acting,
    dossier: Dossier,
    choosing: Choosing,
    form: InformedForm,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    here = _here(acting, dossier)
    context = {
        **space_context(acting, of(acting, dossier), ("Cercle de soins", here), ("Ajouter", "")),
        "dossier": dossier,
        "choosing": choosing,
        "form": form,
        "here": here,
        "has_errors": bool(choosing.errors or form.errors),
    }
    return render(request, "spaces/dossiers/circle_add.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.DOSSIERS)
def inform(request: HttpRequest, acting: Acting, dossier: UUID, member: int) -> HttpResponse:
    """What an emergency had put off, for one member. Where there is nothing to say any more, the page says why."""
    found = dossier_or_404(acting, dossier)
    row = get_object_or_404(CircleMember.objects.select_related("member"), dossier=found, pk=member)
    form = InformedLaterForm(request.POST if request.method == "POST" else None)
    sentence, status = "", HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
    try:
        check_open(acting, found)
        if refused := why_not_informed(row):
            raise refused
        if form.is_bound and form.is_valid():
            tell_informed(acting, found, row, form.told)
            messages.success(request, f"C’est dit pour «{NBSP}{row.member.name}{NBSP}»{NBSP}: {form.told.words}.")
            return redirect(_here(acting, found))
    except Refused as refused:
        status = HTTPStatus(refused.status)
        if refused.field:
            refuse(form, refused)
        else:
            sentence = refused.sentence
    here = _here(acting, found)
    context = {
        **space_context(acting, of(acting, found), ("Cercle de soins", here), ("Information du patient", "")),
        **{"dossier": found, "row": row, "form": form, "sentence": sentence, "here": here},
    }
    return render(request, "spaces/dossiers/circle_inform.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.DOSSIERS)
def remove(request: HttpRequest, acting: Acting, dossier: UUID, member: int) -> HttpResponse:
    """A page that asks first: leaving shuts the dossier to all who act in the account."""
    found = dossier_or_404(acting, dossier)
    present = CircleMember.objects.present(acting.at).select_related("member")
    row = present.filter(dossier=found, pk=member).first()
    if row is None:
        raise Http404
    is_ours = row.member_id == acting.account.pk
    sentence, status = "", HTTPStatus.OK
    if request.method == "POST":
        try:
            if is_ours:
                leave_circle(acting, found)
                messages.success(request, f"«{NBSP}{acting.name}{NBSP}» a quitté le cercle de soins.")
                return redirect(door(acting))
            remove_member(acting, found, row)
            messages.success(request, f"«{NBSP}{row.member.name}{NBSP}» n’est plus dans le cercle de soins.")
            return redirect(_here(acting, found))
        except Refused as refused:
            sentence, status = refused.sentence, HTTPStatus(refused.status)
    one = next(one for one in circle_of(found) if one.row.pk == row.pk)
    return _remove_page(request, acting, found, one, sentence, status)


def _remove_page(  # noqa: PLR0913, PLR0917, what the page draws
    request: HttpRequest, acting: Acting, dossier: Dossier, member: Member, sentence: str, status: HTTPStatus
) -> HttpResponse:
    here = _here(acting, dossier)
    context = {
        **space_context(acting, of(acting, dossier), ("Cercle de soins", here), ("Sortie", "")),
        "dossier": dossier,
        "member": member,
        "is_ours": member.row.member_id == acting.account.pk,
        "sentence": sentence,
        "here": here,
    }
    return render(request, "spaces/dossiers/circle_remove.html", context, status=status)


@require_safe
def join(request: HttpRequest) -> HttpResponse:
    """« Ajouter à un cercle de soins », from a page of the directory: first, in which account one acts."""
    key = _key(request.GET.get("compte", ""))
    account, owner = listed_or_404(key)
    user, at = cast(User, request.user), timezone.now()
    opened = sorted(open_accounts(user, Space.DOSSIERS, at), key=lambda one: one.user_id != user.pk)
    places = [one for one in opened if one.pk != account.pk]
    is_theirs = accounts_entered_by(user, at).filter(pk=account.pk).exists()
    if is_theirs:  # rule 4: brought in from their own account alone
        places = [one for one in places if one.user_id == user.pk]
    places = places[:MOST_PLACES]
    owners = owners_of(places)
    context: dict[str, Any] = {
        "account": account,
        "owner": owner,
        "why_not": why_not_written(account) or ("" if places or not is_theirs else NEVER_ONES_OWN),
        "places": [owners[one.pk] for one in places if one.pk in owners],
        "crumbs": crumbs(),
    }
    return render(request, "spaces/dossiers/join.html", context)


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


urlpatterns = [
    path("cercle/", join, name="circle_join"),
    path(f"{ONE}cercle/", circle, name="circle"),
    path(f"{ONE}cercle/ajouter/", add, name="circle_add"),
    path(f"{ONE}cercle/<int:member>/information/", inform, name="circle_inform"),
    path(f"{ONE}cercle/<int:member>/sortie/", remove, name="circle_remove"),
]
