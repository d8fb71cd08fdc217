"""Days and hours as people type them in Europe/Paris, moments as they are kept, and the weeks that pages draw.

Twice a year the clock changes: an hour that does not exist is refused with a sentence, one that comes twice is read as
the first, and durations are counted in real time.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from delegations.dates import LAST_YEAR
from delegations.errors import Refused
from spico.web.typography import NBSP, french_date, french_time, local
from workspace.models import Event, EventKind

FIRST_YEAR = 2000
WRITTEN_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
WEEKDAYS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
ICONS = {EventKind.VISIT: "pin", EventKind.MEETING: "users", EventKind.APPOINTMENT: "clock"}
# What ends later than this after it began is several events; it also bounds what a page reads.
LONGEST = timedelta(days=31)


def moment_of(day: date, clock: time, present: datetime | None = None) -> datetime:
    """`Refused` for an hour that the clock jumps over. `present`: what stands there, kept when nobody retyped it: of
    two equal hours it may be the second."""
    typed = datetime.combine(day, clock)
    if present is not None and local(present).replace(tzinfo=None, fold=0) == typed:
        return present
    moment = typed.replace(tzinfo=timezone.get_current_timezone()).astimezone(UTC)
    if local(moment).replace(tzinfo=None) != typed:
        raise Refused(
            f"Le {french_date(day)}, {french_time(typed)} n’existe pas\N{NO-BREAK SPACE}: on passe à l’heure d’été, et "
            f"2{NBSP}h devient 3{NBSP}h. Choisissez une autre heure."
        )
    return moment


def comes_twice(moment: datetime) -> bool:
    """Whether its hour is written twice that night, in October."""
    read = local(moment)
    return read.utcoffset() != read.replace(fold=1 - read.fold).utcoffset()


def which_of_two(moment: datetime) -> str:
    """What is said of an hour that comes twice: which one is meant; empty for any other."""
    if not comes_twice(moment):
        return ""
    which = "la première, à l’heure d’été" if not local(moment).fold else "la seconde, à l’heure d’hiver"
    return (
        f"Le {french_date(moment)}, {french_time(moment)} arrive deux fois, car on passe à l’heure d’hiver"
        f"\N{NO-BREAK SPACE}: c’est {which}, qui est retenue."
    )


def duration_words(start: datetime, end: datetime) -> str:
    """« 45 min », « 1 h 30 », « 2 jours et 3 h »: the time that really passes, a change of clock included."""
    minutes = int((end.astimezone(UTC) - start.astimezone(UTC)).total_seconds() // 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    clock = f"{hours}{NBSP}h{NBSP}{minutes:02d}" if hours and minutes else f"{hours}{NBSP}h" if hours else ""
    clock = clock or (f"{minutes}{NBSP}min" if minutes or not days else "")
    words = [f"{days}{NBSP}jour{'s' if days > 1 else ''}"] if days else []
    return " et ".join([*words, *([clock] if clock else [])])


def period_words(start: datetime, end: datetime) -> str:
    """« lundi 23 novembre 2026, de 14 h à 15 h 30 », or from one day to another."""
    first, last = local(start).date(), local(end).date()
    if first == last:
        return f"{weekday_date(first)}, de {french_time(start)} à {french_time(end)}"
    return f"du {weekday_date(first)} à {french_time(start)} au {weekday_date(last)} à {french_time(end)}"


def weekday_date(day: date) -> str:
    """« lundi 23 novembre 2026 »."""
    return f"{WEEKDAYS[day.weekday()]} {french_date(day)}"


def read_day(text: str) -> date | None:
    """The day of an address, « 2026-11-23 » or « 23/11/2026 »; None for anything else, and for what no agenda holds."""
    found = WRITTEN_DAY.fullmatch(text)
    try:
        day = date(*map(int, found.groups()[::-1])) if found else date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True)
class Slot:
    """An event as one day shows it: whole, or the part of it that falls on that day. `signature`: who added it; `href`:
    its page in the account where it is read."""

    event: Event
    begins: bool
    ends: bool
    signature: str = ""
    href: str = ""

    @property
    def icon(self) -> str:
        return ICONS[EventKind(self.event.kind)]

    @property
    def kind(self) -> str:
        return EventKind(self.event.kind).label.capitalize()

    @property
    def hours(self) -> str:
        """« 14 h – 15 h 30 », « dès 14 h », « jusqu’à 10 h », « toute la journée »."""
        if self.begins:
            start = french_time(self.event.starts_at)
            return f"{start} – {self._end}" if self.ends else f"dès {start}"
        return f"jusqu’à {self._end}" if self.ends else "toute la journée"

    @property
    def _end(self) -> str:
        end = local(self.event.ends_at)
        return "minuit" if end.time() == time.min else french_time(end)


@dataclass(frozen=True)
class Day:
    """A day of the agenda, with what stands in it."""

    date: date
    slots: list[Slot]
    is_today: bool

    @property
    def weekday(self) -> str:
        return WEEKDAYS[self.date.weekday()]

    @property
    def label(self) -> str:
        return weekday_date(self.date)

    @property
    def living(self) -> int:
        return sum(slot.event.cancelled_at is None for slot in self.slots)


def days_with(events: Iterable[Event], first: date, number: int, today: date) -> list[Day]:
    """The days from `first` on; an event of several days stands in each of them."""
    days = {first + timedelta(days=rank): list[Slot]() for rank in range(number)}
    for event in events:
        begins, ends = _first_and_last(event)
        for day, slots in days.items():
            if begins <= day <= ends:
                slots.append(Slot(event, begins == day, ends == day))
    return [Day(day, slots, is_today=day == today) for day, slots in days.items()]


def days_from(events: Iterable[Event], first: date, today: date) -> list[Day]:
    """Each event once: under the day on which it begins, or goes on when that day is `first`."""
    days: dict[date, list[Slot]] = {}
    for event in events:
        begins, ends = _first_and_last(event)
        under = max(begins, first)
        days.setdefault(under, []).append(Slot(event, begins == under, ends == under))
    return [Day(day, slots, is_today=day == today) for day, slots in days.items()]


def _first_and_last(event: Event) -> tuple[date, date]:
    """What ends at midnight is not of the day that begins then."""
    return local(event.starts_at).date(), local(event.ends_at - timedelta(microseconds=1)).date()
