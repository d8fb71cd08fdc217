"""What stands in an account, written by somebody who may act there: the rows as the services leave them."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Account, User
from delegations.periods import period
from delegations.scopes import Space
from workspace.acting import Acting, act_in
from workspace.models import CircleMember, Conversation, Dossier, Event, Informed, Message, Participant, Task


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
