"""Who shares a dossier. Anybody in it brings others in, says how the patient learnt of it (later, in an emergency),
leaves, takes others out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from accounts.journal import record_all
from accounts.models import Account
from accounts.notifications import tell
from delegations.errors import Refused, conflict
from delegations.periods import period
from delegations.scopes import Space
from delegations.services.common import TICK
from spico.web.typography import NBSP, french_date
from workspace.access import may_act_in
from workspace.acting import Acting
from workspace.models import CircleMember, Departure, Dossier, Informed
from workspace.querysets import CircleMemberQuerySet
from workspace.services.discussions_refusals import as_refused
from workspace.services.participants import to_bring_in

LAST = (
    f"C’est le dernier compte du cercle de soins{NBSP}: un cercle n’est jamais vide. Ajoutez d’abord un autre compte, "
    "ou archivez le dossier."
)
ARCHIVED = f"Ce dossier est archivé{NBSP}: reprenez-le pour y écrire."
# Nobody alive was told anything before.
FIRST = date(1900, 1, 1)
ALREADY = "Ce compte n’est déjà plus dans le cercle de soins."
OUT = "Le compte au nom duquel vous agissez n’est plus dans ce cercle de soins."
THERE = "Ce compte est déjà dans le cercle de soins."
HOW = "Dites comment le patient a été informé."
WHEN = "Dites quel jour le patient a été informé, au plus tard aujourd’hui."
NOBODY = "Choisissez au moins un compte dans l’annuaire."
UNKNOWN = f"Ce compte n’est pas dans l’annuaire{NBSP}: choisissez-en un autre."


@dataclass(frozen=True)
class Told:
    """How and when the patient was told (code de la santé publique, art. L. 1110-4). In an emergency, not yet."""

    how: str
    on: date | None

    @property
    def words(self) -> str:
        """« patient informé par écrit le 3 mars 2026 »."""
        how = Informed(self.how).label
        return f"patient informé {how} le {french_date(self.on)}" if self.on else f"patient informé{NBSP}: {how}"


def read_told(acting: Acting, told: Told) -> Told:
    """`Refused` names the field that does not suit."""
    if told.how not in Informed.values:
        raise Refused(HOW, field="informed_how")
    if told.how == Informed.EMERGENCY:
        return Told(told.how, None)
    if told.on is None or not FIRST <= told.on <= timezone.localdate(acting.at):
        raise Refused(WHEN, field="informed_on")
    return told


def write_members(acting: Acting, dossier: Dossier, members: Iterable[Account], told: Told) -> None:
    """Rows and journal. `dossier`: locked by the caller, or just made."""
    how = read_told(acting, told)
    for member in members:
        row = CircleMember.objects.create(
            dossier=dossier,
            member=member,
            period=period(acting.at, None),
            informed_how=how.how,
            informed_on=how.on,
            **acting.written(),
        )
        record_all([acting.told("circle.added", "dossier", dossier.pk, member=member.pk, row=row.pk)])


@as_refused
def add_members(acting: Acting, dossier: Dossier, members: Iterable[UUID], told: Told) -> list[Account]:
    """Accounts of the directory that use SPICO. Acting for another account, never one's own, nor one where one acts."""
    acting.check_writable()
    read_told(acting, told)
    if _lock(dossier).archived_at:
        raise conflict(ARCHIVED)
    accounts = to_bring_in(acting, members, nobody=NOBODY, unknown=UNKNOWN)
    present = set(_living(dossier).values_list("member", flat=True))
    if acting.account.pk not in present:
        raise conflict(OUT)
    if present & {account.pk for account in accounts}:
        raise conflict(THERE, "to")
    write_members(acting, dossier, accounts, told)
    for account in accounts:
        _tell(acting, account)
    return accounts


