"""What is sent twice is written once: its sender's key says that it is the same, and a unique constraint decides."""

from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet

from delegations.errors import conflict
from workspace.acting import Acting
from workspace.models import Event, Task
from workspace.models.authored import SentOnce

T = TypeVar("T", bound=SentOnce)
OTHERWISE = (
    "Vous avez déjà enregistré cette page une fois, autrement. Pour en garder aussi cette version, à part, enregistrez "
    "de nouveau."
)


def first_sent(rows: QuerySet[T], acting: Acting, key: UUID | None, is_same: Callable[[T], bool]) -> T | None:
    """What this person wrote with that key, if they did. `Refused` when it was for another account, or not the same."""
    found = rows.filter(actor=acting.user, client_key=key).first() if key else None
    if found is not None and not (found.account_id == acting.account.pk and is_same(found)):
        raise conflict(OTHERWISE)
    return found


def says(row: Event | Task, values: Mapping[str, object]) -> bool:
    """Whether it says that. What was changed since it was sent is not compared any more: the key alone tells."""
    return row.version > 1 or all(getattr(row, name) == value for name, value in values.items())


def key_of(key: UUID | None) -> dict[str, UUID]:
    """The column, for what is sent with a key."""
    return {"client_key": key} if key else {}
