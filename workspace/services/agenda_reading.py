"""Which events a day, a week and a list show, whoever asks: pages and exports alike. All reads are bounded."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import models

from accounts.prepared_lists import Listed, PreparedList
from delegations.dates import LAST_YEAR, end_of, start_of
from delegations.scopes import Space
from spico.web.typography import MONTHS, NBSP, french_date
from workspace.access import events_in
from workspace.acting import Acting
from workspace.calendar import FIRST_YEAR, LONGEST, Day, days_with, monday_of, weekday_date
from workspace.models import Event
from workspace.querysets import EventQuerySet

MOST_SHOWN = 120
FIRST, LAST = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
LIST_STEP = timedelta(days=30)


class View(models.TextChoices):
    DAY = "jour", "Jour"
    WEEK = "semaine", "Semaine"
    LIST = "liste", "Liste"


def events_between(acting: Acting, start: datetime, end: datetime) -> EventQuerySet:
    """Those that overlap it, cancelled ones included, the first first."""
    return _between(events_in(acting), start, end, _earliest(start))


def _between(events: EventQuerySet, start: datetime, end: datetime, earliest: datetime) -> EventQuerySet:
    return events.between(start, end).filter(starts_at__gt=earliest).order_by("starts_at", "ends_at", "pk")


def _earliest(start: datetime) -> datetime:
    """No event lasts longer than `LONGEST`: so the index bounds the reading on both sides."""
    return start - LONGEST - timedelta(hours=2)


_events = PreparedList(
    lambda *, account, start, end, earliest: _between(Event.objects.of(account), start, end, earliest),
    account=UUID,
    start=datetime,
    end=datetime,
    earliest=datetime,
)


def listed_between(acting: Acting, start: datetime, end: datetime) -> Listed[Event]:
    """`events_between`, for whoever shows them."""
    found = _events.of(account=acting.account.pk, start=start, end=end, earliest=_earliest(start))
    return found if acting.may(Space.AGENDA) else found.none()


def events_from(acting: Acting, day: date) -> Listed[Event]:
    """Those that end on that day or later."""
    return listed_between(acting, start_of(day), end_of(LAST) + LONGEST)


def days_of(acting: Acting, view: View, day: date, today: date) -> tuple[list[Day], bool]:
    """The day, or the seven days of its week; and whether there are more events than `MOST_SHOWN`, left to the list."""
    first, number = (day, 1) if view == View.DAY else (monday_of(day), 7)
    last = first + timedelta(days=number - 1)
    found = listed_between(acting, start_of(first), end_of(last))[: MOST_SHOWN + 1]
    return days_with(found[:MOST_SHOWN], first, number, today), len(found) > MOST_SHOWN


def next_day(view: View, day: date) -> date:
    return min(day + timedelta(days=1 if view == View.DAY else 7), LAST)


def previous_day(view: View, day: date) -> date:
    step = {View.DAY: timedelta(days=1), View.WEEK: timedelta(days=7), View.LIST: LIST_STEP}[view]
    return max(day - step, FIRST)


def title_of(view: View, day: date, today: date) -> str:
    if view == View.DAY:
        return weekday_date(day).capitalize()
    if view == View.LIST:
        return "À venir" if day == today else f"À partir du {french_date(day)}"
    first = monday_of(day)
    last = first + timedelta(days=6)
    start = "1er" if first.day == 1 else str(first.day)
    if first.year != last.year:
        start = french_date(first)
    elif first.month != last.month:
        start += f"{NBSP}{MONTHS[first.month - 1]}"
    return f"Semaine du {start} au {french_date(last)}"
