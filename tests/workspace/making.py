"""What stands in an account, written by somebody who may act there: the rows as the services leave them."""

import hashlib
from datetime import date, datetime, timedelta

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import Account, User
from delegations.periods import period
from delegations.scopes import Space
from workspace.acting import Acting, act_in
from workspace.models import (
    CircleMember,
    Conversation,
    Document,
    Dossier,
    Entry,
    EntryVersion,
    Event,
    Informed,
    Message,
    Participant,
    Task,
)
from workspace.store import kept


def acting(user: User, account: Account, space: Space, at: datetime | None = None) -> Acting:
    return act_in(user, account.pk, space, at or timezone.now())


def a_dossier(who: Acting, *others: Account, family_name: str = "Cazalbou", given_names: str = "Odile") -> Dossier:
    """Shared by the account acted for and the others."""
    with transaction.atomic():
        dossier = Dossier.objects.create(
            family_name=family_name, given_names=given_names, birth_date=date(1938, 4, 2), sex="F", **who.written()
        )
        for member in (who.account, *others):
            CircleMember.objects.create(
                dossier=dossier,
                member=member,
                period=period(who.at, None),
                informed_how=Informed.ORAL,
                informed_on=timezone.localdate(who.at),
                **who.written(),
            )
    return dossier


def a_document(
    who: Acting, dossier: Dossier, data: bytes = b"%PDF-1.7", confidentiality: str = "circle", **more: object
) -> Document:
    """With its file in the store, which nobody has read: what it holds is the caller's."""
    said = {"confidentiality": confidentiality, "happened_at": who.at}
    given = {"name": "compte-rendu.pdf", "content_type": "application/pdf", **more}
    entry = Entry.objects.create(dossier=dossier, kind="document", **said, **who.written())
    EntryVersion.objects.create(entry=entry, number=1, title="Compte rendu", **said, **who.written())
    document: Document = Document.objects.create(
        entry=entry, size=len(data), sha256=hashlib.sha256(data).hexdigest(), **given, **who.written()
    )
    with kept(document.key, ContentFile(data), len(data)):
        return document


def an_event(who: Acting, title: str = "Réunion de coordination", **more: object) -> Event:
    times = {"starts_at": who.at + timedelta(minutes=1), "ends_at": who.at + timedelta(minutes=61)}
    event: Event = Event.objects.create(kind="meeting", title=title, **(times | more), **who.written())
    return event


def a_task(who: Acting, title: str = "Commander le matériel", **more: object) -> Task:
    task: Task = Task.objects.create(title=title, **more, **who.written())
    return task


def a_conversation(
    who: Acting, *others: Account, title: str = "Relais à domicile", text: str = "Bonjour."
) -> Conversation:
    """With one message of the account acted for."""
    with transaction.atomic():
        conversation = Conversation.objects.create(title=title, **who.written())
        for member in (who.account, *others):
            Participant.objects.create(
                conversation=conversation, member=member, period=period(who.at, None), **who.written()
            )
        message = Message.objects.create(conversation=conversation, text=text, **who.written())
        Conversation.objects.filter(pk=conversation.pk).update(
            last_message_id=message.pk, last_message_at=message.created_at
        )
    return conversation
