"""Accounts follow their owners: moved along the tables of states and renamed, set-based, and announced once."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from accounts.models import Account
from accounts.signals import accounts_moved, accounts_renamed
from accounts.states import AccountState
from directory.imports.staging import execute, one, rows

# Tables given here are temporary ones of the import, named by its code.
ANY = "SELECT EXISTS (SELECT FROM {table})"
# Before they are written, accounts are locked in the order of their keys, as by every act that locks several.
TO_MOVE = """
    SELECT FROM accounts_account
    WHERE id IN (SELECT account_id FROM {table}) AND state = ANY(%s)
    ORDER BY id FOR NO KEY UPDATE
"""
MOVE = """
    UPDATE accounts_account SET state = %s
    FROM {table} moved WHERE moved.account_id = accounts_account.id AND accounts_account.state = ANY(%s)
    RETURNING accounts_account.id
"""
TO_RENAME = """
    SELECT FROM accounts_account JOIN {table} renamed ON renamed.account_id = accounts_account.id
    WHERE accounts_account.name <> renamed.name
    ORDER BY accounts_account.id FOR NO KEY UPDATE OF accounts_account
"""
RENAME = """
    UPDATE accounts_account SET name = renamed.name
    FROM {table} renamed WHERE renamed.account_id = accounts_account.id AND accounts_account.name <> renamed.name
    RETURNING accounts_account.id
"""


def move_from(table: str, moves: Mapping[AccountState, AccountState], at: datetime) -> None:
    """Move the accounts of the temporary table (`account_id`) and tell the upper apps, once a state."""
    if not one(ANY.format(table=table))[0]:
        return
    execute(TO_MOVE.format(table=table), [[source.value for source in moves]])
    sources = defaultdict(list)
    for source, target in moves.items():
        sources[target].append(source.value)
    for target, states in sources.items():
        moved = {account for (account,) in rows(MOVE.format(table=table), [target.value, states])}
        if moved:
            accounts_moved.send(sender=Account, accounts=moved, state=target, at=at)


def rename_from(table: str, at: datetime) -> None:
    """Give the accounts of the temporary table (`account_id`, `name`) their owner's new name, and tell it."""
    if not one(ANY.format(table=table))[0]:
        return
    execute(TO_RENAME.format(table=table))
    renamed = {account for (account,) in rows(RENAME.format(table=table))}
    if renamed:
        accounts_renamed.send(sender=Account, accounts=renamed, at=at)
