"""Reading discussions: the list of an account, and one conversation, each in as many queries whatever their length."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Account, User
from accounts.prepared import Prepared
from accounts.prepared_lists import Listed, PreparedList, number_of
from accounts.states import AccountState
from delegations.scopes import Space
from directory.owners import Owner, owners_of
from spico.web.typography import NBSP, french_date, french_time, local
from workspace.access import messages_in
from workspace.acting import Acting
from workspace.calendar import WEEKDAYS
from workspace.message_rows import Row, authors_of, initials, rows_of
from workspace.models import Conversation, ConversationOrigin, Message, Participant, ReadMark
from workspace.news import count_news
from workspace.querysets import ParticipantQuerySet

CONVERSATIONS_A_PAGE = 20
# Of the list, when a conversation stands open beside it.
CONVERSATIONS_BESIDE = 10
MESSAGES_A_PAGE = 30
MOST_UNREAD = 99
NAMES_SHOWN = 3
SHORT_MONTHS = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Member:
    """An account that takes part, as pages name it."""

    row: Participant
    owner: Owner | None

    @property
    def account(self) -> Account:
        return self.row.member

    @property
    def name(self) -> str:
        return self.owner.label if self.owner else self.account.name

    @property
    def initials(self) -> str:
        return initials(self.owner, self.name)

    @property
    def is_person(self) -> bool:
        return self.account.kind == "pp"

    @property
    def state(self) -> str:
        """Why nothing reaches this account any more; empty while it reads."""
        if self.account.state == AccountState.OPEN:
            return ""
        return {AccountState.CLOSED: "compte fermé", AccountState.FROZEN: "compte gelé"}.get(
            AccountState(self.account.state), "n’utilise pas SPICO"
        )

    @property
    def said(self) -> str:
        return f"{self.name} ({self.state})" if self.state else self.name


@dataclass(frozen=True)
class Line:
    """A conversation of the list, as somebody sees it in one account; its address is `key` below that of the list."""

    participant: Participant
    others: list[Member]
    unread: int
    now: datetime

    @property
    def conversation(self) -> Conversation:
        return self.participant.conversation

    @property
    def key(self) -> str:
        return str(self.participant.conversation_id)

    @property
    def title(self) -> str:
        return self.conversation.title

    @property
    def names(self) -> str:
        return names_said(self.others)

    @property
    def initials(self) -> str:
        return self.others[0].initials if self.others else "–"

    @property
    def portrait(self) -> str:
        """The classes of a moral account, square."""
        return " who-pm" if self.others and not self.others[0].is_person else ""

    @property
    def has_tags(self) -> bool:
        return bool(self.origin or self.participant.muted_at)

    @property
    def when(self) -> str:
        return short_moment(self.conversation.last_message_at, self.now)

    @property
    def unread_words(self) -> str:
        return f"{MOST_UNREAD}+" if self.unread > MOST_UNREAD else str(self.unread)

    @property
    def origin(self) -> str:
        """Said when it is not the usual one."""
        origin = ConversationOrigin(self.conversation.origin)
        return "" if origin == ConversationOrigin.PLAIN else origin.label.capitalize()


@dataclass(frozen=True)
class Page:
    """`older`: from which number the following page begins; 0 when this is the last."""

    lines: list[Line]
    older: int


def names_said(members: Sequence[Member]) -> str:
    """« Équipe mobile et Naïma Belhartoun », « Équipe mobile, SSIAD, Naïma Belhartoun et 2 autres »."""
    if not members:
        return "Aucun autre participant"
    names = [one.said for one in members[:NAMES_SHOWN]]
    more = len(members) - NAMES_SHOWN
    if more > 0:
        names.append(f"{more}{NBSP}{'autres' if more > 1 else 'autre'}")
    return " et ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def short_moment(moment: datetime | None, now: datetime) -> str:
    """« 9 h 40 » today, « Hier », « Jeudi », « 12 nov. », « 12 nov. 2025 »."""
    if moment is None:
        return ""
    day, today = local(moment).date(), local(now).date()
    if day == today:
        return french_time(moment)
    if day == today - timedelta(days=1):
        return "Hier"
    return WEEKDAYS[day.weekday()].capitalize() if today - WEEK < day < today else _short_day(day, today)


def _short_day(day: date, today: date) -> str:
    number = french_date(day).partition(NBSP)[0]
    words = f"{number}{NBSP}{SHORT_MONTHS[day.month - 1]}"
    return words if day.year == today.year else f"{words}{NBSP}{day.year}"


# --- The list --------------------------------------------------------------------------------------------------------


def participations(acting: Acting) -> ParticipantQuerySet:
    """Of the account acted for, with until where this person has read each conversation in it."""
    return _participations(acting.user, acting.account.pk, acting.at)


def participations_in(acting: Acting, conversations: Iterable[UUID]) -> list[Participant]:
    """The places of the account acted for in some conversations, the last written first."""
    return _some.rows(user=acting.user, account=acting.account.pk, at=acting.at, conversations=list(conversations))


def listed(acting: Acting, *, is_archived: bool) -> Listed[Participant]:
    """All of `participations`, or those put away; the last written first."""
    found = _lines_asked.of(user=acting.user, account=acting.account.pk, at=acting.at, is_archived=is_archived)
    return found if acting.may(Space.DISCUSSIONS) else found.none()


def _newest_first(rows: ParticipantQuerySet) -> ParticipantQuerySet:
    return rows.order_by("-conversation__last_message_id")


def _participations(user: User, account: UUID, at: datetime) -> ParticipantQuerySet:
    mark = ReadMark.objects.filter(user=user, account=account, conversation=OuterRef("conversation"))
    present = Participant.objects.present(at).filter(member=account).select_related("conversation")
    return present.annotate(read=Coalesce(Subquery(mark.values("message_id")[:1]), 0))


def _those(rows: ParticipantQuerySet, *, is_archived: bool) -> ParticipantQuerySet:
    return rows.filter(archived_at__isnull=not is_archived)


def _number(*, account: UUID, at: datetime, is_archived: bool) -> QuerySet[Participant, int]:
    places = _those(Participant.objects.present(at).filter(member=account), is_archived=is_archived)
    return number_of(places)


_lines_asked = PreparedList(
    lambda *, user, account, at, is_archived: _newest_first(
        _those(_participations(user, account, at), is_archived=is_archived)
    ),
    _number,
    apart=("user",),
    by_value=True,
    user=User,
    account=UUID,
    at=datetime,
)
_some = Prepared(
    lambda *, user, account, at, conversations: _newest_first(
        _participations(user, account, at).filter(conversation__in=conversations)
    ),
    user=User,
    account=UUID,
    at=datetime,
    conversations=list[UUID],
)


def conversation_page(acting: Acting, *, is_archived: bool = False, before: int = 0) -> Page:
    if not acting.may(Space.DISCUSSIONS):
        return Page([], 0)
    found = _older_lines(acting, is_archived, before) if before else _first_lines(acting, is_archived)
    found, older = _cut(found, CONVERSATIONS_A_PAGE)
    return Page(lines_of(acting, found), older)


def _first_lines(acting: Acting, is_archived: bool, many: int = CONVERSATIONS_A_PAGE) -> list[Participant]:
    """One more than will be shown."""
    return listed(acting, is_archived=is_archived)[: many + 1]


def _older_lines(acting: Acting, is_archived: bool, before: int) -> list[Participant]:
    rows = participations(acting).filter(archived_at__isnull=not is_archived)
    older = rows.filter(conversation__last_message_id__lt=before)
    return list(older.order_by("-conversation__last_message_id")[: CONVERSATIONS_A_PAGE + 1])


def _cut(found: list[Participant], many: int) -> tuple[list[Participant], int]:
    """As many as are shown, and from which number the others follow; 0 when there are none."""
    shown = found[:many]
    return shown, shown[-1].conversation.last_message_id if len(found) > many else 0


def lines_of(acting: Acting, found: Sequence[Participant]) -> list[Line]:
    """`found`: among `participations`."""
    return _lines(acting, found, others_of(acting, [row.conversation_id for row in found]))


def _lines(acting: Acting, found: Sequence[Participant], others: Mapping[UUID, list[Member]]) -> list[Line]:
    unread = _unread([(row.conversation_id, max(row.sees_after, getattr(row, "read", 0))) for row in found])
    return [Line(row, others[row.conversation_id], unread.get(row.conversation_id, 0), acting.at) for row in found]


_others = Prepared(
    lambda *, conversations, account, at: (
        Participant.objects.present(at)
        .filter(conversation__in=conversations)
        .exclude(member=account)
        .select_related("member")
        .order_by("pk")
    ),
    conversations=list[UUID],
    account=UUID,
    at=datetime,
)


def others_of(acting: Acting, conversations: Iterable[UUID]) -> dict[UUID, list[Member]]:
    """The other accounts of each conversation, as they came in."""
    rows = _taking_part(acting, conversations)
    return _members(rows, owners_of(row.member_id for row in rows))


def _taking_part(acting: Acting, conversations: Iterable[UUID]) -> list[Participant]:
    return _others.rows(conversations=list(conversations), account=acting.account.pk, at=acting.at)


def _members(rows: Iterable[Participant], owners: Mapping[UUID, Owner]) -> dict[UUID, list[Member]]:
    told: dict[UUID, list[Member]] = defaultdict(list)
    for row in rows:
        told[row.conversation_id].append(Member(row, owners.get(row.member_id)))
    return told


# Counted no further than what is shown, by the index of the messages of each conversation.
UNREAD = """
    SELECT asked.id, (
        SELECT count(*) FROM (
            SELECT FROM workspace_message m WHERE m.conversation_id = asked.id AND m.id > asked.seen LIMIT %s
        ) bounded
    ) FROM unnest(%s::uuid[], %s::bigint[]) AS asked(id, seen)
