"""The link that gives an agenda to calendar programs: shown once, checked at each reading, silent on what one wrote."""

import hashlib
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.grounds import Ground
from accounts.models import Account, JournalEntry, User
from accounts.states import AccountState
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from delegations.services.ending import reduce_delegation
from directory.models import SearchEntry
from tests.delegations.people import Cast, account_of, client_of, person
from tests.factories.delegations import DelegationFactory
from tests.workspace.making import a_dossier, acting, an_event
from workspace.calendar_export import exported
from workspace.models import CalendarFeed, Event
from workspace.services.feeds import create_feed, read_feed

pytestmark = pytest.mark.django_db
ADDRESS = re.compile(r'value="([^"]*/agenda/([A-Za-z0-9_-]{43})\.ics)"')


def at(route: str, account: Account, *keys: object) -> str:
    return reverse(f"spaces:{route}", args=[account.pk, *keys])


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def create(client: Client, account: Account, **more: str) -> str:
    """The secret, as the page shows it."""
    page = text(client.post(at("feed_create", account), more))
    found = ADDRESS.search(page)
    assert found, page
    return found[2]


def fetch(secret: str) -> object:
    """As a program does: nobody is signed in."""
    return Client().get(reverse("feeds:agenda", args=[secret]))


def status(secret: str) -> int:
    return fetch(secret).status_code  # type: ignore[attr-defined, no-any-return]


def events(secret: str) -> list[object]:
    return list(Calendar.from_ical(text(fetch(secret))).walk("VEVENT"))


def without_tokens(response: object) -> str:
    return re.sub(r"csrfmiddlewaretoken.*?>|X-CSRFToken.*?>", "", text(response))


@pytest.fixture
def secret(cast: Cast) -> str:
    return create(cast.client("total"), cast.account)


def test_the_address_is_shown_once_and_only_its_digest_is_kept(cast: Cast) -> None:
    client = cast.client("total")
    response = client.post(at("feed_create", cast.account))
    found = ADDRESS.search(text(response))
    assert found
    address, secret = found.groups()
    assert address.startswith("http://127.0.0.1:8000/agenda/")
    assert response["Cache-Control"] == "private, no-store"
    feed = CalendarFeed.objects.get()
    assert bytes(feed.digest) == hashlib.sha256(secret.encode()).digest()
    assert (feed.user, feed.account) == (cast.total, cast.account)
    assert secret not in text(client.get(at("feeds", cast.account)))
    assert JournalEntry.objects.get(verb="feed.created").object_key == str(feed.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(f)::text || (SELECT json_agg(j)::text FROM accounts_journalentry j) "
            "FROM workspace_calendarfeed f"
        )
        assert secret not in cursor.fetchall()[0][0]


def test_two_links_are_two_secrets(cast: Cast) -> None:
    other = person()
    DelegationFactory(holder=account_of(other), account=cast.account, scope=Scope.DOSSIER)
    assert create(cast.client("total"), cast.account) != create(client_of(other), cast.account)


def test_pressed_twice_there_is_one_link_and_the_second_is_told(cast: Cast, secret: str) -> None:
    again = cast.client("total").post(at("feed_create", cast.account))
    assert again.status_code == 409
    assert "Vous avez déjà un lien pour cet agenda" in text(again)
    assert CalendarFeed.objects.count() == 1
    assert status(secret) == 200


