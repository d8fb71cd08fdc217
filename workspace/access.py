"""What may be seen in a space: the rule of `delegations.access`, then the circle or the participation.

Everything that lists, counts, searches, exports or serves a file begins here. With an `Acting`, the rule has answered.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from accounts.models import Account, User
from accounts.prepared import Prepared
from accounts.prepared_lists import Listed, PreparedList
from delegations.access import accounts_open_to
from delegations.scopes import Space
from workspace.acting import Acting
from workspace.models import (
    CircleMember,
    Conversation,
    Document,
    Dossier,
    Entry,
    Event,
    Message,
    Participant,
    Task,
)
from workspace.querysets import ConversationQuerySet, DossierQuerySet, EntryQuerySet, EventQuerySet, TaskQuerySet


def dossiers_visible_to(user: User, at: datetime) -> DossierQuerySet:
    """Through any account: those whose circle holds an account of which this user may open the dossiers."""
    opened = accounts_open_to(user, Space.DOSSIERS, at).values("pk")
    return Dossier.objects.filter(
        Exists(CircleMember.objects.present(at).filter(dossier=OuterRef("pk"), member__in=opened))
    )


def conversations_visible_to(user: User, at: datetime) -> ConversationQuerySet:
    """Through any account: those in which an account takes part of which this user may open the discussions."""
    opened = accounts_open_to(user, Space.DISCUSSIONS, at).values("pk")
    return Conversation.objects.filter(
        Exists(Participant.objects.present(at).filter(conversation=OuterRef("pk"), member__in=opened))
    )


def events_visible_to(user: User, at: datetime) -> EventQuerySet:
    return Event.objects.filter(account__in=accounts_open_to(user, Space.AGENDA, at).values("pk"))


def tasks_visible_to(user: User, at: datetime) -> TaskQuerySet:
    return Task.objects.filter(account__in=accounts_open_to(user, Space.TASKS, at).values("pk"))


# --- In one account --------------------------------------------------------------------------------------------------


def dossiers_in(acting: Acting) -> DossierQuerySet:
    """Of the account acted for; none when its dossiers are not open to this person, whatever the space they are in."""
    if not acting.may(Space.DOSSIERS):
        return Dossier.objects.none()
    return Dossier.objects.shared_with(acting.account, acting.at)


_dossier = Prepared(
    lambda *, dossier, account, at: Dossier.objects.shared_with(account, at).filter(pk=dossier),
    dossier=UUID,
    account=UUID,
    at=datetime,
)


def dossier_or_404(acting: Acting, pk: UUID) -> Dossier:
    """One of `dossiers_in`."""
    found = dossier_seen(acting, pk)
    if found is None:
        raise Http404
    return found


def dossier_seen(acting: Acting, pk: UUID | None) -> Dossier | None:
    """The one that something is linked to, when it is among `dossiers_in`."""
    if pk is None or not acting.may(Space.DOSSIERS):
        return None
    return _dossier.first(dossier=pk, account=acting.account.pk, at=acting.at)


def entries_in(acting: Acting, dossier: Dossier) -> EntryQuerySet:
    """`dossier`: found by `dossiers_in`."""
    return Entry.objects.filter(dossier=dossier).readable_for(acting.account)


def documents_in(acting: Acting, dossier: Dossier) -> QuerySet[Document]:
    return Document.objects.filter(entry__in=entries_in(acting, dossier).values("pk"))


def events_in(acting: Acting) -> EventQuerySet:
    if not acting.may(Space.AGENDA):
        return Event.objects.none()
    return Event.objects.of(acting.account)


def tasks_in(acting: Acting) -> TaskQuerySet:
    if not acting.may(Space.TASKS):
        return Task.objects.none()
    return Task.objects.of(acting.account)


def conversations_in(acting: Acting) -> ConversationQuerySet:
    if not acting.may(Space.DISCUSSIONS):
        return Conversation.objects.none()
    return Conversation.objects.with_account(acting.account, acting.at)


_participation = Prepared(
    lambda *, conversation, account, at: (
        Participant.objects.present(at).filter(member=account, conversation=conversation).select_related("conversation")
    ),
    conversation=UUID,
    account=UUID,
    at=datetime,
)


def participation_or_404(acting: Acting, conversation: UUID) -> Participant:
    """The place of the account acted for in a conversation, which it takes part in now."""
    if not acting.may(Space.DISCUSSIONS):
        raise Http404
    found = _participation.first(conversation=conversation, account=acting.account.pk, at=acting.at)
    if found is None:
        raise Http404
    return found


def messages_in(participant: Participant) -> QuerySet[Message]:
    """`participant`: found by `participation_or_404`."""
    return Message.objects.seen_by(participant)


_messages = PreparedList(
    lambda *, conversation, after: Message.objects.filter(conversation=conversation, pk__gt=after).order_by("pk"),
    conversation=UUID,
    after=int,
)


def messages_after(participant: Participant, after: int) -> Listed[Message]:
    """Those of `messages_in` after a number, the first first."""
    return _messages.of(conversation=participant.conversation_id, after=max(participant.sees_after, after))


def may_act_in(account: Account, space: Space, at: datetime) -> QuerySet[Account]:
    """The PP accounts that may act in this space of the account: to whom a task may be given."""
    return _may_act_in(account=account.pk, at=at, space=space, has_owner=account.user_id is not None)


def _may_act_in(*, account: UUID, at: datetime, space: Space, has_owner: bool) -> QuerySet[Account]:
    from delegations.models import Delegation  # noqa: PLC0415, the one place that reads the other way round

    able = Delegation.objects.in_force(at).filter(account=account).opening(space).order_by().values("holder")
    if has_owner:
        # One list of keys and no « or »: accounts are then read by their key, and not all of them.
        able = able.union(Account.objects.filter(pk=account).values("pk"))
    return Account.objects.filter(pk__in=able, state__in=("listed", "open")).order_by("name", "pk")


_able = Prepared(
    lambda **asked: _may_act_in(**asked).order_by().values_list("pk", flat=True), account=UUID, at=datetime
)


def able_in(account: Account, space: Space, at: datetime) -> list[UUID]:
    """The keys of all that `may_act_in` gives."""
    return _able.rows(account=account.pk, at=at, space=space, has_owner=account.user_id is not None)