@as_refused
def tell_informed(acting: Acting, dossier: Dossier, row: CircleMember, told: Told) -> None:
    """What an emergency had put off, said once, by any account of the circle. `row`: of this dossier."""
    acting.check_writable()
    how = _read_told_since(acting, row, told)
    if _lock(dossier).archived_at:
        raise conflict(ARCHIVED)
    living = _living(dossier)
    if not living.filter(member=acting.account).exists():
        raise conflict(OUT)
    waiting = living.filter(pk=row.pk, informed_how=Informed.EMERGENCY)
    if not waiting.update(informed_how=how.how, informed_on=how.on):
        row.refresh_from_db(fields=["informed_how", "informed_on", "ended_kind"])
        raise why_not_informed(row) or conflict(ALREADY)
    record_all([acting.told("circle.informed", "dossier", dossier.pk, member=row.member_id, row=row.pk)])


def why_not_informed(row: CircleMember) -> Refused | None:
    """That the account has left, or that it is said already: how and when. None while it waits to be said."""
    if row.ended_kind:
        return conflict(ALREADY)
    if row.informed_on is None:
        return None
    return conflict(f"C’est déjà dit{NBSP}: {Told(row.informed_how, row.informed_on).words}.")


def _read_told_since(acting: Acting, row: CircleMember, told: Told) -> Told:
    """« Not yet » was true on the day of the adding, and is no answer any more."""
    if told.how == Informed.EMERGENCY:
        raise Refused(HOW, field="informed_how")
    how, since = read_told(acting, told), timezone.localdate(row.period.lower)
    if how.on is not None and how.on < since:
        raise Refused(
            f"Ce compte est dans le cercle depuis le {french_date(since)}{NBSP}: le patient a été informé ce jour-là, "
            "ou après.",
            field="informed_on",
        )
    return how


@as_refused
def leave_circle(acting: Acting, dossier: Dossier) -> None:
    """The account acted for leaves: it sees the dossier no more. What it wrote stays."""
    row = CircleMember.objects.present(acting.at).filter(dossier=dossier, member=acting.account).first()
    if row is None:
        raise conflict(ALREADY)
    _end(acting, dossier, row, Departure.LEFT)


@as_refused
def remove_member(acting: Acting, dossier: Dossier, row: CircleMember) -> None:
    """Another account, taken out by one that stays. `row`: of this dossier."""
    if row.member_id == acting.account.pk:
        leave_circle(acting, dossier)
        return
    _end(acting, dossier, row, Departure.REMOVED)


def _end(acting: Acting, dossier: Dossier, row: CircleMember, kind: Departure) -> None:
    acting.check_writable()
    _lock(dossier)
    others = set(_living(dossier).exclude(pk=row.pk).values_list("member", flat=True))
    if not others:
        raise conflict(LAST)
    if acting.account.pk not in {row.member_id, *others}:
        raise conflict(OUT)
    living = CircleMember.objects.filter(pk=row.pk, dossier=dossier, ended_kind="")
    ends = max(acting.at, row.period.lower + TICK)
    done = living.update(period=period(row.period.lower, ends), ended_kind=kind, **acting.left())
    if not done:
        raise conflict(ALREADY)
    verb = "circle.left" if kind == Departure.LEFT else "circle.removed"
    record_all([acting.told(verb, "dossier", dossier.pk, member=row.member_id, row=row.pk)])


def _lock(dossier: Dossier) -> Dossier:
    """Acts on one circle come one after the other: of two last members who leave at once, the second is told no."""
    return Dossier.objects.select_for_update(no_key=True, of=("self",)).get(pk=dossier.pk)


def _living(dossier: Dossier) -> CircleMemberQuerySet:
    """As the last act left it: whoever waited for the lock began before that act, and would still see what it ended."""
    return CircleMember.objects.filter(dossier=dossier, ended_kind="")


def _tell(acting: Acting, account: Account) -> None:
    users = may_act_in(account, Space.DOSSIERS, acting.at).exclude(user=None).exclude(user=acting.user)
    text = f"{acting.signature} a partagé un dossier avec {account.name}."
    path = f"/espaces/{account.pk}/dossiers/"
    tell(users.values_list("user", flat=True), "workspace.circle", text, path=path, at=acting.at)