def test_replaced_the_old_address_gives_nothing(cast: Cast, secret: str) -> None:
    new = create(cast.client("total"), cast.account, replace="1")
    assert (status(secret), status(new)) == (404, 200)
    verbs = JournalEntry.objects.filter(verb__startswith="feed.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["feed.created", "feed.revoked", "feed.created", "feed.refused", "feed.read"]


def test_a_program_reads_when_and_whose_and_nothing_that_people_wrote(cast: Cast, secret: str) -> None:
    who = acting(cast.total, cast.account, Space.AGENDA)
    dossier = a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))
    start = (timezone.now() + timedelta(days=2)).replace(minute=15, second=0, microsecond=0)
    event = an_event(
        who,
        title="Visite chez Mme Cazalbou",
        place="Chambre secrète",
        notes="Escarre au talon",
        dossier=dossier,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
    )
    response = fetch(secret)
    body = text(response)
    for word in ("Cazalbou", "Odile", "secr", "Escarre", str(dossier.pk), "Vaysserat"):
        assert word not in body
    [found] = Calendar.from_ical(body).walk("VEVENT")
    assert found["SUMMARY"] == "Réunion · EHPAD Les Genêts du Causse"
    assert found["UID"] == f"{event.pk}@spico"
    assert found.decoded("DTSTART") == start
    assert found.decoded("DTEND") == start + timedelta(hours=1)
    assert f"DTSTART:{start.astimezone(UTC):%Y%m%dT%H%M%SZ}" in body
    assert found.decoded("DTSTAMP") == event.changed_at.replace(microsecond=0)
    assert (found["STATUS"], found["SEQUENCE"]) == ("CONFIRMED", 0)
    page = at("event", cast.account, event.pk)
    assert found["URL"] == f"http://127.0.0.1:8000{page}"
    assert max(len(line.encode()) for line in body.split("\r\n")) <= 75
    assert {"DESCRIPTION", "LOCATION", "ORGANIZER", "ATTENDEE"}.isdisjoint(found)


def test_it_is_answered_for_programs_and_kept_nowhere(secret: str) -> None:
    response = fetch(secret)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"  # type: ignore[index]
    assert response["Cache-Control"] == "private, no-store"  # type: ignore[index]
    assert response["X-Robots-Tag"] == "noindex, nofollow"  # type: ignore[index]
    assert text(response).startswith("BEGIN:VCALENDAR\r\n")
    address = reverse("feeds:agenda", args=[secret])
    assert Client().head(address).status_code == 200
    assert Client().post(address).status_code == 405


def test_changed_and_cancelled_keep_their_number(cast: Cast, secret: str) -> None:
    who = acting(cast.total, cast.account, Space.AGENDA)
    event = an_event(who)
    Event.objects.filter(pk=event.pk).update(cancelled_at=who.at, cancelled_by_account=who.own, version=3)
    [found] = events(secret)
    assert (found["UID"], found["STATUS"], found["SEQUENCE"]) == (f"{event.pk}@spico", "CANCELLED", 2)  # type: ignore[index]


def test_a_change_of_clock_moves_nothing(cast: Cast) -> None:
    who = acting(cast.stranger, account_of(cast.stranger), Space.AGENDA, datetime(2027, 3, 1, tzinfo=UTC))
    start = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    an_event(who, starts_at=start, ends_at=start + timedelta(hours=1))
    assert b"DTSTART:20270328T003000Z\r\nDTEND:20270328T013000Z" in exported(who)


def test_what_is_long_past_or_far_ahead_stays_home(cast: Cast, secret: str) -> None:
    who = acting(cast.total, cast.account, Space.AGENDA)
    for days in (-92, -89, 365, 368):
        start = timezone.now() + timedelta(days=days)
        an_event(who, starts_at=start, ends_at=start + timedelta(hours=1))
    assert len(events(secret)) == 2


def test_the_events_of_another_account_stay_there(cast: Cast, secret: str) -> None:
    an_event(acting(cast.total, account_of(cast.total), Space.AGENDA))
    assert events(secret) == []


# --- Who may read, asked at each reading -----------------------------------------------------------------------------


def test_each_reading_is_in_the_journal_with_its_ground_and_marks_the_link(cast: Cast, secret: str) -> None:
    assert status(secret) == 200
    entry = JournalEntry.objects.get(verb="feed.read")
    feed = CalendarFeed.objects.get()
    assert (entry.actor, entry.account, entry.ground) == (cast.total, cast.account, Ground.DELEGATION)
    assert (entry.delegation, entry.object_key) == (cast.delegation_of("total").pk, str(feed.pk))
    assert feed.read_at is not None
    assert "Dernière lecture" in text(cast.client("total").get(at("feeds", cast.account)))


