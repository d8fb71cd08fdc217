"""The agenda of an account: a day, a week or a list, as plain links with their date in the address."""

from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from delegations.errors import Refused, conflict
from delegations.scopes import Space
from spico.web.addresses import address
from workspace.access import dossier_seen
from workspace.acting import Acting
from workspace.calendar import Day, Slot, days_from, duration_words, monday_of, period_words, read_day, which_of_two
from workspace.errors import Outdated
from workspace.forms.agenda import EventForm, values_for, values_of
from workspace.models import Event
from workspace.services.agenda import CANCELLED, add_event, cancel_event, change_event, event_or_404
from workspace.services.agenda_reading import (
    MOST_SHOWN,
    View,
    days_of,
    events_from,
    next_day,
    previous_day,
    title_of,
)
from workspace.signing import names_of, signature_of, signed
from workspace.views import feeds
from workspace.views.doors import in_space, space_context

EVENTS_A_PAGE = 20
LABELS = {View.DAY: "Jour", View.WEEK: "Semaine", View.LIST: "Liste"}


@require_safe
@in_space(Space.AGENDA, is_door=True)
def index(request: HttpRequest, acting: Acting) -> HttpResponse:
    today = timezone.localdate(acting.at)
    day = read_day(request.GET.get("le", "")) or today
    view = View(request.GET["vue"]) if request.GET.get("vue") in View.values else View.WEEK
    context = {**space_context(acting), **_ways(acting, view, day, today)}
    if view == View.LIST:
        page = Paginator(events_from(acting, day), EVENTS_A_PAGE).get_page(request.GET.get("page"))
        days = days_from(page.object_list, day, today)
        return render(request, "spaces/agenda/index.html", {**context, "page": page, "days": _signed(acting, days)})
    days, is_cut = days_of(acting, view, day, today)
    return render(request, "spaces/agenda/index.html", {**context, "days": _signed(acting, days), "is_cut": is_cut})


def _signed(acting: Acting, days: list[Day]) -> list[Day]:
    """Each event with its page and who added it, in one query for all."""
    events = [slot.event for day in days for slot in day.slots]
    names = names_of(key for event in events for key in (event.account_id, event.actor_account_id))

    def signed_slot(slot: Slot) -> Slot:
        href = address("spaces:event", acting.account.pk, slot.event.pk)
        return replace(slot, signature=signature_of(slot.event, names), href=href)

    return [replace(day, slots=[signed_slot(slot) for slot in day.slots]) for day in days]


def _ways(acting: Acting, view: View, day: date, today: date) -> dict[str, Any]:
    """Where the page stands, and where one goes from there."""

    def way(to: View, on: date) -> str:
        return f"{door}?{urlencode({'vue': to.value, 'le': on.isoformat()})}"

    door = reverse("spaces:space", args=[acting.account.pk, Space.AGENDA])
    return {
        "view": view.value,
        "views": [(LABELS[one], way(one, day), one == view) for one in View],
        "day": day,
        "shown": title_of(view, day, today),
        "before": way(view, previous_day(view, day)),
        "after": way(view, next_day(view, day)) if view != View.LIST else "",
        "now": way(view, today),
        "is_now": day == today,
        "as_list": way(View.LIST, day if view == View.DAY else monday_of(day)),
        "most": MOST_SHOWN,
        "add": f"{reverse('spaces:event_add', args=[acting.account.pk])}?{urlencode({'le': day.isoformat()})}",
    }


@require_safe
@in_space(Space.AGENDA)
def event(request: HttpRequest, acting: Acting, event: UUID) -> HttpResponse:
    found = event_or_404(acting, event)
    return render(
        request, "spaces/agenda/event.html", {**space_context(acting, *_trail(found)), **_facts(acting, found)}
    )


def _trail(event: Event) -> list[tuple[str, str]]:
    return [("Événement", reverse("spaces:event", args=[event.account_id, event.pk]))]


def _facts(acting: Acting, event: Event) -> dict[str, Any]:
    """What a page says of one event. Its dossier is named only to whoever may open it."""
    changed, cancelled = event.changed_by_account_id, event.cancelled_by_account_id
    names = names_of([event.account_id, event.actor_account_id, changed, cancelled])
    return {
        "event": event,
        "when": period_words(event.starts_at, event.ends_at),
        "lasts": duration_words(event.starts_at, event.ends_at),
        "twice": [said for said in map(which_of_two, (event.starts_at, event.ends_at)) if said],
        "signature": signature_of(event, names),
        "changed_by": signed(event.account_id, changed, names) if changed else "",
        "cancelled_by": signed(event.account_id, cancelled, names) if cancelled else "",
        "dossier": dossier_seen(acting, event.dossier_id),
        "on_its_day": f"{reverse('spaces:space', args=[acting.account.pk, Space.AGENDA])}?"
        + urlencode({"vue": "jour", "le": timezone.localdate(event.starts_at).isoformat()}),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.AGENDA)
