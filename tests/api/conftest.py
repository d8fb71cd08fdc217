import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, AccountKind, ApiToken, User
from delegations.models import Delegation, DelegationRequest
from directory.models import Commune, Department, EstablishmentCategory, InternalOrganisation, Structure, UnitType
from directory.search import publish
from tests.factories import (
    DelegationFactory,
    DelegationRequestFactory,
    InternalOrganisationFactory,
    LegalEntityFactory,
    StructureFactory,
)

Token = Callable[..., str]
ListAccount = Callable[[Account], Account]


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


@pytest.fixture
def listed_account(listed: Callable[..., None]) -> ListAccount:
    """Put a structure's or a person's account in the directory, as an import would."""

    def put(account: Account) -> Account:
        owner = account.structure if account.kind == AccountKind.STRUCTURE else account.professional
        key = getattr(owner, "finess", None) or str(owner.pk)
        kind = "structure" if account.kind == AccountKind.STRUCTURE else "professional"
        listed(kind, key, account.name, account=account)
        return account

    return put


@pytest.fixture
def hospital(aveyron: Department) -> Structure:
    commune = Commune.objects.get_or_create(insee_code="12202", defaults={"name": "Rodez", "department": aveyron})[0]
    category = EstablishmentCategory.objects.get_or_create(code="355", defaults={"label": "Centre Hospitalier"})[0]
    structure: Structure = StructureFactory(
        finess="12D780001",
        siret="26120000100012",
        name="CH de la Boralde",
        legal_entity=LegalEntityFactory(number="12E780001", siren="261200001"),
        category=category,
        address="1 rue des Genêts",
        postal_code="12000",
        city="RODEZ",
        commune=commune,
        department=aveyron,
        latitude=44.35,
        longitude=2.57,
        phone="0500000012",
        opened_on=date(1998, 4, 1),
    )
    return structure


@pytest.fixture
def pole(hospital: Structure) -> InternalOrganisation:
    kind = UnitType.objects.get_or_create(code="POLE", defaults={"label": "Pôle"})[0]
    unit: InternalOrganisation = InternalOrganisationFactory(structure=hospital, name="Pôle Aubrac", type=kind)
    return unit


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


@pytest.fixture
def own(user: User) -> Account:
    """The account of the person who calls."""
    return user.account


@pytest.fixture
def home(listed_account: ListAccount) -> Account:
    """A structure's account, listed and open, on which the caller has nothing."""
    return listed_account(StructureFactory(open_account=True).account)


@pytest.fixture
def asked(own: Account) -> DelegationRequest:
    """A request for everything, that the caller may answer as the owner of the account."""
    request: DelegationRequest = DelegationRequestFactory(account=own)
    return request


@pytest.fixture
def given(own: Account) -> Delegation:
    """A delegation on the caller's account, for ten days more."""
    row: Delegation = DelegationFactory(account=own, until=timezone.now() + timedelta(days=10))
    return row
