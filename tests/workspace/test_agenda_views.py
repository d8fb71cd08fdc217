"""The agenda of an account, as a day, a week and a list, and the two nights when the clock changes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from delegations.scopes import Space
from tests.delegations.people import Cast, account_of, person, publish
from tests.factories import StructureFactory
from tests.factories.delegations import DelegationFactory
from tests.workspace.agenda_pages import NBSP, add, at, door, event_of, local, text, typed
from tests.workspace.making import acting, an_event
from workspace.models import Event

pytestmark = pytest.mark.django_db


# --- The clock -------------------------------------------------------------------------------------------------------


def test_an_hour_that_does_not_exist_is_refused(cast: Cast) -> None:
    response = add(cast, starts_on="2027-03-28", starts="02:30", ends="04:00")
    assert response.status_code == 400  # type: ignore[attr-defined]
    assert f"Le 28{NBSP}mars{NBSP}2027, 2{NBSP}h{NBSP}30 n’existe pas{NBSP}: on passe à l’heure d’été" in text(response)
    assert 'value="02:30"' in text(response)
    assert not Event.objects.exists()


def test_an_end_that_does_not_exist_is_refused(cast: Cast) -> None:
    assert add(cast, starts_on="2027-03-28", starts="01:00", ends="02:30").status_code == 400  # type: ignore[attr-defined]


def test_a_night_in_march_is_an_hour_shorter(cast: Cast) -> None:
    response = cast.client("total").post(
        at("event_add", cast.account),
        typed(starts_on="2027-03-28", starts="01:30", ends="03:30"),
        follow=True,
    )
    event = Event.objects.get()
    assert event.ends_at - event.starts_at == timedelta(hours=1)
    assert f"<dd>1{NBSP}h</dd>" in text(response)


def test_an_hour_that_comes_twice_is_the_first_and_said_so(cast: Cast) -> None:
    response = cast.client("total").post(
        at("event_add", cast.account), typed(starts_on="2027-10-31", starts="02:30", ends="03:30"), follow=True
    )
    event = Event.objects.get()
    assert event.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert event.ends_at == datetime(2027, 10, 31, 2, 30, tzinfo=UTC)
    page = text(response)
    assert f"2{NBSP}h{NBSP}30 arrive deux fois" in page
    assert "la première, à l’heure d’été" in page
    assert f"<dd>2{NBSP}h</dd>" in page


def test_the_second_of_two_equal_hours_stays_so_when_nobody_retypes_it(cast: Cast) -> None:
    second = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    event = event_of(cast, starts_at=second, ends_at=second + timedelta(hours=1))
    address = at("event_change", cast.account, event.pk)
    cast.client("total").post(address, typed(version=1, starts_on="2027-10-31", starts="02:30", ends="03:30"))
    changed = Event.objects.get()
    assert (changed.version, changed.starts_at) == (2, second)


# --- The views -------------------------------------------------------------------------------------------------------


@pytest.fixture
def three_days(cast: Cast) -> Event:
    return event_of(cast, title="Séjour de répit", starts_at=local(2027, 3, 2, 9), ends_at=local(2027, 3, 4, 17))


def test_an_event_of_several_days_stands_in_each_of_them(cast: Cast, three_days: Event) -> None:
    client = cast.client("total")
    days = client.get(door(cast.account, vue="semaine", le="2027-03-03")).context["days"]
    assert [day.date for day in days] == [date(2027, 3, number) for number in range(1, 8)]
    assert [[slot.hours for slot in day.slots] for day in days] == [
        [],
        [f"dès 9{NBSP}h"],
        ["toute la journée"],
        [f"jusqu’à 17{NBSP}h"],
        *([[]] * 3),
    ]
    for day, count in (("2027-03-01", 0), ("2027-03-03", 1), ("2027-03-05", 0)):
        assert text(client.get(door(cast.account, vue="jour", le=day))).count("Séjour de répit") == count
    assert "Séjour de répit" in text(client.get(door(cast.account, vue="liste", le="2027-03-04")))
    assert "Séjour de répit" not in text(client.get(door(cast.account, vue="liste", le="2027-03-05")))


def test_an_event_until_midnight_is_not_of_the_day_after(cast: Cast) -> None:
    event_of(cast, starts_at=local(2027, 3, 2, 22), ends_at=local(2027, 3, 3, 0))
    days = cast.client("total").get(door(cast.account, le="2027-03-02")).context["days"]
    assert [[slot.hours for slot in day.slots] for day in days[1:3]] == [[f"22{NBSP}h – minuit"], []]


@pytest.mark.parametrize(
    "day", ["demain", "2026-02-30", "30/02/2026", "0001-01-01", "9999-12-31", "%00", "2026-11-23T10:00"]
)
@pytest.mark.parametrize("view", ["jour", "semaine", "liste", "mois"])
def test_a_day_that_is_none_is_today(cast: Cast, day: str, view: str) -> None:
    response = cast.client("total").get(door(cast.account, vue=view, le=day))
    assert response.status_code == 200
    assert response.context["day"] == timezone.localdate()


@pytest.mark.parametrize("view", ["jour", "semaine", "liste"])
@pytest.mark.parametrize("day", ["2000-01-01", "2199-12-31"])
def test_the_first_and_the_last_day_are_pages_too(cast: Cast, day: str, view: str) -> None:
    assert cast.client("total").get(door(cast.account, vue=view, le=day)).status_code == 200


def test_a_day_typed_as_people_write_it_is_found(cast: Cast) -> None:
    response = cast.client("total").get(door(cast.account, vue="jour", le="3/12/2026"))
    assert response.context["day"] == date(2026, 12, 3)


def test_today_is_marked_and_the_ways_are_plain_links(cast: Cast) -> None:
    page = text(cast.client("total").get(door(cast.account)))
    assert page.count('aria-current="date"') == 2  # the day of the week, and the button « Aujourd’hui »
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    shown = timezone.localdate() + timedelta(days=7)
    assert f"?vue=semaine&amp;le={shown.isoformat()}" in page
    assert f"?vue=jour&amp;le={monday.isoformat()}" in page


def test_the_agenda_of_another_account_stays_there(cast: Cast) -> None:
    event_of(cast)
    other = StructureFactory(open_account=True).account
    DelegationFactory(holder=account_of(cast.total), account=other)
    publish()
    for account in (other, account_of(cast.total)):
        for view in ("jour", "semaine", "liste"):
            assert "Réunion de coordination" not in text(cast.client("total").get(door(account, vue=view)))


@pytest.mark.parametrize("view", ["jour", "semaine", "liste"])
def test_as_many_queries_for_1_and_for_20(
    cast: Cast, view: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client, counts = cast.client("total"), []
    day = timezone.localdate() + timedelta(days=3)
    for rows in (1, 19):
        for rank in range(rows):
            colleague = person("Zoé", f"Collègue{rows}{rank}")
            DelegationFactory(holder=account_of(colleague), account=cast.account)
            who = acting(colleague, cast.account, Space.AGENDA)
            start = local(day.year, day.month, day.day, 8)
            an_event(who, title=f"Visite {rank}", starts_at=start, ends_at=start + timedelta(hours=1))
        publish()
        with django_assert_max_num_queries(25) as seen:
            page = text(client.get(door(cast.account, vue=view, le=day.isoformat())))
        counts.append(len(seen))
    assert page.count("Visite ") >= 20
    assert counts[0] == counts[1]


def test_a_week_with_too_many_events_leads_to_the_list(cast: Cast) -> None:
    start = local(2027, 3, 2, 8)
    for rank in range(121):
        event_of(cast, title=f"Visite n° {rank}", starts_at=start, ends_at=start + timedelta(hours=1))
    page = text(cast.client("total").get(door(cast.account, le="2027-03-03")))
    assert page.count("Visite n° ") == 120
    assert "120 événements sont montrés ici." in page
    assert "?vue=liste&amp;le=2027-03-01" in page


def test_the_list_has_pages(cast: Cast) -> None:
    for rank in range(25):
        start = timezone.now() + timedelta(days=rank)
        event_of(cast, title=f"Visite n° {rank}", starts_at=start, ends_at=start + timedelta(hours=1))
    client = cast.client("total")
    first, second = (text(client.get(door(cast.account, vue="liste", page=str(page)))) for page in (1, 2))
    assert first.count("Visite n° ") == 20
    assert second.count("Visite n° ") == 5


def test_only_post_writes(cast: Cast) -> None:
    event, client = event_of(cast), cast.client("total")
    for route, keys in (("event_add", ()), ("event_change", (event.pk,)), ("event_cancel", (event.pk,))):
        assert client.get(at(route, cast.account, *keys)).status_code == 200
        assert client.put(at(route, cast.account, *keys)).status_code == 405
    assert client.post(at("event", cast.account, event.pk)).status_code == 405
    assert Event.objects.get().version == 1


def test_nobody_is_led_to_sign_in(cast: Cast) -> None:
    assert Client().get(at("event", cast.account, event_of(cast).pk)).status_code == 302
