"""The journal of the accounts that one oversees: who reads it, what it tells, what is taken away, what surprises."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from typing import cast as typed

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.grounds import Ground
from accounts.journal import entry, record, record_all
from accounts.models import Account, JournalEntry, User
from accounts.states import AccountState
from delegations.journal_reading import Cursor
from delegations.models import AccessCase
from delegations.scopes import Space
from delegations.services import end_delegation
from delegations.views import journal as pages
from directory.models import SearchEntry
from tests.delegations.people import Cast, account_of, client_of, person, publish
from tests.factories import InternalOrganisationFactory
from tests.factories.delegations import DelegationFactory, DelegationRequestFactory

pytestmark = pytest.mark.django_db
JOURNAL = "/delegations/journal/"
EXPORT = "/delegations/journal/export.csv"
OVERSEERS = ("total", "referent")
OTHERS = ("partial", "former", "attached", "stranger", "staff", "superuser")


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def told(client: Client, **asked: object) -> list[Any]:
    response = client.get(JOURNAL, {key: str(value) for key, value in asked.items()})
    assert response.status_code == 200, text(response)
    return list(response.context["told"])


def refused_at(user: User, account: Account, at: datetime, space: Space = Space.AGENDA) -> JournalEntry:
    """Somebody's door that stayed closed: an entry that needs no delegation."""
    with transaction.atomic():
        return record(
            "space.refused",
            at=at,
            ground=Ground.OWN,
            actor=user,
            actor_account=account_of(user),
            account=account,
            object_kind="space",
            object_key=space,
        )


