"""What the pages of living with delegations read: rows with their names, spaces, last uses and abilities.

The number of queries does not depend on the number of rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts.models import User
from delegations.abilities import DelegationCan, of_delegations
from delegations.access import delegations_visible_to, is_in_force
from delegations.chains import chains_of
from delegations.drawing import Cell, cells
from delegations.explaining import granter
from delegations.models import Delegation
from delegations.querysets import DelegationQuerySet
from delegations.renewals import asked_among, notice_since
from delegations.scopes import Scope
from delegations.services.common import end_words
from delegations.uses import Unused, last_uses, unused
from directory.owners import Owner, owners_of
from spico.web.typography import NBSP, THIN, french_date


def initials_of(owner: Owner | None, name: str) -> str:
    return owner.initials if owner else name[:2].upper()


@dataclass(frozen=True)
class Line:
    """One delegation of a list. `other`: whom the row is about, the account for its holder, the holder for others.
    `since`: when it began, before it was renewed, widened or reduced. `renewal_asked`: when its holder asked for more
    time, since the last notice of its end."""

    delegation: Delegation
    reader: int
    at: datetime
    since: datetime
    account: Owner | None
    holder: Owner | None
    cells: list[Cell]
    can: DelegationCan
    unused: Unused | None
    renewal_asked: datetime | None

    @property
    def is_mine(self) -> bool:
        return self.delegation.holder.user_id == self.reader

    @property
    def is_in_force(self) -> bool:
        return is_in_force(self.delegation, self.at)

    @property
    def ends_soon(self) -> bool:
        return notice_since(self.delegation, self.at) is not None

    @property
    def other(self) -> Owner | None:
        return self.account if self.is_mine else self.holder

    @property
    def other_name(self) -> str:
        """The directory's own name for it; the account's when it has left the directory."""
        row = self.delegation.account if self.is_mine else self.delegation.holder
        return self.other.label if self.other else row.name

    @property
    def other_initials(self) -> str:
        return initials_of(self.other, self.other_name)

    @property
    def other_icon(self) -> str:
        return self.other.icon if self.other else "key"

    @property
    def is_on_my_account(self) -> bool:
        """Somebody else's delegation, on the reader's own account."""
        return self.delegation.account.user_id == self.reader

    @property
    def account_name(self) -> str:
        return self.account.label if self.account else self.delegation.account.name

    @property
    def holder_name(self) -> str:
        return self.holder.label if self.holder else self.delegation.holder.name

    @property
    def scope(self) -> Scope:
        return Scope(self.delegation.scope)

    @property
    def granter(self) -> str:
        return granter(self.delegation)

    @property
    def ends(self) -> str:
        return end_words(self.delegation.period.upper)

    @property
    def spans(self) -> str:
        """« Depuis le 3 mars 2026, jusqu’au 31 mars 2027 »; « Du … au … », or « Le … », for what has ended."""
        since = french_date(self.since)
        if self.is_in_force:
            return f"Depuis le {since}, {self.ends}"
        if self.ends == f"jusqu’au {since}":
            return f"Le {since}"
        return f"Du {since} au {self.ends.removeprefix('jusqu’au ')}"

    @property
    def ended_how(self) -> str:
        """« Retirée », « Arrivée à son terme »."""
        return self.delegation.get_ended_kind_display().capitalize() or "Arrivée à son terme"

    @property
    def uses(self) -> str:
        """« Dossiers le 3 mars 2026, agenda le 4 mars 2026 », of the spaces that it opens."""
        used = [f"{cell.label.lower()} le {french_date(cell.last)}" for cell in self.cells if cell.last]
        never = [cell.label.lower() for cell in self.cells if cell.is_open and not cell.last]
        if not used:
            return "Pas encore utilisée" if self.is_in_force else "N’a pas servi"
        return f"Dernière utilisation{NBSP}: {', '.join(used)}" + (
            f"{THIN}; jamais {', '.join(never)}" if never else ""
        )

    @property
    def unused_sentence(self) -> str:
        """What has not served, and would close if the delegation were reduced."""
        kept = self.unused.keep if self.unused else None
        what = {Scope.DOSSIER: "Les discussions n’ont", Scope.DISCUSSIONS: "Dossiers, agenda et tâches n’ont"}
        subject = what[kept] if kept else "Elle n’a"
        return f"{subject} pas servi depuis {settings.DELEGATION_UNUSED_DAYS} jours ou plus."

    @property
    def proposal(self) -> str:
        """What to do of a delegation that no longer serves, for whoever may: « reduce », « give_up », « revoke »."""
        if self.unused is None:
            return ""
        if self.unused.keep:
            return "reduce" if self.unused.keep in self.can.reduce else ""
        return "give_up" if self.can.give_up else "revoke" if self.can.revoke else ""


def lines(user: User, rows: Iterable[Delegation], at: datetime) -> list[Line]:
    """In as many queries whatever the number; the rows come from `told()`."""
    found = list(rows)
    owners = owners_of(account for row in found for account in (row.holder_id, row.account_id))
    chains = chains_of(found)
    uses = last_uses(chains)
    asked = asked_among(found, at)
    able = of_delegations(user, found, at, chains, asked)
    living = [row for row in found if is_in_force(row, at)]
    idle = {one.delegation.pk: one for one in unused(living, chains, uses, at)}
    return [
        Line(
            delegation=row,
            reader=user.pk,
            at=at,
            since=chains[row.pk].since,
            account=owners.get(row.account_id),
            holder=owners.get(row.holder_id),
            cells=cells(row.scope, uses.get(row.pk)),
            can=able[row.pk],
            unused=idle.get(row.pk),
            renewal_asked=asked.get(row.pk),
        )
        for row in found
    ]


def received(user: User, at: datetime) -> DelegationQuerySet:
    """What this person holds now."""
    return delegations_visible_to(user, at).held_by(user).in_force(at).told().order_by("account__name", "pk")


def given(user: User, at: datetime) -> DelegationQuerySet:
    """What others hold now on the person's own account, and on those for which they answer."""
    visible = delegations_visible_to(user, at).exclude(holder__user=user)
    return visible.in_force(at).told().order_by("account__name", "holder__name", "pk")


def past(user: User, at: datetime) -> DelegationQuerySet:
    """What has ended, the last first. A row that another took over is told by that other one."""
    ended = delegations_visible_to(user, at).filter(period__endswith__lte=at, replaced_by=None)
    return ended.told().order_by("-period__endswith", "-pk")


def history(delegation: Delegation) -> list[Delegation]:
    """The rows that this one took over, the newest first. One query: they are all of the same pair."""
    rows = Delegation.objects.filter(holder=delegation.holder_id, account=delegation.account_id)
    by_key = {row.pk: row for row in rows.filter(period__endswith__lte=delegation.period.lower).told()}
    found: list[Delegation] = []
    following = delegation
    while following.replaces_id in by_key:
        following = by_key[following.replaces_id]
        found.append(following)
    return found
