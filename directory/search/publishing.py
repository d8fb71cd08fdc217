"""The one door by which entries are written. Upper apps publish in their own transaction."""

# ruff: noqa: S608, values are parameters: names of tables and columns alone stand in a statement
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from accounts.models import Account
from directory.kinds import kinds

LONGEST_KEYWORDS = 6000
FIELDS = (
    "label",
    "detail",
    "keywords",
    "numbers",
    "department",
    "departments",
    "communes",
    "facets",
    "account_id",
    "popularity",
    "is_closed",
)


def _list(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in FIELDS)


def upsert(source: str) -> str:
    """Write what differs of `source`, a SELECT that gives kind, key and FIELDS; `%(at)s` dates the old names.

    Rows that are the same are set aside before the INSERT: ON CONFLICT would lock each of them.
    """
    changes = ", ".join(f"{name} = excluded.{name}" for name in FIELDS)
    return f"""
        INSERT INTO directory_searchentry AS entry (kind, key, {", ".join(FIELDS)})
        SELECT fresh.kind, fresh.key, {_list("fresh")} FROM ({source}) fresh
        LEFT JOIN directory_searchentry known ON known.kind = fresh.kind AND known.key = fresh.key
        WHERE known.id IS NULL OR ({_list("known")}) IS DISTINCT FROM ({_list("fresh")})
        ON CONFLICT (kind, key) DO UPDATE SET {changes},
            aliases = directory_search_renamed(entry.aliases, entry.label, excluded.label, %(at)s::date)
        WHERE ({_list("entry")}) IS DISTINCT FROM ({_list("excluded")})
    """


_ONE = upsert("""
    SELECT %(kind)s::varchar AS kind, %(key)s::varchar AS key, %(label)s::varchar AS label,
        %(detail)s::varchar AS detail, %(keywords)s::text AS keywords, %(numbers)s::varchar[] AS numbers,
        %(department)s::varchar AS department, %(departments)s::varchar[] AS departments,
        %(communes)s::varchar[] AS communes, %(facets)s::varchar[] AS facets, %(account_id)s::uuid AS account_id,
        %(popularity)s::double precision AS popularity, %(is_closed)s::boolean AS is_closed
""")


def publish(  # noqa: PLR0913, what an entry is
    kind: str,
    key: str,
    *,
    label: str,
    detail: str = "",
    keywords: str = "",
    numbers: Iterable[str] = (),
    departments: Iterable[str] = (),
    communes: Iterable[str] = (),
    facets: Iterable[str] = (),
    account: Account | UUID | None = None,
    popularity: float = 0.0,
    is_closed: bool = False,
    at: date | datetime,
) -> bool:
    """Write the entry if it differs, in the caller's transaction; the old name goes on finding it. True if written.

    `keywords`: a line for each thing that also finds it, marked by `directory.search.Mark`. The first department is
    the one shown.
    """
    if kind not in kinds():
        raise ValueError(f"No kind is called {kind!r}: register it first.")
    places = list(dict.fromkeys(departments))
    columns: dict[str, Any] = {
        "kind": kind,
        "key": key,
        "label": label[:255],
        "detail": detail[:255],
        "keywords": keywords[:LONGEST_KEYWORDS],
        "numbers": ["".join(number.split()) for number in numbers if number],
        "department": places[0] if places else "",
        "departments": places,
        "communes": list(dict.fromkeys(communes)),
        "facets": list(dict.fromkeys(facets)),
        "account_id": account.pk if isinstance(account, Account) else account,
        "popularity": popularity,
        "is_closed": is_closed,
        "at": _day(at),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ONE, columns)
        return bool(cursor.rowcount)


def withdraw(kind: str, key: str) -> bool:
    """Take the entry out: for what must leave no trace, such as a group that becomes private. What closes stays."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM directory_searchentry WHERE kind = %s AND key = %s", [kind, key])
        return bool(cursor.rowcount)


def _day(at: date | datetime) -> date:
    return timezone.localdate(at) if isinstance(at, datetime) else at
