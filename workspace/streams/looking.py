"""One look for all open streams: what is new in their conversations, and who may still read it.

As many queries for one stream as for a thousand. Who may read is asked last, once everything is drawn.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import connection
from django.template.loader import render_to_string

from accounts.models import Account, User
from delegations.access import pairs_open
from delegations.explaining import explain
from delegations.scopes import Space
from directory.owners import owners_of
from spico.web.typography import NBSP
from workspace.message_rows import rows_of
from workspace.models import Conversation, Message, Participant

MOST_AT_ONCE = 50
# When an account closes, all its readers go at once: the others are told without the reason, and none waits for it.
MOST_EXPLAINED = 20
SESSION_OVER = f"Votre session est fermée{NBSP}: rechargez la page pour vous connecter de nouveau."
NOT_ACTIVE = f"Votre identifiant n’est plus actif{NBSP}: appelez le centre de service."
NOT_LISTED = "Ce compte n’est plus dans l’annuaire."
NO_LONGER_THERE = "Ce compte ne participe plus à cette conversation."
NO_LONGER_OPEN = "Les discussions de ce compte ne vous sont plus ouvertes."


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads a conversation through an account, by a session. `credential`: of the password that the
    session was opened with, since a new one closes it."""

    session: str
    user: int
    credential: bytes
    account: UUID
    conversation: UUID


@dataclass(frozen=True, slots=True)
class Batch:
    """What comes after a number: events, ready to be sent. `upto`: the last number looked at, shown or not. `is_more`:
    there may be more than was taken at once."""

    events: tuple[bytes, ...]
    upto: int
    is_more: bool


@dataclass(frozen=True)
class Found:
    """`why_not`: of each reader who may no longer read, the sentence. `batches`: by reader and number; those who are at
    the end are left out."""

    why_not: Mapping[Reader, str]
    batches: Mapping[tuple[Reader, int], Batch]


Place = tuple[UUID, int]
# Of a conversation and a number: who takes part, by account, with the last number that they do not see.
Present = dict[tuple[UUID, UUID], int]


def credential_of(user: User) -> bytes:
    return hashlib.sha256(user.password.encode()).digest()


def look(readers: Collection[Reader], positions: Collection[tuple[Reader, int]], now: Callable[[], datetime]) -> Found:
    """`readers`: all to be checked. `positions`: those among them who can take messages, and after which number.

    `now` is asked again when everything is drawn: a look may have waited, and an access may have ended meanwhile.
    """
    places = _with_news({(reader.conversation, last) for reader, last in positions})
    batches: dict[tuple[Reader, int], Batch] = {}
    taken = _messages(places)
    if taken:
        present = _present(readers, now())
        drawn: dict[tuple[Place, UUID], Batch] = {}
        for reader, last in positions:
            place, account = (reader.conversation, last), reader.account
            if place not in taken or (reader.conversation, account) not in present:
                continue
            if (place, account) not in drawn:
                drawn[place, account] = _drawn(taken[place], last, account, present[reader.conversation, account])
            batches[reader, last] = drawn[place, account]
    return Found(_why_not(readers, now()), batches)


# --- What is new -----------------------------------------------------------------------------------------------------


def _with_news(places: set[Place]) -> list[Place]:
    newest = dict(
        Conversation.objects.filter(pk__in={key for key, _ in places}).values_list("pk", "last_message_id")
        if places
        else ()
    )
    return [(key, last) for key, last in places if newest.get(key, 0) > last]


# After each number as many as are taken at once, and the one before them, for the day said above.
NUMBERS = """
    SELECT asked.conversation, asked.after, m.id
    FROM unnest(%s::uuid[], %s::bigint[]) AS asked(conversation, after)
    CROSS JOIN LATERAL (
        (SELECT id FROM workspace_message
         WHERE conversation_id = asked.conversation AND id > asked.after ORDER BY id LIMIT %s)
        UNION ALL
        (SELECT id FROM workspace_message
         WHERE conversation_id = asked.conversation AND id <= asked.after ORDER BY id DESC LIMIT 1)
    ) m
"""


