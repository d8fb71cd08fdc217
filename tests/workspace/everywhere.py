"""Something in each space of some accounts, to see who reaches it: for the tests that compare every answer."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

import pgtrigger
from django.core.files.base import ContentFile

from accounts.grounds import Ground
from accounts.models import Account, User
from delegations.periods import period
from delegations.scopes import Space
from workspace.access import conversations_visible_to, dossiers_visible_to, events_visible_to, tasks_visible_to
from workspace.models import (
    CalendarFeed,
    CircleMember,
    Conversation,
    Document,
    Dossier,
    Entry,
    EntryVersion,
    Event,
    Message,
    Participant,
    Task,
)
from workspace.services.feeds import digest_of
from workspace.store import kept

FILE = b"%PDF-1.7"


@dataclass(frozen=True)
class Things:
    """What stands in one account. `feeds` and `secrets`: the link that each person has to its agenda, by sign-in."""

    dossier: Dossier
    member: CircleMember
    entry: Entry
    document: Document
    event: Event
    task: Task
    conversation: Conversation
    participant: Participant
    feeds: dict[str, CalendarFeed]
    secrets: dict[str, str]

    def of(self, space: Space) -> Dossier | Event | Task | Conversation:
        found = {Space.DOSSIERS: self.dossier, Space.AGENDA: self.event, Space.TASKS: self.task}
        return found.get(space, self.conversation)

    def places(self, route: str, user: User) -> dict[str, object]:
        """The arguments of addresses, by name."""
        rows = ("dossier", "entry", "document", "event", "task", "conversation")
        place = self.participant.pk if "participant" in route else self.member.pk
        return {name: getattr(self, name).pk for name in rows} | {
            "kind": "observation",
            "member": self.member.pk,
            "row": place,
            "pk": place,
            "feed": self.feeds[user.username].pk,
        }


def fill(accounts: dict[str, Account], readers: list[User], writer: Account, at: datetime) -> dict[str, Things]:
    """By name of account: one dossier and one conversation that it alone shares, with something in each, an event and a
    task, by `writer`; and a link to its agenda for each of the readers, as if it had been open to them once.

    The triggers, which would ask by what right, are put aside.
    """
    author = {"actor": writer.user, "actor_account": writer, "created_at": at}
    with pgtrigger.ignore():
        return {name: _fill(account, readers, author, at) for name, account in accounts.items()}


def _fill(account: Account, readers: list[User], author: dict[str, object], at: datetime) -> Things:
    own = {**author, "account": account, "actor_account": account, "ground": Ground.OWN}
    patient = {"family_name": "Cazalbou", "given_names": "Odile", "birth_date": date(1938, 4, 2), "sex": "F"}
    dossier = Dossier.objects.create(**patient, **own)
    told = {"informed_how": "emergency", "informed_on": None}  # so that there is still something to say of it
    conversation = Conversation.objects.create(title="Relais", **own)
    message = Message.objects.create(conversation=conversation, text="Bonjour.", **own)
    Conversation.objects.filter(pk=conversation.pk).update(last_message_id=message.pk, last_message_at=at)
    given = {user.username: secrets.token_urlsafe(32) for user in readers}
    hour = {"starts_at": at, "ends_at": at + timedelta(hours=1)}
    return Things(
        dossier=dossier,
        member=CircleMember.objects.create(dossier=dossier, member=account, period=period(at, None), **told, **own),
        entry=_entry(dossier, "observation", at, own),
        document=_document(dossier, at, own),
        event=Event.objects.create(kind="visit", title="Visite", **hour, **own),
        task=Task.objects.create(title="Commander", **own),
        conversation=conversation,
        participant=Participant.objects.create(
            conversation=conversation, member=account, period=period(at, None), **own
        ),
        feeds={
            user.username: CalendarFeed.objects.create(
                user=user, account=account, digest=digest_of(given[user.username]), created_at=at
            )
            for user in readers
        },
        secrets=given,
    )


def _entry(dossier: Dossier, kind: str, at: datetime, own: dict[str, object]) -> Entry:
    said = {"confidentiality": "circle", "happened_at": at}
    entry = Entry.objects.create(dossier=dossier, kind=kind, **said, **own)
    EntryVersion.objects.create(entry=entry, number=1, title="Passage", **said, **own)
    return entry


def _document(dossier: Dossier, at: datetime, own: dict[str, object]) -> Document:
    key, told = uuid4(), {"size": len(FILE), "sha256": hashlib.sha256(FILE).hexdigest()}
    entry, file = _entry(dossier, "document", at, own), {"name": "bilan.pdf", "content_type": "application/pdf"}
    with kept(key, ContentFile(FILE), len(FILE)):
        return Document.objects.create(entry=entry, key=key, **file, **told, **own)


def seen_by(user: User, made: dict[str, Things], at: datetime) -> dict[Space, set[str]]:
    """The names of the accounts whose things this user sees, space by space."""
    visible = {
        Space.DOSSIERS: dossiers_visible_to(user, at),
        Space.AGENDA: events_visible_to(user, at),
        Space.TASKS: tasks_visible_to(user, at),
        Space.DISCUSSIONS: conversations_visible_to(user, at),
    }
    found = {space: set(rows.values_list("pk", flat=True)) for space, rows in visible.items()}
    return {space: {name for name, things in made.items() if things.of(space).pk in found[space]} for space in Space}
