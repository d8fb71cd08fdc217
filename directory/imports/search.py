"""The directory's entries follow what an import wrote, in its transaction."""

from datetime import datetime

from django.utils import timezone

from directory.search import projection


def refresh_from(kind: str, table: str, at: datetime) -> None:
    """Write again the entries of the rows whose `id` is in this temporary table."""
    projection.refresh_from(kind, table, at=timezone.localdate(at))
