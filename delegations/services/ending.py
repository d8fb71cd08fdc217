from datetime import datetime

from django.db import transaction

from accounts.grounds import Ground
from accounts.models import Account, User
from accounts.notifications import tell
from delegations.access import Standing, is_in_force
from delegations.chains import chains_of
from delegations.errors import Refused, conflict, forbidden
from delegations.models import Delegation, EndKind
from delegations.orphans import ORPHANS, nobody_answers
from delegations.periods import period
from delegations.scopes import Scope, parts
from delegations.services.common import lock_accounts, overseers, own_account, service_centre_users
from delegations.services.cutting import ALREADY, Ender, cut, no_longer
from delegations.services.granting import record_granted
from delegations.services.service_centre import may_grant
from spico.web.texts import says_something
from spico.web.typography import of_name

LONGEST_REASON = 500
NOT_YOURS = "Vous ne pouvez pas mettre fin à cette délégation."
NOT_TO_REDUCE = (
    "Cette délégation ne peut pas être réduite\N{NO-BREAK SPACE}: mettez-y fin, puis accordez la part qui doit rester."
)


@transaction.atomic
def end_delegation(user: User, delegation: Delegation, reason: str, at: datetime) -> None:
    """Give up one's own, or revoke (rule 6): felt at the next request. A reason is asked of whoever revokes."""
    present, ender = _lock(user, delegation, at)
    is_mine = present.holder.user_id == user.pk
    text = read_reason(reason, is_needed=not is_mine)
    cut(present, EndKind.GIVEN_UP if is_mine else EndKind.REVOKED, ender, at, text)
    _tell(present, user, user.display_name, at)


@transaction.atomic
def end_by_service_centre(operator: User, delegation: Delegation, reason: str, at: datetime) -> None:
    """The service centre's door."""
    if not may_grant(operator):
        raise forbidden(NOT_YOURS)
    present = lock_delegation(delegation, at)
    text = read_reason(reason, is_needed=True)
    cut(present, EndKind.REVOKED, Ender(Ground.SERVICE_CENTRE, operator, own_account(operator)), at, text)
    _tell(present, operator, "Le centre de service", at)


@transaction.atomic
def reduce_delegation(user: User, delegation: Delegation, keep: Scope, at: datetime) -> Delegation:
    """Keep only a part, by whoever may end it: the row ends and a narrower one goes on, to the same end, as granted."""
    present, ender = _lock(user, delegation, at)
    if not parts(keep) < parts(present.scope):
        raise Refused("Choisissez une partie de la délégation.", field="scope")
    if present.granted_by_id == present.holder.user_id:
        # Whoever granted it has become, since, the very person who holds it: no row that goes on may say so.
        raise conflict(NOT_TO_REDUCE)
    upper = present.period.upper
    begins = cut(present, EndKind.REDUCED, ender, at)
    if upper is not None and upper <= begins:
        raise conflict(ALREADY)
    narrower = Delegation.objects.create(
        holder=present.holder,
        account=present.account,
        scope=keep,
        origin=present.origin,
        period=period(begins, upper),
        granted_by=present.granted_by,
        granted_by_account=present.granted_by_account,
        granted_ground=present.granted_ground,
        granted_through=present.granted_through,
        request=present.request,
        replaces=present,
        created_at=begins,
    )
    record_granted(narrower, ender.user, ender.account, ender.ground, ender.through)
    _tell(present, user, user.display_name, at, f"est réduite à {keep.label}")
    return narrower


def read_reason(reason: str, is_needed: bool) -> str:
    text = reason.replace("\0", "").strip()
    text = text if says_something(text) else ""
    if is_needed and not text:
        raise Refused("Dites pourquoi\N{NO-BREAK SPACE}: la personne lira ce motif.", field="reason")
    if len(text) > LONGEST_REASON:
        raise Refused(f"Raccourcissez le motif\N{NO-BREAK SPACE}: {LONGEST_REASON} caractères au plus.", field="reason")
    return text


def lock_delegation(delegation: Delegation, at: datetime) -> Delegation:
    """The row as it is now, after the locks; `Refused` when it is no longer in force."""
    lock_accounts(delegation.holder_id, delegation.account_id)
    present = Delegation.objects.select_for_update(of=("self",)).told().get(pk=delegation.pk)
    if present.ended_kind or not is_in_force(present, at):
        raise no_longer(present)
    return present


def _lock(user: User, delegation: Delegation, at: datetime) -> tuple[Delegation, Ender]:
    """The row, and on what ground this person ends it, by which delegation of theirs."""
    present = lock_delegation(delegation, at)
    standing = Standing.of(user, at, [present.account], is_locked=True)
    ground = standing.may_end(present, chains_of([present])[present.pk])
    if ground is None:
        raise forbidden(NOT_YOURS)
    through = standing.held.get(present.account_id) if ground == Ground.DELEGATION else None
    return present, Ender(ground, user, own_account(user), through)


def _tell(ended: Delegation, actor: User, who: str, at: datetime, how: str = "a pris fin") -> None:
    """The holder when somebody else did it; the others who answer; the service centre when nobody is left to answer."""
    account: Account = ended.account
    # Where the reason is read.
    path = f"/delegations/{ended.pk}/"
    if ended.holder.user_id and ended.holder.user_id != actor.pk:
        text = f"Votre délégation sur {account.name} {how}\N{NO-BREAK SPACE}: {who} l’a décidé."
        tell([ended.holder.user_id], "delegation.ended", text, path=path, at=at)
    others = overseers(account, at, but=ended.holder) - {actor.pk}
    text = f"La délégation {of_name(ended.holder.name)} sur {account.name} {how}."
    tell(others, "delegation.ended", text, path=path, at=at)
    if ended.scope == Scope.TOTAL and nobody_answers(account, at):
        text = f"Plus personne ne répond au nom {of_name(account.name)}."
        tell(service_centre_users(), "delegation.service_centre", text, path=ORPHANS, at=at)