def test_ones_own_agenda_is_read_as_its_owner(cast: Cast) -> None:
    own = account_of(cast.stranger)
    assert status(create(cast.client("stranger"), own)) == 200
    assert JournalEntry.objects.get(verb="feed.read").ground == Ground.OWN


def _ended(cast: Cast) -> None:
    end_delegation(cast.referent, cast.delegation_of("total"), "Départ.", timezone.now())


def _reduced(cast: Cast) -> None:
    reduce_delegation(cast.referent, cast.delegation_of("total"), Scope.DISCUSSIONS, timezone.now())


def _closed(cast: Cast) -> None:
    Account.objects.filter(pk=cast.account.pk).update(state=AccountState.CLOSED)


def _holder_closed(cast: Cast) -> None:
    Account.objects.filter(user=cast.total).update(state=AccountState.CLOSED)


def _inactive(cast: Cast) -> None:
    User.objects.filter(pk=cast.total.pk).update(is_active=False)


def _unlisted(cast: Cast) -> None:
    SearchEntry.objects.filter(account=cast.account).delete()


def _revoked(cast: Cast) -> None:
    cast.client("total").post(at("feed_revoke", cast.account, CalendarFeed.objects.get().pk))


@pytest.mark.parametrize("close", [_ended, _reduced, _closed, _holder_closed, _inactive, _unlisted, _revoked])
def test_what_closes_the_agenda_closes_the_link_at_the_next_reading(cast: Cast, secret: str, close: object) -> None:
    assert status(secret) == 200
    read = CalendarFeed.objects.get().read_at
    close(cast)  # type: ignore[operator]
    refused = fetch(secret)
    unknown = fetch("x" * 43)
    assert refused.status_code == 404  # type: ignore[attr-defined]
    assert without_tokens(refused) == without_tokens(unknown)
    assert JournalEntry.objects.filter(verb="feed.read").count() == 1
    assert CalendarFeed.objects.get().read_at == read


@pytest.mark.parametrize("close", [_ended, _reduced, _closed, _holder_closed, _inactive, _unlisted, _revoked])
def test_a_refused_link_is_in_the_journal_once_a_day_however_often_it_is_asked(
    cast: Cast, secret: str, close: object
) -> None:
    feed, now = CalendarFeed.objects.get(), timezone.now()
    close(cast)  # type: ignore[operator]
    for _ in range(3):
        assert status(secret) == 404
    refused = JournalEntry.objects.filter(verb="feed.refused")
    entry = refused.get()
    assert (entry.actor, entry.account, entry.object_key) == (cast.total, cast.account, str(feed.pk))
    own = None if close in (_holder_closed, _inactive) else account_of(cast.total)
    assert (entry.actor_account, entry.ground, entry.delegation) == (own, Ground.OWN, None)
    for hours, kept in ((23, 1), (25, 2), (40, 2), (50, 3)):
        with pytest.raises(Http404):
            read_feed(feed, now + timedelta(hours=hours))
        assert refused.count() == kept


def test_an_address_that_is_nobodys_is_in_no_journal(cast: Cast, secret: str) -> None:
    before = JournalEntry.objects.count()
    assert status("x" * 43) == 404
    assert JournalEntry.objects.count() == before


@pytest.mark.parametrize("address", ["x" * 42, "x" * 44, "x" * 5000, "x" * 42 + "!", "é" * 43, "../" * 14 + "x"])
def test_what_is_no_secret_is_no_page(cast: Cast, address: str) -> None:
    assert Client().get(f"/agenda/{address}.ics").status_code == 404


def test_the_digest_opens_nothing(cast: Cast, secret: str) -> None:
    digest = bytes(CalendarFeed.objects.get().digest).hex()
    assert Client().get(f"/agenda/{digest[:43]}.ics").status_code == 404
    assert Client().get(f"/agenda/{digest}.ics").status_code == 404


def test_a_link_opens_no_page(cast: Cast, secret: str) -> None:
    client = Client()
    client.get(reverse("feeds:agenda", args=[secret]))
    assert client.get(at("feeds", cast.account)).status_code == 302
    assert not client.cookies.get("sessionid")


