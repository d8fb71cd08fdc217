"""What an import did, counted; the rows that it wrote are counted by the database itself."""

from dataclasses import dataclass

from directory.imports.staging import one

# Every row that this transaction wrote so far in the tables of the directory and of the accounts, whoever wrote it:
# our statements, triggers, search entries. The run, its issues and the search's dictionary are not data.
WRITTEN = """
    SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)
    FROM pg_stat_xact_user_tables
    WHERE schemaname = 'public'
      AND (relname LIKE 'directory\\_%' OR relname LIKE 'accounts\\_%')
      AND relname NOT IN ('directory_importrun', 'directory_importissue')
      AND relname NOT LIKE 'directory\\_search\\_%'
"""


@dataclass
class Counts:
    """Lines of the file, then rows of the directory."""

    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    closed: int = 0
    reopened: int = 0
    set_aside: int = 0
    warnings: int = 0
    written: int = 0


def rows_written() -> int:
    """How many rows this transaction has written so far; what earlier ones left uncounted is in it: subtract."""
    return int(one(WRITTEN)[0])