def add(request: HttpRequest, acting: Acting) -> HttpResponse:
    acting.check_writable()
    if request.method == "POST":
        form, status = EventForm(acting, request.POST), HTTPStatus.OK
        if not form.is_search:
            status = HTTPStatus.BAD_REQUEST
            if form.is_valid():
                try:
                    made = add_event(acting, form.draft, form.cleaned_data["client_key"])
                except Refused as refused:
                    status = _refuse(form, refused)
                else:
                    return _saved(request, made, "Événement ajouté à l’agenda.")
    else:
        day = read_day(request.GET.get("le", "")) or timezone.localdate(acting.at)
        given = {"dossier": request.GET.get("dossier", "")}
        form, status = EventForm(acting, initial=values_for(day, acting.at) | given), HTTPStatus.OK
    context = {**space_context(acting, ("Ajouter un événement", "")), "form": form, "back": _door(acting)}
    return render(request, "spaces/agenda/form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.AGENDA)
def change(request: HttpRequest, acting: Acting, event: UUID) -> HttpResponse:
    acting.check_writable()
    found = event_or_404(acting, event)
    if request.method != "POST":
        if found.cancelled_at:
            raise conflict(CANCELLED)
        return _change_page(request, acting, found, EventForm(acting, initial=values_of(found), event=found))
    form = EventForm(acting, request.POST, event=found)
    if form.is_search:
        return _change_page(request, acting, found, form)
    status = HTTPStatus.BAD_REQUEST
    if form.is_valid():
        try:
            changed = change_event(acting, found, form.cleaned_data["version"] or 0, form.draft)
        except Outdated as outdated:
            return _outdated(request, acting, event, outdated)
        except Refused as refused:
            status = _refuse(form, refused)
        else:
            return _saved(request, changed, "Événement modifié.")
    return _change_page(request, acting, found, form, status)


def _outdated(request: HttpRequest, acting: Acting, event: UUID, outdated: Outdated) -> HttpResponse:
    """What was typed, beside what stands there now: saving again writes over what has now been read."""
    present = event_or_404(acting, event)
    typed = request.POST.copy()
    typed["version"] = str(present.version)
    form = EventForm(acting, typed, event=present)
    form.add_error(None, outdated.sentence)
    return _change_page(request, acting, present, form, HTTPStatus.CONFLICT)


def _change_page(
    request: HttpRequest, acting: Acting, event: Event, form: EventForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    context = space_context(acting, *_trail(event), ("Modifier", ""))
    now = _facts(acting, event) if status == HTTPStatus.CONFLICT else {"event": event}
    back = reverse("spaces:event", args=[acting.account.pk, event.pk])
    page = {**context, **now, "form": form, "back": back, "is_outdated": status == HTTPStatus.CONFLICT}
    return render(request, "spaces/agenda/form.html", page, status=status)


def _refuse(form: EventForm, refused: Refused) -> HTTPStatus:
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return HTTPStatus(refused.status)


def _saved(request: HttpRequest, event: Event, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("spaces:event", event.account_id, event.pk)


def _door(acting: Acting) -> str:
    return reverse("spaces:space", args=[acting.account.pk, acting.space])


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.AGENDA, is_page=False)
def cancel(request: HttpRequest, acting: Acting, event: UUID) -> HttpResponse:
    acting.check_writable()
    found = event_or_404(acting, event)
    if request.method != "POST":
        context = {**space_context(acting, *_trail(found), ("Annuler", "")), **_facts(acting, found)}
        return render(request, "spaces/agenda/cancel.html", context)
    if cancel_event(acting, found):
        messages.success(request, "Événement annulé. Il reste dans l’agenda, barré.")
    return redirect("spaces:event", acting.account.pk, found.pk)


urlpatterns = [
    path("<uuid:account>/agenda/nouveau/", add, name="event_add"),
    path("<uuid:account>/agenda/<uuid:event>/", event, name="event"),
    path("<uuid:account>/agenda/<uuid:event>/modifier/", change, name="event_change"),
    path("<uuid:account>/agenda/<uuid:event>/annuler/", cancel, name="event_cancel"),
    *feeds.urlpatterns,
]
