"""What is told in the portal is told by mail too; what people wrote freely stays in the portal."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.db.models import Value
from django.db.models.functions import Concat
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import JournalEntry, Notification, User
from accounts.notifications.tasks import send_waiting_mails
from delegations import services
from tests.delegations.acting import holder_of, now, operator, referent_of
from tests.factories import DelegationFactory, DelegationRequestFactory

pytestmark = pytest.mark.django_db
FREELY = "Elle remplace Hélène au chevet de monsieur Delmas."


Act = Callable[[], object]


def answering() -> Act:
    asked = DelegationRequestFactory()
    holder_of(asked.account)
    referent = referent_of(asked.account.structure)
    return lambda: services.accept(referent, asked, now())


def refusing() -> Act:
    asked = DelegationRequestFactory()
    holder_of(asked.account)
    referent = referent_of(asked.account.structure)
    return lambda: services.refuse(referent, asked, FREELY, now())


def revoking() -> Act:
    row = DelegationFactory()
    holder_of(row.account)
    referent = referent_of(row.account.structure)
    return lambda: services.end_delegation(referent, row, FREELY, now())


def concluding() -> Act:
    row, clerk = DelegationFactory(), operator()
    entry = JournalEntry.objects.get(object_kind="delegation", object_key=row.pk)
    case = services.open_case(referent_of(row.account.structure), entry, FREELY, now())
    return lambda: services.close_case(clerk, case, FREELY, now())


@pytest.mark.parametrize("prepare", [answering, refusing, revoking, concluding], ids=lambda one: one.__name__)
def test_a_mail_follows_each_thing_that_is_told(
    prepare: Callable[[], Act], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    act = prepare()
    Notification.objects.all().delete()
    User.objects.update(email=Concat("username", Value("@spico.example")))
    with django_capture_on_commit_callbacks(execute=True):
        act()
    send_waiting_mails()
    told = Notification.objects.select_related("recipient")
    assert told.exists()
    assert sorted(message.to[0] for message in mail.outbox) == sorted(one.recipient.email for one in told)
    for message in mail.outbox:
        assert "/notifications/" in message.body
        assert "Delmas" not in message.body + message.subject