def many(user: User, account: Account, count: int) -> None:
    now, own = timezone.now(), account_of(user)
    with transaction.atomic():
        record_all(
            entry(
                "space.refused",
                at=now - timedelta(seconds=number // 3),
                ground=Ground.OWN,
                actor=user,
                actor_account=own,
                account=account,
                object_kind="space",
                object_key=Space.TASKS,
            )
            for number in range(count)
        )


# --- Who reads what ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OVERSEERS)
def test_whoever_oversees_reads_what_was_done(cast: Cast, name: str) -> None:
    refused_at(cast.stranger, cast.account, timezone.now())
    page = text(cast.client(name).get(JOURNAL))
    assert "Rémi Aubrespin" in page
    assert "n’a pas pu ouvrir un espace" in page
    assert "Agenda" in page


@pytest.mark.parametrize("name", OTHERS)
def test_others_read_their_own_account_alone(cast: Cast, name: str) -> None:
    refused_at(cast.total, cast.account, timezone.now())
    for asked in ({}, {"compte": str(cast.account.pk)}, {"personne": str(account_of(cast.total).pk)}):
        response = cast.client(name).get(JOURNAL, asked)
        assert all(one.entry.account.user_id == getattr(cast, name).pk for one in response.context["told"])
        assert "n’a pas pu ouvrir" not in text(response).split("</form>")[-1]


def test_the_owner_reads_who_acted_in_their_account(cast: Cast) -> None:
    mine = refused_at(cast.total, account_of(cast.stranger), timezone.now())
    assert [one.entry for one in told(cast.client("stranger"))] == [mine]


def test_who_is_not_listed_reads_nothing(cast: Cast) -> None:
    for name in ("staff", "superuser"):
        assert "Vous ne lisez le journal d’aucun compte" in text(cast.client(name).get(JOURNAL))


def test_nobody_is_led_to_the_door(cast: Cast) -> None:
    for path in (JOURNAL, EXPORT, reverse("delegations:surprise", args=[1])):
        assert Client().get(path).status_code == 302


def test_the_journal_closes_with_the_delegation(cast: Cast) -> None:
    refused_at(cast.stranger, cast.account, timezone.now())
    client = cast.client("total")
    assert told(client)
    end_delegation(cast.referent, cast.delegation_of("total"), "Départ.", timezone.now())
    assert not told(client)


# --- What it tells ----------------------------------------------------------------------------------------------------


def test_each_entry_is_told_in_french(cast: Cast) -> None:
    DelegationRequestFactory(requester=account_of(cast.attached), account=cast.account)
    found = {(one.what, one.about) for one in told(cast.client("referent"))}
    assert ("a demandé une délégation", "Demande de Bénédicte Lagarrousse, «\xa0Total\xa0»") in found
    granted = "Délégation d’Hélène Vaysserat, «\xa0Total\xa0», sans date de fin"
    assert ("a accordé une délégation", granted) in found
    assert ("a mis fin à une délégation", "Délégation de Jourdan Massabielle, retirée") in found
    assert ("a nommé un référent", "Maïlis Tournemirande") in found


def test_names_are_those_of_today(cast: Cast) -> None:
    refused_at(cast.stranger, cast.account, timezone.now())
    professional = cast.stranger.account.professional
    professional.family_name = "Cazelles"
    professional.save()
    publish()
    assert told(cast.client("total"))[0].who == "Rémi Cazelles"


def test_the_service_centre_and_the_clock_have_a_name(cast: Cast) -> None:
    DelegationRequestFactory(account=cast.account, expired=True)
    assert {"Centre de service", "SPICO"} <= {one.who for one in told(cast.client("total"))}


def test_the_newest_come_first_and_pages_go_on_after_the_last(cast: Cast) -> None:
    many(cast.stranger, cast.account, 120)
    client, seen = cast.client("total"), []
    asked: dict[str, str] = {"acte": "space.refused"}
    for size in (50, 50, 20):
        response = client.get(JOURNAL, asked)
        rows = response.context["told"]
        assert len(rows) == size
        seen += [one.entry.pk for one in rows]
        asked["apres"] = response.context["following"]
        if asked["apres"]:
            assert f"apres={asked['apres']}" in text(response)
    expected = JournalEntry.objects.filter(verb="space.refused").order_by("-at", "-pk").values_list("pk", flat=True)
    assert seen == list(expected)
    assert asked["apres"] == ""


@pytest.mark.parametrize("cursor", ["x", "-", "1-", "-1", "1-x", "9" * 40 + "-1", "1-" + "9" * 40, "²-1"])
def test_what_is_no_cursor_begins_at_the_newest(cast: Cast, cursor: str) -> None:
    assert Cursor.read(cursor) is None
    assert told(cast.client("total"), apres=cursor)


def test_the_journal_asks_as_many_queries_for_1_and_for_20(
    db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts = []
    for rows in (1, 20):
        user = person()
        for _ in range(rows):
            row = DelegationFactory(holder=account_of(user))
            DelegationRequestFactory(account=row.account)
            refused_at(person(), row.account, timezone.now())
        publish()
        with django_assert_max_num_queries(40) as seen:
            assert len(client_of(user).get(JOURNAL).context["told"]) >= min(50, 3 * rows)
        counts.append(len(seen))
    assert counts[0] == counts[1]


# --- Filters ----------------------------------------------------------------------------------------------------------


def test_filters_by_account_person_and_act(cast: Cast) -> None:
    unit = InternalOrganisationFactory(structure=cast.structure)
    publish()
    now = timezone.now()
    here, there = refused_at(cast.stranger, cast.account, now), refused_at(cast.attached, unit.account, now)
    client = cast.client("referent")
    assert there.pk not in {one.entry.pk for one in told(client, compte=cast.account.pk)}
    assert [one.entry.pk for one in told(client, compte=unit.account.pk)] == [there.pk]
    assert [one.entry.pk for one in told(client, personne=account_of(cast.stranger).pk)] == [here.pk]
    assert {one.entry.pk for one in told(client, acte="space.refused")} == {here.pk, there.pk}
    assert "Aucun acte ne correspond" in text(client.get(JOURNAL, {"acte": "case.closed"}))


def test_persons_to_choose_from_held_asked_or_answer_here(cast: Cast) -> None:
    DelegationRequestFactory(requester=account_of(cast.stranger), account=cast.account)
    elsewhere = DelegationRequestFactory()
    form = cast.client("referent").get(JOURNAL).context["form"]
    offered = {key for key, _ in form.fields["personne"].choices}
    for name in ("total", "partial", "former", "referent", "stranger"):
        assert str(account_of(getattr(cast, name)).pk) in offered, name
    assert str(account_of(cast.attached).pk) not in offered
    assert str(elsewhere.requester_id) not in offered


def test_filters_by_period_in_whole_days(cast: Cast) -> None:
    zone = timezone.get_current_timezone()
    rows = {
        day: refused_at(cast.stranger, cast.account, datetime(2026, 3, day, hour, 59, tzinfo=zone))
        for day, hour in ((11, 23), (12, 0), (13, 23), (14, 0))
    }
    found = told(cast.client("total"), du="2026-03-12", au="2026-03-13")
    assert [one.entry for one in found] == [rows[13], rows[12]]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"du": "2026-02-30"}, "Écrivez une date qui existe"),
        ({"au": "demain"}, "Écrivez une date qui existe"),
        ({"du": "2026-03-12", "au": "2026-03-11"}, "La fin vient avant le début"),
        ({"acte": "tout.casser"}, "Choisissez dans la liste."),
        ({"compte": "1"}, "Choisissez dans la liste."),
        ({"personne": "1"}, "Choisissez dans la liste."),
    ],
)
@pytest.mark.parametrize("path", [JOURNAL, EXPORT])
def test_a_filter_that_does_not_suit_is_told(cast: Cast, path: str, asked: dict[str, str], sentence: str) -> None:
    before = JournalEntry.objects.count()
    response = cast.client("referent").get(path, asked)
    assert response.status_code == 400
    assert sentence in text(response)
    assert not response.context["told"]
    assert JournalEntry.objects.count() == before


