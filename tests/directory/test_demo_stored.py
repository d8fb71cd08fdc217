"""The demonstration region in the database: made once, and looked at from every side."""

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.plugin import DjangoDbBlocker

from accounts.groups import SERVICE_CENTRE
from accounts.models import Account, User
from directory.demo import cast
from directory.demo.build import build
from directory.demo.region import Region
from directory.models import (
    ImportRun,
    InternalOrganisation,
    Professional,
    SearchEntry,
    Structure,
)
from directory.search import Query, search
from tests.directory.demonstration import SCALE, counts, make


@pytest.fixture(scope="module")
def drawn() -> Region:
    return build(scale=SCALE)


@pytest.fixture(scope="module")
def made_demo(shared: DjangoDbBlocker) -> None:
    with shared.unblock():
        make()


@pytest.fixture
def demo(made_demo: None, db: None) -> None:
    """What a test changes of it is undone."""


def test_the_cast_signs_in_and_the_service_centre_has_no_listing(demo: None) -> None:
    for username in [*cast.CAST, cast.CENTRE]:
        user = authenticate(username=username, password=cast.PASSWORD)
        assert isinstance(user, User)
        assert user.get_full_name()
        assert Professional.objects.filter(account__user=user).count() == (username != cast.CENTRE)
        assert user.is_staff == (username == cast.CENTRE)
        assert not user.is_superuser
    centre = User.objects.get(username=cast.CENTRE)
    assert [group.name for group in centre.groups.all()] == [SERVICE_CENTRE]
    assert not Account.objects.filter(user=centre).exists()


def test_the_database_holds_what_was_drawn(demo: None, drawn: Region) -> None:
    assert counts() == {
        "Account": len(drawn.accounts),
        "LegalEntity": len(drawn.entities),
        "Structure": len(drawn.structures),
        "InternalOrganisation": len(drawn.units),
        "Professional": len(drawn.professionals),
        "Attachment": len(drawn.attachments),
        "PracticeLocation": len(drawn.locations),
        "Offer": len(drawn.offers),
        "User": len(cast.CAST) + 1,
    }
    assert SearchEntry.objects.count() == len(drawn.structures) + len(drawn.units) + len(drawn.professionals)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_names_are_the_present_ones_and_old_names_find_them(demo: None) -> None:
    ehpad = Structure.objects.get(finess=cast.EHPAD_FINESS)
    assert (ehpad.name, ehpad.account.name) == ("EHPAD Les Genêts du Causse",) * 2
    assert [hit.key for hit in search(Query(text="maison de retraite du causse", kinds=("structure",))).hits] == [
        cast.EHPAD_FINESS
    ]
    entry = SearchEntry.objects.get(kind="structure", key=cast.CH_FINESS)
    assert [(alias["name"], alias["until"]) for alias in entry.aliases] == [("Hôpital rural d’Espalion", "2011-12-31")]


def test_the_nurse_opens_the_pages_of_her_story(demo: None) -> None:
    client = Client()
    assert client.login(username="infirmiere", password=cast.PASSWORD)
    page = client.get(reverse("directory:structure", args=[cast.EHPAD_FINESS])).content.decode()
    assert "Unité protégée Les Aubépines" in page
    unit = InternalOrganisation.objects.get(ror_id=cast.EHPAD_UNIT)
    assert "Lagarrousse" in client.get(unit.get_absolute_url()).content.decode()


def test_a_second_run_changes_nothing(demo: None) -> None:
    before = counts(), ImportRun.objects.count()
    assert "rien n’a changé" in make()
    assert (counts(), ImportRun.objects.count()) == before


def test_it_does_nothing_when_it_is_not_missing(demo: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert make("--if-missing", "--seed", "9") == ""


def test_another_region_is_refused_over_the_first(demo: None) -> None:
    with pytest.raises(CommandError, match="contient déjà une autre région de démonstration"):
        make("--seed", "9")
