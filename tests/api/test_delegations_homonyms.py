"""Two people of nearly the same name: the API asks which one is meant, as the page does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Account, User
from delegations.models import Delegation, DelegationRequest
from directory.models import Professional, Source
from directory.search.projection import refresh
from tests.api.calling import client_of
from tests.api.conftest import check_problem
from tests.api.refusing import written
from tests.api.schema import check_against_schema
from tests.factories import AttachmentFactory, DelegationRequestFactory, ProfessionalFactory, StructureFactory


@pytest.fixture
def asker(db: None) -> Professional:
    found: Professional = ProfessionalFactory(
        signed_in=True, given_name="Ange", family_name="Durand", profession_id="60", rpps="99912341234"
    )
    AttachmentFactory(
        professional=found, structure=StructureFactory(name="EHPAD des Ormes", city="Rodez"), source=Source.DECLARED
    )
    return found


@pytest.fixture
def other(asker: Professional) -> Professional:
    found: Professional = ProfessionalFactory(
        given_name="Ange", family_name="Durant", profession_id="10", rpps="99912345678"
    )
    refresh("professional")
    return found


@pytest.fixture
def asked(asker: Professional, user: User) -> DelegationRequest:
    row: DelegationRequest = DelegationRequestFactory(requester=asker.account, account=user.account)
    return row


@pytest.fixture
def api(user: User) -> Iterator[APIClient]:
    return client_of(user)


def accept(api: APIClient, row: DelegationRequest, **body: Any) -> Any:
    return api.post(f"/api/v1/delegation-requests/{row.pk}/accept/", body, format="json")


def problem_of(response: Any) -> dict[str, Any]:
    """A whole problem, with who has nearly the same name."""
    told: dict[str, Any] = json.loads(response.content)
    added = {name: told.pop(name) for name in ("homonyms", "more")}
    response.content = json.dumps(told).encode()
    check_problem(response, 409, "conflict")
    response.content = json.dumps(told | added).encode()
    return told | added


def test_nothing_is_granted_until_the_person_is_said(
    api: APIClient, asked: DelegationRequest, asker: Professional, other: Professional
) -> None:
    before = written()
    response = accept(api, asked)
    problem = problem_of(response)
    check_against_schema(response, f"/api/v1/delegation-requests/{asked.pk}/accept/", "post")
    assert written() == before
    assert [error["field"] for error in problem["errors"]] == ["person"]
    assert problem["more"] == 0
    first, second = problem["homonyms"]
    assert first == {
        "person": str(asker.account_id),
        "asks": True,
        "name": "Ange Durand",
        "occupation": asker.occupation,
        "towns": ["Rodez"],
        "workplaces": [{"name": "EHPAD des Ormes", "confirmed": False}],
        "rpps_end": "1234",
    }
    assert (second["person"], second["asks"], second["rpps_end"]) == (str(other.account_id), False, "5678")
    assert accept(api, asked, person=str(asker.account_id)).status_code == 200
    assert Delegation.objects.get(request=asked).holder == asker.account


@pytest.mark.parametrize("alike", [True, False])
def test_another_person_than_who_asks_is_let_in_by_no_name(
    api: APIClient, asked: DelegationRequest, other: Professional, alike: bool
) -> None:
    meant: Account = other.account if alike else ProfessionalFactory().account
    before = written()
    problem = check_problem(accept(api, asked, person=str(meant.pk)), 400, "invalid-request")
    assert "La demande ne vient pas de cette personne" in problem["detail"]
    assert [error["field"] for error in problem["errors"]] == ["person"]
    assert check_problem(accept(api, asked, person="Durand"), 400, "invalid-request")
    assert written() == before


def test_nobody_of_the_same_name_asks_nothing(api: APIClient, asked: DelegationRequest) -> None:
    refresh("professional")
    assert accept(api, asked).status_code == 200


def test_who_may_not_answer_learns_no_name(asked: DelegationRequest, other: Professional) -> None:
    stranger = client_of(ProfessionalFactory(signed_in=True).account.user)
    problem = check_problem(accept(stranger, asked), 404, "not-found")
    assert "homonyms" not in problem


def test_what_is_said_of_the_homonyms_asks_as_much_for_one_as_for_twenty(
    api: APIClient, asked: DelegationRequest, other: Professional
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            problem_of(accept(api, asked))
        return len(captured)

    few = count()
    for number in range(20):
        ProfessionalFactory(given_name="Ange", family_name="Durand")
        AttachmentFactory(professional=other, structure=StructureFactory(name=f"Clinique {number}"))
    refresh("professional")
    assert count() == few
    assert accept(api, asked).json()["more"] == 19
