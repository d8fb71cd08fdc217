"""Recompute the chain from the entries themselves, in this process: nothing stored in the database is believed."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from accounts.journal.canonical import CANONICAL, GENESIS

READ_AT_ONCE = 5_000
CHAIN = f"""
    SELECT s.number, s.entry_id, s.hash, CASE WHEN e.id IS NOT NULL THEN {CANONICAL} END
    FROM accounts_journalseal s LEFT JOIN accounts_journalentry e ON e.id = s.entry_id
    ORDER BY s.number
"""  # noqa: S608, our own columns
UNSEALED = """
    SELECT count(*), min(e.at) FROM accounts_journalentry e
    WHERE NOT EXISTS (SELECT FROM accounts_journalseal s WHERE s.entry_id = e.id)
"""


@dataclass(frozen=True)
class Head:
    """The last link: its number and its hash, in hexadecimal."""

    number: int
    hash: str


@dataclass(frozen=True)
class Verdict:
    """`broken`: a French sentence naming the first row that does not fit; empty when the chain holds."""

    read: int
    seconds: float
    unsealed: int
    unsealed_since: datetime | None
    broken: str = ""

    @property
    def rate(self) -> int:
        return round(self.read / self.seconds) if self.seconds else self.read


def verify(expected: Head | None = None) -> Verdict:
    """Read the chain from its first link. `expected`: a head exported earlier, which must still be in it."""
    began = time.monotonic()
    with transaction.atomic():
        read, broken = _walk(expected)
        seconds = time.monotonic() - began
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(UNSEALED)
            unsealed, since = cursor.fetchone()  # type: ignore[misc]
    return Verdict(read, seconds, unsealed, since, broken)


def _walk(expected: Head | None) -> tuple[int, str]:
    link, read, is_found = GENESIS, 0, expected is None
    for number, entry, stored, told in _chain():
        read += 1
        if number != read:
            return read, f"Il manque le sceau n° {read} : le suivant porte le n° {number}."
        if told is None:
            return read, f"L’entrée {entry}, scellée sous le n° {number}, n’existe plus."
        link = hashlib.sha256(link + told.encode()).digest()
        if link != bytes(stored):
            return read, f"L’entrée {entry} ne correspond plus à son sceau, le n° {number}."
        if expected and number == expected.number:
            if link.hex() != expected.hash:
                return read, f"Le sceau n° {number} n’est pas celui qui avait été exporté : la chaîne a été refaite."
            is_found = True
    if expected and not is_found:
        return read, f"Le sceau n° {expected.number}, exporté, n’existe plus : la fin du journal a été coupée."
    return read, ""


def _chain() -> Iterator[tuple[int, int, bytes, str | None]]:
    """Through a cursor of the server's, so that a long journal is never held in memory."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(f"DECLARE spico_chain NO SCROLL CURSOR FOR {CHAIN}")
        while True:
            cursor.execute(f"FETCH {READ_AT_ONCE} FROM spico_chain")
            rows = cursor.fetchall()
            if not rows:
                break
            yield from rows
        cursor.execute("CLOSE spico_chain")


def head() -> Head | None:
    """The last link of the chain; None while nothing is sealed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, hash FROM accounts_journalseal ORDER BY number DESC LIMIT 1")
        row = cursor.fetchone()
    return Head(row[0], bytes(row[1]).hex()) if row else None
