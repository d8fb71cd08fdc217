"""The agenda of an account, through its pages: who reads and writes it, days, hours, the clock, two at once."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, JournalEntry
from accounts.states import AccountState
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from tests.delegations.people import Cast, account_of, client_of, make_cast, person, publish
from tests.factories import StructureFactory
from tests.factories.delegations import DelegationFactory
from tests.workspace.making import a_dossier, acting, an_event
from workspace.models import Event

pytestmark = pytest.mark.django_db
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def cast(reference: None) -> Cast:
    made = make_cast()
    made.all()
    return made


def door(account: Account, **asked: str) -> str:
    address = reverse("spaces:space", args=[account.pk, Space.AGENDA])
    return address + ("?" + "&".join(f"{name}={value}" for name, value in asked.items()) if asked else "")


def at(route: str, account: Account, *keys: object) -> str:
    return reverse(f"spaces:{route}", args=[account.pk, *keys])


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def without_tokens(response: object) -> str:
    return re.sub(r"csrfmiddlewaretoken.*?>|X-CSRFToken.*?>", "", text(response))


def typed(**changes: object) -> dict[str, object]:
    return {
        "kind": "visit",
        "title": "Visite de la chambre 12",
        "starts_on": "2026-12-01",
        "starts": "14:00",
        "ends_on": "",
        "ends": "15:30",
        "place": "Chambre 12",
        "notes": "Prévenir la famille.",
        "dossier": "",
    } | changes


def event_of(cast: Cast, **more: object) -> Event:
    return an_event(acting(cast.total, cast.account, Space.AGENDA), **more)  # type: ignore[arg-type]


def add(cast: Cast, **changes: object) -> object:
    return cast.client("total").post(at("event_add", cast.account), typed(**changes))


# --- Adding, changing, cancelling ------------------------------------------------------------------------------------


def test_an_event_says_what_was_typed_and_in_whose_name(cast: Cast) -> None:
    response = cast.client("total").post(at("event_add", cast.account), typed(), follow=True)
    event = Event.objects.get()
    page = text(response)
    assert (event.starts_at, event.ends_at) == (
        datetime(2026, 12, 1, 13, tzinfo=UTC),
        datetime(2026, 12, 1, 14, 30, tzinfo=UTC),
    )
    assert f"Mardi 1er{NBSP}décembre{NBSP}2026, de 14{NBSP}h à 15{NBSP}h{NBSP}30" in page
    assert "EHPAD Les Genêts du Causse, par Hélène Vaysserat" in page
    assert "Prévenir la famille." in page
    entry = JournalEntry.objects.filter(verb="event.created").get()
    assert (entry.object_key, entry.account, entry.details) == (str(event.pk), cast.account, {})
    assert entry.delegation == cast.delegation_of("total").pk


def test_in_ones_own_account_the_name_stands_alone(cast: Cast) -> None:
    own = account_of(cast.stranger)
    page = text(cast.client("stranger").post(at("event_add", own), typed(), follow=True))
    assert own.name in page
    assert f"{own.name}, par" not in page


def test_words_are_made_safe_to_keep(cast: Cast) -> None:
    add(cast, title="Visite\x00 \u202eeitnes\nfin", notes="Un\r\ndeux\x07", place="<script>x</script>")
    event = Event.objects.get()
    assert (event.title, event.notes) == ("Visite eitnes fin", "Un\ndeux")
    page = text(cast.client("total").get(at("event", cast.account, event.pk)))
    assert "&lt;script&gt;x&lt;/script&gt;" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": " \u200e "}, "Donnez un titre."),
        ({"title": "x" * 151}, "150 caractères au plus."),
        ({"notes": "x" * 5001}, "5000 caractères au plus."),
        ({"kind": "fete"}, "Choisissez un type dans la liste."),
        ({"starts_on": "hier"}, "Écrivez une date, comme 31/03/2027."),
        ({"starts_on": "", "ends": ""}, "Choisissez un jour."),
        ({"starts": "25:00"}, "Écrivez une heure, comme 14:30."),
        ({"ends": "13:59"}, f"Donnez une fin après le 1er{NBSP}décembre{NBSP}2026 à 14{NBSP}h."),
        ({"ends": "14:00"}, "L’événement finirait avant de commencer."),
        ({"ends_on": "2026-11-30"}, "L’événement finirait avant de commencer."),
        ({"ends_on": "2027-02-01"}, "Un événement dure au plus 31 jours."),
        ({"starts_on": "0999-01-01"}, "Choisissez un début entre 2000 et 2199."),
        ({"starts_on": "9999-12-31"}, "Choisissez un"),
        ({"dossier": "nimportequoi"}, "Choisissez un dossier de la liste."),
        ({"dossier": str(uuid.uuid4())}, "Choisissez un dossier de la liste."),
    ],
)
def test_what_does_not_suit_is_said_and_nothing_typed_is_lost(
    cast: Cast, changes: dict[str, object], sentence: str
) -> None:
    response = add(cast, **changes)
    page = text(response)
    assert response.status_code == 400  # type: ignore[attr-defined]
    assert sentence in page
    assert 'value="Chambre 12"' in page
    assert not Event.objects.exists()


def test_hours_are_read_as_people_write_them(cast: Cast) -> None:
    add(cast, starts_on="1/12/2026", starts="9 h 05", ends="10h")
    event = Event.objects.get()
    assert event.starts_at == datetime(2026, 12, 1, 8, 5, tzinfo=UTC)
    assert event.ends_at == datetime(2026, 12, 1, 9, tzinfo=UTC)


def test_changing_keeps_what_was_not_retyped_and_says_by_whom(cast: Cast) -> None:
    event = event_of(cast, place="Salle bleue")
    colleague = person("Rémi", "Aubrespin")
    DelegationFactory(holder=account_of(colleague), account=cast.account, scope=Scope.DOSSIER)
    client, address = client_of(colleague), at("event_change", cast.account, event.pk)
    form = client.get(address).context["form"]
    given = {name: form[name].value() or "" for name in form.fields}
    response = client.post(address, given | {"title": "Réunion déplacée"}, follow=True)
    changed = Event.objects.get()
    assert (changed.title, changed.place, changed.version) == ("Réunion déplacée", "Salle bleue", 2)
    assert (changed.starts_at, changed.actor) == (event.starts_at.replace(second=0, microsecond=0), cast.total)
    assert "Rémi Aubrespin" in text(response)
    assert JournalEntry.objects.filter(verb="event.changed", actor=colleague).count() == 1


def test_of_two_who_change_it_the_second_reads_the_first_and_keeps_their_text(cast: Cast) -> None:
    event = event_of(cast)
    client, address = cast.client("total"), at("event_change", cast.account, event.pk)
    assert client.post(address, typed(version=1, title="Le premier")).status_code == 302
    response = client.post(address, typed(version=1, title="Le second"))
    page = text(response)
    assert response.status_code == 409
    assert 'value="Le second"' in page
    assert "<strong>Le premier</strong>" in page
    assert Event.objects.get().title == "Le premier"
    assert client.post(address, typed(version=re.search(r'name="version" value="(\d+)"', page)[1])).status_code == 302  # type: ignore[index]
    assert Event.objects.get().version == 3


def test_a_change_without_a_version_is_not_made(cast: Cast) -> None:
    event = event_of(cast)
    assert cast.client("total").post(at("event_change", cast.account, event.pk), typed()).status_code == 409
    assert Event.objects.get().version == 1


def test_cancelled_once_however_often_it_is_pressed_and_it_stays(cast: Cast) -> None:
    event = event_of(cast)
    client, address = cast.client("total"), at("event_cancel", cast.account, event.pk)
    assert "Annuler cet événement" in text(client.get(address))
    for _ in range(2):
        assert client.post(address).status_code == 302
    event.refresh_from_db()
    assert (event.version, event.cancelled_by_account) == (2, account_of(cast.total))
    assert JournalEntry.objects.filter(verb="event.cancelled").count() == 1
    for view in ("jour", "semaine", "liste"):
        page = text(client.get(door(cast.account, vue=view)))
        assert event.title in page
        assert "Annulé" in page
    refused = client.post(at("event_change", cast.account, event.pk), typed(version=2))
    assert refused.status_code == 409
    assert "il ne change plus" in text(refused)


def test_a_frozen_account_is_read_and_nothing_new_begins(cast: Cast) -> None:
    event = event_of(cast)
    Account.objects.filter(pk=cast.account.pk).update(state=AccountState.FROZEN)
    client = cast.client("total")
    assert client.get(at("event", cast.account, event.pk)).status_code == 200
    for route, keys in (("event_add", ()), ("event_change", (event.pk,)), ("event_cancel", (event.pk,))):
        for answer in (
            client.get(at(route, cast.account, *keys)),
            client.post(at(route, cast.account, *keys), typed()),
        ):
            assert answer.status_code == 409
            assert "est gelé" in text(answer)
    assert Event.objects.get().version == 1


# --- Who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["partial", "former", "referent", "attached", "stranger", "staff", "superuser"])
def test_who_may_not_enter_meets_the_page_of_what_does_not_exist(cast: Cast, who: str) -> None:
    event, client = event_of(cast), cast.client(who)
    missing = client.get(at("event", cast.account, uuid.uuid4()))
    for route in ("event", "event_change", "event_cancel"):
        found = client.get(at(route, cast.account, event.pk))
        assert (found.status_code, without_tokens(found)) == (404, without_tokens(missing))
        if route != "event":
            assert client.post(at(route, cast.account, event.pk), typed(version=1)).status_code == 404
    assert client.post(at("event_add", cast.account), typed()).status_code == 404
    assert Event.objects.get().version == 1


def test_an_event_of_another_account_is_not_reached_through_ones_own(cast: Cast) -> None:
    event, own = event_of(cast), account_of(cast.total)
    client = cast.client("total")
    for route in ("event", "event_change", "event_cancel"):
        assert client.get(at(route, own, event.pk)).status_code == 404
        if route != "event":
            assert client.post(at(route, own, event.pk), typed(version=1)).status_code == 404
    assert Event.objects.get().cancelled_at is None


def test_revoked_is_felt_at_the_next_click(cast: Cast) -> None:
    event, client = event_of(cast), cast.client("total")
    assert client.get(at("event", cast.account, event.pk)).status_code == 200
    end_delegation(cast.referent, cast.delegation_of("total"), "Départ.", timezone.now())
    assert client.get(at("event", cast.account, event.pk)).status_code == 404
    assert client.post(at("event_cancel", cast.account, event.pk)).status_code == 404


# --- The dossier -----------------------------------------------------------------------------------------------------


def test_a_dossier_of_the_account_is_offered_and_shown(cast: Cast) -> None:
    dossier = a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))
    client = cast.client("total")
    assert "Cazalbou Odile, 2\xa0avril\xa01938" in text(client.get(at("event_add", cast.account)))
    page = text(client.post(at("event_add", cast.account), typed(dossier=str(dossier.pk)), follow=True))
    assert f"/dossiers/{dossier.pk}/" in page
    assert "Cazalbou" not in page.split("</title>")[0]


def test_a_dossier_that_one_does_not_see_is_as_one_that_does_not_exist(cast: Cast) -> None:
    hidden = a_dossier(acting(cast.stranger, account_of(cast.stranger), Space.DOSSIERS))
    answers = [add(cast, dossier=str(key)) for key in (hidden.pk, uuid.uuid4())]
    pages = [without_tokens(answer) for answer in answers]
    assert "Choisissez un dossier de la liste." in pages[0]
    assert pages[0] == pages[1]
    assert "Cazalbou" not in pages[0]
    assert "Cazalbou" not in text(cast.client("total").get(f"{at('event_add', cast.account)}?dossier={hidden.pk}"))


def test_a_link_that_closed_to_the_reader_is_not_named_and_survives_a_change(cast: Cast) -> None:
    hidden = a_dossier(acting(cast.stranger, account_of(cast.stranger), Space.DOSSIERS))
    event = event_of(cast, dossier=hidden)
    client, address = cast.client("total"), at("event_change", cast.account, event.pk)
    page = text(client.get(at("event", cast.account, event.pk)))
    assert "Cazalbou" not in page
    assert str(hidden.pk) not in page
    page = text(client.get(address))
    assert str(hidden.pk) not in page
    assert "Le dossier déjà lié, qui ne vous est pas ouvert" in page
    client.post(address, typed(version=1, dossier="garder"))
    assert Event.objects.get().dossier == hidden
    client.post(address, typed(version=2, dossier=""))
    assert Event.objects.get().dossier is None


def test_among_many_dossiers_one_looks_by_name_and_nothing_typed_is_lost(cast: Cast) -> None:
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    for rank in range(51):
        a_dossier(who, family_name=f"Bertholène{rank}")
    wanted = a_dossier(who, family_name="Ézambert", given_names="Élie")
    client, address = cast.client("total"), at("event_add", cast.account)
    response = client.post(address, typed(look="1", find="ezam", title=""))
    page = text(response)
    assert response.status_code == 200
    assert "Ézambert Élie" in page
    assert "Bertholène" not in page
    assert "Donnez un titre." not in page
    assert 'value="Chambre 12"' in page
    client.post(address, typed(dossier=str(wanted.pk), find="ezam"))
    assert Event.objects.get().dossier == wanted


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


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.get_current_timezone())  # type: ignore[misc, arg-type]


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
