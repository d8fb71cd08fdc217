"""« Mes espaces » and the door of each space: the answer of the rule, as people meet it, and what the journal keeps."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.grounds import Ground
from accounts.models import Account, JournalEntry, User
from accounts.states import AccountState
from delegations.access import answers_for
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from delegations.services.ending import reduce_delegation
from directory.models import SearchEntry
from tests.delegations.people import Cast, account_of, client_of, person, publish
from tests.factories import InternalOrganisationFactory, StructureFactory
from tests.factories.delegations import DelegationFactory

pytestmark = pytest.mark.django_db
INDEX = "/espaces/"


def door(account: Account, space: str) -> str:
    return reverse("spaces:space", args=[account.pk, space])


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


ANSWERS = {
    "total": (200, 200, 200, 200),
    "partial": (403, 403, 403, 200),
    "former": (403, 403, 403, 403),
    "referent": (403, 403, 403, 403),
    "attached": (403, 403, 403, 403),
    "stranger": (403, 403, 403, 403),
    "staff": (403, 403, 403, 403),
    "superuser": (403, 403, 403, 403),
}


@pytest.mark.parametrize(("who", "statuses"), ANSWERS.items())
def test_each_space_answers_as_the_rule_says_and_the_journal_keeps_it(
    cast: Cast, who: str, statuses: tuple[int, ...]
) -> None:
    client, user = cast.client(who), getattr(cast, who)
    for space, status in zip(Space, statuses, strict=True):
        response = client.get(door(cast.account, space))
        assert response.status_code == status
        entry = JournalEntry.objects.latest("pk")
        assert entry.verb == ("space.opened" if status == 200 else "space.refused")
        assert (entry.actor, entry.account, entry.object_key) == (user, cast.account, space)
        assert (entry.delegation is not None) == (status == 200)
        assert (status == 200) == answers_for(user, cast.account, timezone.now())[space].allowed


def test_nobody_is_led_to_the_door(cast: Cast) -> None:
    assert Client().get(door(cast.account, "agenda")).status_code == 302
    assert Client().get(INDEX).status_code == 302


def test_an_open_space_says_in_whose_name_one_acts(cast: Cast) -> None:
    page = text(cast.client("total").get(door(cast.account, "agenda")))
    assert 'class="acting"' in page
    assert "EHPAD Les Genêts du Causse" in page
    assert "Vous, Hélène Vaysserat, agissez au nom de" in page
    assert "délégation «\xa0Total\xa0» accordée par le centre de service, sans date de fin" in page
    assert reverse("delegations:access", args=[cast.account.pk]) in page


def test_ones_own_space_has_no_band(cast: Cast) -> None:
    own = account_of(cast.stranger)
    page = text(cast.client("stranger").get(door(own, "tasks")))
    assert 'class="acting"' not in page
    assert JournalEntry.objects.latest("pk").ground == Ground.OWN


def test_a_closed_space_says_what_is_missing_and_how_to_ask(cast: Cast) -> None:
    page = text(cast.client("attached").get(door(cast.account, "dossiers")))
    assert "Vous êtes rattachée, et être rattaché ne donne aucun accès" in page
    assert f"{reverse('delegations:ask')}?compte={cast.account.pk}" in page
    assert 'class="acting"' not in page
    assert 'class="acting"' not in page


def test_closed_tabs_are_shown_closed(cast: Cast) -> None:
    page = text(cast.client("partial").get(door(cast.account, "discussions")))
    assert page.count('<span class="visually-hidden">\xa0: fermé') == 3
    assert "Votre délégation s’arrête au périmètre «\xa0Discussions\xa0»." in page


@pytest.mark.parametrize("space", ["inconnu", "Dossiers", "dossiers%20"])
def test_an_unknown_space_does_not_exist(cast: Cast, space: str) -> None:
    before = JournalEntry.objects.count()
    assert cast.client("total").get(f"/espaces/{cast.account.pk}/{space}/").status_code == 404
    assert JournalEntry.objects.count() == before


def test_an_account_that_is_not_listed_does_not_exist(cast: Cast) -> None:
    client, before = cast.client("total"), JournalEntry.objects.count()
    missing = client.get(f"/espaces/{uuid.uuid4()}/agenda/")
    SearchEntry.objects.filter(account=cast.account).delete()
    unlisted = client.get(door(cast.account, "agenda"))
    assert (missing.status_code, unlisted.status_code) == (404, 404)
    assert JournalEntry.objects.count() == before


def test_revoked_is_felt_at_the_next_click_with_a_sentence(cast: Cast) -> None:
    client, address = cast.client("total"), door(cast.account, "dossiers")
    assert client.get(address).status_code == 200
    end_delegation(cast.referent, cast.delegation_of("total"), "Elle a changé de service.", timezone.now())
    refused = client.get(address)
    assert refused.status_code == 403
    assert "Votre délégation a pris fin le" in text(refused)


def test_reduced_is_felt_at_the_next_click(cast: Cast) -> None:
    client = cast.client("total")
    reduce_delegation(cast.referent, cast.delegation_of("total"), Scope.DISCUSSIONS, timezone.now())
    assert client.get(door(cast.account, "dossiers")).status_code == 403
    assert client.get(door(cast.account, "discussions")).status_code == 200


def test_a_delegation_on_a_structure_opens_none_of_its_units(cast: Cast) -> None:
    unit = InternalOrganisationFactory(structure=cast.structure, account__state=AccountState.OPEN)
    publish()
    assert cast.client("total").get(door(unit.account, "agenda")).status_code == 403


def test_a_closed_account_opens_nothing(cast: Cast) -> None:
    Account.objects.filter(pk=cast.account.pk).update(state=AccountState.CLOSED)
    refused = cast.client("total").get(door(cast.account, "agenda"))
    assert refused.status_code == 403
    assert "Ce compte est fermé" in text(refused)
    assert "?compte=" not in text(refused)


def test_only_reading_is_allowed(cast: Cast) -> None:
    assert cast.client("total").post(door(cast.account, "agenda")).status_code == 405


def test_my_spaces_lists_what_i_may_enter_mine_first(cast: Cast) -> None:
    response = cast.client("partial").get(INDEX)
    page = text(response)
    names = [place.name for place in response.context["places"]]
    assert names == ["Paulin Estorgues", "EHPAD Les Genêts du Causse"]
    assert door(cast.account, "discussions") in page
    assert door(cast.account, "dossiers") not in page
    assert "Votre délégation s’arrête au périmètre «\xa0Discussions\xa0»." in page


@pytest.mark.parametrize("scope", [Scope.DISCUSSIONS, Scope.DOSSIER])
def test_closed_spaces_say_what_would_open_them_at_the_door_and_before(cast: Cast, scope: Scope) -> None:
    user = person("Cyprien", "Lagarrigue")
    DelegationFactory(holder=account_of(user), account=cast.account, scope=scope)
    publish()
    rest = {
        Scope.DISCUSSIONS: ("dossiers, agenda et tâches", Scope.DOSSIER, "discussions"),
        Scope.DOSSIER: ("discussions", Scope.DISCUSSIONS, "agenda"),
    }
    detail, other, space = rest[scope]
    needed = f"Pour le reste ({detail}), il faut le périmètre «\xa0{other.label}\xa0» ou «\xa0Total\xa0»."
    for address in (INDEX, door(cast.account, space)):
        page = text(client_of(user).get(address))
        assert needed in page
        assert f"{reverse('delegations:ask')}?compte={cast.account.pk}" in page


@pytest.mark.parametrize("others", [0, 1, 2, 5])
def test_another_account_is_one_click_away(db: None, others: int) -> None:
    """In the same space. More than two are in a list that opens."""
    user = count_for(person(), others)
    places = client_of(user).get(INDEX).context["places"]
    addresses = [door(place.account, "agenda") for place in places]
    for here in addresses:
        page = text(client_of(user).get(here))
        plain = page.partition('<details class="changes')[0].partition('aria-label="Changer de compte"')[2]
        shown = [one for one in addresses if one != here and one in plain]
        listed = [one for one in addresses if one != here and one in page]
        assert len(shown) == min(2, others)
        assert len(listed) == others
        assert ("Autres comptes" in page) == (others > 2)
        assert others == 0 or here == addresses[0] or addresses[0] in shown


@pytest.mark.parametrize("who", ["former", "referent", "attached", "stranger"])
def test_my_spaces_hides_what_i_may_not_enter(cast: Cast, who: str) -> None:
    response = cast.client(who).get(INDEX)
    assert len(response.context["places"]) == 1
    assert str(cast.account.pk) not in text(response)


@pytest.mark.parametrize("who", ["staff", "superuser"])
def test_who_is_not_listed_has_no_space(cast: Cast, who: str) -> None:
    assert "Aucun espace ne vous est ouvert" in text(cast.client(who).get(INDEX))


def test_my_spaces_draws_what_the_rule_answers(cast: Cast) -> None:
    DelegationFactory(holder=account_of(cast.partial), account=account_of(cast.stranger), scope=Scope.DOSSIER)
    places = cast.client("partial").get(INDEX).context["places"]
    assert len(places) == 3
    for place in places:
        answers = answers_for(cast.partial, place.account, timezone.now())
        drawn = {door.cell.space: door.cell.is_open for door in place.doors}
        assert drawn == {one: answers[one].allowed for one in Space}


def count_for(user: User, rows: int) -> User:
    for _ in range(rows):
        DelegationFactory(holder=account_of(user), account=StructureFactory(open_account=True).account)
    publish()
    return user


def test_my_spaces_asks_as_many_queries_for_1_and_for_20(
    db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts = []
    for rows in (1, 19):
        client = client_of(count_for(person(), rows))
        with django_assert_max_num_queries(30) as seen:
            assert len(client.get(INDEX).context["places"]) == rows + 1
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_an_ended_period_closes_by_the_clock(cast: Cast) -> None:
    user = person("Ended", "Bientôt")
    DelegationFactory(holder=account_of(user), account=cast.account, until=timezone.now() - timedelta(seconds=1))
    assert client_of(user).get(door(cast.account, "agenda")).status_code == 403
