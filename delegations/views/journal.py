"""The journal of the accounts that one oversees: read, filtered, taken away, and « cela me surprend »."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Account, User
from delegations.access import accounts_overseen_by
from delegations.errors import Refused
from delegations.forms import typed_in
from delegations.forms_living import JournalForm, SurpriseForm
from delegations.journal_reading import Asked, Cursor, Told, overseen_entries, people_of, read_entries, tell_entries
from delegations.services import open_case
from delegations.services.exporting import record_export
from delegations.views.crumbs import trail
from directory.owners import owners_of
from spico.web.typography import NBSP

ENTRIES_A_PAGE = 50
ENTRIES_A_CHUNK = 1000
COLUMNS = ["Date", "Compte", "Auteur", "Acte", "Objet", "À quel titre", "Sceau", "Numéro"]
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(frozen=True)
class Reading:
    """What this person may read, and what they ask of it."""

    user: User
    at: datetime
    accounts: list[Account]
    form: JournalForm

    def asked(self) -> Asked:
        return self.form.asked([account.pk for account in self.accounts])


def _reading(request: HttpRequest) -> Reading:
    user, at = cast(User, request.user), timezone.now()
    accounts = list(accounts_overseen_by(user, at).order_by("name", "pk"))
    people = people_of(accounts)
    own = [account for account in accounts if account.user_id == user.pk]
    asked_for = _key(request.GET.get("personne", ""))
    owners = owners_of([*accounts, *people, asked_for])
    places = [(str(one.pk), _place(one, owners.get(one.pk))) for one in accounts]
    names = {str(one.pk): one.name for one in [*own, *people]}
    if asked_for and str(asked_for) not in names:
        owner = owners.get(asked_for)
        names[str(asked_for)] = owner.label if owner else "Une personne que l’annuaire ne connaît pas"
    return Reading(user, at, accounts, JournalForm(request.GET, places=places, people=list(names.items())))


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _place(account: Account, owner: Any) -> str:
    return f"{owner.label}, {owner.detail}" if owner and owner.detail else account.name


@require_safe
def journal(request: HttpRequest) -> HttpResponse:
    reading = _reading(request)
    if not reading.form.is_valid():
        return _journal_page(request, reading, status=HTTPStatus.BAD_REQUEST)
    after = Cursor.read(request.GET.get("apres", ""))
    rows = read_entries(reading.asked(), after, ENTRIES_A_PAGE + 1)
    shown = rows[:ENTRIES_A_PAGE]
    following = str(Cursor(shown[-1].at, shown[-1].pk)) if len(rows) > ENTRIES_A_PAGE else ""
    told = tell_entries(reading.user, shown, reading.at)
    return _journal_page(request, reading, told=told, following=following, is_first=after is None)


def _journal_page(request: HttpRequest, reading: Reading, status: int = HTTPStatus.OK, **more: object) -> HttpResponse:
    context = {
        "form": reading.form,
        "accounts": reading.accounts,
        "is_filtered": any(request.GET.get(name) for name in reading.form.fields),
        "told": [],
        "following": "",
        "is_first": True,
        "crumbs": trail(),
        **more,
    }
    return render(request, "delegations/journal.html", context, status=status)


# --- Taking it away -------------------------------------------------------------------------------------------------


@require_safe
def journal_export(request: HttpRequest) -> HttpResponseBase:
    """The same entries as the page, as a file for a spreadsheet. That it was taken is itself in the journal."""
    reading = _reading(request)
    if not reading.form.is_valid():
        return _journal_page(request, reading, status=HTTPStatus.BAD_REQUEST)
    asked = reading.asked()
    taken = [account for account in reading.accounts if account.pk in set(asked.accounts)]
    if request.method == "GET":
        record_export(reading.user, taken, reading.form.details(), reading.at)
    response = StreamingHttpResponse(_file(reading.user.pk, asked), content_type="text/csv; charset=utf-8")
    name = f"journal-spico-{timezone.localtime(reading.at):%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class _Line:
    """A file that gives back what is written in it."""

    def write(self, text: str) -> str:
        return text


def _file(user_id: int, asked: Asked) -> Iterator[str]:
    writer = csv.writer(_Line(), delimiter=";", quoting=csv.QUOTE_ALL)
    yield BYTE_ORDER_MARK + str(writer.writerow(COLUMNS))
    after = None
    while rows := _next_rows(user_id, asked, after):
        entries, told = rows
        yield "".join(str(writer.writerow([inert(cell) for cell in _cells(one)])) for one in told)
        after = Cursor(entries[-1].at, entries[-1].pk)
        if len(entries) < ENTRIES_A_CHUNK:
            return


def _next_rows(user_id: int, asked: Asked, after: Cursor | None) -> tuple[list[Any], list[Told]] | None:
    """The access is asked again at each chunk: whoever loses it meanwhile receives nothing more."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        return None
    at = timezone.now()
    still = accounts_overseen_by(user, at).filter(pk__in=asked.accounts).values_list("pk", flat=True)
    entries = read_entries(asked.only(still), after, ENTRIES_A_CHUNK)
    return (entries, tell_entries(user, entries, at)) if entries else None


def _cells(told: Told) -> list[str]:
    entry = told.entry
    return [
        f"{timezone.localtime(entry.at):%d/%m/%Y %H:%M:%S}",
        told.account_name,
        told.who,
        told.what,
        told.about,
        told.ground,
        str(told.number or ""),
        str(entry.pk),
    ]


def inert(cell: str) -> str:
    """No spreadsheet takes it for a formula: names come from elsewhere, and may be hostile."""
    begins = cell.lstrip()[:1]
    return f"’{cell}" if begins in ("=", "+", "-", "@") or cell[:1] in ("\t", "\r", "\n") else cell


# --- « Cela me surprend » -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def surprise(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = cast(User, request.user), timezone.now()
    rows = overseen_entries(user, at).select_related("actor", "actor_account", "account", "seal")
    entry = get_object_or_404(rows, pk=pk)
    form = SurpriseForm(request.POST if request.method == "POST" else None)
    refusal = ""
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                open_case(user, entry, form.cleaned_data["note"], at)
            except Refused as refused:
                refusal, status = refused.sentence, refused.status
            else:
                messages.success(request, f"Le centre de service est prévenu{NBSP}: il vous dira ce qu’il en est.")
                return redirect("delegations:journal")
    context = {
        "told": tell_entries(user, [entry], at)[0],
        "form": form,
        "refusal": refusal,
        "typed": typed_in(form, "note") if refusal else [],
        "crumbs": trail(("Journal des accès", reverse("delegations:journal"))),
    }
    return render(request, "delegations/surprise.html", context, status=status)


urlpatterns = [
    path("journal/", journal, name="journal"),
    path("journal/export.csv", journal_export, name="journal_export"),
    path("journal/<int:pk>/signaler/", surprise, name="surprise"),
]
