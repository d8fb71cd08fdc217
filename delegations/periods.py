"""Periods as the database keeps them: from a moment, included, to another, excluded, or without end."""

from datetime import datetime

from psycopg.types.range import Range, TimestamptzRange


def period(since: datetime, until: datetime | None) -> Range[datetime]:
    return TimestamptzRange(since, until, "[)")