"""


def _unread(seen: Sequence[tuple[UUID, int]]) -> dict[UUID, int]:
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, [MOST_UNREAD + 1, [key for key, _ in seen], [last for _, last in seen]])
        return dict(cursor.fetchall())


def unread_conversations(acting: Acting) -> int:
    key = acting.account.pk
    return count_news(Space.DISCUSSIONS, acting.user, [key], acting.at).get(key, 0)


# --- One conversation ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Thread:
    """A conversation open in an account. `older`: the number before which there is more; 0 when there is nothing."""

    acting: Acting
    participant: Participant
    rows: list[Row]
    others: list[Member]
    older: int
    is_newest: bool
    last: int = field(default=0)

    @property
    def conversation(self) -> Conversation:
        return self.participant.conversation

    @property
    def names(self) -> str:
        return names_said(self.others)

    @property
    def nobody_reads(self) -> bool:
        return all(one.state for one in self.others)


_last_messages = Prepared(
    lambda *, conversation, sees_after: Message.objects.filter(conversation=conversation, pk__gt=sees_after).order_by(
        "-pk"
    )[: MESSAGES_A_PAGE + 1],
    conversation=UUID,
    sees_after=int,
)


def read_thread(acting: Acting, participant: Participant, before: int = 0) -> tuple[Thread, Page]:
    """The last messages that the account sees, or those before a number, and the first conversations of the list that
    stands beside them. Who takes part and who wrote are asked once for all."""
    found = _newest_messages(participant, before)
    has_more, found = len(found) > MESSAGES_A_PAGE, found[:MESSAGES_A_PAGE][::-1]
    beside, further = _cut(_first_lines(acting, is_archived=False, many=CONVERSATIONS_BESIDE), CONVERSATIONS_BESIDE)
    conversation = participant.conversation_id
    present = _taking_part(acting, {conversation, *(row.conversation_id for row in beside)})
    owners = owners_of({*(row.member_id for row in present), *authors_of(found)})
    others = _members(present, owners)
    thread = Thread(
        acting=acting,
        participant=participant,
        rows=rows_of(found, acting.account, owners=owners),
        others=others[conversation],
        older=found[0].pk if has_more else 0,
        is_newest=not before,
        last=found[-1].pk if found else participant.sees_after,
    )
    return thread, Page(_lines(acting, beside, others), further)


def _newest_messages(participant: Participant, before: int) -> list[Message]:
    """Of `messages_in`; one more than a page, the newest first."""
    if not before:
        return _last_messages.rows(conversation=participant.conversation_id, sees_after=participant.sees_after)
    older = messages_in(participant).filter(pk__lt=before)
    return list(older.order_by("-pk")[: MESSAGES_A_PAGE + 1])


def rows_after(acting: Acting, participant: Participant, last: int) -> list[Row]:
    """What came after a number, as the page draws it; a page of it at a time."""
    seen = messages_in(participant)
    found: list[Message] = list(seen.filter(pk__gt=last).order_by("pk")[:MESSAGES_A_PAGE])
    before = seen.filter(pk__lte=last).order_by("-pk").first() if found else None
    return rows_of(found, acting.account, after=before)
