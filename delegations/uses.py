"""When each delegation last served, space by space, as the journal says; and what has not served for long."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Value

from accounts.models import JournalEntry
from delegations.chains import Chain
from delegations.models import Delegation
from delegations.scopes import OPENS, PARTS, Scope, Space, of_parts


@dataclass(frozen=True)
class Unused:
    """`keep`: the scope that served, None when nothing did and the whole may be given up."""

    delegation: Delegation
    keep: Scope | None


def last_uses(chains: Mapping[int, Chain]) -> dict[int, dict[Space, datetime]]:
    """By delegation, by space, those that it took over included; absent when it never served. One query.

    An agenda that is read by its link serves too, without its page ever being opened.
    """
    tips = {link.pk: tip for tip, chain in chains.items() for link in chain.links}
    through = JournalEntry.objects.filter(delegation__in=list(tips)).order_by()
    opened = through.filter(verb="space.opened").values_list("delegation", "object_key")
    by_link = through.filter(verb="feed.read").values_list("delegation", Value(Space.AGENDA.value))
    served = opened.annotate(last=Max("at")).union(by_link.annotate(last=Max("at")), all=True)
    found: dict[int, dict[Space, datetime]] = defaultdict(dict)
    for pk, space, at in served:
        used = found[tips[pk]]
        used[Space(space)] = max(at, used.get(Space(space), at))
    return found


def unused(
    delegations: Iterable[Delegation],
    chains: Mapping[int, Chain],
    uses: Mapping[int, Mapping[Space, datetime]],
    at: datetime,
) -> list[Unused]:
    """Delegations that could be narrower: a part of them has not served for `DELEGATION_UNUSED_DAYS`, and has been open
    as long."""
    since = at - timedelta(days=settings.DELEGATION_UNUSED_DAYS)
    found = []
    for row in delegations:
        chain, used = chains[row.pk], uses.get(row.pk, {})
        served = frozenset(
            part
            for part in PARTS[Scope(row.scope)]
            if any(used.get(space, chain.opened(space)) > since for space in OPENS[part])
        )
        if served != PARTS[Scope(row.scope)]:
            found.append(Unused(row, of_parts(served)))
    return found
