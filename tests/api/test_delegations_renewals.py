"""A holder asks by the API that their delegation last longer."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import JournalEntry, Notification, User
from delegations.models import Delegation
from tests.api.calling import client_of
from tests.api.conftest import check_problem
from tests.api.schema import check_against_schema
from tests.factories import DelegationFactory, ProfessionalFactory


def ending(days: int, **traits: object) -> Delegation:
    row: Delegation = DelegationFactory(until=timezone.now() + timedelta(days=days), **traits)
    return row


def asking(row: Delegation) -> str:
    return f"/api/v1/delegations/{row.pk}/ask-renewal/"


def test_its_holder_asks_once_near_the_end(api: APIClient, user: User) -> None:
    row = ending(20, holder=user.account, on_a_person=True)
    assert api.get(f"/api/v1/delegations/{row.pk}/").json()["can"]["ask_renewal"] is True
    response = api.post(asking(row))
    assert response.status_code == 200
    check_against_schema(response, asking(row), "post")
    assert response.json()["can"]["ask_renewal"] is False
    assert Notification.objects.filter(recipient=row.account.user, kind="delegation.renewal_asked").count() == 1
    check_problem(api.post(asking(row)), 409, "conflict")
    assert JournalEntry.objects.filter(verb="delegation.renewal_asked").count() == 1


@pytest.mark.parametrize("days", [40, 20])
def test_it_is_refused_early_to_others_and_with_a_body(api: APIClient, user: User, days: int) -> None:
    row = ending(days, holder=user.account, on_a_person=True)
    check_problem(client_of(row.account.user).post(asking(row)), 403, "forbidden")
    stranger = ProfessionalFactory(signed_in=True).account.user
    check_problem(client_of(stranger).post(asking(row)), 404, "not-found")
    check_problem(api.post(asking(row), {"until": "2027-03-31"}, format="json"), 400, "invalid-request")
    if days > 30:
        check_problem(api.post(asking(row)), 409, "conflict")
    assert not JournalEntry.objects.filter(verb="delegation.renewal_asked").exists()
