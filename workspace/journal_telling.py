"""What the journal says of dossiers, entries, documents, events, tasks and conversations: never a word of them, nor
whom they are about; where they are, for whoever may open them in the account of the entry."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import JournalEntry, User
from delegations.access import accounts_open_to
from delegations.journal_about import About, register_about
from delegations.scopes import Space
from directory.owners import owners_of
from workspace.models import CircleMember, EntryKind, Event, Participant, Task

Place = tuple[UUID, UUID]
# The kind of what is opened, by that of the object: an entry is read in its dossier, a message in its conversation.
OPENED = {
    "dossier": "dossier",
    "entry": "dossier",
    "document": "dossier",
    "conversation": "conversation",
    "message": "conversation",
    "event": "event",
    "task": "task",
}
SPACES = {
    "dossier": Space.DOSSIERS,
    "conversation": Space.DISCUSSIONS,
    "event": Space.AGENDA,
    "task": Space.TASKS,
}
LINKS = {
    "dossier": "Ouvrir le dossier",
    "conversation": "Ouvrir la conversation",
    "event": "Ouvrir l’événement",
    "task": "Ouvrir la tâche",
}
SWITCHED = {
    ("conversation.muted", True): "Annonces coupées",
    ("conversation.muted", False): "Annonces rétablies",
    ("conversation.archived", False): "Reprise dans la liste",
}


def tell_about(user: User, entries: Sequence[JournalEntry], at: datetime) -> dict[int, About]:
    page = _Page(user, entries, at)
    return {entry.pk: page.tell(entry) for entry in entries}


class _Page:
    """Some entries read together: each query is asked once for all of them, and only when they need it."""

    def __init__(self, user: User, entries: Sequence[JournalEntry], at: datetime) -> None:
        self.user, self.at = user, at
        self.places = {entry.pk: place for entry in entries if (place := _place(entry))}
        self.kinds = {entry.pk: OPENED[entry.object_kind] for entry in entries}
        self.members = {entry.pk: _key(_details(entry).get("member")) for entry in entries}

    def tell(self, entry: JournalEntry) -> About:
        kind, place = self.kinds[entry.pk], self.places.get(entry.pk)
        if place is None or place not in self.open_places[kind]:
            return About(self.text(entry))
        return About(self.text(entry), LINKS[kind], reverse(f"spaces:{kind}", args=place))

    def text(self, entry: JournalEntry) -> str:
        details = _details(entry)
        member = self.members[entry.pk]
        if member is not None:
            return self.names.get(member, "")
        if details.get("type") in EntryKind.values:
            return EntryKind(details["type"]).label.capitalize()
        return SWITCHED.get((entry.verb, bool(details.get("on"))), "")

    @cached_property
    def names(self) -> dict[UUID, str]:
        return {key: owner.label for key, owner in owners_of(self.members.values()).items()}

    @cached_property
    def open_places(self) -> dict[str, set[Place]]:
        """Accounts, and what this reader may open in them."""
        return {kind: self._open(kind) for kind in set(self.kinds.values())}

    def _open(self, kind: str) -> set[Place]:
        met = [place for pk, place in self.places.items() if self.kinds[pk] == kind]
        accounts, keys = {account for account, _ in met}, {key for _, key in met}
        opened = accounts_open_to(self.user, SPACES[kind], self.at).filter(pk__in=accounts).values("pk")
        return set(_rows(kind, opened, keys, self.at))


def _rows(kind: str, opened: QuerySet[Any, Any], keys: Iterable[UUID], at: datetime) -> QuerySet[Any, Place]:
    if kind == "dossier":
        shared = CircleMember.objects.present(at).filter(member__in=opened, dossier__in=keys)
        return shared.values_list("member", "dossier")
    if kind == "conversation":
        present = Participant.objects.present(at).filter(member__in=opened, conversation__in=keys)
        return present.values_list("member", "conversation")
    rows: QuerySet[Any] = (Event if kind == "event" else Task).objects.filter(account__in=opened, pk__in=keys)
    return rows.values_list("account", "pk")


def _place(entry: JournalEntry) -> Place | None:
    """The account in which the act was done, and the key of what one opens to see it."""
    opened = OPENED[entry.object_kind]
    key = entry.object_key if opened == entry.object_kind else _details(entry).get(opened)
    found = _key(key)
    return (entry.account_id, found) if found and entry.account_id else None


def _details(entry: JournalEntry) -> dict[str, Any]:
    return entry.details if isinstance(entry.details, dict) else {}


def _key(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


register_about(OPENED, tell_about)
