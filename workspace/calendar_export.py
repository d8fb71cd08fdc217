"""An agenda as iCalendar (RFC 5545), for programs outside: when, and whose; never what people wrote, nor a patient.

The library escapes and folds all that is not of one fixed form. The moments and numbers of an event are written here:
made one object a property, two thousand events took a second of the portal at each reading of each calendar.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache

from django.conf import settings
from django.db.models.functions import Coalesce
from django.urls import reverse
from icalendar import Calendar
from icalendar.parser import Contentline, Parameters
from icalendar.prop import vText

from workspace.acting import Acting
from workspace.models import EventKind
from workspace.services.agenda_reading import events_between

BEFORE, AFTER = timedelta(days=90), timedelta(days=366)
# Of an agenda with more, what is past leaves first.
MOST_EXPORTED = 2_000
REFRESH = "PT1H"
COLUMNS = ("pk", "kind", "starts_at", "ends_at", "version", "cancelled_at")
END = b"END:VCALENDAR\r\n"


def exported(acting: Acting) -> bytes:
    """From three months ago to a year ahead, cancelled events said to be so."""
    found = events_between(acting, acting.at - BEFORE, acting.at + AFTER)
    latest = found.order_by("-starts_at", "-pk").values_list(*COLUMNS, Coalesce("cancelled_at", "changed_at"))
    return _head(acting.name).removesuffix(END) + b"".join(_events(acting, reversed(latest[:MOST_EXPORTED]))) + END


def _head(name: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//SPICO//Agenda//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"SPICO · {name}")
    calendar.add("x-published-ttl", REFRESH)
    return bytes(calendar.to_ical())


def _events(acting: Acting, rows: Iterable[tuple]) -> Iterable[bytes]:
    page = reverse("spaces:event", args=[acting.account.pk, acting.account.pk])
    before = f"{settings.PORTAL_URL.rstrip('/')}{page.removesuffix(f'{acting.account.pk}/')}"

    @cache
    def summary(kind: str) -> bytes:
        return _line("SUMMARY", vText(f"{EventKind(kind).label.capitalize()} · {acting.name}"))

    for pk, kind, starts_at, ends_at, version, cancelled_at, written_at in rows:
        written = _moment(written_at)
        yield (
            b"BEGIN:VEVENT\r\n"
            + summary(kind)
            + _folded(f"URL:{before}{pk}/")
            + (
                f"UID:{pk}@spico\r\n"
                f"DTSTAMP:{written}\r\nLAST-MODIFIED:{written}\r\nSEQUENCE:{version - 1}\r\n"
                f"DTSTART:{_moment(starts_at)}\r\nDTEND:{_moment(ends_at)}\r\n"
                f"STATUS:{'CANCELLED' if cancelled_at else 'CONFIRMED'}\r\nCLASS:PRIVATE\r\nEND:VEVENT\r\n"
            ).encode()
        )


def _line(name: str, value: vText) -> bytes:
    return bytes(Contentline.from_parts(name, Parameters(), value).to_ical()) + b"\r\n"


def _folded(line: str) -> bytes:
    """Of plain characters alone, as an address is."""
    return "\r\n ".join([line[:75], *(line[at : at + 74] for at in range(75, len(line), 74))]).encode("ascii") + b"\r\n"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
