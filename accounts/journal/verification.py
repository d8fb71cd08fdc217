"""Recompute the chain from the entries themselves, in this process: nothing stored in the database is believed.

PostgreSQL only reads rows and writes them in the canonical form; the queue and every function of ours are ignored.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from django.db import connection, transaction

from accounts.journal.canonical import CANONICAL, GENESIS
from accounts.journal.heads import Head

CHAIN = f"""
    SELECT s.number, s.entry_id, s.hash, CASE WHEN e.id IS NOT NULL THEN {CANONICAL} END
    FROM accounts_journalseal s LEFT JOIN accounts_journalentry e ON e.id = s.entry_id
    ORDER BY s.number
"""  # noqa: S608, our own columns
UNSEALED = """
    SELECT count(*), min(e.at) FROM accounts_journalentry e
    WHERE NOT EXISTS (SELECT FROM accounts_journalseal s WHERE s.entry_id = e.id)
"""
# A long journal takes its time. Names are looked up among PostgreSQL's own first, whatever the role or the database
# was told.
PATIENTLY = """
    SET LOCAL statement_timeout = 0;
    SELECT set_config('search_path', concat_ws(', ', 'pg_catalog', current_setting('search_path'), 'pg_temp'), true)
"""
# The rows come in the order of the chain as they are read: nothing is sorted, nothing is kept.
IN_ORDER = f"""{PATIENTLY};
    SET LOCAL enable_sort = off;
    SET LOCAL enable_hashjoin = off;
    SET LOCAL enable_mergejoin = off
"""


@dataclass(frozen=True)
class Verdict:
    """`broken`: a French sentence that names the first row that does not fit; empty when the chain holds.

    `unsealed`: entries without a seal, however long ago; `unsealed_since`: the moment of the oldest one.
    """

    read: int
    seconds: float
    unsealed: int
    unsealed_since: datetime | None
    broken: str

    @property
    def rate(self) -> int:
        """Rows a second."""
        return round(self.read / max(self.seconds, 1e-6))


class Broken(Exception):
    """Its text is a French sentence."""


def verify(exported: Mapping[int, Head] | None = None) -> Verdict:
    """Read the whole chain from its first link. `exported`: heads that left the database, by number; each must still be
    in it."""
    began, chain = perf_counter(), _Chain(dict(exported or {}))
    broken = chain.broken()
    seconds = perf_counter() - began
    with _settings(PATIENTLY), connection.cursor() as cursor:
        cursor.execute(UNSEALED)
        unsealed, since = cursor.fetchall()[0]
    return Verdict(chain.read, seconds, unsealed, since, broken)


@contextmanager
def _settings(asked: str) -> Iterator[None]:
    """For what runs inside and for nobody after it: a transaction, or a part of one, that is taken back at its end."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(asked)
        yield
        transaction.set_rollback(True)


class _Chain:
    def __init__(self, exported: dict[int, Head]) -> None:
        self.read, self.exported = 0, exported

    def broken(self) -> str:
        """Why the chain does not hold, or nothing."""
        try:
            with _settings(IN_ORDER):
                self.read_all()
        except Broken as found:
            return str(found)
        return ""

    def read_all(self) -> None:
        link, sha256, exported = GENESIS, hashlib.sha256, self.exported
        for number, entry, stored, told in _rows():
            if number != self.read + 1:
                raise Broken(f"Il manque le sceau n° {self.read + 1} : celui qui suit porte le n° {number}.")
            self.read = number
            if told is None:
                raise Broken(f"L’entrée {entry}, scellée sous le n° {number}, n’existe plus.")
            link = sha256(link + told).digest()
            if link != stored:
                raise Broken(f"Rupture au sceau n° {number} : l’entrée {entry}, ou ce sceau, a été récrite.")
            if number in exported:
                _compare(exported.pop(number), link)
        if exported:
            raise Broken(
                f"La chaîne s’arrête au sceau n° {self.read}, mais le n° {max(exported)} a été exporté : "
                "la fin du journal a été coupée."
            )


def _compare(head: Head, link: bytes) -> None:
    if head.hash != link.hex():
        raise Broken(f"Le sceau n° {head.number} n’est pas celui qui a été exporté : la chaîne a été refaite.")


def _rows() -> Iterator[tuple[int, int, bytes, bytes | None]]:
    """By COPY: the server writes while we hash, and a long journal is in nobody's memory."""
    with connection.cursor() as cursor, cursor.copy(f"COPY ({CHAIN}) TO STDOUT (FORMAT binary)") as copy:
        copy.set_types(["int8", "int8", "bytea", "bytea"])
        yield from copy.rows()
