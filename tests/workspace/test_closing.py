"""A dossier shared by closed accounts alone: counted, opened by nobody, and found again with its account."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Account, Notification
from accounts.services import move_accounts
from accounts.states import ON_STRUCTURE_CLOSED, ON_STRUCTURE_REOPENED
from delegations.scopes import Scope, Space
from delegations.services.common import service_centre_users
from tests.delegations.people import Cast, account_of, client_of, person, publish
from tests.factories import DelegationFactory
from tests.workspace.dossier_pages import url
from tests.workspace.making import a_dossier, acting
from workspace.access import dossiers_visible_to
from workspace.closing import LeftAlone, accounts_left_alone, left_alone
from workspace.models import Dossier

pytestmark = pytest.mark.django_db


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    return a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))


def close(*accounts: Account) -> None:
    move_accounts([account.pk for account in accounts], ON_STRUCTURE_CLOSED, timezone.now())


def told() -> list[str]:
    found = Notification.objects.filter(kind="workspace.left_alone").order_by("pk")
    return list(found.values_list("text", flat=True))


def counted() -> str:
    out = StringIO()
    call_command("dossiers_left_alone", stdout=out)
    return out.getvalue()


def test_the_service_centre_learns_how_many_and_nothing_of_them(cast: Cast, dossier: Dossier) -> None:
    assert cast.staff.pk in service_centre_users()
    a_dossier(acting(cast.total, cast.account, Space.DOSSIERS), family_name="Delmas")
    assert (counted(), list(left_alone(timezone.now()))) == ("Aucun dossier.\n", [])
    close(cast.account)
    assert set(told()) == {f"2\xa0dossiers ne s’ouvrent plus à personne\xa0: {cast.account.name} a fermé."}
    assert set(Notification.objects.filter(kind="workspace.left_alone").values_list("recipient", flat=True)) == (
        service_centre_users()
    )
    assert accounts_left_alone(timezone.now()) == [LeftAlone(cast.account.name, 2)]
    for word in ("Cazalbou", "Odile", "Delmas", str(dossier.pk)):
        assert word not in " ".join([*told(), counted()])


def test_a_dossier_that_somebody_still_shares_is_not_left_alone(cast: Cast) -> None:
    other = account_of(cast.stranger)
    dossier = a_dossier(acting(cast.total, cast.account, Space.DOSSIERS), other)
    close(cast.account)
    assert (told(), dossiers_visible_to(cast.stranger, timezone.now()).get()) == ([], dossier)
    close(other)
    assert set(told()) == {f"1\xa0dossier ne s’ouvre plus à personne\xa0: {other.name} a fermé."}
    assert len(accounts_left_alone(timezone.now())) == 2
    assert counted().endswith("1\xa0dossier sans personne pour l’ouvrir.\n")


def test_several_that_close_together_are_told_together(cast: Cast) -> None:
    other = account_of(cast.stranger)
    a_dossier(acting(cast.total, cast.account, Space.DOSSIERS), other)
    close(cast.account, other)
    assert set(told()) == {"1\xa0dossier ne s’ouvre plus à personne\xa0: plusieurs comptes ont fermé."}


def test_it_is_found_again_with_its_account_by_whoever_then_holds_it(cast: Cast, dossier: Dossier) -> None:
    address, newcomer = url("dossier", cast.account, dossier.pk), person("Cyprien", "Lagarrigue")
    close(cast.account)
    for who in ("total", "referent", "staff", "superuser"):
        assert cast.client(who).get(address).status_code == 404
    move_accounts([cast.account.pk], ON_STRUCTURE_REOPENED, timezone.now())
    assert cast.client("total").get(address).status_code == 404
    DelegationFactory(holder=account_of(newcomer), account=cast.account, scope=Scope.DOSSIER, since=timezone.now())
    publish()
    assert client_of(newcomer).get(address).status_code == 200
    assert not left_alone(timezone.now()).exists()
