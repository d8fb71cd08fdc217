"""A conversation begins, takes another title, is linked to a dossier."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from accounts.journal import record_all
from accounts.states import AccountState
from delegations.errors import conflict, forbidden
from delegations.scopes import Space
from spico.web.typography import NBSP
from workspace.acting import Acting
from workspace.errors import Outdated
from workspace.models import Conversation, ConversationOrigin, Message, Participant
from workspace.policy import title_may_change
from workspace.services.discussions_refusals import as_refused
from workspace.services.messages import SENT_ELSEWHERE, SENT_OTHERWISE, read_text, write_message
from workspace.services.participants import to_bring_in, why_not_written, write_participants
from workspace.services.reading import dossier_to_link, read_line

LONGEST_TITLE = 150
NO_TITLE = "Donnez un titre à la conversation."
TITLE_STAYS = "Le titre d’une sollicitation vient de son formulaire, il ne change pas."
NO_DOSSIERS = f"Les dossiers de ce compte ne vous sont pas ouverts{NBSP}: vous ne pouvez pas en lier un."
TITLED_MEANWHILE = (
    f"Quelqu’un vient de changer ce titre{NBSP}: relisez-le, puis enregistrez le vôtre si vous le gardez."
)


@as_refused
def begin_conversation(  # noqa: PLR0913, what one gives to begin
    acting: Acting,
    title: str,
    members: Iterable[UUID],
    text: str,
    client_key: UUID,
    *,
    origin: ConversationOrigin = ConversationOrigin.PLAIN,
) -> Conversation:
    """With its first message. The same key sent twice answers with the conversation that the first began."""
    acting.check_writable()
    already = Message.objects.filter(actor=acting.user, client_key=client_key).select_related("conversation").first()
    if already is not None:
        if already.account_id != acting.account.pk:
            raise conflict(SENT_ELSEWHERE)
        if already.text != read_text(text):
            raise conflict(SENT_OTHERWISE)
        return already.conversation
    if acting.account.state != AccountState.OPEN:
        raise conflict(why_not_written(acting.account))
    named = read_line(title, LONGEST_TITLE, "title", NO_TITLE)
    found = to_bring_in(acting, members)
    kept = read_text(text)
    conversation: Conversation = Conversation.objects.create(title=named, origin=origin, **acting.written())
    record_all([acting.told("conversation.begun", "conversation", conversation.pk)])
    write_participants(acting, conversation, [acting.account, *found], 0)
    write_message(acting, conversation, kept, client_key)
    return conversation


@as_refused
def change_title(acting: Acting, participant: Participant, title: str, seen: str) -> None:
    """By any account that takes part, but of a solicitation. `seen`: the title that the person had read."""
    acting.check_writable()
    conversation = participant.conversation
    if not title_may_change(conversation.origin):
        raise conflict(TITLE_STAYS)
    named = read_line(title, LONGEST_TITLE, "title", NO_TITLE)
    if not Conversation.objects.filter(pk=conversation.pk, title=seen).update(title=named):
        raise Outdated(TITLED_MEANWHILE)
    if named != seen:
        record_all([acting.told("conversation.titled", "conversation", conversation.pk)])


@transaction.atomic
def link_dossier(acting: Acting, participant: Participant, dossier: UUID | None) -> None:
    """Among those that the person may open; it opens the dossier to nobody. None: linked to none any more. `Refused`
    to whoever opens no dossier of this account."""
    acting.check_writable()
    if not acting.may(Space.DOSSIERS):
        raise forbidden(NO_DOSSIERS)
    conversation = participant.conversation
    found = dossier_to_link(acting, dossier, conversation.dossier_id)
    changed = (
        Conversation.objects.filter(pk=conversation.pk).exclude(dossier=found)
        if found
        else (Conversation.objects.filter(pk=conversation.pk, dossier__isnull=False))
    )
    if changed.update(dossier=found):
        told = {"dossier": found.pk} if found else {}
        record_all([acting.told("conversation.linked", "conversation", conversation.pk, **told)])
