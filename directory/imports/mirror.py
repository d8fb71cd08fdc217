"""One table of the directory made equal to a query over staging tables: only the rows that differ are written.

Every name of a table or of a column comes from the import's code, never from a file.
"""

# ruff: noqa: S608, statements are put together from those names alone; values are parameters.

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from accounts.models import AccountKind
from accounts.states import AccountState
from directory.imports.accounts import move_from, rename_from
from directory.imports.counts import Counts
from directory.imports.staging import execute, one, rows, temporary
from spico.web.typography import counted

RELEASE = """
    UPDATE {table} held SET {column} = NULL FROM {changes} c WHERE held.{column} = c.{column} AND held.id <> c.id
"""


@dataclass(frozen=True)
class Mirror:
    """`wanted` is a query that gives the columns; `match` joins it (w) to the table (t), at most one row each way.

    `columns` are compared and written. `kept` are too, but where `wanted` says nothing what the table says stays.
    `fixed` columns are written on new rows only; `source_date` if it `is_dated`, on every row written. `owner` is the
    kind of the accounts that new rows receive; the account's name is then `label`, an expression over w or t. A
    closed row that `wanted` holds opens again if it `opens`. `numbered`: `wanted` gives the ids of new rows.
    `released`: unique columns that another row may hold, when the source has given its identifier to somebody else.
    The rows that differ are listed in the temporary table `changes`, with their `id`, `account_id` and `act`.
    """

    table: str
    changes: str
    wanted: str
    match: str
    columns: tuple[str, ...]
    kept: tuple[str, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    owner: AccountKind | None = None
    label: str = "{row}.name"
    closing: str = "closed_on"
    opens: str = "true"
    is_dated: bool = True
    numbered: bool = False
    released: tuple[str, ...] = ()
    reopened: Mapping[AccountState, AccountState] = field(default_factory=dict)

    def apply(self, at: datetime, source_date: date | None) -> None:
        """List what differs, write it, tell the upper apps.

        Rows that exist come first: units move before those that will stand under them are there.
        """
        if not self._compare():
            return
        for column in self.released:
            execute(RELEASE.format(table=self.table, changes=self.changes, column=column))
        self._update(source_date)
        if self.owner:
            self._create_accounts(at)
        self._insert(source_date)
        if self.owner:
            self._move_accounts(at)

    def _compare(self) -> int:
        compared = [*self.columns, *self.kept]
        values = [f"w.{name}" for name in self.columns] + [f"coalesce(w.{name}, t.{name})" for name in self.kept]
        number = "w.id" if self.numbered else f"nextval(pg_get_serial_sequence('{self.table}', 'id'))"
        account = "coalesce(t.account_id, gen_random_uuid()) AS account_id," if self.owner else ""
        return temporary(
            self.changes,
            f"""
            SELECT coalesce(t.id, {number}) AS id, {account}
                   {", ".join(f"{value} AS {name}" for name, value in zip(compared, values, strict=True))},
                   {self._old_label()} AS old_label,
                   CASE WHEN t.id IS NULL THEN 'created' WHEN {self._is_closed()} THEN 'reopened' ELSE 'changed' END
                   AS act
            FROM ({self.wanted}) w LEFT JOIN {self.table} t ON {self.match}
            WHERE t.id IS NULL OR {self._is_closed()}
               OR ({", ".join(f"t.{name}" for name in compared)}) IS DISTINCT FROM ({", ".join(values)})
            """,
        )

    def _is_closed(self) -> str:
        return f"(t.{self.closing} IS NOT NULL AND {self.opens})" if self.closing else "false"

    def _old_label(self) -> str:
        return self.label.format(row="t") if self.owner else "NULL"

    def _create_accounts(self, at: datetime) -> None:
        label = self.label.format(row="c")
        execute(
            f"""
            INSERT INTO accounts_account (id, kind, state, name, created_at)
            SELECT account_id, %s, %s, {label}, %s FROM {self.changes} c WHERE act = 'created'
            """,
            [self.owner, AccountState.LISTED, at],
        )

    def _insert(self, source_date: date | None) -> None:
        names = ["id", *(["account_id"] if self.owner else []), *self.columns, *self.kept]
        targets, values = [*names, *self.fixed], [*names, *self.fixed.values()]
        if self.is_dated:
            targets, values = [*targets, "source_date"], [*values, "%s"]
        execute(
            f"""
            INSERT INTO {self.table} ({", ".join(targets)}) SELECT {", ".join(values)} FROM {self.changes}
            WHERE act = 'created'
            """,
            [source_date] if self.is_dated else None,
        )

    def _update(self, source_date: date | None) -> None:
        assigned = [f"{name} = c.{name}" for name in (*self.columns, *self.kept)]
        if self.closing:
            assigned.append(f"{self.closing} = CASE WHEN c.act = 'changed' THEN {self.table}.{self.closing} END")
        if self.is_dated:
            assigned.append("source_date = %s")
        execute(
            f"""
            UPDATE {self.table} SET {", ".join(assigned)}
            FROM {self.changes} c WHERE c.id = {self.table}.id AND c.act <> 'created'
            """,
            [source_date] if self.is_dated else None,
        )

    def _move_accounts(self, at: datetime) -> None:
        label = self.label.format(row="c")
        temporary(
            "import_renamed",
            f"SELECT account_id, {label} AS name FROM {self.changes} c WHERE act <> 'created' AND old_label <> {label}",
        )
        rename_from("import_renamed", at)
        temporary("import_moved", f"SELECT account_id FROM {self.changes} WHERE act = 'reopened'")
        move_from("import_moved", self.reopened, at)

    def acts(self) -> dict[str, int]:
        """How many rows were listed, by act."""
        return dict(rows(f"SELECT act, count(*) FROM {self.changes} GROUP BY act"))

    def count(self, counts: Counts, of: str) -> None:
        """Add what was listed to the counts of the run; `of` (a table, a condition) has a row for each one wanted.

        Rows that only follow others are changed without having been asked for: they take nothing from the unchanged.
        """
        acts = self.acts()
        counts.created += acts.get("created", 0)
        counts.changed += acts.get("changed", 0)
        counts.reopened += acts.get("reopened", 0)
        counts.unchanged += max(0, one(f"SELECT count(*) FROM {of}")[0] - sum(acts.values()))

    def told(self, what: str, ended: int) -> str:
        """A sentence for what goes with the rows that the run counts."""
        acts = self.acts()
        added, changed = acts.get("created", 0), acts.get("changed", 0) + acts.get("reopened", 0)
        parts = (counted(added, "ajouté"), counted(changed, "modifié"), counted(ended, "terminé"))
        return f"{what} : {', '.join(parts)}."
