"""When each delegation last served, space by space, as the journal says; and what has not served for long."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from accounts.models import JournalEntry
from delegations.models import Delegation
from delegations.scopes import OPENS, PARTS, Scope, Space, of_parts


@dataclass(frozen=True)
class Unused:
    """`keep`: the scope that served, None when nothing did and the whole may be given up."""

    delegation: Delegation
    keep: Scope | None


def last_uses(delegations: Iterable[Delegation]) -> dict[int, dict[Space, datetime]]:
    """By delegation, by space; absent when it never served. One query."""
    opened = JournalEntry.objects.filter(verb="space.opened", delegation__in=[row.pk for row in delegations])
    found: dict[int, dict[Space, datetime]] = defaultdict(dict)
    for pk, space, at in opened.values_list("delegation", "object_key").annotate(last=Max("at")).order_by():
        found[pk][Space(space)] = at
    return found


def unused(delegations: Iterable[Delegation], uses: dict[int, dict[Space, datetime]], at: datetime) -> list[Unused]:
    """Delegations that could be narrower: a part of them has not served for `DELEGATION_UNUSED_DAYS`."""
    since = at - timedelta(days=settings.DELEGATION_UNUSED_DAYS)
    found = []
    for row in delegations:
        if row.period.lower > since:
            continue
        served = frozenset(
            part
            for part in PARTS[Scope(row.scope)]
            if any(uses.get(row.pk, {}).get(space, row.period.lower) > since for space in OPENS[part])
        )
        if served != PARTS[Scope(row.scope)]:
            found.append(Unused(row, of_parts(served)))
    return found
