"""The words of the spaces as filters. Each begins at the account that one acts in; `access` says which those are."""

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q

if TYPE_CHECKING:
    from accounts.models import Account
    from workspace.models import (  # noqa: F401, named in types
        CalendarFeed,
        CircleMember,
        Conversation,
        Dossier,
        Entry,
        Event,
        Message,
        Participant,
        Task,
    )


class CircleMemberQuerySet(models.QuerySet["CircleMember"]):
    def present(self, at: datetime) -> "CircleMemberQuerySet":
        return self.filter(period__contains=at)


class DossierQuerySet(models.QuerySet["Dossier"]):
    def shared_with(self, account: "Account | UUID", at: datetime) -> "DossierQuerySet":
        """Those whose circle holds this account at that moment."""
        from workspace.models import CircleMember  # noqa: PLC0415, a manager of its neighbour

        present = CircleMember.objects.present(at).filter(dossier=OuterRef("pk"), member=account)
        return self.filter(Exists(present))

    def kept(self) -> "DossierQuerySet":
        """Not archived."""
        return self.filter(archived_at=None)


class EntryQuerySet(models.QuerySet["Entry"]):
    def readable_for(self, account: "Account | UUID") -> "EntryQuerySet":
        """In a dossier that this account shares: what the circle reads, and what the account wrote for itself."""
        return self.filter(Q(confidentiality="circle") | Q(account=account))


class EventQuerySet(models.QuerySet["Event"]):
    def of(self, account: "Account | UUID") -> "EventQuerySet":
        return self.filter(account=account)

    def living(self) -> "EventQuerySet":
        return self.filter(cancelled_at=None)

    def between(self, start: datetime, end: datetime) -> "EventQuerySet":
        """Those that overlap it, be it for one minute."""
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class FeedQuerySet(models.QuerySet["CalendarFeed"]):
    def living(self) -> "FeedQuerySet":
        return self.filter(revoked_at=None)


class TaskQuerySet(models.QuerySet["Task"]):
    def of(self, account: "Account | UUID") -> "TaskQuerySet":
        return self.filter(account=account)

    def to_do(self) -> "TaskQuerySet":
        return self.filter(done_at=None, cancelled_at=None)

    def overdue(self, day: date) -> "TaskQuerySet":
        return self.to_do().filter(due_on__lt=day)


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def present(self, at: datetime) -> "ParticipantQuerySet":
        return self.filter(period__contains=at)


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def with_account(self, account: "Account | UUID", at: datetime) -> "ConversationQuerySet":
        """Those in which this account takes part at that moment."""
        from workspace.models import Participant  # noqa: PLC0415, a manager of its neighbour

        present = Participant.objects.present(at).filter(conversation=OuterRef("pk"), member=account)
        return self.filter(Exists(present))


class MessageQuerySet(models.QuerySet["Message"]):
    def seen_by(self, participant: "Participant") -> "MessageQuerySet":
        """Those of its conversation that came after what it does not see."""
        return self.filter(conversation=participant.conversation_id, pk__gt=participant.sees_after)
