"""The service centre reads lists; no parameter of theirs tells what no column shows."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.grounds import Ground
from accounts.journal import record
from accounts.models import User
from accounts.tokens import create_token

LISTS = "/administration"


@pytest.fixture
def centre(client: Client, service_centre: User) -> Client:
    client.force_login(service_centre)
    return client


@pytest.mark.parametrize(
    "asked",
    [
        "accounts/user/?password__startswith=m",
        "accounts/user/?groups__user__password__startswith=m",
        "accounts/apitoken/?digest__startswith=a",
        "accounts/apitoken/?user__password__startswith=m",
        "directory/importrun/?started_by__password__startswith=m",
        "directory/attachment/?confirmed_by__password__startswith=m",
    ],
)
def test_no_list_is_filtered_by_a_secret(centre: Client, service_centre: User, asked: str) -> None:
    create_token(service_centre, "Logiciel de soins")
    assert centre.get(f"{LISTS}/{asked}").status_code == 400


@pytest.mark.parametrize(
    "asked",
    [
        "accounts/user/?is_active__exact=1",
        "accounts/account/?kind__exact=pp",
        "directory/structure/?closed_on__isempty=1",
        "directory/structure/?department__code__exact=31",
        "directory/importrun/?started_at__year=2026",
        "directory/importissue/?run__id__exact=1",
        "directory/importissue/?run__source__exact=finess",
    ],
)
def test_the_filters_of_the_page_stay(centre: Client, asked: str) -> None:
    assert centre.get(f"{LISTS}/{asked}").status_code == 200


@pytest.mark.parametrize(
    "asked",
    ["directory/structure/?department__code__exact=%00", f"directory/importrun/?started_at__year={10**30}"],
)
def test_a_filter_that_cannot_be_read_gives_the_list(db: None, centre: Client, asked: str) -> None:
    response = centre.get(f"{LISTS}/{asked}", follow=True)
    assert response.status_code == 200
    assert response.request["QUERY_STRING"] == "e=1"


def test_the_journal_names_what_an_act_was_done_to(centre: Client, service_centre: User) -> None:
    for kind in ("request", "bought_long_ago"):
        told = {"object_kind": kind, "object_key": "1"}
        record("space.opened", actor=service_centre, ground=Ground.SERVICE_CENTRE, at=timezone.now(), **told)
    page = centre.get(f"{LISTS}/accounts/journalentry/").content.decode()
    assert "demande de délégation" in page
    assert "bought_long_ago" in page, "no app names it any more: it stays in the journal"
