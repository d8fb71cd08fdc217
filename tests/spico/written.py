"""What an act wrote, whatever table it wrote to."""

from django.db import connection


def told_of(tables: list[str]) -> dict[str, tuple[int, int]]:
    """Of each table, how many rows and what they say: a row that was changed shows as one that was added."""
    if not tables:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM \"{name}\" t"
                for name in tables
            )
        )
        return {name: (count, told) for name, count, told in cursor.fetchall()}


def touched() -> dict[str, int]:
    """How often each table was written to since the house is there, what was undone included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return dict(cursor.fetchall())
