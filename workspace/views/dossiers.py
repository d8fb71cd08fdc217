"""The dossiers of an account: the list, a search that leaves no trace in addresses, a dossier and its line of life."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.journal import record_all
from delegations.errors import Refused
from delegations.scopes import Space
from spico.web.acts import act_of
from workspace.access import dossier_or_404
from workspace.acting import Acting
from workspace.errors import Outdated
from workspace.forms.dossiers import IdentityForm, NewDossierForm, TimelineForm, values_of_identity
from workspace.models import Dossier
from workspace.services.dossiers import (
    archive_dossier,
    check_open,
    correct_identity,
    create_dossier,
    keep_opening,
    likely_duplicates,
    restore_dossier,
    search_dossiers,
)
from workspace.services.dossiers_reading import (
    ENTRIES_A_PAGE,
    MOST_PRINTED,
    Asked,
    authors_of,
    circle_of,
    identities_of,
    lines_of,
    listed,
    rows_of,
    timeline,
)
from workspace.signing import names_of, signature_of
from workspace.views.doors import in_space, space_context

DOSSIERS_A_PAGE = 20
# In an address: the filter of the line of life is open.
FILTER = "filtrer"


def door(acting: Acting) -> str:
    return reverse("spaces:space", args=[acting.account.pk, Space.DOSSIERS])


def of(acting: Acting, dossier: Dossier) -> tuple[str, str]:
    """A dossier in the trail. No name: what stands there is kept by browsers."""
    return ("Dossier", reverse("spaces:dossier", args=[acting.account.pk, dossier.pk]))


def refuse(form: Any, refused: Refused) -> HTTPStatus:
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return HTTPStatus(refused.status)


@require_safe
@in_space(Space.DOSSIERS, is_door=True)
def index(request: HttpRequest, acting: Acting) -> HttpResponse:
    """`ajouter`: an account to bring into a circle, when one comes from its page in the directory."""
    is_archive = request.GET.get("liste") == "archives"
    page = Paginator(listed(acting, archived=is_archive), DOSSIERS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        **space_context(acting),
        "page": page,
        "rows": rows_of(acting, page.object_list),
        "is_archive": is_archive,
        "bring": _bring(request.GET.get("ajouter", "")),
        "asked": None,
    }
    return render(request, "spaces/dossiers/index.html", context)


def _bring(text: str) -> str:
    """The account to bring in, as a piece of address; nothing for what is not one."""
    try:
        return "?" + urlencode({"compte": str(UUID(text))})
    except ValueError:
        return ""


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.DOSSIERS, is_page=False)
def search(request: HttpRequest, acting: Acting) -> HttpResponse:
    """A POST: no name of a patient in an address. A GET, as after signing in again, leads back to the list."""
    if request.method != "POST":
        return redirect(door(acting))
    asked = request.POST.get("q", "")
    context = {
        **space_context(acting, ("Recherche", "")),
        "rows": rows_of(acting, search_dossiers(acting, asked)),
        "asked": " ".join(asked.split())[:100],
        "bring": _bring(request.POST.get("ajouter", "")),
        "is_archive": False,
    }
    return render(request, "spaces/dossiers/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.DOSSIERS)
def add(request: HttpRequest, acting: Acting) -> HttpResponse:
    acting.check_writable()
    form, status, alike = NewDossierForm(request.POST or None), HTTPStatus.OK, []
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                alike = [] if form.is_sure else likely_duplicates(acting, form.identity)
                if not alike:
                    made = create_dossier(acting, form.identity, form.told)
                    messages.success(request, "Le dossier est créé.")
                    return redirect("spaces:dossier", acting.account.pk, made.pk)
                status = HTTPStatus.CONFLICT
            except Refused as refused:
                status = refuse(form, refused)
    context = {**space_context(acting, ("Nouveau dossier", "")), "form": form, "alike": alike, "back": door(acting)}
    return render(request, "spaces/dossiers/add.html", context, status=status)


@require_safe
@in_space(Space.DOSSIERS, is_page=False)
def dossier(request: HttpRequest, acting: Acting, dossier: UUID) -> HttpResponse:
    found = dossier_or_404(acting, dossier)
    form = _filter(request, acting, found)
    page = Paginator(timeline(acting, found, asked_of(form)), ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    keep_opening(acting, found, is_read=True, opens_space=True)
    context = {
        **space_context(acting, of(acting, found)),
        "dossier": found,
        "form": form,
        "page": page,
        "lines": lines_of(acting, page.object_list),
        "members": [one for one in circle_of(found) if one.is_present],
        "may_write": acting.is_writable and found.archived_at is None,
        "query": request.GET.urlencode(),
    }
    return render(request, "spaces/dossiers/dossier.html", context)


def _filter(request: HttpRequest, acting: Acting, dossier: Dossier) -> TimelineForm | None:
    """Drawn once somebody opens it or the address chooses: most readings of a dossier filter nothing."""
    is_open = any(name in request.GET for name in (FILTER, *TimelineForm.base_fields))
    return TimelineForm(request.GET, authors_of(acting, dossier)) if is_open else None


def asked_of(form: TimelineForm | None) -> Asked:
    if form is None:
        return Asked()
    author = form.asked("auteur")
    return Asked(
        kind=form.asked("type") or "",
        author=UUID(author) if author else None,
        profession=form.asked("profession") or "",
        since=form.asked("depuis"),
        until=form.asked("jusque"),
    )


@require_safe
@in_space(Space.DOSSIERS)
def print_page(request: HttpRequest, acting: Acting, dossier: UUID) -> HttpResponse:
    """The line of life as it is filtered, on paper: who printed it is kept."""
    found = dossier_or_404(acting, dossier)
    form = _filter(request, acting, found)
    entries = list(timeline(acting, found, asked_of(form))[: MOST_PRINTED + 1])
    with transaction.atomic():
        record_all([acting.told("dossier.printed", "dossier", found.pk)])
    context = {
        **space_context(acting, of(acting, found), ("Imprimer", "")),
        "dossier": found,
        "is_filtered": form is not None and form.is_asked,
        "lines": lines_of(acting, entries[:MOST_PRINTED]),
        "has_more": len(entries) > MOST_PRINTED,
        "most": MOST_PRINTED,
        "members": [one for one in circle_of(found) if one.is_present],
    }
    return render(request, "spaces/dossiers/print.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.DOSSIERS)
def identity(request: HttpRequest, acting: Acting, dossier: UUID) -> HttpResponse:
    found = dossier_or_404(acting, dossier)
    check_open(acting, found)
    form, status = IdentityForm(request.POST or None, initial=values_of_identity(found)), HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                correct_identity(acting, found, form.identity, form.cleaned_data["version"] or 0)
                messages.success(request, "L’identité est corrigée. L’ancienne reste dans l’historique.")
                return redirect("spaces:dossier", acting.account.pk, found.pk)
            except Outdated as outdated:
                status = HTTPStatus.CONFLICT
                found = dossier_or_404(acting, dossier)
                typed = request.POST.copy()
                typed["version"] = str(found.version)
                form = IdentityForm(typed)
                form.add_error(None, outdated.sentence)
            except Refused as refused:
                status = refuse(form, refused)
    if request.method != "POST":
        keep_opening(acting, found)
    former = identities_of(found)
    names = names_of(account for one in former for account in (one.account, one.actor_account))
    context = {
        **space_context(acting, of(acting, found), ("Identité", "")),
        "dossier": found,
        "form": form,
        "is_outdated": status == HTTPStatus.CONFLICT,
        "former": [{"change": one, "by": signature_of(one, names)} for one in former],
        "back": reverse("spaces:dossier", args=[acting.account.pk, found.pk]),
    }
    return render(request, "spaces/dossiers/identity.html", context, status=status)


def _act(do: Any, sentence: str) -> Any:
    @act_of("spaces:dossier", "account", "dossier")
    @in_space(Space.DOSSIERS, is_page=False)
    def act(request: HttpRequest, acting: Acting, dossier: UUID) -> HttpResponse:
        found = dossier_or_404(acting, dossier)
        if do(acting, found):
            messages.success(request, sentence)
        return redirect("spaces:dossier", acting.account.pk, found.pk)

    return act


archive = _act(archive_dossier, "Le dossier est archivé. Il reste lisible, et se reprend quand on veut.")
restore = _act(restore_dossier, "Le dossier est repris.")

ONE = "<uuid:account>/dossiers/<uuid:dossier>/"
urlpatterns = [
    path("<uuid:account>/dossiers/chercher/", search, name="dossiers_search"),
    path("<uuid:account>/dossiers/nouveau/", add, name="dossier_add"),
    path(ONE, dossier, name="dossier"),
    path(f"{ONE}imprimer/", print_page, name="dossier_print"),
    path(f"{ONE}identite/", identity, name="dossier_identity"),
    path(f"{ONE}archiver/", archive, name="dossier_archive"),
    path(f"{ONE}reprendre/", restore, name="dossier_restore"),
]
