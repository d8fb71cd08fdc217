import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from directory.models import Department
from directory.reference import load_reference
from tests.factories import ProfessionalFactory, UserFactory


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def reference(db: None) -> None:
    if not Department.objects.exists():
        load_reference()


@pytest.fixture
def user(db: None) -> User:
    return ProfessionalFactory(signed_in=True).account.user


@pytest.fixture
def service_centre(db: None) -> User:
    return UserFactory(service_centre=True)


@pytest.fixture
def browser_of(client: Client):  # noqa: ANN201
    """A client signed in as this user: `browser_of(user).get(…)`."""

    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in
