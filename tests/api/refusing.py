"""A request that the API must refuse, and what was written."""

import json
from typing import Any

from rest_framework.test import APIClient

from accounts.models import Account, JournalEntry, Notification
from delegations.models import Delegation, DelegationRequest
from tests.api.conftest import check_problem
from tests.api.schema import check_against_schema

ASK = "delegation-requests/"
NAMES = {400: "invalid-request", 403: "forbidden", 404: "not-found", 409: "conflict"}
HUGE = "9" * 40


def written() -> tuple[Any, ...]:
    """All that an act could write."""
    return (
        list(Delegation.objects.order_by("pk").values()),
        list(DelegationRequest.objects.order_by("pk").values()),
        JournalEntry.objects.count(),
        Notification.objects.count(),
    )


def send(api: APIClient, path: str, body: bytes, media_type: str = "application/json") -> Any:
    return api.generic("POST", f"/api/v1/{path}", body, content_type=media_type)


def refused(api: APIClient, path: str, body: Any, status: int, field: str = "") -> str:
    """The sentence of a refusal that wrote nothing and that the schema describes."""
    before = written()
    response = send(api, path, json.dumps(body).encode())
    problem = check_problem(response, status, NAMES[status])
    check_against_schema(response, f"/api/v1/{path}", "post")
    assert written() == before
    if field:
        (error,) = problem["errors"]
        assert error["field"] == field
        return str(error["message"])
    assert "errors" not in problem
    return str(problem["detail"])


def wish(account: Account, scope: str = "total", **more: Any) -> dict[str, Any]:
    return {"account": str(account.pk), "scope": scope, **more}
