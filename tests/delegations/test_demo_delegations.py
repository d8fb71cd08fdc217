"""The story that the demo region tells, at a hundredth of its size."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from accounts.models import User
from delegations.access import accounts_entered_by, accounts_referred_by, requests_answerable_by
from delegations.models import Delegation, DelegationRequest
from directory.demo import cast
from directory.models import InternalOrganisation, Structure
from tests.factories.delegations import ago


def tell() -> str:
    out = StringIO()
    call_command("demo_delegations", stdout=out)
    return out.getvalue()


@pytest.fixture
def region(db: None) -> None:
    call_command("demo_region", scale=0.01, stdout=StringIO())


def test_the_story_is_told_once_and_agrees_with_the_journal(region: None) -> None:
    assert "ajoutées" in tell()
    count = (Delegation.objects.count(), DelegationRequest.objects.count())
    assert count == (6, 2)
    assert "rien n’a changé" in tell()
    assert (Delegation.objects.count(), DelegationRequest.objects.count()) == count
    call_command("check_grants", stdout=StringIO())

    now = ago(seconds=-1)
    nurse, referent, doctor = (User.objects.get(username=name) for name in ("infirmiere", "referent", "medecin"))
    assert [account.user for account in accounts_entered_by(nurse, now)] == [nurse]
    ehpad = Structure.objects.get(finess=cast.EHPAD_FINESS).account
    assert ehpad in accounts_referred_by(referent, now)
    geriatrics = InternalOrganisation.objects.get(ror_id=cast.GERIATRICS).account
    assert geriatrics in accounts_entered_by(doctor, now)
    assert [row.requester.user.username for row in requests_answerable_by(doctor, now)] == ["kine"]
    assert [row.requester.user.username for row in requests_answerable_by(referent, now)] == ["coordinatrice"]


def test_without_a_region_it_says_what_to_do_first(db: None) -> None:
    with pytest.raises(CommandError, match="demo_region"):
        tell()


def test_in_production_it_is_refused(db: None, settings: Settings) -> None:
    settings.IS_DEMO_ALLOWED = False
    with pytest.raises(CommandError, match="refusée"):
        tell()
