"""What waits in each space of some accounts, for one person: counted in one query a space, whatever their number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Account, User
from accounts.prepared import Prepared
from delegations.dates import end_of
from delegations.models import Delegation
from delegations.scopes import OPENS, Scope, Space
from spico.web.typography import NBSP, counted, plural
from workspace.models import CircleMember, DossierMark, Event, Participant, ReadMark, Task

# What is older is no news any more; it also bounds the reading.
RECENT = timedelta(days=30)
MOST = 99


@dataclass(frozen=True)
class News:
    """How many things, said in words; nothing to say when there are none."""

    space: Space
    count: int

    @property
    def words(self) -> str:
        """« 3 dossiers modifiés », « 2 événements aujourd’hui », « 4 tâches à faire », « 99+ conversations non
        lues »."""
        if not self.count:
            return ""
        if self.space == Space.AGENDA:
            return f"{counted(self.count, 'événement')} aujourd’hui"
        if self.space == Space.TASKS:
            return f"{counted(self.count, 'tâche')} à faire"
        many = f"{MOST}+" if self.count > MOST else str(self.count)
        noun, adjective = ("dossier", "modifié") if self.space == Space.DOSSIERS else ("conversation", "non lue")
        more = plural(self.count, adjective, "non lues" if adjective == "non lue" else "")
        return f"{many}{NBSP}{plural(self.count, noun)} {more}"


def news_of(user: User, scopes: Mapping[UUID, Scope], at: datetime) -> dict[UUID, dict[Space, News]]:
    """`scopes`: the accounts that this person may act in, each with what is open to them there."""
    counts = {
        space: count_news(space, user, [account for account, scope in scopes.items() if space in OPENS[scope]], at)
        for space in Space
    }
    return {
        account: {space: News(space, counts[space].get(account, 0)) for space in OPENS[scope]}
        for account, scope in scopes.items()
    }


Counted = QuerySet[Any, tuple[UUID, int]]


def bounded(things: QuerySet[Any, Any], accounts: list[UUID], most: int) -> Counted:
    """For each account, how many there are, counted no further than is said: `most`, and one more."""
    first = ArraySubquery(things.order_by().values("pk")[: most + 1])
    number = Func(first, function="cardinality", output_field=IntegerField())
    return Account.objects.filter(pk__in=accounts).values_list("pk").annotate(number=number)


def _moved_dossiers(*, user: User, accounts: list[UUID], at: datetime, since: datetime) -> Counted:
    """Those that somebody else wrote in, or that were shared, since this person read them in that account."""
    read = DossierMark.objects.filter(user=user, account=OuterRef("member"), dossier=OuterRef("dossier"))
    shared = CircleMember.objects.present(at).filter(member=OuterRef("pk"), dossier__archived_at=None)
    moved = shared.annotate(moved_at=Coalesce("dossier__moved_at", "created_at")).filter(moved_at__gt=since)
    fresh = moved.annotate(read_at=Subquery(read.values("read_at"))).filter(
        Q(read_at=None) | Q(read_at__lt=F("moved_at"))
    )
    return bounded(fresh, accounts, MOST)


def _events_today(*, accounts: list[UUID], at: datetime, midnight: datetime) -> Counted:
    """What is still to come today."""
    today = Event.objects.filter(account__in=accounts).living().between(at, midnight)
    return today.order_by().values_list("account").annotate(Count("pk"))


def _waiting_tasks(*, user: User, accounts: list[UUID], at: datetime) -> Counted:
    """To do by this person, or by nobody: not given, or given to somebody who may not act there any more."""
    able = Delegation.objects.in_force(at).filter(account=OuterRef("account"), holder=OuterRef("assignee"))
    is_gone = ~Q(assignee=F("account")) & ~Exists(able.opening(Space.TASKS))
    mine = Q(assignee__in=Account.objects.filter(user=user).values("pk"))
    waiting = Task.objects.filter(account__in=accounts).to_do().filter(mine | Q(assignee=None) | is_gone)
    return waiting.order_by().values_list("account").annotate(Count("pk"))


def _unread_conversations(*, user: User, accounts: list[UUID], at: datetime) -> Counted:
    """Conversations with a message that this person has not read in that account."""
    mark = ReadMark.objects.filter(user=user, account=OuterRef("member"), conversation=OuterRef("conversation"))
    present = Participant.objects.present(at).filter(member=OuterRef("pk"), archived_at=None, muted_at=None)
    later = present.filter(conversation__last_message_id__gt=F("sees_after"))
    unread = later.annotate(read=Coalesce(Subquery(mark.values("message_id")), 0)).filter(
        conversation__last_message_id__gt=F("read")
    )
    return bounded(unread, accounts, MOST)


_dossiers = Prepared(_moved_dossiers, user=User, accounts=list[UUID], at=datetime, since=datetime)
_events = Prepared(_events_today, accounts=list[UUID], at=datetime, midnight=datetime)
_tasks = Prepared(_waiting_tasks, user=User, accounts=list[UUID], at=datetime)
_discussions = Prepared(_unread_conversations, user=User, accounts=list[UUID], at=datetime)


def count_news(space: Space, user: User, accounts: list[UUID], at: datetime) -> dict[UUID, int]:
    """By account; 0 or absent where nothing is new. One query."""
    asked = {"user": user, "accounts": accounts, "at": at}
    if space == Space.DOSSIERS:
        return dict(_dossiers.rows(**asked, since=at - RECENT))
    if space == Space.AGENDA:
        return dict(_events.rows(accounts=accounts, at=at, midnight=end_of(timezone.localdate(at))))
    return dict((_tasks if space == Space.TASKS else _discussions).rows(**asked))
