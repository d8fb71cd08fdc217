"""What the clock does when nobody answers; each thing once, however often the task runs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import JournalEntry, Notification
from delegations import reminders
from delegations.services import end_referent
from delegations.tasks import remind
from tests.factories import DelegationFactory, DelegationRequestFactory, ReferentFactory, UserFactory

pytestmark = pytest.mark.django_db


def told(user: object, kind: str) -> int:
    return Notification.objects.filter(recipient=user, kind=kind).count()


def waiting(days: float, **told_: object) -> object:
    return DelegationRequestFactory(asked_at=timezone.now() - timedelta(days=days), **told_)


def test_after_three_days_one_digest_a_person_whatever_the_number_of_requests() -> None:
    term = ReferentFactory()
    for _ in range(3):
        waiting(4, account=term.structure.account)
    waiting(2, account=term.structure.account)
    for _ in range(2):
        reminders.remind_answerers(timezone.now())
    assert told(term.account.user, "delegation.digest") == 1
    text = Notification.objects.get(recipient=term.account.user, kind="delegation.digest").text
    assert text.startswith("3\N{NO-BREAK SPACE}demandes de délégation attendent")


def test_after_seven_days_the_service_centre_has_it_and_the_person_knows() -> None:
    term, centre = ReferentFactory(), UserFactory(service_centre=True)
    old, young = waiting(8, account=term.structure.account), waiting(6, account=term.structure.account)
    for _ in range(2):
        reminders.escalate_requests(timezone.now())
    old.refresh_from_db(), young.refresh_from_db()
    assert old.escalated_at
    assert not young.escalated_at
    assert told(centre, "delegation.service_centre") == 1
    assert told(old.asked_by, "delegation.answered") == 1
    assert JournalEntry.objects.filter(verb="request.escalated", object_key=str(old.pk)).count() == 1


def test_what_nobody_can_answer_any_more_goes_to_the_service_centre_without_waiting() -> None:
    leaving, staying, centre = ReferentFactory(), ReferentFactory(), UserFactory(service_centre=True)
    alone, answered = waiting(1, account=leaving.structure.account), waiting(1, account=staying.structure.account)
    assert reminders.escalate_requests(timezone.now()) == 0
    end_referent(centre, leaving, "A changé d’établissement.", timezone.now())
    assert [reminders.escalate_requests(timezone.now()) for _ in range(2)] == [1, 0]
    alone.refresh_from_db(), answered.refresh_from_db()
    assert alone.escalated_at
    assert not answered.escalated_at
    sentence = Notification.objects.get(recipient=alone.asked_by, kind="delegation.answered").text
    assert sentence.startswith("Plus personne ne peut répondre au nom")
    assert told(centre, "delegation.service_centre") == 2  # the orphan, then the request


def test_a_part_that_a_holder_can_still_give_keeps_the_request_with_them() -> None:
    held = DelegationFactory(on_a_unit=True, dossier=True)
    whole, other = (
        waiting(1, account=held.account, scope="total"),
        waiting(1, account=held.account, scope="discussions"),
    )
    assert reminders.escalate_requests(timezone.now()) == 1
    whole.refresh_from_db(), other.refresh_from_db()
    assert not whole.escalated_at
    assert other.escalated_at


def test_after_thirty_days_it_expires_and_may_be_asked_again() -> None:
    old, young = waiting(31), waiting(29)
    assert reminders.expire_requests(timezone.now()) == 1
    assert reminders.expire_requests(timezone.now()) == 0
    old.refresh_from_db(), young.refresh_from_db()
    assert (old.state, old.decided_ground, young.state) == ("expired", "system", "pending")
    assert told(old.asked_by, "delegation.answered") == 1
    DelegationRequestFactory(requester=old.requester, account=old.account)


@pytest.mark.parametrize(("days", "notices"), [(40, 0), (29, 1), (6, 1)])
def test_an_end_is_announced_at_thirty_days_then_at_seven(days: int, notices: int) -> None:
    term = ReferentFactory()
    held = DelegationFactory(account=term.structure.account, until=timezone.now() + timedelta(days=days))
    for _ in range(2):
        reminders.announce_ends(timezone.now())
    assert told(held.holder.user, "delegation.ends_soon") == notices
    assert told(term.account.user, "delegation.ends_soon") == notices


def test_the_second_announcement_comes_at_its_time() -> None:
    held = DelegationFactory(until=timezone.now() + timedelta(days=29))
    reminders.announce_ends(timezone.now())
    reminders.announce_ends(timezone.now() + timedelta(days=23))
    assert told(held.holder.user, "delegation.ends_soon") == 2


def test_what_has_no_end_or_has_ended_is_not_announced() -> None:
    for held in (DelegationFactory(), DelegationFactory(ended=True)):
        reminders.announce_ends(timezone.now())
        assert not told(held.holder.user, "delegation.ends_soon")


def test_the_hourly_task_does_all_of_it() -> None:
    old = waiting(31)
    remind()
    old.refresh_from_db()
    assert old.state == "expired"
