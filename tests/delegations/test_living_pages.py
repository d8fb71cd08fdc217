"""Living with delegations: what was received and given, what no longer serves, and the page of one."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Max
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.grounds import Ground
from accounts.journal import record
from accounts.models import JournalEntry
from delegations.chains import chains_of
from delegations.dates import end_of
from delegations.models import Delegation, EndKind
from delegations.scopes import Scope, Space
from delegations.services.renewing import renew
from delegations.uses import last_uses
from spico.web.typography import french_date
from tests.delegations.living import text, url
from tests.delegations.people import Cast, account_of, client_of, person, publish
from tests.factories import StructureFactory
from tests.factories.delegations import DelegationFactory

pytestmark = pytest.mark.django_db
INDEX = "/delegations/"
LONG_AGO = timedelta(days=200)


def used(row: Delegation, space: Space, at: object) -> None:
    _entered(row, at, "space.opened", "space", space)


def read_by_its_link(row: Delegation, at: object) -> None:
    """The agenda, by a calendar program."""
    _entered(row, at, "feed.read", "feed", "7")


def _entered(row: Delegation, at: object, verb: str, kind: str, key: str) -> None:
    with transaction.atomic():
        record(
            verb,
            at=at,
            ground=Ground.DELEGATION,
            actor=row.holder.user,
            actor_account=row.holder,
            account=row.account,
            delegation=row.pk,
            object_kind=kind,
            object_key=key,
        )


# --- The list ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "received", "given", "past"),
    [
        ("total", 1, 1, 1),
        ("partial", 1, 1, 1),
        ("former", 0, 0, 1),
        ("referent", 0, 2, 1),
        ("attached", 0, 0, 0),
        ("stranger", 0, 0, 0),
        ("staff", 0, 0, 0),
        ("superuser", 0, 0, 0),
    ],
)
def test_each_sees_what_was_received_and_given(cast: Cast, who: str, received: int, given: int, past: int) -> None:
    response = cast.client(who).get(INDEX)
    assert response.status_code == 200
    shown = [response.context[name]["count"] for name in ("recues", "donnees", "passees")]
    assert shown == [received, given, past]
    assert ("Paulin Estorgues" in text(response)) == (who in ("total", "partial", "referent"))


def test_nobody_is_led_to_the_door(cast: Cast) -> None:
    row = cast.delegation_of("total")
    for path in (INDEX, *(url(name, row) for name in ("delegation", "end", "renew", "reduce"))):
        assert Client().get(path).status_code == 302


def test_a_row_says_since_when_until_when_by_whom_and_last_used(cast: Cast) -> None:
    user, until = person("Nadège", "Combettes"), end_of(date(2199, 3, 31))
    row = DelegationFactory(holder=account_of(user), account=cast.account, until=until, by_referent=True)
    publish()
    used(row, Space.AGENDA, timezone.now() - timedelta(days=3))
    page = text(client_of(user).get(INDEX))
    assert f"Depuis le {french_date(row.period.lower)}, jusqu’au 31\xa0mars\xa02199" in page
    assert f"accordée par {row.granted_by_account.name} (référent)" in page
    assert f"agenda le {french_date(timezone.now() - timedelta(days=3))}" in page
    assert "jamais dossiers, tâches, discussions" in page


def test_on_ones_own_account_the_owner_reads_who_holds_what(cast: Cast) -> None:
    DelegationFactory(holder=account_of(cast.partial), account=account_of(cast.stranger), scope=Scope.DOSSIER)
    page = text(cast.client("stranger").get(INDEX))
    assert "Paulin Estorgues" in page
    assert "Sur votre compte" in page


def test_the_list_leads_to_requests_journal_and_asking(cast: Cast) -> None:
    page = text(cast.client("stranger").get(INDEX))
    for name in ("requests", "journal", "ask"):
        assert f'href="{reverse(f"delegations:{name}")}"' in page


def test_empty_lists_say_what_to_do(cast: Cast) -> None:
    assert "Aucun autre compte ne vous est ouvert" in text(cast.client("stranger").get(INDEX))
    assert "Vous ne répondez pour aucun compte" in text(cast.client("staff").get(INDEX))
    assert "Aucune délégation ici" in text(cast.client("stranger").get(f"{INDEX}?liste=passees"))


def test_the_list_asks_as_many_queries_for_1_and_for_20(
    db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts: dict[str, list[int]] = {}
    for rows in (1, 20):
        user = person()
        for _ in range(rows):
            structure = StructureFactory(open_account=True)
            DelegationFactory(holder=account_of(user), account=structure.account)
            DelegationFactory(account=structure.account, partial=True)
            DelegationFactory(holder=account_of(user), expired=True)
        publish()
        for path in (INDEX, f"{INDEX}?liste=recues", f"{INDEX}?liste=donnees", f"{INDEX}?liste=passees"):
            with django_assert_max_num_queries(40) as seen:
                assert client_of(user).get(path).status_code == 200
            counts.setdefault(path, []).append(len(seen))
    assert all(one == twenty for one, twenty in counts.values()), counts


def test_a_long_list_goes_on_over_pages(db: None) -> None:
    user = person()
    for _ in range(31):
        DelegationFactory(holder=account_of(user))
    publish()
    first = client_of(user).get(INDEX)
    assert len(first.context["recues"]["lines"]) == 10
    assert "?liste=recues" in text(first)
    assert len(client_of(user).get(f"{INDEX}?liste=recues&page=2").context["lines"]) == 1


# --- What no longer serves --------------------------------------------------------------------------------------------


def unused(scope: Scope = Scope.TOTAL) -> Delegation:
    row: Delegation = DelegationFactory(scope=scope, since=timezone.now() - LONG_AGO)
    publish()
    return row


def test_what_no_longer_serves_is_reduced_in_one_click(db: None) -> None:
    row = unused()
    used(row, Space.AGENDA, timezone.now() - timedelta(days=5))
    client = client_of(row.holder.user)
    page = client.get(INDEX)
    assert "Les discussions n’ont pas servi depuis 90 jours ou plus." in text(page)
    assert "Réduire à «\xa0Dossier\xa0»" in text(page)
    assert client.post(url("reduce", row), {"scope": "dossier"}).status_code == 302
    row.refresh_from_db()
    assert (row.ended_kind, row.replaced_by.scope) == (EndKind.REDUCED, Scope.DOSSIER)


def test_what_never_serves_is_given_back_in_one_click(db: None) -> None:
    row = unused(Scope.DISCUSSIONS)
    client = client_of(row.holder.user)
    assert "Elle n’a pas servi depuis 90 jours ou plus." in text(client.get(INDEX))
    assert client.post(url("end", row)).status_code == 302
    row.refresh_from_db()
    assert row.ended_kind == EndKind.GIVEN_UP


def test_an_agenda_that_is_read_by_its_link_serves(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    row = unused(Scope.DOSSIER)
    assert "Elle n’a pas servi" in text(client_of(row.holder.user).get(INDEX))
    read_by_its_link(row, timezone.now() - timedelta(days=40))
    read_by_its_link(row, timezone.now() - timedelta(days=5))
    read_by_its_link(unused(), timezone.now())
    shown = text(client_of(row.holder.user).get(INDEX))
    assert "pas servi depuis" not in shown
    assert f"agenda le {french_date(timezone.now() - timedelta(days=5))}" in shown
    chains = chains_of([row])
    with django_assert_num_queries(1):
        uses = last_uses(chains)
    assert list(uses[row.pk]) == [Space.AGENDA]


def test_when_an_agenda_was_last_read_is_found_by_an_index_of_the_journal(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        question = JournalEntry.objects.filter(verb="feed.read", delegation__in=[1, 2])
        plan = question.values_list("delegation").annotate(last=Max("at")).order_by().explain()
    assert "journal_feed_use_idx" in plan


def test_nothing_is_proposed_of_what_serves_or_is_young(cast: Cast) -> None:
    row = unused()
    for space in (Space.AGENDA, Space.DISCUSSIONS):
        used(row, space, timezone.now() - timedelta(days=5))
    assert "n’ont pas servi" not in text(client_of(row.holder.user).get(INDEX))
    assert "pas servi depuis" not in text(cast.client("total").get(INDEX))


def test_nothing_is_proposed_to_whoever_may_not_do_it(db: None) -> None:
    row = unused()
    partial = person()
    DelegationFactory(holder=account_of(partial), account=row.account, partial=True)
    publish()
    page = client_of(partial).get(INDEX)
    assert row.holder.name in text(page)
    assert "pas servi depuis" not in text(page)


# --- One delegation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("total", 200),
        ("partial", 200),
        ("referent", 200),
        ("former", 404),
        ("attached", 404),
        ("stranger", 404),
        ("staff", 404),
        ("superuser", 404),
    ],
)
def test_a_delegation_is_seen_by_its_holder_and_by_who_answers(cast: Cast, who: str, status: int) -> None:
    row = cast.delegation_of("partial")
    for name in ("delegation", "end", "renew", "reduce"):
        response = cast.client(who).get(url(name, row))
        assert (response.status_code == 404) == (status == 404), name
    assert cast.client(who).get(url("delegation", row)).status_code == status
    if status == 404:
        for name in ("end", "renew", "reduce"):
            assert cast.client(who).post(url(name, row), {"reason": "x"}).status_code == 404
        row.refresh_from_db()
        assert not row.ended_kind


def test_a_former_holder_still_reads_how_theirs_ended(cast: Cast) -> None:
    page = text(cast.client("former").get(url("delegation", cast.delegation_of("former"))))
    assert "Retirée le" in page
    assert "Elle a changé de service." in page
    assert "Rendre ma délégation" not in page


def test_the_buttons_are_those_of_the_abilities(cast: Cast) -> None:
    whole, part = cast.delegation_of("total"), cast.delegation_of("partial")
    mine = text(cast.client("total").get(url("delegation", whole)))
    assert "Rendre ma délégation" in mine
    assert url("renew", whole) not in mine
    theirs = text(cast.client("total").get(url("delegation", part)))
    assert "Retirer cette délégation" in theirs
    only_read = text(cast.client("partial").get(url("delegation", whole)))
    for name in ("end", "renew", "reduce"):
        assert url(name, whole) not in only_read


def test_the_rows_that_it_replaces_are_told(cast: Cast) -> None:
    now = timezone.now()
    row = DelegationFactory(account=cast.account, until=now + timedelta(days=5))
    publish()
    longer = renew(cast.referent, row, now + timedelta(days=60), now)
    longest = renew(cast.referent, longer, now + timedelta(days=90), now + timedelta(seconds=5))
    response = cast.client("referent").get(url("delegation", longest))
    assert [line.delegation for line in response.context["history"]] == [longer, row]
    assert url("delegation", longest) in text(cast.client("referent").get(url("delegation", longer)))


@pytest.mark.parametrize("reason", ["\u200b", "\u2060", "\u202e"], ids=ascii)
def test_what_is_not_drawn_is_no_reason_to_revoke(cast: Cast, reason: str) -> None:
    row = cast.delegation_of("partial")
    refusal = cast.client("total").post(url("end", row), {"reason": reason})
    assert refusal.status_code == 400
    assert "Dites pourquoi" in text(refusal)
    row.refresh_from_db()
    assert not row.ended_kind
