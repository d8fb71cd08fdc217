"""Added in an emergency, an account shares the dossier at once; how the patient learnt of it is said later, once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, JournalEntry
from accounts.states import AccountState
from delegations.errors import Refused
from delegations.periods import period
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from spico.web.typography import NBSP, french_date
from tests.delegations.people import Cast, account_of, client_of, person, publish
from tests.factories import DelegationFactory
from tests.workspace.dossier_pages import text, url
from tests.workspace.making import a_dossier, acting
from workspace.models import CircleMember, Dossier
from workspace.services.circles import Told, leave_circle, remove_member, tell_informed
from workspace.services.dossiers import archive_dossier

pytestmark = pytest.mark.django_db
WAITS = "Patient pas encore informé"
SAY = "Dire comment le patient a été informé"


def said(how: str = "written", on: date | None = None) -> dict[str, str]:
    return {"informed_how": how, "informed_on": (on or timezone.localdate()).strftime("%d/%m/%Y")}


@pytest.fixture
def friend(cast: Cast) -> Account:
    """Of the stranger, who acts in it and in nothing else."""
    return account_of(cast.stranger)


@pytest.fixture
def row(cast: Cast, dossier: Dossier, friend: Account) -> CircleMember:
    """The friend, brought in three days ago."""
    publish()
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    [found] = brought_in(who, dossier, friend, days=3)
    return found


def brought_in(who: Any, dossier: Dossier, *members: Account, days: int = 0) -> list[CircleMember]:
    """In an emergency, some days ago; `add_members` is of today."""
    at = who.at - timedelta(days=days)
    author = who.written() | {"created_at": at}
    rows = [
        CircleMember(dossier=dossier, member=one, period=period(at, None), informed_how="emergency", **author)
        for one in members
    ]
    return CircleMember.objects.bulk_create(rows)


def api(user: Any, account: Account, dossier: Dossier, row: CircleMember, status: int = 200, **body: Any) -> Any:
    address = f"/api/v1/accounts/{account.pk}/dossiers/{dossier.pk}/circle/{row.pk}/inform/"
    told = {"informed_how": "written", "informed_on": timezone.localdate().isoformat()} | body
    response = client_of(user).post(address, told, content_type="application/json")
    assert response.status_code == status, text(response)
    return response.json()


# --- Saying it --------------------------------------------------------------------------------------------------------


def test_the_circle_shows_what_waits_and_leads_to_where_it_is_said(
    cast: Cast, dossier: Dossier, row: CircleMember
) -> None:
    client, circle = cast.client("total"), url("circle", cast.account, dossier.pk)
    address = url("circle_inform", cast.account, dossier.pk, row.pk)
    page = text(client.get(circle))
    assert (page.count(WAITS), page.count(SAY), page.count(address)) == (1, 1, 1)
    form = text(client.get(address))
    assert row.member.name in form
    assert 'value="emergency"' not in form
    response = client.post(address, said(), follow=True)
    assert response.redirect_chain == [(circle, 302)]
    page = text(response)
    told = f"patient informé par écrit le {french_date(timezone.localdate())}"
    assert f"C’est dit pour «{NBSP}{row.member.name}{NBSP}»{NBSP}: {told}." in page
    assert page.count(told) == 2
    assert WAITS not in page
    assert address not in page


@pytest.mark.parametrize("scope", [Scope.TOTAL, Scope.DOSSIER])
def test_any_account_of_the_circle_says_it_through_who_may_write_there(
    cast: Cast, dossier: Dossier, row: CircleMember, friend: Account, scope: Scope
) -> None:
    holder = person("Gaspard", "Ferrières")
    DelegationFactory(holder=account_of(holder), account=cast.account, scope=scope)
    for who, account, place in (
        (holder, cast.account, row),
        (
            cast.stranger,
            friend,
            *brought_in(acting(cast.stranger, friend, Space.DOSSIERS), dossier, account_of(holder)),
        ),
    ):
        assert client_of(who).post(url("circle_inform", account, dossier.pk, place.pk), said()).status_code == 302
        place.refresh_from_db()
        assert (place.informed_how, place.informed_on) == ("written", timezone.localdate())


def test_the_journal_keeps_who_said_it_and_neither_name_nor_way(
    cast: Cast, dossier: Dossier, row: CircleMember
) -> None:
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    tell_informed(who, dossier, row, Told("trusted", timezone.localdate()))
    entry = JournalEntry.objects.get(verb="circle.informed")
    assert (entry.actor, entry.account, entry.object_key) == (cast.total, cast.account, str(dossier.pk))
    assert entry.details == {"member": str(row.member_id), "row": row.pk}
    [told] = [
        one
        for one in cast.client("total").get("/delegations/journal/").context["told"]
        if one.entry.verb == "circle.informed"
    ]
    assert (told.what, told.about) == ("a dit comment le patient a été informé", row.member.name)
    assert told.path == url("dossier", cast.account, dossier.pk)


def test_what_was_not_said_of_who_has_left_stays_as_it_was(cast: Cast, dossier: Dossier, row: CircleMember) -> None:
    remove_member(acting(cast.total, cast.account, Space.DOSSIERS), dossier, row)
    page = text(cast.client("total").get(url("circle", cast.account, dossier.pk)))
    assert "pas encore : urgence".replace(" :", f"{NBSP}:") in page
    assert WAITS not in page
    assert SAY not in page


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"informed_how": ""}, "informed_how", "Choisissez dans la liste."),
        ({"informed_how": "emergency"}, "informed_how", "Choisissez dans la liste."),
        ({"informed_on": ""}, "informed_on", "au plus tard aujourd’hui"),
        ({"informed_on": "hier"}, "informed_on", "Écrivez une date"),
        ({"informed_on": "01/01/2999"}, "informed_on", "au plus tard aujourd’hui"),
        (said(on=timezone.localdate() - timedelta(days=5)), "informed_on", "dans le cercle depuis le"),
    ],
)
def test_what_does_not_suit_is_said_beside_its_field(
    cast: Cast, dossier: Dossier, row: CircleMember, wrong: dict[str, str], field: str, sentence: str
) -> None:
    response = cast.client("total").post(url("circle_inform", cast.account, dossier.pk, row.pk), said() | wrong)
    assert response.status_code == 400
    assert sentence in text(response)
    assert f'href="#id_{field}"' in text(response)
    row.refresh_from_db()
    assert (row.informed_how, row.informed_on) == ("emergency", None)


def test_what_is_missing_is_said_together(cast: Cast, dossier: Dossier, row: CircleMember) -> None:
    page = text(cast.client("total").post(url("circle_inform", cast.account, dossier.pk, row.pk)))
    assert [f'href="#id_{field}"' in page for field in ("informed_how", "informed_on")] == [True, True]


@pytest.mark.parametrize("days", [0, 3])
def test_the_day_of_the_adding_suits_and_today_too(cast: Cast, dossier: Dossier, row: CircleMember, days: int) -> None:
    day = timezone.localdate(row.period.lower) + timedelta(days=days)
    address = url("circle_inform", cast.account, dossier.pk, row.pk)
    assert cast.client("total").post(address, said(on=day)).status_code == 302
    assert CircleMember.objects.get(pk=row.pk).informed_on == day


# --- By the API -------------------------------------------------------------------------------------------------------


def test_the_api_says_it_in_the_same_way(cast: Cast, dossier: Dossier, row: CircleMember) -> None:
    before = (timezone.localdate() - timedelta(days=5)).isoformat()
    for wrong, field in (
        ({"informed_how": "emergency"}, "informed_how"),
        ({"informed_on": None}, "informed_on"),
        ({"informed_on": "2999-01-01"}, "informed_on"),
        ({"informed_on": before}, "informed_on"),
        ({"member": str(row.member_id)}, "member"),
    ):
        told = api(cast.total, cast.account, dossier, row, 400, **wrong)
        assert [error["field"] for error in told["errors"]] == [field]
    told = api(cast.total, cast.account, dossier, row)
    assert (told["id"], told["informed_how"], told["ended_kind"]) == (row.pk, "written", "")
    assert told["informed_on"] == timezone.localdate().isoformat()
    again = api(cast.total, cast.account, dossier, row, 409, informed_how="oral")
    assert "C’est déjà dit" in again["detail"]


# --- Whose it is to say -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["partial", "former", "referent", "attached", "staff", "superuser"])
def test_whoever_may_not_write_there_finds_nothing(cast: Cast, dossier: Dossier, row: CircleMember, who: str) -> None:
    address, client = url("circle_inform", cast.account, dossier.pk, row.pk), cast.client(who)
    assert client.get(address).status_code == client.post(address, said()).status_code == 404
    api(getattr(cast, who), cast.account, dossier, row, 404)
    row.refresh_from_db()
    assert row.informed_how == "emergency"


def test_a_holder_whose_delegation_has_ended_says_nothing_any_more(
    cast: Cast, dossier: Dossier, row: CircleMember
) -> None:
    client, address = cast.client("total"), url("circle_inform", cast.account, dossier.pk, row.pk)
    assert client.get(address).status_code == 200
    end_delegation(cast.referent, cast.delegation_of("total"), "Fin du remplacement.", timezone.now())
    assert client.get(address).status_code == client.post(address, said()).status_code == 404
    api(cast.total, cast.account, dossier, row, 404)


def test_an_account_that_is_not_in_the_circle_finds_nothing(cast: Cast, dossier: Dossier, row: CircleMember) -> None:
    outsider = person("Lucie", "Orsini")
    publish()
    address = url("circle_inform", account_of(outsider), dossier.pk, row.pk)
    assert client_of(outsider).post(address, said()).status_code == 404
    api(outsider, account_of(outsider), dossier, row, 404)


def test_a_member_of_another_dossier_is_not_found_in_this_one(cast: Cast, dossier: Dossier, row: CircleMember) -> None:
    other = a_dossier(acting(cast.total, cast.account, Space.DOSSIERS), family_name="Orsini")
    assert cast.client("total").post(url("circle_inform", cast.account, other.pk, row.pk), said()).status_code == 404
    api(cast.total, cast.account, other, row, 404)
    with pytest.raises(Refused, match="plus dans le cercle"):
        who = acting(cast.total, cast.account, Space.DOSSIERS)
        tell_informed(who, other, row, Told("oral", timezone.localdate()))


# --- Too late, or not now ---------------------------------------------------------------------------------------------


def close(how: str, cast: Cast, dossier: Dossier, row: CircleMember, friend: Account) -> str:
    """What makes it too late; a part of the sentence that says so."""
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    if how == "said":
        tell_informed(who, dossier, row, Told("oral", timezone.localdate()))
        return f"C’est déjà dit{NBSP}: patient informé de vive voix le {french_date(timezone.localdate())}."
    if how == "left":
        leave_circle(acting(cast.stranger, friend, Space.DOSSIERS), dossier)
        return "n’est déjà plus dans le cercle de soins"
    if how == "archived":
        archive_dossier(who, dossier)
        return "Ce dossier est archivé"
    Account.objects.filter(pk=cast.account.pk).update(state=AccountState.FROZEN)
    return "gelé"


@pytest.mark.parametrize("how", ["said", "left", "archived", "frozen"])
def test_too_late_is_a_sentence_and_no_form(
    cast: Cast, dossier: Dossier, row: CircleMember, friend: Account, how: str
) -> None:
    sentence = close(how, cast, dossier, row, friend)
    before = CircleMember.objects.values().get(pk=row.pk)
    client, address = cast.client("total"), url("circle_inform", cast.account, dossier.pk, row.pk)
    assert address not in text(client.get(url("circle", cast.account, dossier.pk)))
    for response in (client.get(address), client.post(address, said())):
        assert response.status_code == 409
        assert sentence in text(response)
        assert 'name="informed_how"' not in text(response)
        assert f'href="{url("circle", cast.account, dossier.pk)}"' in text(response)
    assert sentence in api(cast.total, cast.account, dossier, row, 409)["detail"]
    assert CircleMember.objects.values().get(pk=row.pk) == before


def test_who_left_the_circle_meanwhile_says_nothing_of_it(
    cast: Cast, dossier: Dossier, row: CircleMember, friend: Account
) -> None:
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    place = dossier.circle.get(member=cast.account)
    remove_member(acting(cast.stranger, friend, Space.DOSSIERS), dossier, place)
    with pytest.raises(Refused, match="n’est plus dans ce cercle") as refused:
        tell_informed(who, dossier, row, Told("oral", timezone.localdate()))
    assert refused.value.status == 409


# --- What the database holds ------------------------------------------------------------------------------------------


def test_the_database_takes_that_move_and_no_other(row: CircleMember) -> None:
    """Whoever writes there without the services: the owner of the tables."""
    rows, today = CircleMember.objects.filter(pk=row.pk), timezone.localdate()
    for changes, sentence in (
        ({"informed_how": "oral"}, "circle_member_patient_was_told"),
        ({"informed_on": today}, "ne change plus"),
        ({"informed_how": "oral", "informed_on": today - timedelta(days=5)}, "le jour de l’ajout au cercle, ou après"),
        ({"informed_how": "oral", "informed_on": today, "created_at": timezone.now()}, "Cannot update"),
    ):
        with (
            pytest.raises(IntegrityError, match=sentence)
            if sentence != "Cannot update"
            else pytest.raises(Exception, match=sentence),
            transaction.atomic(),
        ):
            rows.update(**changes)
    rows.update(informed_how="oral", informed_on=today)
    for changes in ({"informed_how": "written"}, {"informed_how": "emergency", "informed_on": None}):
        with pytest.raises(IntegrityError, match="ne change plus"), transaction.atomic():
            rows.update(**changes)


# --- Queries ----------------------------------------------------------------------------------------------------------


def test_as_many_queries_for_one_member_as_for_twenty(cast: Cast, dossier: Dossier, row: CircleMember) -> None:
    places = {
        name: url(name, cast.account, dossier.pk, *key) for name, key in (("circle", []), ("circle_inform", [row.pk]))
    }

    def count(name: str) -> int:
        client = cast.client("total")
        client.get(places[name])
        with CaptureQueriesContext(connection) as asked:
            assert client.get(places[name]).status_code == 200
        return len(asked)

    few = {name: count(name) for name in places}
    others = [account_of(person("Odile", f"Cazals{number}")) for number in range(19)]
    publish()
    brought_in(acting(cast.total, cast.account, Space.DOSSIERS), dossier, *others)
    assert text(cast.client("total").get(places["circle"])).count(WAITS) == 20
    assert {name: count(name) for name in places} == few
