"""An agenda as iCalendar (RFC 5545), for programs outside: when, and whose; never what people wrote, nor a patient."""

from datetime import UTC, timedelta

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar
from icalendar import Event as Component

from workspace.acting import Acting
from workspace.models import Event
from workspace.services.agenda_reading import events_between

BEFORE, AFTER = timedelta(days=90), timedelta(days=366)
# Of an agenda with more, what is past leaves first.
MOST_EXPORTED = 2_000
REFRESH = "PT1H"


def exported(acting: Acting) -> bytes:
    """From three months ago to a year ahead, cancelled events said to be so."""
    calendar = Calendar()
    calendar.add("prodid", "-//SPICO//Agenda//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"SPICO · {acting.name}")
    calendar.add("x-published-ttl", REFRESH)
    found = events_between(acting, acting.at - BEFORE, acting.at + AFTER).select_related(None)
    latest = found.order_by("-starts_at", "-pk")[:MOST_EXPORTED]
    for event in reversed(latest):
        calendar.add_component(_component(acting, event))
    return bytes(calendar.to_ical())


def _component(acting: Acting, event: Event) -> Component:
    written = event.cancelled_at or event.changed_at
    component = Component()
    component.add("uid", f"{event.pk}@spico")
    component.add("dtstamp", written.astimezone(UTC))
    component.add("last-modified", written.astimezone(UTC))
    component.add("sequence", event.version - 1)
    component.add("dtstart", event.starts_at.astimezone(UTC))
    component.add("dtend", event.ends_at.astimezone(UTC))
    component.add("summary", f"{event.get_kind_display().capitalize()} · {acting.name}")
    component.add("status", "CANCELLED" if event.cancelled_at else "CONFIRMED")
    component.add("class", "PRIVATE")
    page = reverse("spaces:event", args=[acting.account.pk, event.pk])
    component.add("url", f"{settings.PORTAL_URL.rstrip('/')}{page}")
    return component