# --- Taking it away ---------------------------------------------------------------------------------------------------


def lines_of(response: Any) -> list[list[str]]:
    content = b"".join(typed(Iterable[bytes], response.streaming_content)).decode()
    assert content.startswith("\ufeff")
    return list(csv.reader(io.StringIO(content.removeprefix("\ufeff")), delimiter=";"))


@pytest.mark.parametrize("name", OVERSEERS)
def test_the_export_holds_the_same_entries_and_is_journalled(cast: Cast, name: str) -> None:
    refused_at(cast.stranger, cast.account, timezone.now())
    response = cast.client(name).get(EXPORT, {"compte": str(cast.account.pk)})
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith('attachment; filename="journal-spico-')
    exported = JournalEntry.objects.latest("pk")
    assert (exported.verb, exported.account, exported.actor) == (
        "journal.exported",
        cast.account,
        getattr(cast, name),
    )
    assert exported.ground == (Ground.DELEGATION if name == "total" else Ground.REFERENT)
    head, *rows = lines_of(response)
    assert head[:4] == ["Date", "Compte", "Auteur", "Acte"]
    expected = JournalEntry.objects.filter(account=cast.account).order_by("-at", "-pk").values_list("pk", flat=True)
    assert [int(row[-1]) for row in rows] == list(expected)
    assert "Rémi Aubrespin" in {row[2] for row in rows}


def test_each_account_exported_has_its_entry(cast: Cast) -> None:
    lines_of(cast.client("total").get(EXPORT))
    exported = JournalEntry.objects.filter(verb="journal.exported").values_list("account", "ground")
    assert set(exported) == {(cast.account.pk, "delegation"), (account_of(cast.total).pk, "own")}


@pytest.mark.parametrize("name", OTHERS)
def test_nobody_takes_away_what_they_do_not_oversee(cast: Cast, name: str) -> None:
    refused_at(cast.total, cast.account, timezone.now())
    client = cast.client(name)
    assert client.get(EXPORT, {"compte": str(cast.account.pk)}).status_code == 400
    rows = lines_of(client.get(EXPORT, {"personne": str(account_of(cast.total).pk)}))[1:]
    assert "EHPAD Les Genêts du Causse" not in {row[1] for row in rows}
    assert not JournalEntry.objects.filter(verb="journal.exported", account=cast.account).exists()


def test_looking_at_the_head_takes_nothing_away(cast: Cast) -> None:
    assert cast.client("total").head(EXPORT).status_code == 200
    assert not JournalEntry.objects.filter(verb="journal.exported").exists()


