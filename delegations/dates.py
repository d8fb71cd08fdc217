"""Days as people choose them, moments as the rule reads them: the one place where each becomes the other.

A delegation that goes « jusqu’au 31 mars 2027 » still opens that evening: its period ends, exclusive, at midnight.
"""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

# PostgreSQL keeps later years than Python reads back; nobody means one.
LAST_YEAR = 2199


def start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


def end_of(day: date) -> datetime:
    """The first moment after this day, in the portal's time zone."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=timezone.get_current_timezone())


def last_day(until: datetime) -> date:
    """The last day of which a moment belongs to the period."""
    return timezone.localtime(until - timedelta(microseconds=1)).date()
