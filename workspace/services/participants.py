"""Who takes part in a conversation: accounts come in, see what came before or not, leave, are taken out."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from accounts.journal import record_all
from accounts.models import Account
from accounts.notifications import tell
from accounts.states import AccountState
from delegations.errors import Refused, conflict, forbidden
from delegations.periods import period
from delegations.services.common import TICK
from directory.owners import owners_of
from spico.web.typography import NBSP
from workspace.acting import Acting
from workspace.models import Conversation, Departure, Participant
from workspace.services.discussions_refusals import as_refused
from workspace.services.messages import lock
from workspace.services.messages_telling import KIND, address_for_all, readers_of

MOST_PARTICIPANTS = 100
TOO_MANY = f"Une conversation réunit {MOST_PARTICIPANTS} comptes au plus."
NOBODY_CHOSEN = "Choisissez au moins un destinataire."
GONE = "Ce compte ne participe plus à la conversation."
NOT_TO_TAKE_OUT = (
    "Vous ne pouvez retirer que les comptes que le vôtre a fait entrer. Qui a commencé la conversation peut les "
    "retirer tous."
)
UNKNOWN = f"Ce destinataire n’est pas dans l’annuaire{NBSP}: choisissez-en un autre."
UNREACHED = {
    AccountState.LISTED: f"n’utilise pas encore SPICO{NBSP}: on ne peut pas lui écrire ici. Téléphonez, avec les "
    "coordonnées de sa fiche, ou demandez au centre de service de l’inviter.",
    AccountState.FROZEN: f"a fermé, et son compte est gelé{NBSP}: on ne peut plus lui écrire.",
    AccountState.CLOSED: f"n’est plus dans SPICO, son compte est fermé{NBSP}: on ne peut plus lui écrire.",
}


def why_not_written(account: Account) -> str:
    """The sentence for an account that may not be written to; empty for one that may."""
    told = UNREACHED.get(AccountState(account.state))
    return f"«{NBSP}{account.name}{NBSP}» {told}" if told else ""


def to_bring_in(
    acting: Acting, members: Iterable[UUID], *, nobody: str = NOBODY_CHOSEN, unknown: str = UNKNOWN
) -> list[Account]:
    """The accounts to bring in, each of which may be; `Refused` for the first that may not. `nobody`, `unknown`: what
    is said of none, and of one that the directory does not list."""
    field, wanted = "to", set(members) - {acting.account.pk}
    if not wanted:
        raise Refused(nobody, field=field)
    if len(wanted) >= MOST_PARTICIPANTS:
        raise Refused(TOO_MANY, field=field)
    found = list(Account.objects.filter(pk__in=wanted).order_by("pk"))
    if len(owners_of(found)) != len(wanted):
        raise Refused(unknown, field=field)
    for account in found:
        if why := why_not_written(account):
            raise conflict(why, field=field)
        acting.check_brings_in(account)
    return found


def write_participants(acting: Acting, conversation: Conversation, members: Iterable[Account], sees_after: int) -> None:
    """Rows and journal. `conversation`: locked by the caller, or just made."""
    rows = [
        Participant(
            conversation=conversation,
            member=member,
            period=period(acting.at, None),
            sees_after=sees_after,
            **acting.written(),
        )
        for member in members
    ]
    Participant.objects.bulk_create(rows)
    record_all(
        [
            acting.told("participant.added", "conversation", conversation.pk, member=row.member_id)
            for row in rows
            if row.member_id != acting.account.pk
        ]
    )


@as_refused
def add_participants(
    acting: Acting, participant: Participant, members: Iterable[UUID], *, see_what_came_before: bool
) -> list[Account]:
    """They see from the beginning no more than the account that brings them in does."""
    acting.check_writable()
    found = to_bring_in(acting, members)
    conversation = lock(participant.conversation_id)
    present = Participant.objects.present(acting.at).filter(conversation=conversation)
    there = set(present.values_list("member", flat=True))
    for account in found:
        if account.pk in there:
            raise conflict(f"«{NBSP}{account.name}{NBSP}» participe déjà à la conversation.", field="to")
    if len(there) + len(found) > MOST_PARTICIPANTS:
        raise Refused(TOO_MANY, field="to")
    after = participant.sees_after if see_what_came_before else conversation.last_message_id
    write_participants(acting, conversation, found, after)
    readers = readers_of({account.pk for account in found}, acting.at) - {acting.user.pk}
    text = f"{acting.account.name} vous fait entrer dans une conversation."
    tell(readers, KIND, text, path=address_for_all(conversation.pk), at=acting.at)
    return found


def may_take_out(acting: Acting, target: Participant) -> bool:
    """`target`: with its conversation. Whom one's account brought in; all of them when it began the conversation."""
    is_brought_in = acting.account.pk in (target.account_id, target.conversation.account_id)
    return is_brought_in and target.member_id != acting.account.pk


@transaction.atomic
def remove_participant(acting: Acting, target: Participant) -> None:
    if not may_take_out(acting, target):
        raise forbidden(NOT_TO_TAKE_OUT)
    end_participation(acting, target, Departure.REMOVED, "participant.removed")


@transaction.atomic
def leave_conversation(acting: Acting, participant: Participant) -> None:
    end_participation(acting, participant, Departure.LEFT, "participant.left")


def end_participation(acting: Acting, target: Participant, kind: Departure, verb: str) -> None:
    ends = period(target.period.lower, max(acting.at, target.period.lower + TICK))
    living = Participant.objects.filter(pk=target.pk, ended_kind="")
    if not living.update(period=ends, ended_kind=kind, **acting.left()):
        raise conflict(GONE)
    record_all([acting.told(verb, "conversation", target.conversation_id, member=target.member_id)])


@transaction.atomic
def mute(acting: Acting, participant: Participant, *, is_muted: bool) -> None:
    """Nobody of the account is told of new messages, until it is heard again."""
    _set(acting, participant, "muted_at", is_muted, "conversation.muted")


@transaction.atomic
def archive(acting: Acting, participant: Participant, *, is_archived: bool) -> None:
    """Out of the account's list, until a message comes or somebody takes it back."""
    _set(acting, participant, "archived_at", is_archived, "conversation.archived")


def _set(acting: Acting, participant: Participant, column: str, is_on: bool, verb: str) -> None:
    changing = Participant.objects.filter(pk=participant.pk, **{f"{column}__isnull": is_on})
    if changing.update(**{column: acting.at if is_on else None}):
        record_all([acting.told(verb, "conversation", participant.conversation_id, on=is_on)])
