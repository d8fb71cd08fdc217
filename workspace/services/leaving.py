"""Leaving nothing behind (rule 4): whom somebody brought into conversations and circles in an account's name, and
taking them out when their delegation ends.

Why who does it: docs/decisions/0008-who-takes-out-what-a-holder-brought-in.md.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from accounts.grounds import Ground
from accounts.journal import entry, record_all
from accounts.models import Account, JournalEntry, User
from delegations.access import accounts_referred_by, answers_for
from delegations.errors import conflict, forbidden
from delegations.models import Delegation, EndKind
from delegations.periods import period
from delegations.scopes import OPENS, Scope, Space
from delegations.services.common import TICK, own_account
from directory.owners import owners_of
from spico.web.typography import NBSP, counted
from workspace.models import CircleMember, Departure, Dossier, Participant
from workspace.querysets import CircleMemberQuerySet, ParticipantQuerySet
from workspace.services.discussions_refusals import as_refused

NOT_TO_TAKE_OUT = (
    "Pour retirer ces comptes, il faut pouvoir agir dans le compte, ou être le référent qui a retiré ou réduit la "
    "délégation."
)
# Where somebody is brought in.
PLACES = (Space.DISCUSSIONS, Space.DOSSIERS)
NOTHING_LEFT = f"Il n’y a plus rien à retirer{NBSP}: ces comptes n’y sont déjà plus."
Row = Participant | CircleMember
Rows = TypeVar("Rows", ParticipantQuerySet, CircleMemberQuerySet)


@dataclass(frozen=True)
class Grounds:
    """On what ground somebody takes out of each kind of place, by which delegation; absent where they do not."""

    of: dict[Space, tuple[Ground, int | None]]

    def __bool__(self) -> bool:
        return bool(self.of)


@dataclass(frozen=True)
class Brought:
    """An account that was brought in and is still there: how many places, never which."""

    account: UUID
    name: str
    conversations: int
    dossiers: int

    @property
    def words(self) -> str:
        parts = [counted(self.conversations, "conversation")] if self.conversations else []
        parts += [counted(self.dossiers, "cercle de soins", "cercles de soins")] if self.dossiers else []
        return " et ".join(parts)


def brought_in(delegation: Delegation, at: datetime, spaces: Collection[Space] = tuple(Space)) -> list[Brought]:
    """By its holder in the name of its account, by this delegation or another on the same account; three queries.

    `spaces`: those that may be counted."""
    talks = _participants(delegation, at) if Space.DISCUSSIONS in spaces else []
    circles = _members(delegation, at) if Space.DOSSIERS in spaces else []
    rows: list[Row] = [*talks, *circles]
    names = {row.member_id: row.member.name for row in rows}
    owners = owners_of(names)
    in_talks, in_circles = Counter(row.member_id for row in talks), Counter(row.member_id for row in circles)
    found = [
        Brought(key, owners[key].label if key in owners else name, in_talks[key], in_circles[key])
        for key, name in names.items()
    ]
    return sorted(found, key=lambda one: (one.name, str(one.account)))


def _participants(delegation: Delegation, at: datetime) -> list[Participant]:
    return list(_of(Participant.objects.present(at), delegation))


def _members(delegation: Delegation, at: datetime) -> list[CircleMember]:
    return list(_of(CircleMember.objects.present(at), delegation))


def _of(rows: Rows, delegation: Delegation) -> Rows:
    theirs = rows.filter(actor_account=delegation.holder_id, account=delegation.account_id, ground=Ground.DELEGATION)
    return theirs.exclude(member=delegation.account_id).select_related("member").order_by("pk")


def grounds_of(user: User, delegation: Delegation, at: datetime) -> Grounds:
    """Whoever acts in the space now; and the referent who closed it to the holder, to whom nothing opens by it."""
    answers = answers_for(user, delegation.account, at)
    found: dict[Space, tuple[Ground, int | None]] = {}
    closed = _closed_as_referent(user, delegation, at)
    for space in PLACES:
        answer = answers[space]
        if answer.allowed and answer.ground is not None:
            found[space] = (answer.ground, answer.delegation.pk if answer.delegation else None)
        elif space in closed:
            found[space] = (Ground.REFERENT, None)
    return Grounds(found)


def _closed_as_referent(user: User, delegation: Delegation, at: datetime) -> Collection[Space]:
    """By revoking, both; by reducing, what the narrower row does not open, while nothing else opens it to the holder.
    None for somebody who is not in office any more."""
    reduced = delegation if delegation.ended_kind == EndKind.REDUCED else delegation.replaces
    row = delegation if delegation.ended_kind == EndKind.REVOKED else reduced
    if row is None or row.ended_kind not in (EndKind.REVOKED, EndKind.REDUCED):
        return ()
    if row.ended_by_id != user.pk or row.ended_ground != Ground.REFERENT:
        return ()
    if not accounts_referred_by(user, at).filter(pk=delegation.account_id).exists():
        return ()
    return PLACES if row.ended_kind == EndKind.REVOKED else _closed_by_reducing(row, at)


def _closed_by_reducing(row: Delegation, at: datetime) -> set[Space]:
    theirs = Delegation.objects.filter(holder=row.holder_id, account=row.account_id)
    since = theirs.filter(replaces=row) | theirs.in_force(at)
    open_since = {space for scope in since.values_list("scope", flat=True) for space in OPENS[Scope(scope)]}
    return {space for space in OPENS[Scope(row.scope)] if space not in open_since}


def spaces_told(user: User, delegation: Delegation, grounds: Grounds) -> Collection[Space]:
    """Of which spaces the page of a delegation counts what was brought in: whoever may take out, of what they may;
    the holder who acts there no more, of none; whoever else reads the page answers for the account."""
    if grounds:
        return grounds.of
    return () if delegation.holder.user_id == user.pk else tuple(Space)


@as_refused
def take_out(user: User, delegation: Delegation, member: UUID | None, at: datetime) -> int:
    """All of them, or one account; returns how many places they left. The last account of a circle stays in it."""
    grounds, own = grounds_of(user, delegation, at), own_account(user)
    if not grounds or own is None:
        raise forbidden(NOT_TO_TAKE_OUT)
    told: list[JournalEntry] = []
    for space, rows in (
        (Space.DISCUSSIONS, _chosen(_participants(delegation, at), member)),
        (Space.DOSSIERS, _removable(_chosen(_members(delegation, at), member))),
    ):
        if space in grounds.of:
            done = [row for row in rows if _end(row, user, own, delegation.account, at)]
            told += [_told(row, user, own, delegation=delegation, ground=grounds.of[space], at=at) for row in done]
    if not told:
        raise conflict(NOTHING_LEFT)
    record_all(told)
    return len(told)


def _chosen(rows: Iterable[Row], member: UUID | None) -> list[Row]:
    return [row for row in rows if member is None or row.member_id == member]


def _removable(rows: list[Row]) -> list[Row]:
    """Without emptying a circle; the dossiers are locked, as every act on a circle does."""
    dossiers = sorted({row.dossier_id for row in rows if isinstance(row, CircleMember)})
    list(Dossier.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=dossiers).order_by("pk"))
    leaving = [row.pk for row in rows]
    staying = CircleMember.objects.filter(dossier__in=dossiers, ended_kind="").exclude(pk__in=leaving)
    kept = set(staying.values_list("dossier", flat=True))
    return [row for row in rows if isinstance(row, CircleMember) and row.dossier_id in kept]


def _end(row: Row, user: User, own: Account, account: Account, at: datetime) -> bool:
    ends = period(row.period.lower, max(at, row.period.lower + TICK))
    living = type(row)._default_manager.filter(pk=row.pk, ended_kind="")
    changes = {"ended_by": user, "ended_by_account": own, "ended_for": account}
    return bool(living.update(period=ends, ended_kind=Departure.REMOVED, **changes))


def _told(  # noqa: PLR0913, who did what, by what
    row: Row, user: User, own: Account, *, delegation: Delegation, ground: tuple[Ground, int | None], at: datetime
) -> JournalEntry:
    is_talk = isinstance(row, Participant)
    return entry(
        "participant.removed" if is_talk else "circle.removed",
        at=at,
        ground=ground[0],
        actor=user,
        actor_account=own,
        account=delegation.account_id,
        delegation=ground[1],
        object_kind="conversation" if is_talk else "dossier",
        object_key=row.conversation_id if isinstance(row, Participant) else row.dossier_id,
        details={"member": row.member_id, "brought_in_by": delegation.holder_id},
    )
