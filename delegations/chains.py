"""What a delegation took over: renewed, widened or reduced, it is another row, and for people still the same one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from delegations.models import Delegation
from delegations.scopes import OPENS, Scope, Space

LINKS = """
    WITH RECURSIVE chain (tip, id, replaces_id, scope, since, granter) AS (
        SELECT id, id, replaces_id, scope, lower(period), granted_by_account_id
        FROM delegations_delegation WHERE id = ANY(%s)
        UNION ALL
        SELECT c.tip, d.id, d.replaces_id, d.scope, lower(d.period), d.granted_by_account_id
        FROM chain c JOIN delegations_delegation d ON d.id = c.replaces_id
    )
    SELECT tip, id, scope, since, granter FROM chain ORDER BY tip, since DESC, id DESC
"""


@dataclass(frozen=True)
class Link:
    """One row of a chain."""

    pk: int
    scope: Scope
    since: datetime
    granter: UUID | None


@dataclass(frozen=True)
class Chain:
    """A delegation and those that it took over, the newest first: each begins at the instant when the next one ends."""

    links: list[Link]

    @property
    def since(self) -> datetime:
        """When it began, before it was renewed, widened or reduced."""
        return self.links[-1].since

    def opened(self, space: Space) -> datetime:
        """Since when this space is open without a break; the beginning of the newest row when it is not open."""
        since = self.links[0].since
        for link in self.links:
            if space not in OPENS[link.scope]:
                break
            since = link.since
        return since

    def was_granted_by(self, account: UUID) -> bool:
        """Did this account grant it, or one of those that it took over?"""
        return any(link.granter == account for link in self.links)


def chains_of(delegations: Iterable[Delegation]) -> dict[int, Chain]:
    """By key, in one query whatever the number of rows and of what they took over."""
    keys = [row.pk for row in delegations]
    if not keys:
        return {}
    links: dict[int, list[Link]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(LINKS, [keys])
        for tip, pk, scope, since, granter in cursor.fetchall():
            links[tip].append(Link(pk, Scope(scope), since, granter))
    return {tip: Chain(found) for tip, found in links.items()}
