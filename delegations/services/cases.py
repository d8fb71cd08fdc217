from datetime import datetime

from django.db import transaction

from accounts.grounds import Ground
from accounts.journal import record
from accounts.models import JournalEntry, User
from accounts.notifications import tell
from delegations.access import Standing, accounts_overseen_by
from delegations.errors import conflict, forbidden
from delegations.models import AccessCase, Delegation, GrantProposal
from delegations.services.common import own_account, service_centre_users
from delegations.services.ending import read_reason
from delegations.services.exporting import ground_of_reading

CLOSED = "Ce signalement a déjà été traité."
OPENED = "Vous avez déjà signalé cet accès\N{NO-BREAK SPACE}: le centre de service s’en occupe."


@transaction.atomic
def open_case(user: User, entry: JournalEntry, note: str, at: datetime) -> AccessCase:
    """« Cela me surprend »: by somebody who reads this account's journal. The service centre looks into it."""
    account = entry.account_id and accounts_overseen_by(user, at).filter(pk=entry.account_id).first()
    if not account:
        raise forbidden("Vous ne lisez pas le journal de ce compte.")
    text = read_reason(note, is_needed=False)
    written = {"account": account, "opened_at": at, "note": text}
    case, is_new = AccessCase.objects.get_or_create(entry=entry, opened_by=user, defaults=written)
    if not is_new:
        raise conflict(OPENED)
    ground, through = ground_of_reading(Standing.of(user, at, [account]), account)
    record(
        "case.opened",
        at=at,
        ground=ground,
        actor=user,
        actor_account=own_account(user),
        account=account,
        delegation=through,
        object_kind="case",
        object_key=case.pk,
        details={"entry": entry.pk},
    )
    path = "/administration/delegations/accesscase/"
    text = f"Un accès au compte {account.name} surprend\N{NO-BREAK SPACE}: à examiner."
    tell(service_centre_users(), "case.changed", text, path=path, at=at)
    return case


@transaction.atomic
def close_case(operator: User, case: AccessCase, conclusion: str, at: datetime) -> None:
    if not (operator.is_active and operator.is_staff and operator.has_perm("delegations.change_accesscase")):
        raise forbidden("Seul le centre de service traite un accès signalé.")
    if operator.pk in _who_gave(case.entry):
        raise forbidden(
            "Personne ne traite un signalement sur son propre accès\N{NO-BREAK SPACE}: "
            "demandez à une autre personne du centre de service."
        )
    text = read_reason(conclusion, is_needed=True)
    waiting = AccessCase.objects.filter(pk=case.pk, closed_by=None)
    if not waiting.update(closed_by=operator, closed_at=at, conclusion=text):
        raise conflict(CLOSED)
    record(
        "case.closed",
        at=at,
        ground=Ground.SERVICE_CENTRE,
        actor=operator,
        actor_account=own_account(operator),
        account=case.account_id,
        object_kind="case",
        object_key=case.pk,
    )
    text = f"Votre signalement sur {case.account.name} est traité\N{NO-BREAK SPACE}: {text}"
    tell([case.opened_by_id], "case.changed", text[:500], path="/delegations/journal/", at=at)


def _who_gave(entry: JournalEntry) -> set[int]:
    """The two persons of a grant of the service centre: neither concludes about it, whoever of them the entry names."""
    match entry.object_kind:
        case "delegation":
            row = Delegation.objects.filter(pk=entry.object_key).values_list("granted_by", "confirmed_by").first()
        case "proposal":
            row = GrantProposal.objects.filter(pk=entry.object_key).values_list("proposed_by", "decided_by").first()
        case _:
            row = None
    return {person for person in (entry.actor_id, *(row or ())) if person}
