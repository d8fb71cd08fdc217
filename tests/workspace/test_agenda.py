"""The agenda of an account, through its pages: who reads and writes it, days, hours, the clock, two at once."""

import re
import uuid
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from accounts.models import Account, JournalEntry
from accounts.states import AccountState
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from tests.delegations.people import Cast, account_of, client_of, person
from tests.factories.delegations import DelegationFactory
from tests.workspace.agenda_pages import NBSP, add, at, door, event_of, text, typed, without_tokens
from tests.workspace.making import a_dossier, acting
from workspace.models import Event

pytestmark = pytest.mark.django_db


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
