"""Something in each space of some accounts, to see who reaches it: for the tests that compare every answer."""

from datetime import date, datetime, timedelta

import pgtrigger
from django.test import Client
from django.urls import reverse

from accounts.grounds import Ground
from accounts.models import Account, User
from delegations.periods import period
from delegations.scopes import Space
from workspace.access import conversations_visible_to, dossiers_visible_to, events_visible_to, tasks_visible_to
from workspace.models import CircleMember, Conversation, Dossier, Event, Participant, Task

PAGES = {
    Space.DOSSIERS: "spaces:dossier",
    Space.AGENDA: "spaces:event",
    Space.TASKS: "spaces:task",
    Space.DISCUSSIONS: "spaces:conversation",
}
Found = dict[Space, Dossier | Event | Task | Conversation]


def fill(accounts: dict[str, Account], writer: Account, at: datetime) -> dict[str, Found]:
    """By name of account: one dossier and one conversation that it alone shares, one event, one task, by `writer`.

    The triggers, which would ask by what right, are put aside.
    """
    author = {"actor": writer.user, "actor_account": writer, "created_at": at}
    with pgtrigger.ignore():
        return {name: _fill(account, author, at) for name, account in accounts.items()}


def _fill(account: Account, author: dict[str, object], at: datetime) -> Found:
    own = {**author, "account": account, "actor_account": account, "ground": Ground.OWN}
    patient = {"family_name": "Cazalbou", "given_names": "Odile", "birth_date": date(1938, 4, 2), "sex": "F"}
    dossier = Dossier.objects.create(**patient, **own)
    told = {"informed_how": "oral", "informed_on": at.date()}
    CircleMember.objects.create(dossier=dossier, member=account, period=period(at, None), **told, **own)
    conversation = Conversation.objects.create(title="Relais", **own)
    Participant.objects.create(conversation=conversation, member=account, period=period(at, None), **own)
    return {
        Space.DOSSIERS: dossier,
        Space.AGENDA: Event.objects.create(
            kind="visit", title="Visite", starts_at=at, ends_at=at + timedelta(hours=1), **own
        ),
        Space.TASKS: Task.objects.create(title="Commander", **own),
        Space.DISCUSSIONS: conversation,
    }


def seen_by(user: User, made: dict[str, Found], at: datetime) -> dict[Space, set[str]]:
    """The names of the accounts whose things this user sees, space by space."""
    visible = {
        Space.DOSSIERS: dossiers_visible_to(user, at),
        Space.AGENDA: events_visible_to(user, at),
        Space.TASKS: tasks_visible_to(user, at),
        Space.DISCUSSIONS: conversations_visible_to(user, at),
    }
    found = {space: set(rows.values_list("pk", flat=True)) for space, rows in visible.items()}
    return {space: {name for name, rows in made.items() if rows[space].pk in found[space]} for space in Space}


def opened_by(user: User, made: dict[str, Found], accounts: dict[str, Account]) -> dict[Space, set[str]]:
    """The same by the pages: those that answer 200; each other one must be as if it were not."""
    client = Client()
    client.force_login(user)
    opened: dict[Space, set[str]] = {space: set() for space in Space}
    for name, rows in made.items():
        for space, row in rows.items():
            status = client.get(reverse(PAGES[space], args=[accounts[name].pk, row.pk])).status_code
            if status == 200:
                opened[space].add(name)
            else:
                assert status == (404 if user.is_active else 302), (name, space, status)
    return opened
