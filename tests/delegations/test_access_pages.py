"""« Pourquoi ai-je accès ? » and « Qui a accès à ce compte ? »: the rule's own answers, to whom they are told."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, JournalEntry
from delegations.access import answers_for
from delegations.scopes import Scope, Space
from delegations.services import request_delegation
from directory.models import SearchEntry
from tests.delegations.people import Cast, account_of, client_of, person, publish
from tests.factories import InternalOrganisationFactory
from tests.factories.delegations import DelegationFactory, ReferentFactory

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")


def why(account: Account) -> str:
    return reverse("delegations:access", args=[account.pk])


def who(account: Account) -> str:
    return reverse("delegations:who", args=[account.pk])


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


# --- Pourquoi ai-je accès ? -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", Cast.NAMES)
def test_whoever_is_signed_in_is_told_what_the_rule_answers(cast: Cast, name: str) -> None:
    for account in (cast.account, account_of(cast.stranger)):
        response = cast.client(name).get(why(account))
        assert response.status_code == 200
        answers = answers_for(getattr(cast, name), account, timezone.now())
        told = {reason.cell.space: reason.cell.is_open for reason in response.context["reasons"]}
        assert told == {space: answers[space].allowed for space in Space}
        assert all(reason.because for reason in response.context["reasons"])


SENTENCES = {
    "total": ("Les quatre espaces vous sont ouverts", "accordée par le centre de service"),
    "partial": ("Un espace sur quatre vous est ouvert", "Votre délégation s’arrête au périmètre"),
    "former": ("Aucun espace ne vous est ouvert", "Votre délégation a pris fin le"),
    "referent": ("Aucun espace ne vous est ouvert", "Votre rôle de référent répond aux demandes"),
    "attached": ("Aucun espace ne vous est ouvert", "et être rattaché ne donne aucun accès"),
    "stranger": ("Aucun espace ne vous est ouvert", "Vous n’avez pas de délégation sur ce compte."),
    "staff": ("Aucun espace ne vous est ouvert", "Votre identifiant n’est lié à aucune fiche"),
    "superuser": ("Aucun espace ne vous est ouvert", "Votre identifiant n’est lié à aucune fiche"),
}


@pytest.mark.parametrize(("name", "sentences"), SENTENCES.items())
def test_each_reads_why(cast: Cast, name: str, sentences: tuple[str, str]) -> None:
    page = text(cast.client(name).get(why(cast.account)))
    for sentence in sentences:
        assert sentence in page


@pytest.mark.parametrize(
    ("name", "button"),
    [
        ("total", ""),
        ("partial", "Demander les autres espaces"),
        ("former", "Demander une délégation"),
        ("attached", "Demander une délégation"),
        ("staff", ""),
    ],
)
def test_the_button_asks_for_what_is_missing(cast: Cast, name: str, button: str) -> None:
    page = text(cast.client(name).get(why(cast.account)))
    address = f"{reverse('delegations:ask')}?compte={cast.account.pk}"
    assert (address in page) == bool(button)
    assert button in page


def test_a_waiting_request_takes_the_place_of_the_button(cast: Cast) -> None:
    asked = request_delegation(cast.attached, cast.account.pk, "total", "", timezone.now())
    page = text(cast.client("attached").get(why(cast.account)))
    assert "attend une réponse" in page
    assert reverse("delegations:request", args=[asked.pk]) in page
    assert "?compte=" not in page


def test_only_whoever_answers_is_led_to_the_others(cast: Cast) -> None:
    for name in Cast.NAMES:
        page = text(cast.client(name).get(why(cast.account)))
        assert (who(cast.account) in page) == (name in ("total", "partial", "referent")), name
        assert (f"?compte={cast.account.pk}" in page.split("Journal de ce compte")[0].rsplit("<a", 1)[-1]) == (
            name in ("total", "referent")
        ), name


def test_explaining_writes_nothing(cast: Cast) -> None:
    before = JournalEntry.objects.count()
    cast.client("attached").get(why(cast.account))
    assert JournalEntry.objects.count() == before


@pytest.mark.parametrize("page", [why, who])
def test_what_is_not_listed_does_not_exist(cast: Cast, page: object) -> None:
    client = cast.client("total")
    address = page(cast.account)  # type: ignore[operator]
    assert client.get(address.replace(str(cast.account.pk), str(uuid.uuid4()))).status_code == 404
    SearchEntry.objects.filter(account=cast.account).delete()
    assert client.get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert client.post(address).status_code == 405


# --- Qui a accès à ce compte ? ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", Cast.NAMES)
def test_only_whoever_answers_reads_who_has_access(cast: Cast, name: str) -> None:
    response = cast.client(name).get(who(cast.account))
    page = text(response)
    if name in ("total", "partial", "referent"):
        assert response.status_code == 200
        assert {one.name for one in response.context["people"]} == {"Hélène Vaysserat", "Paulin Estorgues"}
        assert "Jourdan Massabielle" not in page
        assert "Il n’ouvre aucun espace." in page
        assert "Maïlis Tournemirande" in page
    else:
        assert response.status_code == 403
        assert "Seules les personnes qui répondent pour ce compte voient qui y a accès" in page
        # Their own explanation names who granted, and nobody else.
        assert "Paulin Estorgues" not in page
        assert "Maïlis Tournemirande" not in page


def test_the_owner_is_told_with_the_others(cast: Cast) -> None:
    own = account_of(cast.stranger)
    DelegationFactory(holder=account_of(cast.partial), account=own, scope=Scope.DOSSIER)
    page = text(cast.client("stranger").get(who(own)))
    assert "C’est votre propre compte" in page
    assert "Paulin Estorgues" in page
    assert cast.client("total").get(who(own)).status_code == 403


def test_the_referent_of_a_structure_reads_its_units(cast: Cast) -> None:
    unit = InternalOrganisationFactory(structure=cast.structure)
    publish()
    assert cast.client("referent").get(who(unit.account)).status_code == 200
    assert cast.client("total").get(who(unit.account)).status_code == 403


@pytest.fixture
def past(cast: Cast) -> Account:
    """Held from 3 to 20 March 2026, at 10 in the morning, and referred to since 12 March."""
    holder = person("Nadège", "Combettes")
    DelegationFactory(
        holder=account_of(holder),
        account=cast.account,
        since=datetime(2026, 3, 3, 10, tzinfo=PARIS),
        until=datetime(2026, 3, 20, 10, tzinfo=PARIS),
    )
    late = person("Colombe", "Bastide")
    ReferentFactory(account=account_of(late), structure=cast.structure, since=datetime(2026, 3, 12, 10, tzinfo=PARIS))
    publish()
    return cast.account


@pytest.mark.parametrize(
    ("moment", "held", "referred"),
    [
        ("2026-03-03 09:59", False, False),
        ("2026-03-03 10:00", True, False),
        ("2026-03-12 09:59", True, False),
        ("2026-03-12 10:00", True, True),
        ("2026-03-20 09:59", True, True),
        ("2026-03-20 10:00", False, True),
    ],
)
def test_any_past_moment_is_told(cast: Cast, past: Account, moment: str, held: bool, referred: bool) -> None:
    day, hour = moment.split()
    response = cast.client("total").get(who(past), {"jour": day, "heure": hour})
    assert [one.name for one in response.context["people"]] == (["Nadège Combettes"] if held else [])
    assert ("Colombe Bastide" in text(response)) == referred
    assert ("Personne n’y avait accès par délégation" in text(response)) == (not held)


def test_the_moment_is_said_with_its_hour(cast: Cast, past: Account) -> None:
    page = text(cast.client("total").get(who(past), {"jour": "2026-03-12", "heure": "10:00"}))
    assert "Le 12\xa0mars\xa02026 à 10\xa0h\xa000" in page
    assert 'value="12/03/2026"' in page
    assert 'value="10:00"' in page
    assert "Revenir à maintenant" in page
    assert "Maintenant, le" in text(cast.client("total").get(who(past)))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"jour": "2026-02-30", "heure": "10:00"}, "Écrivez une date qui existe"),
        ({"jour": "hier", "heure": "10:00"}, "Écrivez une date qui existe"),
        ({"jour": "0001-01-01", "heure": "00:00"}, "Écrivez une date qui existe"),
        ({"jour": "2026-03-12", "heure": "25:00"}, "Écrivez une heure qui existe"),
        ({"jour": "2150-03-12", "heure": "10:00"}, "Choisissez un moment passé"),
    ],
)
def test_a_moment_that_does_not_suit_is_told_and_kept(cast: Cast, asked: dict[str, str], sentence: str) -> None:
    response = cast.client("total").get(who(cast.account), asked)
    assert response.status_code == 400
    assert sentence in text(response)
    kept = {"2026-03-12": "12/03/2026", "2150-03-12": "12/03/2150", "0001-01-01": "01/01/0001"}
    for value in asked.values():
        assert f'value="{kept.get(value, value)}"' in text(response)
    assert "Paulin Estorgues" not in text(response)


def test_who_has_access_asks_as_many_queries_for_1_and_for_20(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts = []
    for _ in range(2):
        with django_assert_max_num_queries(30) as seen:
            assert cast.client("total").get(who(cast.account)).status_code == 200
        counts.append(len(seen))
        for _ in range(20):
            DelegationFactory(account=cast.account)
        publish()
    assert counts[0] == counts[1]


def test_many_holders_go_on_over_pages(cast: Cast) -> None:
    for _ in range(50):
        DelegationFactory(account=cast.account, partial=True)
    first = cast.client("total").get(who(cast.account))
    assert len(first.context["people"]) == 50
    assert len(cast.client("total").get(who(cast.account), {"page": "2"}).context["people"]) == 2


# --- From the directory -----------------------------------------------------------------------------------------------


def test_each_page_of_the_directory_leads_to_the_explanation(cast: Cast) -> None:
    unit = InternalOrganisationFactory(structure=cast.structure)
    publish()
    client = client_of(cast.total)
    for owner in (cast.structure, unit, cast.stranger.account.professional):
        page = text(client.get(owner.get_absolute_url()))
        assert why(owner.account) in page
        assert (who(owner.account) in page) == (owner == cast.structure)


def test_the_past_is_not_the_present(cast: Cast) -> None:
    """Who lost access an hour ago had it before."""
    row = cast.delegation_of("former")
    before = timezone.localtime(row.period.upper - timedelta(hours=1))
    asked = {"jour": before.date().isoformat(), "heure": f"{before:%H:%M}"}
    assert "Jourdan Massabielle" in text(cast.client("referent").get(who(cast.account), asked))
