"""The bell, the list, and opening what one was told."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Notification, User
from spico.pages import context
from tests.accounts.telling import told
from tests.factories import UserFactory

PAGE = "/notifications/"
READ = "/notifications/lues/"
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def soline(db: None, client: Client) -> User:
    user = UserFactory(email="soline@ehpad.example")
    client.force_login(user)
    return user


def bell_of(client: Client, path: str = "/mon-compte/") -> str:
    """What a reader hears and what the eye sees of the link to the notifications."""
    (bell,) = re.findall(r'<a class="bell".*?</a>', client.get(path).content.decode(), re.S)
    return bell


def heard(bell: str) -> str:
    (words,) = re.findall(r'<span class="visually-hidden">(.*?)</span>', bell)
    return words


def many(user: User, count: int) -> None:
    moment = timezone.now()
    Notification.objects.bulk_create(
        Notification(recipient=user, kind="tests.told", text=f"Phrase {number}.", created_at=moment)
        for number in range(count)
    )


@pytest.mark.parametrize(
    ("unread", "words", "seen"),
    [
        (0, f"Notifications{NBSP}: aucune non lue", None),
        (1, f"1{NBSP}notification non lue", "1"),
        (3, f"3{NBSP}notifications non lues", "3"),
        (99, f"99{NBSP}notifications non lues", "99"),
        (1234, f"1\N{NARROW NO-BREAK SPACE}234{NBSP}notifications non lues", "99+"),
    ],
)
def test_the_bell_says_in_words_how_many_are_unread(
    client: Client, soline: User, unread: int, words: str, seen: str | None
) -> None:
    many(soline, unread)
    many(UserFactory(), 5)
    bell = bell_of(client)
    assert 'href="/notifications/"' in bell
    assert heard(bell) == words
    assert re.findall(r'aria-hidden="true">([\d+]+)<', bell) == ([seen] if seen else [])


@pytest.mark.django_db
def test_nobody_signed_in_sees_no_bell(client: Client) -> None:
    assert 'class="bell"' not in client.get("/mentions-legales/").content.decode()
    assert client.get(PAGE).url == f"/connexion/?next={PAGE}"


def test_a_page_asks_once_and_a_fragment_never(client: Client, soline: User, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[User] = []
    monkeypatch.setattr(context, "unread_count", lambda user: counted.append(user) or 4)
    for path, headers, asked in (("/annuaire/", {}, 1), ("/annuaire/?q=ehpad", {"HX-Request": "true"}, 0)):
        counted.clear()
        page = client.get(path, headers=headers).content.decode()
        assert len(counted) == asked
        assert ("notifications non lues" in page) == bool(asked)


def test_the_newest_come_first_and_the_unread_are_marked_in_words(client: Client, soline: User) -> None:
    told(soline, text="La première phrase.")
    told(soline, text="La seconde phrase.")
    Notification.objects.filter(text="La première phrase.").update(read_at=timezone.now())
    page = client.get(PAGE).content.decode()
    assert page.index("La seconde phrase.") < page.index("La première phrase.")
    rows = re.findall(r"<li><span class=\"who.*?</li>", page, re.S)
    assert ["Non lue" in row for row in rows] == [True, False]


def test_a_sentence_is_escaped(client: Client, soline: User) -> None:
    told(soline, text="<script>alert(1)</script>")
    page = client.get(PAGE).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_nothing_told_is_said_with_what_will_be(client: Client, soline: User) -> None:
    page = client.get(PAGE).content.decode()
    assert "Rien à signaler" in page
    assert "Tout marquer comme lu" not in page


def test_what_others_are_told_is_hidden(client: Client, soline: User) -> None:
    other = told(UserFactory(), text="Pour une autre personne.")
    assert "Pour une autre personne." not in client.get(PAGE).content.decode()
    for pk in (other.pk, other.pk + 1000, 10**18):
        assert client.get(f"{PAGE}{pk}/").status_code == 404
    other.refresh_from_db()
    assert other.read_at is None


def test_opening_one_marks_it_read_and_leads_where_it_points(client: Client, soline: User) -> None:
    one, other = told(soline, path="/annuaire/?q=ehpad"), told(soline)
    assert client.get(f"{PAGE}{one.pk}/").url == "/annuaire/?q=ehpad"
    one.refresh_from_db()
    read_at = one.read_at
    assert read_at is not None
    assert client.get(f"{PAGE}{one.pk}/").url == "/annuaire/?q=ehpad"
    one.refresh_from_db()
    other.refresh_from_db()
    assert one.read_at == read_at
    assert other.read_at is None


def test_one_that_points_nowhere_leads_back_to_the_list(client: Client, soline: User) -> None:
    assert client.get(f"{PAGE}{told(soline, path='').pk}/").url == PAGE


def test_opening_is_no_form(client: Client, soline: User) -> None:
    one = told(soline)
    assert client.post(f"{PAGE}{one.pk}/").status_code == 405
    assert client.post(PAGE).status_code == 405


def press_read(client: Client) -> str:
    """Press the button of the page as it was shown; what the next page says."""
    (until,) = re.findall(r'name="until" value="(\d+)"', client.get(PAGE).content.decode())
    return until


def test_all_are_marked_read_at_once(client: Client, soline: User) -> None:
    told(soline)
    told(soline)
    other = told(UserFactory())
    until = press_read(client)
    page = client.post(READ, {"until": until}, follow=True).content.decode()
    assert "Tout est marqué comme lu." in page
    assert "Non lue" not in page
    assert "Tout marquer comme lu" not in page
    other.refresh_from_db()
    assert other.read_at is None
    client.post(READ, {"until": until})
    assert Notification.objects.filter(recipient=soline, read_at=None).count() == 0


def test_what_came_after_the_page_was_shown_stays_unread(client: Client, soline: User) -> None:
    told(soline)
    until = press_read(client)
    later = told(soline)
    client.post(READ, {"until": until})
    later.refresh_from_db()
    assert later.read_at is None
    assert Notification.objects.filter(recipient=soline, read_at=None).count() == 1


@pytest.mark.parametrize("until", ["", "-1", "zz", "²", "9" * 30, "1 OR 1=1"])
def test_a_form_that_says_nothing_marks_nothing(client: Client, soline: User, until: str) -> None:
    one = told(soline)
    page = client.post(READ, {"until": until}, follow=True).content.decode()
    assert "rien n’est marqué" in page
    one.refresh_from_db()
    assert one.read_at is None


def test_marking_read_by_a_link_marks_nothing(client: Client, soline: User) -> None:
    one = told(soline)
    assert client.get(READ).url == PAGE
    one.refresh_from_db()
    assert one.read_at is None


def test_marking_read_asks_for_the_token_of_the_form(soline: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(soline)
    assert strict.post(READ, {"until": "1"}).status_code == 403


def test_thirty_a_page(client: Client, soline: User) -> None:
    many(soline, 31)
    first = client.get(PAGE).content.decode()
    second = client.get(f"{PAGE}?page=2").content.decode()
    assert [page.count('class="stretched"') for page in (first, second)] == [30, 1]
    assert "Phrase 0." in second
    assert client.get(f"{PAGE}?page=zz").status_code == client.get(f"{PAGE}?page=99").status_code == 200


def test_as_many_queries_for_one_as_for_twenty(
    client: Client, soline: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    many(soline, 1)
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    many(soline, 19)
    with django_assert_num_queries(len(few)):
        client.get(PAGE)


def test_the_service_centre_sees_which_mails_wait_and_never_what_they_say(
    client: Client, service_centre: User, soline: User
) -> None:
    one = told(soline, text="Une phrase entre le portail et Soline.")
    client.force_login(service_centre)
    for path in ("", f"{one.mail.pk}/change/", "?state__exact=waiting", "?q=soline"):
        response = client.get(f"/administration/accounts/outgoingmail/{path}")
        assert response.status_code == 200
        assert "Une phrase entre le portail et Soline." not in response.content.decode()
    assert soline.username in client.get("/administration/accounts/outgoingmail/").content.decode()
    assert (
        client.post(f"/administration/accounts/outgoingmail/{one.mail.pk}/change/", {"state": "sent"}).status_code
        == 403
    )
