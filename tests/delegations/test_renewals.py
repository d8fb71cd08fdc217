"""A delegation that nears its end: who is told, who may ask for more time, and who hears them."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, JournalEntry, Notification, User
from accounts.states import AccountState
from delegations import reminders, services
from delegations.abilities import of_delegations
from delegations.access import Standing
from delegations.models import Delegation
from delegations.services.renewing import renewers
from tests.delegations.acting import holder_of, later, now, referent_of, refused, someone, told, verbs
from tests.delegations.people import client_of, publish
from tests.factories import (
    DelegationFactory,
    InternalOrganisationFactory,
    ReferentFactory,
    StructureFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
ASKS = "delegation.renewal_asked"


@pytest.fixture
def account() -> Account:
    found: Account = StructureFactory(open_account=True).account
    return found


def ending(account: Account, days: float = 20, **traits: object) -> Delegation:
    row: Delegation = DelegationFactory(account=account, until=later(days=days), **traits)
    return row


def holder(row: Delegation) -> User:
    user: User = row.holder.user
    return user


# --- Who may let it last longer ---------------------------------------------------------------------------------------


def everybody(row: Delegation) -> dict[str, User]:
    """Whoever stands in some way towards the account of a delegation on discussions."""
    account: Account = row.account
    structure = account.structure
    mine = referent_of(structure)
    by_the_holder: User = ReferentFactory(structure=structure, appointed_by=holder(row)).account.user
    left = holder_of(account)
    left.is_active = False
    left.save()
    return {
        "holder": holder(row),
        "referent": mine,
        "referent whom the holder appointed": by_the_holder,
        "total": holder_of(account),
        "as wide": holder_of(account, partial=True),
        "longer": holder_of(account, until=later(days=21)),
        "as long": holder_of(account, until=row.period.upper),
        "shorter": holder_of(account, until=later(days=19)),
        "of other spaces": holder_of(account, dossier=True),
        "former": holder_of(account, ended=True),
        "whose sign-in is cut": left,
        "of a unit": holder_of(InternalOrganisationFactory(structure=structure).account),
        "referent elsewhere": referent_of(StructureFactory(open_account=True)),
        "superuser": UserFactory(is_staff=True, is_superuser=True),
    }


def test_those_who_are_told_of_an_end_are_exactly_those_who_may_renew(
    account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    row = ending(account, partial=True)
    people = everybody(row)
    at = now()
    able = {name for name, user in people.items() if Standing.of(user, at, [account]).may_renew(row)}
    assert able == {"referent", "total", "as wide", "longer"}
    with django_assert_num_queries(1):
        found = renewers(row, at)
    assert found == {people[name].pk for name in able}
    reminders.announce_ends(at)
    # Their own delegations near their end too.
    notices = Notification.objects.filter(kind="delegation.ends_soon", path=f"/delegations/{row.pk}/")
    assert {notice.recipient_id for notice in notices} == found | {holder(row).pk}


def test_of_a_persons_account_its_owner_alone_is_told() -> None:
    row = ending(someone())
    other = holder_of(row.account)
    reminders.announce_ends(now())
    assert told(row.account.user) == ["delegation.ends_soon"]
    assert told(other) == []


@pytest.mark.parametrize("state", [AccountState.FROZEN, AccountState.CLOSED])
def test_nobody_renews_on_an_account_that_takes_nothing_new(account: Account, state: str) -> None:
    row, user = ending(account), referent_of(account.structure)
    Account.objects.filter(pk=account.pk).update(state=state)
    row = Delegation.objects.told().get(pk=row.pk)
    assert not renewers(row, now())
    assert not Standing.of(user, now(), [row.account]).may_renew(row)
    reminders.announce_ends(now())
    (notice,) = Notification.objects.filter(recipient=holder(row))
    assert "demander" not in notice.text


# --- Asking -----------------------------------------------------------------------------------------------------------


def test_the_holder_asks_and_those_who_may_renew_hear_it(account: Account) -> None:
    row, referent, shorter = ending(account), referent_of(account.structure), holder_of(account, until=later(days=9))
    assert services.ask_renewal(holder(row), row, now())
    assert told(referent) == [ASKS]
    assert told(shorter) == told(holder(row)) == []
    notice = Notification.objects.get(recipient=referent)
    assert notice.path == f"/delegations/{row.pk}/prolonger/"
    assert row.holder.name in notice.text and account.name in notice.text
    assert verbs("delegation", row.pk) == ["delegation.granted", ASKS]
    entry = JournalEntry.objects.get(verb=ASKS)
    assert (entry.actor, entry.actor_account, entry.account) == (holder(row), row.holder, account)


def test_when_nobody_may_renew_the_service_centre_hears_it(account: Account) -> None:
    row, clerk = ending(account), UserFactory(service_centre=True)
    assert not services.ask_renewal(holder(row), row, now())
    assert told(clerk) == ["delegation.service_centre"]


def test_one_asks_once_a_notice(account: Account) -> None:
    row = ending(account, days=20)
    referent = referent_of(account.structure)
    services.ask_renewal(holder(row), row, now())
    with refused(409, "Vous l’avez déjà demandé"):
        services.ask_renewal(holder(row), row, now())
    assert not of_delegations(holder(row), [row], now())[row.pk].ask_renewal
    last_week = later(days=14)
    assert of_delegations(holder(row), [row], last_week)[row.pk].ask_renewal
    services.ask_renewal(holder(row), row, last_week)
    assert told(referent) == [ASKS] * 2
    with refused(409, "Vous l’avez déjà demandé"):
        services.ask_renewal(holder(row), row, later(days=15))


def test_one_asks_again_of_the_one_that_goes_on(account: Account) -> None:
    row, referent = ending(account, days=5), referent_of(account.structure)
    services.ask_renewal(holder(row), row, now())
    longer = services.renew(referent, row, later(days=6), now())
    services.ask_renewal(holder(row), longer, now())
    assert told(referent) == [ASKS] * 2


@pytest.mark.parametrize(
    ("days", "words"), [(31, "dans les 30 derniers jours"), (None, "n’a pas de date de fin"), (-1, "déjà|terme|fin")]
)
def test_neither_too_early_nor_too_late(account: Account, days: float | None, words: str) -> None:
    traits = {} if days is None else {"expired": True} if days < 0 else {"until": later(days=days)}
    row = DelegationFactory(account=account, **traits)
    assert not of_delegations(holder(row), [row], now())[row.pk].ask_renewal
    with refused(409, words):
        services.ask_renewal(holder(row), row, now())


def test_nobody_else_asks_and_nobody_of_a_frozen_account(account: Account) -> None:
    row = ending(account)
    for user in (referent_of(account.structure), holder_of(account), someone().user, UserFactory(is_superuser=True)):
        assert not of_delegations(user, [row], now())[row.pk].ask_renewal
        with refused(403, "Seule la personne qui tient"):
            services.ask_renewal(user, row, now())
    Account.objects.filter(pk=account.pk).update(state=AccountState.FROZEN)
    row = Delegation.objects.told().get(pk=row.pk)
    assert not of_delegations(holder(row), [row], now())[row.pk].ask_renewal
    with refused(409, "est gelé"):
        services.ask_renewal(holder(row), row, now())


# --- Pages ------------------------------------------------------------------------------------------------------------


def shown(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return str(response.content.decode())


def asking(row: Delegation) -> str:
    return f"/delegations/{row.pk}/demander-prolongation/"


def test_the_notice_leads_to_the_button_that_asks(account: Account) -> None:
    row, referent = ending(account), referent_of(account.structure)
    publish()
    reminders.announce_ends(now())
    client = client_of(holder(row))
    path = Notification.objects.get(recipient=holder(row)).path
    assert path == f"/delegations/{row.pk}/"
    button = f'action="{asking(row)}"'
    for page in (path, "/delegations/"):
        assert button in shown(client, page)
        assert button not in shown(client_of(referent), page)
    assert client.get(asking(row)).headers["Location"] == path
    done = client.post(asking(row), follow=True).content.decode()
    assert "Votre demande est transmise à qui peut la prolonger." in done
    assert "Prolongation demandée le" in done
    assert button not in done
    for page in (path, "/delegations/"):
        told_so = shown(client_of(referent), page)
        assert "Prolongation demandée le" in told_so
        assert f'href="/delegations/{row.pk}/prolonger/"' in told_so
    assert "Demandée le" in shown(client_of(referent), f"/delegations/{row.pk}/prolonger/")
    again = client.post(asking(row))
    assert again.status_code == 409
    assert "Vous l’avez déjà demandé" in again.content.decode()


def test_strangers_find_nothing_to_ask_and_those_who_see_it_are_refused(account: Account) -> None:
    row, stranger, other = ending(account), someone().user, holder_of(account)
    assert client_of(stranger).post(asking(row)).status_code == 404
    assert client_of(other).post(asking(row)).status_code == 403
    assert client_of(None).post(asking(row)).status_code == 302
    assert client_of(holder(row)).put(asking(row)).status_code == 405
    assert not JournalEntry.objects.filter(verb=ASKS).exists()


def test_lists_ask_as_many_queries_for_one_that_ends_as_for_nine(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    user = someone().user
    counts = []
    for rows in (1, 8):
        for _ in range(rows):
            row = DelegationFactory(holder=user.account, until=timezone.now() + timedelta(days=6))
            services.ask_renewal(user, row, now())
        publish()
        with django_assert_max_num_queries(40) as seen:
            assert shown(client_of(user), "/delegations/").count("Prolongation demandée") == len(counts) * 8 + 1
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_clock_alone_decides(account: Account) -> None:
    row = ending(account, days=30)
    upper: datetime = row.period.upper

    def may_ask(at: datetime) -> bool:
        return of_delegations(holder(row), [row], at)[row.pk].ask_renewal

    assert not may_ask(upper - timedelta(days=30, microseconds=1))
    assert may_ask(upper - timedelta(days=30))
    assert may_ask(upper - timedelta(microseconds=1))
    assert not may_ask(upper)
