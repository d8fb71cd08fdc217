"""Writing in a conversation: under one lock, so that the numbers of its messages grow as they are committed."""

import re
from uuid import UUID

from django.db import connection, transaction

from accounts.journal import record_all
from accounts.models import User
from accounts.prepared import Prepared
from accounts.states import AccountState
from delegations.errors import Refused, conflict
from spico.web.typography import NBSP, thousands
from workspace import live
from workspace.acting import Acting
from workspace.models import LONGEST_TEXT, Conversation, Message, Participant, ReadMark
from workspace.querysets import ParticipantQuerySet
from workspace.services.discussions_refusals import as_refused
from workspace.services.messages_telling import forget_notices, tell_others
from workspace.typed import several_lines

NOBODY_READS = (
    f"Personne d’autre ne peut plus lire cette conversation{NBSP}: aucun autre compte qui y participe n’est ouvert. "
    "Ajoutez un participant, puis envoyez."
)
SENT_ELSEWHERE = (
    f"Ce message est déjà parti, dans une autre conversation ou d’un autre compte{NBSP}: rechargez la page."
)
SENT_OTHERWISE = f"Ce message est déjà parti, avec un autre texte{NBSP}: rechargez la page, puis envoyez celui-ci."
# Lines and words are kept as typed; a text of spaces that do not show says nothing.
UNSEEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u2064\u2800\u3164\ufe00-\ufe0f\ufeff]"
)


def read_text(text: str, field: str = "text") -> str:
    """Cleaned; `Refused` when it says nothing, or too much."""
    kept = several_lines(text)
    if not UNSEEN.sub("", kept).strip():
        raise Refused("Écrivez un message.", field=field)
    if len(kept) > LONGEST_TEXT:
        raise Refused(
            f"Ce message compte {thousands(len(kept))} caractères{NBSP}: raccourcissez-le à "
            f"{thousands(LONGEST_TEXT)} au plus, ou envoyez-le en plusieurs fois.",
            field=field,
        )
    return kept


@as_refused
def send_message(acting: Acting, conversation_participant: Participant, text: str, client_key: UUID) -> Message:
    """`conversation_participant`: found by `participation_or_404`. The same key sent twice answers with the first."""
    acting.check_writable()
    kept = read_text(text)
    conversation = lock(conversation_participant.conversation_id)
    already = Message.objects.filter(actor=acting.user, client_key=client_key).first()
    if already is not None:
        if (already.conversation_id, already.account_id) != (conversation.pk, acting.account.pk):
            raise conflict(SENT_ELSEWHERE)
        if already.text != kept:
            raise conflict(SENT_OTHERWISE)
        return already
    if not open_to_others(acting, conversation).exists():
        raise conflict(NOBODY_READS)
    return write_message(acting, conversation, kept, client_key)


def lock(conversation: UUID) -> Conversation:
    return Conversation.objects.select_for_update(of=("self",), no_key=True).get(pk=conversation)


def open_to_others(acting: Acting, conversation: Conversation) -> ParticipantQuerySet:
    """The other participants whose account may be written to."""
    present = Participant.objects.present(acting.at).filter(conversation=conversation)
    return present.exclude(member=acting.account).filter(member__state=AccountState.OPEN)


def write_message(acting: Acting, conversation: Conversation, text: str, client_key: UUID) -> Message:
    """In a conversation whose row the caller holds, or has just made: with the mark, the journal and who is told."""
    message: Message = Message.objects.create(
        conversation=conversation, text=text, client_key=client_key, **acting.written()
    )
    Conversation.objects.filter(pk=conversation.pk).update(last_message_id=message.pk, last_message_at=acting.at)
    # A message brings back what an account had put away, unless it keeps it silent.
    put_away = Participant.objects.present(acting.at).filter(conversation=conversation, archived_at__isnull=False)
    put_away.filter(muted_at=None).update(archived_at=None)
    mark_read(acting, conversation.pk, message.pk)
    record_all([acting.told("message.sent", "message", message.pk, conversation=conversation.pk)])
    tell_others(acting, conversation)
    live.announce(conversation.pk, message.pk)
    return message


MARK = """
    INSERT INTO workspace_readmark (conversation_id, account_id, user_id, message_id, read_at)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (conversation_id, account_id, user_id) DO UPDATE
    SET message_id = GREATEST(workspace_readmark.message_id, EXCLUDED.message_id), read_at = EXCLUDED.read_at
"""


def mark_read(acting: Acting, conversation: UUID, upto: int) -> None:
    """Of this person, in this account. A mark never goes back, whichever of two tabs comes last."""
    with connection.cursor() as cursor:
        cursor.execute(MARK, [conversation, acting.account.pk, acting.user.pk, upto, acting.at])


_read = Prepared(
    lambda *, conversation, account, user: ReadMark.objects.filter(
        conversation=conversation, account=account, user=user
    ).values_list("message_id", flat=True),
    conversation=UUID,
    account=UUID,
    user=User,
)


@transaction.atomic
def read_on(acting: Acting, participant: Participant, after: int) -> None:
    """Before the messages after a number are given without their page. Going on from where this person has read is the
    same reading; what they have not opened, or read again from before, is an opening that the journal keeps."""
    conversation = participant.conversation_id
    read = _read.first(conversation=conversation, account=acting.account.pk, user=acting.user)
    if read is None or after < read:
        record_all([acting.told("conversation.opened", "conversation", conversation)])


@transaction.atomic
def read_conversation(acting: Acting, participant: Participant, upto: int) -> None:
    """What opening a conversation leaves: the journal, and the marks that say it is read."""
    conversation = participant.conversation_id
    mark_read(acting, conversation, upto)
    forget_notices(acting.user, conversation, acting.at)
    record_all([acting.told("conversation.opened", "conversation", conversation)])
