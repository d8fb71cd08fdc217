from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.grounds import Ground
from accounts.models import Account, User
from accounts.notifications import tell
from delegations.access import Standing, is_in_force
from delegations.errors import Refused, conflict, forbidden
from delegations.models import Delegation, EndKind
from delegations.orphans import is_last_to_answer
from delegations.scopes import Scope, parts
from delegations.services.common import lock_accounts, overseers, own_account, service_centre_users
from delegations.services.cutting import ALREADY, cut
from delegations.services.granting import record_granted

LONGEST_REASON = 500
NOT_YOURS = "Vous ne pouvez pas mettre fin à cette délégation."


@transaction.atomic
def end_delegation(user: User, delegation: Delegation, reason: str, at: datetime) -> None:
    """Give up one's own, or revoke (rule 6): felt at the next request. A reason is asked of whoever revokes."""
    present, ground, through = _lock(user, delegation, at)
    is_mine = present.holder.user_id == user.pk
    text = read_reason(reason, is_needed=not is_mine)
    kind = EndKind.GIVEN_UP if is_mine else EndKind.REVOKED
    cut(present, kind, user, own_account(user), ground, at, text, through)
    _tell(present, user, user.display_name, at)


@transaction.atomic
def end_by_service_centre(operator: User, delegation: Delegation, reason: str, at: datetime) -> None:
    """The service centre's door, for a member of staff whom the administration let in."""
    lock_accounts(delegation.holder_id, delegation.account_id)
    present = Delegation.objects.select_for_update(of=("self",)).told().get(pk=delegation.pk)
    if not is_in_force(present, at):
        raise conflict(ALREADY)
    text = read_reason(reason, is_needed=True)
    cut(present, EndKind.REVOKED, operator, own_account(operator), Ground.SERVICE_CENTRE, at, text)
    _tell(present, operator, "Le centre de service", at)


@transaction.atomic
def reduce_delegation(user: User, delegation: Delegation, keep: Scope, at: datetime) -> Delegation:
    """Keep only a part, by whoever may end it: the row ends and a narrower one goes on, to the same end, as granted."""
    present, ground, through = _lock(user, delegation, at)
    if not parts(keep) < parts(present.scope):
        raise Refused("Choisissez une partie de la délégation.", field="scope")
    upper = present.period.upper
    begins = cut(present, EndKind.REDUCED, user, own_account(user), ground, at, "", through)
    if upper is not None and upper <= begins:
        raise conflict(ALREADY)
    narrower = Delegation.objects.create(
        holder=present.holder,
        account=present.account,
        scope=keep,
        origin=present.origin,
        period=DateTimeTZRange(begins, upper, "[)"),
        granted_by=present.granted_by,
        granted_by_account=present.granted_by_account,
        granted_ground=present.granted_ground,
        granted_through=present.granted_through,
        request=present.request,
        replaces=present,
        created_at=begins,
    )
    record_granted(narrower, user, own_account(user), ground, through)
    _tell(present, user, user.display_name, at, f"est réduite à {keep.label}")
    return narrower


def read_reason(reason: str, is_needed: bool) -> str:
    text = reason.replace("\0", "").strip()
    if is_needed and not text:
        raise Refused("Dites pourquoi\N{NO-BREAK SPACE}: la personne lira ce motif.", field="reason")
    if len(text) > LONGEST_REASON:
        raise Refused(f"Raccourcissez le motif\N{NO-BREAK SPACE}: {LONGEST_REASON} caractères au plus.", field="reason")
    return text


def _lock(user: User, delegation: Delegation, at: datetime) -> tuple[Delegation, Ground, Delegation | None]:
    """The row as it is now, on what ground this person ends it, and by which delegation of theirs."""
    lock_accounts(delegation.holder_id, delegation.account_id)
    present = Delegation.objects.select_for_update(of=("self",)).told().get(pk=delegation.pk)
    if not is_in_force(present, at):
        raise conflict(ALREADY)
    standing = Standing.of(user, at, [present.account])
    ground = standing.may_end(present)
    if ground is None:
        raise forbidden(NOT_YOURS)
    return present, ground, standing.held.get(present.account_id) if ground == Ground.DELEGATION else None


def _tell(ended: Delegation, actor: User, who: str, at: datetime, how: str = "a pris fin") -> None:
    """The holder when somebody else did it; the others who answer; the service centre when nobody is left to answer."""
    account: Account = ended.account
    if ended.holder.user_id and ended.holder.user_id != actor.pk:
        text = f"Votre délégation sur {account.name} {how}\N{NO-BREAK SPACE}: {who} l’a décidé."
        tell([ended.holder.user_id], "delegation.ended", text, path="/delegations/", at=at)
    others = overseers(account, at, but=ended.holder) - {actor.pk}
    text = f"La délégation de {ended.holder.name} sur {account.name} {how}."
    tell(others, "delegation.ended", text, path="/delegations/", at=at, mail=False)
    if ended.scope == Scope.TOTAL and is_last_to_answer(account, ended.holder, at):
        text = f"Plus personne ne répond au nom de {account.name}."
        path = "/administration/delegations/orphan/"
        tell(service_centre_users(), "delegation.service_centre", text, path=path, at=at)
