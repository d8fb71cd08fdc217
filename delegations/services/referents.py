from datetime import datetime

from django.db import transaction

from accounts.grounds import Ground
from accounts.journal import record
from accounts.models import Account, AccountKind, User
from accounts.notifications import tell
from delegations.errors import Refused, conflict, forbidden
from delegations.models import Referent
from delegations.orphans import ORPHANS, orphans_of
from delegations.periods import period
from delegations.services.common import TICK, lock_accounts, overseers, own_account, service_centre_users
from delegations.services.ending import read_reason
from directory.models import Structure
from spico.web.typography import of_name

PERMISSION = "delegations.add_referent"
MOST_NAMED = 3
NO_LONGER = "Cette personne n’est déjà plus référente."


def check_operator(operator: User) -> None:
    if not (operator.is_active and operator.is_staff and operator.has_perm(PERMISSION)):
        raise forbidden("Seul le centre de service nomme un référent.")


@transaction.atomic
def appoint_referent(operator: User, structure: Structure, person: Account, at: datetime) -> Referent:
    """By the service centre, never of oneself. The role answers requests and opens no space."""
    check_operator(operator)
    locked = lock_accounts(structure.account_id, person.pk)
    account, person = locked[structure.account_id], locked[person.pk]
    if person.kind != AccountKind.PP:
        raise Refused("Un référent est une personne de l’annuaire.", field="person")
    if person.user_id == operator.pk:
        raise forbidden(
            "Personne ne se nomme référent\N{NO-BREAK SPACE}: demandez à une autre personne du centre de service."
        )
    if not person.permits.opens:
        raise conflict(f"{person.name} ne figure plus dans l’annuaire.", "person")
    if not account.permits.opens:
        raise conflict(f"Le compte «\N{NO-BREAK SPACE}{account.name}\N{NO-BREAK SPACE}» est fermé.", "structure")
    if Referent.objects.in_force(at).filter(structure=structure, account=person).exists():
        raise conflict(f"{person.name} est déjà référent de cette structure.", "person")
    before = overseers(account, at, but=person)
    referent = Referent.objects.create(
        account=person, structure=structure, period=period(at, None), appointed_by=operator
    )
    _record("referent.appointed", referent, operator, at)
    if person.user_id:
        text = f"Le rôle de référent {of_name(structure.name)} vous est confié"
        text += "\N{NO-BREAK SPACE}: vous répondez aux demandes de délégation."
        tell([person.user_id], "referent.changed", text, path="/delegations/", at=at)
    text = f"Le rôle de référent {of_name(structure.name)} est confié à {person.name}."
    tell(before, "referent.changed", text, path="/delegations/", at=at)
    return referent


@transaction.atomic
def end_referent(operator: User, referent: Referent, reason: str, at: datetime) -> None:
    check_operator(operator)
    text = read_reason(reason, is_needed=True)
    lock_accounts(referent.structure.account_id, referent.account_id)
    referent = (
        Referent.objects.select_for_update(of=("self",))
        .select_related("account", "structure__account")
        .get(pk=referent.pk)
    )
    close_term(referent, operator, text, at)
    _record("referent.ended", referent, operator, at)
    if referent.account.user_id:
        sentence = f"Vous n’êtes plus référent {of_name(referent.structure.name)}."
        tell([referent.account.user_id], "referent.changed", sentence, path="/delegations/", at=at)
    if left := [account.name for account in orphans_of(referent.structure, at)[: MOST_NAMED + 1]]:
        named = ", ".join(left[:MOST_NAMED]) + (", et d’autres" if len(left) > MOST_NAMED else "")
        sentence = f"Plus personne ne répond au nom {of_name(named)}."
        tell(service_centre_users(), "delegation.service_centre", sentence, path=ORPHANS, at=at)


def close_term(referent: Referent, operator: User | None, reason: str, at: datetime) -> datetime:
    """One conditional update; `Refused` when the term has ended."""
    ends: datetime = max(at, referent.period.lower + TICK)
    living = Referent.objects.filter(pk=referent.pk, ended_reason="", period__contains=ends - TICK)
    done = living.update(period=period(referent.period.lower, ends), ended_by=operator, ended_reason=reason)
    if not done:
        raise conflict(NO_LONGER)
    return ends


def _record(verb: str, referent: Referent, operator: User, at: datetime) -> None:
    record(
        verb,
        at=at,
        ground=Ground.SERVICE_CENTRE,
        actor=operator,
        actor_account=own_account(operator),
        account=referent.structure.account_id,
        object_kind="referent",
        object_key=referent.pk,
        details={"person": str(referent.account_id)},
    )