def test_the_secret_reaches_no_log(cast: Cast, secret: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        fetch(secret)
        _ended(cast)
        fetch(secret)
    # Django's own logger of requests keeps the path in its record: `withhold` takes it out before it is written.
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("spico")]
    assert any("feeds:agenda" in line for line in ours)
    assert not [line for line in ours if secret in line]


# --- The pages -------------------------------------------------------------------------------------------------------


def test_revoked_once_however_often_it_is_pressed(cast: Cast, secret: str) -> None:
    feed, client = CalendarFeed.objects.get(), cast.client("total")
    address = at("feed_revoke", cast.account, feed.pk)
    assert "Révoquer ce lien" in text(client.get(address))
    for _ in range(2):
        assert client.post(address).status_code == 302
    assert JournalEntry.objects.filter(verb="feed.revoked").count() == 1
    assert "Ce lien est révoqué" in text(client.get(address))
    assert "Aucun lien" in text(client.get(at("feeds", cast.account)))
    assert status(create(client, cast.account)) == 200


def test_the_link_of_somebody_else_does_not_exist(cast: Cast, secret: str) -> None:
    other = person()
    DelegationFactory(holder=account_of(other), account=cast.account)
    feed, client = CalendarFeed.objects.get(), client_of(other)
    assert client.get(at("feed_revoke", cast.account, feed.pk)).status_code == 404
    assert client.post(at("feed_revoke", cast.account, feed.pk)).status_code == 404
    assert "Aucun lien" in text(client.get(at("feeds", cast.account)))
    assert status(secret) == 200


def test_a_link_whose_agenda_closed_is_seen_and_revoked_from_ones_own(cast: Cast, secret: str) -> None:
    _ended(cast)
    own, client, feed = account_of(cast.total), cast.client("total"), CalendarFeed.objects.get()
    page = text(client.get(at("feeds", own)))
    assert "EHPAD Les Genêts du Causse" in page
    assert "cet agenda vous est fermé" in page
    assert client.post(at("feed_revoke", own, feed.pk)).status_code == 302
    entry = JournalEntry.objects.get(verb="feed.revoked")
    assert (entry.account, entry.ground, entry.actor) == (cast.account, Ground.OWN, cast.total)
    assert CalendarFeed.objects.get().revoked_at


def test_a_frozen_account_makes_no_link_and_lets_one_be_revoked(cast: Cast, secret: str) -> None:
    Account.objects.filter(pk=cast.account.pk).update(state=AccountState.FROZEN)
    client = cast.client("total")
    assert status(secret) == 200
    assert client.post(at("feed_create", cast.account), {"replace": "1"}).status_code == 409
    assert status(secret) == 200
    assert client.post(at("feed_revoke", cast.account, CalendarFeed.objects.get().pk)).status_code == 302
    assert status(secret) == 404


@pytest.mark.parametrize("who", ["partial", "former", "referent", "attached", "stranger", "superuser"])
def test_who_may_not_enter_makes_no_link(cast: Cast, who: str) -> None:
    client = cast.client(who)
    assert client.get(at("feeds", cast.account)).status_code == 404
    assert client.post(at("feed_create", cast.account)).status_code == 404
    assert not CalendarFeed.objects.exists()


def test_a_link_is_dead_on_arrival_when_the_delegation_ends_meanwhile(cast: Cast) -> None:
    """Made by the service itself, a moment before the end."""
    _, secret = create_feed(acting(cast.total, cast.account, Space.AGENDA))
    _ended(cast)
    assert status(secret) == 404


def test_as_many_queries_for_1_and_for_20_events(cast: Cast, secret: str) -> None:
    who, counts = acting(cast.total, cast.account, Space.AGENDA), []

    for rows in (1, 19):
        for _ in range(rows):
            an_event(who)
        with CaptureQueriesContext(connection) as seen:
            fetch(secret)
        counts.append(len(seen))
    assert counts[0] == counts[1]
