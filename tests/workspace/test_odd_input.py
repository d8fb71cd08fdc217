"""What nobody types by hand, and programs send: an answer with its sentence, never an error."""

from datetime import datetime, timedelta, timezone

import pytest
from django.test import Client
from django.urls import reverse

from delegations.errors import Refused
from delegations.scopes import Space
from tests.delegations.people import Cast
from tests.workspace.making import a_dossier, acting
from workspace.models import Dossier, Entry, Task
from workspace.services.agenda import check_period
from workspace.services.entries import write_entry
from workspace.typed import one_line

pytestmark = pytest.mark.django_db
PATIENT = {"family_name": "Orsini", "given_names": "Lucie", "birth_date": "03/12/1984", "sex": "F"}
TOLD = {"informed_how": "oral", "informed_on": "26/11/2020"}


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.client("total")


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    return a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))


def url(name: str, cast: Cast, *more: object) -> str:
    return reverse(f"spaces:{name}", args=[cast.account.pk, *more])


@pytest.mark.parametrize("ins", ["284122A33102558", "284122B33102585"])
def test_who_was_born_in_corsica_has_an_ins_too(cast: Cast, client: Client, ins: str) -> None:
    assert client.post(url("dossier_add", cast), PATIENT | TOLD | {"ins": ins}).status_code == 302
    assert Dossier.objects.get().ins == ins


def test_a_search_of_signs_that_cannot_be_stored_finds_what_the_others_say(
    cast: Cast, client: Client, dossier: Dossier
) -> None:
    page = client.post(url("dossiers_search", cast), {"q": "Caz\0albou"})
    assert str(dossier.pk) in page.content.decode()
    assert client.post(url("dossiers_search", cast), {"q": "12345\0"}).status_code == 200


@pytest.mark.parametrize(
    "asked", [{"depuis": "01/01/0001"}, {"jusque": "31/12/9999"}, {"depuis": "0001-01-01", "jusque": "9999-12-31"}]
)
def test_the_first_and_last_days_of_the_calendar_filter_nothing(
    cast: Cast, client: Client, dossier: Dossier, asked: dict[str, str]
) -> None:
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    write_entry(who, dossier, "observation", "Passage du matin", "Elle va mieux.", who.at, "circle")
    for name in ("dossier", "dossier_print"):
        page = client.get(url(name, cast, dossier.pk), asked)
        assert (page.status_code, "Passage du matin" in page.content.decode()) == (200, True)


def test_a_version_beyond_what_is_counted_is_outdated(cast: Cast, client: Client, dossier: Dossier) -> None:
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    entry = write_entry(who, dossier, "observation", "Passage du matin", "Elle va mieux.", who.at, "circle")
    typed = {"title": "Passage", "text": "Mieux.", "happened_on": "26/11/2020", "confidentiality": "circle"}
    page = client.post(url("entry_correct", cast, dossier.pk, entry.pk), typed | {"number": 2**31 - 1})
    assert (page.status_code, "Mieux." in page.content.decode()) == (409, True)
    assert Entry.objects.get().number == 1


def test_half_a_pair_of_utf_16_is_left_out() -> None:
    assert one_line("Passage\ud800 du \udfffmatin") == "Passage du matin"


@pytest.mark.parametrize("title", ["\u200b", "\u2060 \u3164"])
def test_a_title_of_which_nothing_is_drawn_is_no_title(cast: Cast, client: Client, title: str) -> None:
    page = client.post(url("task_add", cast), {"title": title, "due_on": ""})
    assert page.status_code == 400
    assert not Task.objects.exists()
    assert client.post(url("task_add", cast), {"title": "👍", "due_on": ""}).status_code == 302


@pytest.mark.parametrize("year", [1, 9999])
def test_an_event_at_the_end_of_the_calendar_is_refused(year: int) -> None:
    zone = timezone(timedelta(hours=14 if year == 1 else -12))
    moment = datetime(year, 1 if year == 1 else 12, 1 if year == 1 else 31, 23 if year > 1 else 0, tzinfo=zone)
    with pytest.raises(Refused, match="Choisissez un début"):
        check_period(moment, moment)