def _messages(places: list[Place]) -> dict[Place, list[Message]]:
    if not places:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS, [[key for key, _ in places], [last for _, last in places], MOST_AT_ONCE])
        numbers = cursor.fetchall()
    found = Message.objects.in_bulk({number for _, _, number in numbers})
    taken: dict[Place, list[Message]] = defaultdict(list)
    for key, last, number in sorted(numbers, key=lambda row: row[2]):
        taken[key, last].append(found[number])
    return taken


def _drawn(messages: list[Message], last: int, account: UUID, sees_after: int) -> Batch:
    seen = [one for one in messages if one.pk > sees_after]
    before = next((one for one in seen if one.pk <= last), None)
    rows = rows_of([one for one in seen if one.pk > last], Account(pk=account), after=before)
    events = (
        event(row.message.pk, render_to_string("spaces/discussions/_message.html", {"rows": [row]})) for row in rows
    )
    return Batch(tuple(events), max(last, messages[-1].pk), len(messages) >= MOST_AT_ONCE)


def event(number: int, html: str) -> bytes:
    return f"id: {number}\nevent: message\n{data(html.strip())}\n\n".encode()


def closed(sentence: str) -> bytes:
    return f"event: closed\n{data(sentence)}\n\n".encode()


def data(text: str) -> str:
    return "\n".join(f"data: {line}" for line in re.split(r"\r\n|\r|\n", text))


# --- Who may still read ----------------------------------------------------------------------------------------------


def _present(readers: Iterable[Reader], at: datetime) -> Present:
    conversations, accounts = {one.conversation for one in readers}, {one.account for one in readers}
    found = Participant.objects.present(at).filter(conversation__in=conversations, member__in=accounts)
    return {(key, member): after for key, member, after in found.values_list("conversation", "member", "sees_after")}


def _why_not(readers: Collection[Reader], at: datetime) -> dict[Reader, str]:
    """What `opening` asked of each, asked again for all."""
    if not readers:
        return {}
    accounts, users = {one.account for one in readers}, {one.user for one in readers}
    sessions = Session.objects.filter(pk__in={one.session for one in readers}, expire_date__gt=at)
    alive = set(sessions.values_list("pk", flat=True))
    active = User.objects.filter(pk__in=users, is_active=True).only("password").in_bulk()
    credentials = {key: credential_of(user) for key, user in active.items()}
    listed, present = owners_of(accounts), _present(readers, at)
    opened = pairs_open(users, accounts, Space.DISCUSSIONS, at)
    refused: dict[Reader, str] = {}
    for one in readers:
        if one.user not in credentials:
            refused[one] = NOT_ACTIVE
        elif one.session not in alive or credentials[one.user] != one.credential:
            refused[one] = SESSION_OVER
        elif (one.user, one.account) not in opened:
            refused[one] = _why_shut_to(one, at) if len(refused) < MOST_EXPLAINED else NO_LONGER_OPEN
        elif one.account not in listed:
            refused[one] = NOT_LISTED
        elif (one.conversation, one.account) not in present:
            refused[one] = NO_LONGER_THERE
    return refused


def _why_shut_to(reader: Reader, at: datetime) -> str:
    return _why_shut(User.objects.get(pk=reader.user), Account.objects.get(pk=reader.account), at)


def _why_shut(user: User, account: Account, at: datetime) -> str:
    return f"{NO_LONGER_OPEN} {explain(user, account, at).of(Space.DISCUSSIONS).because}".rstrip()


def why_refused(user: User, account: UUID, at: datetime) -> str:
    """To a page that asks for what it may not read, the sentence that its stream would have ended with. It says the
    same of a conversation that this account left and of one that never was."""
    found = Account.objects.filter(pk=account).first()
    if found is None or account not in owners_of([account]):
        return NOT_LISTED
    opened = pairs_open({user.pk}, {account}, Space.DISCUSSIONS, at)
    return NO_LONGER_THERE if (user.pk, account) in opened else _why_shut(user, found, at)