@pytest.mark.parametrize("given", ["=cmd|' /C calc'!A0", "+33", "-2+3", "@SUM(1)", "\t=1", " =1", '=HYPERLINK("x")'])
def test_no_name_becomes_a_formula(cast: Cast, given: str) -> None:
    Account.objects.filter(pk=cast.account.pk).update(name=given)
    publish()
    Account.objects.filter(pk=account_of(cast.stranger).pk).update(name=given)
    SearchEntry.objects.filter(account=account_of(cast.stranger)).update(label=given)
    refused_at(cast.stranger, cast.account, timezone.now())
    rows = lines_of(cast.client("total").get(EXPORT, {"acte": "space.refused"}))[1:]
    assert [row[2] for row in rows] == [f"’{given}"]
    assert not [cell for row in rows for cell in row if cell.lstrip()[:1] in "=+-@" and cell]


def test_a_long_export_goes_on_and_stops_when_access_is_lost(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "ENTRIES_A_CHUNK", 10)
    many(cast.stranger, cast.account, 35)
    client = cast.client("total")
    assert len(lines_of(client.get(EXPORT, {"acte": "space.refused"}))) == 36
    stream = iter(client.get(EXPORT, {"acte": "space.refused"}).streaming_content)  # type: ignore[attr-defined]
    first = [next(stream), next(stream)]
    end_delegation(cast.referent, cast.delegation_of("total"), "Départ.", timezone.now())
    assert b"".join(first).count(b"\r\n") == 11
    assert not list(stream)


# --- « Cela me surprend » ---------------------------------------------------------------------------------------------


def surprise(row: JournalEntry) -> str:
    return reverse("delegations:surprise", args=[row.pk])


def test_what_surprises_opens_a_case(cast: Cast) -> None:
    row = refused_at(cast.stranger, cast.account, timezone.now())
    client = cast.client("total")
    assert "Rémi Aubrespin" in text(client.get(surprise(row)))
    assert not AccessCase.objects.exists()
    response = client.post(surprise(row), {"note": "Je ne connais pas cette personne."}, follow=True)
    assert "Le centre de service est prévenu" in text(response)
    assert "Signalé" in text(response)
    case = AccessCase.objects.get()
    assert (case.entry, case.opened_by, case.note) == (row, cast.total, "Je ne connais pas cette personne.")


def test_saying_it_twice_is_a_conflict(cast: Cast) -> None:
    row, client = refused_at(cast.stranger, cast.account, timezone.now()), cast.client("referent")
    client.post(surprise(row))
    again = client.post(surprise(row), {"note": "Je le redis."})
    assert again.status_code == 409
    assert "Je le redis." in text(again)
    assert "Vous avez déjà signalé cet accès" in text(again)
    assert AccessCase.objects.count() == 1


def test_a_note_too_long_is_kept(cast: Cast) -> None:
    row = refused_at(cast.stranger, cast.account, timezone.now())
    response = cast.client("total").post(surprise(row), {"note": "Trop long. " * 60})
    assert response.status_code == 400
    assert "Trop long. Trop long." in text(response)
    assert not AccessCase.objects.exists()


@pytest.mark.parametrize("name", OTHERS)
def test_another_accounts_entry_does_not_exist(cast: Cast, name: str) -> None:
    row = refused_at(cast.total, cast.account, timezone.now())
    client = cast.client(name)
    assert client.get(surprise(row)).status_code == 404
    assert client.post(surprise(row)).status_code == 404
    assert client.get(reverse("delegations:surprise", args=[10**17])).status_code == 404
    assert not AccessCase.objects.exists()


def test_the_journal_of_a_closed_account_is_still_read_taken_and_questioned(cast: Cast) -> None:
    own = account_of(cast.stranger)
    row = refused_at(cast.total, own, timezone.now())
    Account.objects.filter(pk=own.pk).update(state=AccountState.CLOSED)
    client = cast.client("stranger")
    assert [one.entry for one in told(client)] == [row]
    assert len(lines_of(client.get(EXPORT))) == 3
    assert client.post(surprise(row)).status_code == 302
    assert JournalEntry.objects.latest("pk").verb == "case.opened"
