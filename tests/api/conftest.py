import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.http import HttpResponse
from rest_framework.test import APIClient

from accounts.models import ApiToken, User
from directory.models import Department
from directory.search import publish

Token = Callable[..., str]


@pytest.fixture
def api(user: User) -> APIClient:
    """Signed in by the session, as in a browser."""
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def token_of(db: None) -> Token:
    """The secret of a new token, as `Authorization` takes it."""

    def create(user: User, **fields: Any) -> str:
        _, secret = ApiToken.objects.create(user=user, **({"name": "Essai"} | fields))
        return f"Token {secret}"

    return create


@pytest.fixture
def bare() -> APIClient:
    """Nobody: neither session nor token."""
    return APIClient()


@pytest.fixture
def aveyron(db: None) -> Department:
    return Department.objects.get_or_create(code="12", defaults={"name": "Aveyron", "region": "76"})[0]


@pytest.fixture
def listed(db: None) -> Callable[..., None]:
    """Put something in the search, as an import would."""

    def put(kind: str, key: str, label: str, **fields: Any) -> None:
        publish(kind, key, label=label, at=date(2026, 11, 23), **fields)

    return put


def check_problem(response: HttpResponse, status: int, name: str) -> dict[str, Any]:
    """The answer is a whole problem in French, kept by nobody; returns it."""
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert "no-store" in response.headers["Cache-Control"]
    body: dict[str, Any] = json.loads(response.content)
    assert set(body) <= {"type", "title", "status", "detail", "instance", "errors"}
    assert body["type"] == f"/api/v1/problems/{name}/"
    assert body["status"] == status
    assert body["title"] and body["detail"].endswith(".")
    assert body["instance"].startswith("/api/") and "?" not in body["instance"]
    return body
