"""A session opens the portal to whom it belongs, for as long as it and they last."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.factories import UserFactory
from tests.factories.accounts import PASSWORD

COOKIE = "sessionid"


@pytest.fixture
def person(client: Client, db: None) -> User:
    user = UserFactory(username="soline")
    client.force_login(user)
    assert client.get("/").status_code == 200
    return user


def is_out(client: Client) -> bool:
    return client.get("/").status_code == 302


def test_it_ends_at_its_hour(client: Client, person: User) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert is_out(client)


def test_it_ends_with_the_person(client: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert is_out(client)


def test_it_ends_with_the_password(client: Client, person: User) -> None:
    person.set_password("un autre mot de passe")
    person.save()
    assert is_out(client)


def test_what_changes_of_the_person_is_seen_at_the_next_page(client: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(first_name="Philomène")
    assert "Philomène" in client.get("/").content.decode()


@pytest.mark.parametrize("key", ["a" * 32, "é" * 40, "x", "' or 1=1 --", "9" * 40])
def test_a_made_up_key_opens_nothing_and_becomes_nobodys(client: Client, person: User, key: str) -> None:
    client.cookies[COOKIE] = key
    assert is_out(client)
    client.cookies[COOKIE] = key
    client.post("/connexion/", {"username": "soline", "password": PASSWORD})
    assert client.cookies[COOKIE].value != key
    assert client.get("/").status_code == 200
