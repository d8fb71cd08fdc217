"""Who is told that a message waits: once a conversation until they read it, and never with a word of it."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from accounts.models import Account, Notification, User
from accounts.notifications import tell
from delegations.models import Delegation
from delegations.querysets import OPENING_STATES
from delegations.scopes import Space
from spico.web.addresses import address
from spico.web.typography import NBSP
from workspace.acting import Acting
from workspace.models import Conversation, Participant, ReadMark

KIND = "workspace.message"
STILL_THERE = timedelta(minutes=5)


def address_for_all(conversation: UUID) -> str:
    """The same for everybody told: it leads to the account through which each may open the conversation."""
    return address("spaces:conversation_mine", conversation)


def tell_others(acting: Acting, conversation: Conversation) -> None:
    """Whoever may open the discussions of the other accounts, but of those that keep it silent."""
    others = Participant.objects.present(acting.at).filter(conversation=conversation, muted_at=None)
    readers = readers_of({row.member_id for row in others.exclude(member=acting.account)}, acting.at)
    waiting = readers - {acting.user.pk}
    waiting -= _told_already(waiting, conversation.pk)
    there = _just_there(waiting, conversation.pk, acting.at)
    text = f"Un message vous attend dans vos discussions{NBSP}: {acting.account.name} vous a écrit."
    for users, mail in ((waiting - there, True), (there, False)):
        tell(users, KIND, text, path=address_for_all(conversation.pk), at=acting.at, mail=mail)


def readers_of(accounts: set[UUID], at: datetime) -> set[int]:
    """Ids of the users who may open the discussions of these accounts, in two queries."""
    owners = Account.objects.filter(pk__in=accounts, state__in=OPENING_STATES, user__is_active=True)
    held = Delegation.objects.in_force(at).opening(Space.DISCUSSIONS)
    holders = held.filter(
        account__in=accounts, account__state__in=OPENING_STATES, holder__user__is_active=True
    ).values_list("holder__user", flat=True)
    return {user for user in [*owners.values_list("user", flat=True), *holders] if user is not None}


def _told_already(users: set[int], conversation: UUID) -> set[int]:
    """Those who have a notice of it that they did not read: opening the conversation reads it."""
    told = Notification.objects.filter(recipient__in=users, read_at=None, kind=KIND)
    return set(told.filter(path=address_for_all(conversation)).values_list("recipient", flat=True))


def _just_there(users: set[int], conversation: UUID, at: datetime) -> set[int]:
    """Those who read it a moment ago, and likely still do: they get no mail for each answer."""
    marks = ReadMark.objects.filter(conversation=conversation, user__in=users, read_at__gt=at - STILL_THERE)
    return set(marks.values_list("user", flat=True))


# Written once: it comes with every reading.
FORGET = """
    UPDATE accounts_notification SET read_at = %s
    WHERE recipient_id = %s AND read_at IS NULL AND kind = %s AND path = %s
"""


def forget_notices(user: User, conversation: UUID, at: datetime) -> None:
    """What was told of a conversation is read with it."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [at, user.pk, KIND, address_for_all(conversation)])
