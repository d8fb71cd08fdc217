"""Searching one's conversations: by title, by who takes part, by the words of the messages that the account sees.

Each way is bounded. Messages are found by the index of words while these are rare; words that everybody writes, as the
last messages tell, are looked for in the newest conversations, where they soon are: the index would read all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.journal import record_all
from accounts.prepared import Prepared
from delegations.scopes import Space
from directory.kinds import kinds
from directory.search.folding import words
from workspace.acting import Acting
from workspace.models import Message
from workspace.services.discussions_reading import Line, lines_of, participations_in
from workspace.typed import one_line

LONGEST_SEARCH = 100
MOST_WORDS = 6
SHORTEST_BEGINNING = 3
MOST_FOUND = 20
SAMPLE, OFTEN = 500, 3
NEWEST = 1_000
BEFORE, AFTER, LONGEST_PIECE = 6, 10, 120

MINE = """
    SELECT p.conversation_id, p.sees_after, c.last_message_id, c.words
    FROM workspace_participant p JOIN workspace_conversation c ON c.id = p.conversation_id
    WHERE p.member_id = %(account)s AND p.period @> %(at)s
"""
BY_TITLE = f"""
    SELECT conversation_id, 0 FROM ({MINE}) mine WHERE words @@ %(query)s::tsquery
    ORDER BY last_message_id DESC LIMIT {MOST_FOUND}
"""  # noqa: S608, words of ours
BY_NAME = f"""
    SELECT conversation_id, 0 FROM ({MINE}) mine WHERE EXISTS (
        SELECT FROM workspace_participant o JOIN directory_searchentry e ON e.account_id = o.member_id
        WHERE o.conversation_id = mine.conversation_id AND o.member_id <> %(account)s AND o.period @> %(at)s
            AND e.lex @@ %(names)s::tsquery)
    ORDER BY last_message_id DESC LIMIT {MOST_FOUND}
"""  # noqa: S608, words of ours
# And whether the account takes part in more conversations than are read for common words.
HOW_OFTEN = f"""
    SELECT count(*), EXISTS (
        SELECT FROM workspace_participant WHERE member_id = %(account)s AND period @> %(at)s OFFSET {NEWEST}
    ) FROM (SELECT words FROM workspace_message ORDER BY id DESC LIMIT {SAMPLE}) newest
    WHERE words @@ %(query)s::tsquery
"""  # noqa: S608, words of ours
BY_RARE_WORDS = f"""
    SELECT m.conversation_id, max(m.id) FROM ({MINE}) mine JOIN (
        SELECT id, conversation_id FROM workspace_message WHERE words @@ %(query)s::tsquery
    ) m ON m.conversation_id = mine.conversation_id AND m.id > mine.sees_after
    GROUP BY 1 ORDER BY 2 DESC LIMIT {MOST_FOUND}
"""  # noqa: S608, words of ours
# OFFSET 0: read backwards by the index of the conversation, not by that of the words, once a conversation.
BY_COMMON_WORDS = f"""
    SELECT newest.conversation_id, hit.id
    FROM ({MINE} ORDER BY c.last_message_id DESC LIMIT {NEWEST}) newest
    CROSS JOIN LATERAL (
        SELECT said.id FROM (
            SELECT m.id, m.words FROM workspace_message m
            WHERE m.conversation_id = newest.conversation_id AND m.id > newest.sees_after
            ORDER BY m.id DESC OFFSET 0
        ) said WHERE said.words @@ %(query)s::tsquery LIMIT 1
    ) hit LIMIT {MOST_FOUND}
"""  # noqa: S608, words of ours


@dataclass(frozen=True)
class Found:
    """A conversation, and why it is there: `said` is a piece of the message that has the words."""

    line: Line
    why: str
    said: str
    message: int


@dataclass(frozen=True)
class Answer:
    text: str
    found: list[Found]
    is_asked: bool
    is_bounded: bool


def search_conversations(acting: Acting, text: str) -> Answer:
    """Titles first, then people, then messages; a conversation is there once."""
    asked = one_line(text)[:LONGEST_SEARCH]
    spoken = list(dict.fromkeys(words(asked)))[:MOST_WORDS]
    if not spoken or not acting.may(Space.DISCUSSIONS):
        return Answer(asked, [], is_asked=False, is_bounded=False)
    values = {"account": acting.account.pk, "at": acting.at, "query": _query(spoken), "names": _names(spoken)}
    ((often, has_more),) = _rows(HOW_OFTEN, values)
    is_common = often >= OFTEN
    ways = [
        ("Dans le titre", _rows(BY_TITLE, values)),
        ("Parmi les participants", _rows(BY_NAME, values)),
        ("Dans un message", _rows(BY_COMMON_WORDS if is_common else BY_RARE_WORDS, values)),
    ]
    reasons: dict[UUID, tuple[str, int]] = {}
    for why, rows in ways:
        for conversation, message in rows:
            reasons.setdefault(conversation, (why, message))
    with transaction.atomic():
        record_all([acting.told("conversation.searched", "space", Space.DISCUSSIONS, found=len(reasons))])
    is_bounded = any(len(rows) == MOST_FOUND for _, rows in ways) or (is_common and has_more)
    return Answer(asked, _found(acting, reasons, spoken), is_asked=True, is_bounded=is_bounded)


def _rows(sql: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _term(word: str, prefix: str = "") -> str:
    """Words hold letters and figures alone (`directory.search.folding`)."""
    return f"'{prefix}{word}'" + (":*" if len(word) >= SHORTEST_BEGINNING else "")


def _query(spoken: Sequence[str]) -> str:
    return " & ".join(_term(word) for word in spoken)


def _names(spoken: Sequence[str]) -> str:
    """As the directory keeps them: each word behind the letter of its kind, a capital for what has closed."""
    shelves = [letter for name in kinds() for letter in (name[0], name[0].upper())]
    return " & ".join("(" + " | ".join(_term(word, shelf) for shelf in shelves) + ")" for word in spoken)


_texts = Prepared(
    lambda *, messages: Message.objects.filter(pk__in=messages).values_list("pk", "text"), messages=list[int]
)


def _found(acting: Acting, reasons: dict[UUID, tuple[str, int]], spoken: Sequence[str]) -> list[Found]:
    """In the order of the last message, by as many queries whatever the number."""
    texts = dict(_texts.rows(messages=[message for _, message in reasons.values() if message]))
    told = []
    for line in lines_of(acting, participations_in(acting, reasons)):
        why, message = reasons[line.conversation.pk]
        told.append(Found(line, why, piece(texts[message], spoken) if message in texts else "", message))
    return told


def piece(text: str, spoken: Sequence[str]) -> str:
    """Some words around the first that was looked for."""
    said = text.split()
    at = next((i for i, one in enumerate(said) if any(w.startswith(s) for w in words(one) for s in spoken)), 0)
    begin, end = max(at - BEFORE, 0), at + AFTER
    shown = " ".join(said[begin:end])
    is_cut = end < len(said) or len(shown) > LONGEST_PIECE
    return ("… " if begin else "") + shown[:LONGEST_PIECE] + (" …" if is_cut else "")
