"""The page of a request, and the acts that it offers."""

from typing import Any

from django.test import Client

from accounts.models import JournalEntry
from delegations.models import Delegation, DelegationRequest

REQUESTS = "/delegations/demandes/"
OUTSIDERS = ["attached", "stranger", "superuser", "staff"]


def page_of(row: DelegationRequest) -> str:
    return f"{REQUESTS}{row.pk}/"


def act(client: Client, row: DelegationRequest, name: str, status: int = 302, **data: str) -> str:
    response = client.post(f"{page_of(row)}{name}/", data)
    assert response.status_code == status, response.content.decode()
    return response.content.decode()


def answer(client: Client, row: DelegationRequest, chosen: str, status: int = 302, **data: str) -> str:
    return act(client, row, "accepter", status, answer=chosen, **data)


def written() -> tuple[Any, ...]:
    """All that an act could write."""
    rows = DelegationRequest.objects.order_by("pk").values_list("pk", "state", "remaining", "claimed_by", "reason")
    return (*rows, Delegation.objects.count(), JournalEntry.objects.count())
