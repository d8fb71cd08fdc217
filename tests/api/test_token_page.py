"""Whoever makes a token reads what it lets a program do, which the API then does."""

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Account, User
from directory.search.projection import refresh
from tests.api.conftest import Token
from tests.factories import ProfessionalFactory


@pytest.fixture
def owner(db: None) -> User:
    user: User = ProfessionalFactory(signed_in=True).account.user
    refresh("professional")
    return user


def test_the_page_of_tokens_says_that_spaces_are_read(owner: User) -> None:
    client = Client()
    client.force_login(owner)
    page = client.get(reverse("accounts:tokens")).content.decode()
    assert "tout ce que vous pouvez lire" in page
    assert "vos espaces compris" in page
    assert "accorder et retirer des délégations" in page


@pytest.mark.parametrize(("may_write", "status"), [(False, 403), (True, 400)])
def test_a_token_reads_the_spaces_of_its_owner_and_writes_if_it_may(
    owner: User, token_of: Token, bare: APIClient, may_write: bool, status: int
) -> None:
    bare.credentials(HTTP_AUTHORIZATION=token_of(owner, may_write=may_write))
    tasks = f"/api/v1/accounts/{Account.objects.get(user=owner).pk}/tasks/"
    assert bare.get(tasks).status_code == 200
    assert bare.post(tasks, {}, format="json").status_code == status
