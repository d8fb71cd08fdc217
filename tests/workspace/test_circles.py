"""The circle of a dossier: who comes in, how the patient was told, who leaves; and what stays hidden."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.states import AccountState
from delegations.errors import Refused
from delegations.models import Delegation
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from spico.web.typography import french_date
from tests.delegations.people import Cast, account_of, client_of, person, publish
from tests.factories import DelegationFactory, ProfessionalFactory, StructureFactory
from tests.workspace.dossier_pages import TOLD, an_entry, bring_in, door, text, url
from tests.workspace.making import acting
from workspace.models import CircleMember, Dossier
from workspace.services.circles import Told, add_members, leave_circle

pytestmark = pytest.mark.django_db


# --- The circle -------------------------------------------------------------------------------------------------------


def test_a_member_is_brought_in_with_how_the_patient_was_told(cast: Cast, dossier: Dossier) -> None:
    other = account_of(cast.stranger)
    client, address = cast.client("total"), url("circle_add", cast.account, dossier.pk)
    assert "Rémi Aubrespin" in text(client.get(address, {"compte": str(other.pk)}))
    client.post(address, TOLD | {"to": str(other.pk)})
    page = text(client.get(url("circle", cast.account, dossier.pk)))
    assert "Rémi Aubrespin" in page
    assert f"patient informé de vive voix le {french_date(CircleMember.objects.get(member=other).informed_on)}" in page
    assert cast.client("stranger").get(url("dossier", other, dossier.pk)).status_code == 200
    told = cast.stranger.notifications.get()
    assert "Cazalbou" not in told.text


@pytest.mark.parametrize("how", ["own", "open to me", "listed", "closed", "unknown", "there already", "nobody"])
def test_who_may_not_be_brought_in(cast: Cast, dossier: Dossier, how: str) -> None:
    elsewhere = StructureFactory(open_account=True)
    DelegationFactory(holder=account_of(cast.total), account=elsewhere.account, dossier=True)
    listed = ProfessionalFactory()
    closed = StructureFactory(account__state=AccountState.CLOSED)
    publish()
    status, to = {
        "own": (403, account_of(cast.total).pk),
        "open to me": (403, elsewhere.account.pk),
        "listed": (409, listed.account.pk),
        "closed": (409, closed.account.pk),
        "unknown": (400, uuid4()),
        "there already": (400, cast.account.pk),
        "nobody": (400, ""),
    }[how]
    response = cast.client("total").post(url("circle_add", cast.account, dossier.pk), TOLD | {"to": str(to)})
    assert response.status_code == status
    assert CircleMember.objects.count() == 1


def test_the_database_itself_refuses_that_one_brings_in_ones_own(cast: Cast, dossier: Dossier) -> None:
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    with pytest.raises(IntegrityError, match="personne ne fait entrer son propre compte"), transaction.atomic():
        CircleMember.objects.create(
            dossier=dossier,
            member=who.own,
            period=(who.at, None),
            informed_how="oral",
            informed_on=timezone.localdate(),
            **who.written(),
        )


def test_who_leaves_or_is_taken_out_sees_it_no_more_and_stays_in_the_history(cast: Cast, dossier: Dossier) -> None:
    other = account_of(cast.stranger)
    add_members(
        acting(cast.total, cast.account, Space.DOSSIERS), dossier, [other.pk], Told("oral", timezone.localdate())
    )
    row = CircleMember.objects.get(member=other)
    client = cast.client("total")
    client.post(url("circle_remove", cast.account, dossier.pk, row.pk))
    assert cast.client("stranger").get(url("dossier", other, dossier.pk)).status_code == 404
    page = text(client.get(url("circle", cast.account, dossier.pk)))
    assert "Ont partagé ce dossier" in page
    assert "retiré du cercle" in page


def test_the_last_one_does_not_leave(cast: Cast, dossier: Dossier) -> None:
    row = dossier.circle.get()
    response = cast.client("total").post(url("circle_remove", cast.account, dossier.pk, row.pk))
    assert response.status_code == 409
    assert "un cercle n’est jamais vide" in text(response)
    with pytest.raises(IntegrityError, match="jamais vide"), transaction.atomic():
        CircleMember.objects.filter(pk=row.pk).update(
            period=(row.period.lower, timezone.now() + timedelta(seconds=1)),
            ended_kind="left",
            ended_by=cast.total,
            ended_by_account=account_of(cast.total),
            ended_for=cast.account,
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_former_holder_who_was_brought_nowhere_sees_nothing(cast: Cast, dossier: Dossier) -> None:
    """A holder for a day tries each door to stay, and is nowhere after it."""
    holder = person("Gaspard", "Ferrières")
    given = DelegationFactory(holder=account_of(holder), account=cast.account)
    publish()
    client = client_of(holder)
    refused = client.post(url("circle_add", cast.account, dossier.pk), TOLD | {"to": str(account_of(holder).pk)})
    assert refused.status_code == 403
    end_delegation(cast.referent, Delegation.objects.get(pk=given.pk), "Fin du remplacement.", timezone.now())
    for account in (cast.account, account_of(holder)):
        assert client.get(url("dossier", account, dossier.pk)).status_code == 404
    assert "Cazalbou" not in text(client.get(door(account_of(holder))))


def test_from_the_directory_one_says_first_in_whose_name(cast: Cast, dossier: Dossier) -> None:
    other = account_of(cast.stranger)
    client = cast.client("total")
    page = text(client.get(reverse("spaces:circle_join"), {"compte": str(other.pk)}))
    assert f"{door(cast.account)}?ajouter={other.pk}" in page
    listed = text(client.get(f"{door(cast.account)}?ajouter={other.pk}"))
    assert f"{url('circle_add', cast.account, dossier.pk)}?compte={other.pk}" in listed
    assert client.get(reverse("spaces:circle_join"), {"compte": "x"}).status_code == 404
    assert client.get(reverse("spaces:circle_join"), {"compte": str(uuid4())}).status_code == 404


def test_a_discussions_scope_opens_no_dossier_and_a_dossier_scope_does(cast: Cast, dossier: Dossier) -> None:
    holder = person()
    DelegationFactory(holder=account_of(holder), account=cast.account, scope=Scope.DOSSIER)
    assert client_of(holder).get(url("dossier", cast.account, dossier.pk)).status_code == 200
    assert cast.client("partial").get(url("dossier", cast.account, dossier.pk)).status_code == 404


def test_leaving_needs_to_be_there(cast: Cast, dossier: Dossier) -> None:
    other = account_of(cast.stranger)
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    add_members(who, dossier, [other.pk], Told("emergency", None))
    leave_circle(acting(cast.total, cast.account, Space.DOSSIERS), dossier)
    assert cast.client("total").get(url("dossier", cast.account, dossier.pk)).status_code == 404


def test_nobody_is_brought_into_an_archived_dossier(cast: Cast, dossier: Dossier) -> None:
    cast.client("total").post(url("dossier_archive", cast.account, dossier.pk))
    with pytest.raises(Refused, match="archivé"):
        bring_in(cast, dossier, account_of(cast.stranger))
    with pytest.raises(Refused, match="archivé"):
        an_entry(cast, dossier)
