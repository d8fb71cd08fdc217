"""Writing in a dossier, correcting what one's account wrote, reading what it said before."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from delegations.errors import Refused, forbidden
from delegations.scopes import Space
from workspace.access import dossier_or_404
from workspace.acting import Acting
from workspace.errors import Outdated
from workspace.forms.dossiers import EntryForm, new_entry, values_of_entry
from workspace.models import Dossier, Entry, EntryKind
from workspace.services.dossiers import check_open, keep_opening
from workspace.services.dossiers_reading import lines_of
from workspace.services.entries import NOT_YOURS, correct_entry, entry_or_404, versions_of, write_entry
from workspace.signing import names_of, signature_of
from workspace.views.doors import in_space, space_context
from workspace.views.dossiers import ONE, of, refuse

WRITTEN = {EntryKind.OBSERVATION: "Écrire une observation", EntryKind.EVENT: "Noter un événement"}


def _back(acting: Acting, dossier: Dossier) -> str:
    return reverse("spaces:dossier", args=[acting.account.pk, dossier.pk])


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.DOSSIERS)
def add(request: HttpRequest, acting: Acting, dossier: UUID, kind: str) -> HttpResponse:
    if kind not in WRITTEN:
        raise Http404
    found = dossier_or_404(acting, dossier)
    check_open(acting, found)
    form, status = EntryForm(request.POST or None, initial=new_entry(acting.at)), HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                write_entry(acting, found, kind, **form.said, client_key=form.cleaned_data["client_key"])
            except Refused as refused:
                status = refuse(form, refused)
            else:
                messages.success(request, "C’est écrit dans le dossier.")
                return redirect(_back(acting, found))
    label = WRITTEN[EntryKind(kind)]
    context = {
        **space_context(acting, of(acting, found), (label, "")),
        "dossier": found,
        "form": form,
        "label": label,
        "back": _back(acting, found),
    }
    return render(request, "spaces/dossiers/entry_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.DOSSIERS)
def correct(request: HttpRequest, acting: Acting, dossier: UUID, entry: UUID) -> HttpResponse:
    found = dossier_or_404(acting, dossier)
    check_open(acting, found)
    row = entry_or_404(acting, found, entry)
    if row.account_id != acting.account.pk:
        raise forbidden(NOT_YOURS)
    if request.method != "POST":
        values = values_of_entry(row, row.versions.get(number=row.number))
        return _correct_page(request, acting, row, EntryForm(initial=values, present=row.happened_at))
    form, status = EntryForm(request.POST, present=row.happened_at), HTTPStatus.BAD_REQUEST
    if form.is_valid():
        try:
            correct_entry(acting, row, form.cleaned_data["number"] or 0, **form.said)
        except Outdated as outdated:
            return _outdated(request, acting, entry_or_404(acting, found, entry), outdated)
        except Refused as refused:
            status = refuse(form, refused)
        else:
            messages.success(request, "L’entrée est corrigée. Ce qu’elle disait avant reste lisible.")
            return redirect(_back(acting, found))
    return _correct_page(request, acting, row, form, status)


def _outdated(request: HttpRequest, acting: Acting, row: Entry, outdated: Outdated) -> HttpResponse:
    """What was typed, beside what stands there now: saving again writes over what has now been read."""
    typed = request.POST.copy()
    typed["number"] = str(row.number)
    form = EntryForm(typed, present=row.happened_at)
    form.add_error(None, outdated.sentence)
    return _correct_page(request, acting, row, form, HTTPStatus.CONFLICT)


def _correct_page(
    request: HttpRequest, acting: Acting, row: Entry, form: EntryForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    is_outdated = status == HTTPStatus.CONFLICT
    context = {
        **space_context(acting, of(acting, row.dossier), ("Corriger", "")),
        "dossier": row.dossier,
        "form": form,
        "entry": row,
        "present": lines_of(acting, [row])[0] if is_outdated else None,
        "back": _back(acting, row.dossier),
    }
    return render(request, "spaces/dossiers/entry_form.html", context, status=status)


@require_safe
@in_space(Space.DOSSIERS)
def entry(request: HttpRequest, acting: Acting, dossier: UUID, entry: UUID) -> HttpResponse:
    """An entry with all that it said, the last first."""
    found = dossier_or_404(acting, dossier)
    row = entry_or_404(acting, found, entry)
    keep_opening(acting, found)
    is_ours, seen = row.account_id == acting.account.pk, versions_of(acting, row)[:]
    names = names_of(account for one in seen for account in (one.account, one.actor_account))
    context = {
        **space_context(acting, of(acting, found), ("Entrée", "")),
        "dossier": found,
        "line": lines_of(acting, [row])[0],
        "versions": [{"version": one, "by": signature_of(one, names)} for one in seen],
        "may_write": acting.is_writable and found.archived_at is None and is_ours,
    }
    return render(request, "spaces/dossiers/entry.html", context)


urlpatterns = [
    path(f"{ONE}ecrire/<str:kind>/", add, name="entry_add"),
    path(f"{ONE}entrees/<uuid:entry>/", entry, name="entry"),
    path(f"{ONE}entrees/<uuid:entry>/corriger/", correct, name="entry_correct"),
]
