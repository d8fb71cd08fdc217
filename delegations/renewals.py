"""A delegation that nears its end: from when its holder may ask that it last longer, and whether they did."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from accounts.models import JournalEntry
from delegations.access import is_in_force
from delegations.models import Delegation

ASKED = "delegation.renewal_asked"


def notice_since(delegation: Delegation, at: datetime) -> datetime | None:
    """Since when the present notice of its end runs, the nearest one; None before the first, and for what has no end or
    has ended."""
    upper = delegation.period.upper
    if upper is None or not is_in_force(delegation, at):
        return None
    notices = [upper - timedelta(days=days) for days in settings.DELEGATION_NOTICE_DAYS]
    return max((since for since in notices if since <= at), default=None)


def asked_among(delegations: Iterable[Delegation], at: datetime) -> dict[int, datetime]:
    """By key, when the holder asked, of those that were asked within their present notice: at the next one they may ask
    again. One query, none when nothing nears its end."""
    since = {row.pk: begun for row in delegations if (begun := notice_since(row, at))}
    if not since:
        return {}
    entries = JournalEntry.objects.filter(verb=ASKED, object_kind="delegation", object_key__in=map(str, since))
    asked = entries.values_list("object_key").annotate(last=Max("at")).order_by()
    return {int(key): last for key, last in asked if last >= since[int(key)]}
