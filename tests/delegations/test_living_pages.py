"""Living with delegations: what was received and given, and ending, prolonging, reducing it."""

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
from delegations.dates import end_of, last_day
from delegations.models import Delegation, EndKind
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from delegations.services.renewing import renew
from delegations.uses import last_uses
from spico.web.typography import french_date
from tests.delegations.people import Cast, account_of, client_of, person, publish
from tests.factories import StructureFactory
from tests.factories.delegations import DelegationFactory, ReferentFactory

pytestmark = pytest.mark.django_db
INDEX = "/delegations/"
LONG_AGO = timedelta(days=200)


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def url(name: str, row: Delegation) -> str:
    return reverse(f"delegations:{name}", args=[row.pk])


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


# --- Mettre fin -------------------------------------------------------------------------------------------------------


def test_asking_changes_nothing(cast: Cast) -> None:
    row = cast.delegation_of("partial")
    for name in ("end", "renew", "reduce"):
        cast.client("referent").get(url(name, row))
    row.refresh_from_db()
    assert not row.ended_kind


def test_one_gives_up_ones_own_without_a_reason(cast: Cast) -> None:
    row, client = cast.delegation_of("partial"), cast.client("partial")
    assert "Motif (facultatif)" in text(client.get(url("end", row)))
    response = client.post(url("end", row), follow=True)
    assert "Vous avez rendu votre délégation" in text(response)
    row.refresh_from_db()
    assert row.ended_kind == EndKind.GIVEN_UP


def test_revoking_asks_for_a_reason_and_keeps_what_was_typed(cast: Cast) -> None:
    row, client = cast.delegation_of("partial"), cast.client("total")
    without = client.post(url("end", row), {"reason": "  "})
    assert without.status_code == 400
    assert "Dites pourquoi\xa0: la personne lira ce motif." in text(without)
    too_long = client.post(url("end", row), {"reason": "Trop long. " * 60})
    assert too_long.status_code == 400
    assert "Trop long. Trop long." in text(too_long)
    row.refresh_from_db()
    assert not row.ended_kind
    assert client.post(url("end", row), {"reason": "Elle a quitté l’équipe."}).status_code == 302
    row.refresh_from_db()
    assert (row.ended_kind, row.ended_reason) == (EndKind.REVOKED, "Elle a quitté l’équipe.")


def test_ending_twice_is_a_conflict(cast: Cast) -> None:
    row, client = cast.delegation_of("partial"), cast.client("partial")
    client.post(url("end", row))
    for again in (client.post(url("end", row)), client.get(url("end", row))):
        assert again.status_code == 409
        assert "Cette délégation a déjà pris fin." in text(again)
        assert '<button class="btn btn-refuse"' not in text(again)


def test_a_partial_holder_ends_nobody_elses(cast: Cast) -> None:
    row, client = cast.delegation_of("total"), cast.client("partial")
    asked, done = client.get(url("end", row)), client.post(url("end", row), {"reason": "Non."})
    assert (asked.status_code, done.status_code) == (403, 403)
    assert "Vous ne pouvez pas mettre fin à cette délégation." in text(asked)
    row.refresh_from_db()
    assert not row.ended_kind


def test_losing_the_power_between_the_page_and_the_click(cast: Cast) -> None:
    row, client = cast.delegation_of("partial"), cast.client("total")
    assert client.get(url("end", row)).status_code == 200
    end_delegation(cast.referent, cast.delegation_of("total"), "Départ.", timezone.now())
    assert client.post(url("end", row), {"reason": "Trop tard."}).status_code == 404
    row.refresh_from_db()
    assert not row.ended_kind


def test_the_last_to_answer_is_warned(db: None) -> None:
    row = DelegationFactory()
    publish()
    client, warning = client_of(row.holder.user), "Plus personne ne répondra au nom de ce compte."
    assert warning in text(client.get(url("end", row)))
    ReferentFactory(structure=row.account.structure)
    assert warning not in text(client.get(url("end", row)))


# --- Prolonger --------------------------------------------------------------------------------------------------------


@pytest.fixture
def ending(cast: Cast) -> Delegation:
    row: Delegation = DelegationFactory(account=cast.account, until=end_of(timezone.localdate() + timedelta(days=10)))
    publish()
    return row


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_a_referent_prolongs_to_the_end_of_a_day(cast: Cast, ending: Delegation) -> None:
    response = cast.client("referent").post(url("renew", ending), {"until": day(40)}, follow=True)
    assert "est prolongée, jusqu’au" in text(response)
    longer = Delegation.objects.get(replaces=ending)
    assert last_day(longer.period.upper).isoformat() == day(40)


def test_a_day_is_also_typed_as_in_french(cast: Cast, ending: Delegation) -> None:
    typed = (timezone.localdate() + timedelta(days=40)).strftime("%d/%m/%Y")
    assert cast.client("referent").post(url("renew", ending), {"until": typed}).status_code == 302


def test_without_a_date_there_is_no_end(cast: Cast, ending: Delegation) -> None:
    cast.client("referent").post(url("renew", ending), {"until": ""})
    assert Delegation.objects.get(replaces=ending).period.upper is None


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ("31/02/2027", "Écrivez une date qui existe"),
        ("bientôt", "Écrivez une date qui existe"),
        ("01/01/0001", "Écrivez une date qui existe"),
        ("31/12/9999", "Écrivez une date qui existe"),
        ("01/01/2026", "Choisissez une date plus tardive"),
    ],
)
def test_a_date_that_does_not_suit_is_told_and_kept(cast: Cast, ending: Delegation, until: str, sentence: str) -> None:
    response = cast.client("referent").post(url("renew", ending), {"until": until})
    assert response.status_code == 400
    assert sentence in text(response)
    assert f'value="{until}"' in text(response)
    assert not Delegation.objects.filter(replaces=ending).exists()


def test_nobody_prolongs_their_own(cast: Cast, ending: Delegation) -> None:
    client = client_of(ending.holder.user)
    for response in (client.get(url("renew", ending)), client.post(url("renew", ending), {"until": day(90)})):
        assert response.status_code == 403
        assert "Personne ne prolonge sa propre délégation" in text(response)
    assert not Delegation.objects.filter(replaces=ending).exists()


def test_nobody_prolongs_beyond_their_own_end(cast: Cast, ending: Delegation) -> None:
    limit = end_of(timezone.localdate() + timedelta(days=30))
    colleague = DelegationFactory(account=cast.account, until=limit).holder.user
    client = client_of(colleague)
    assert f"Au plus tard le {french_date(last_day(limit))}" in text(client.get(url("renew", ending)))
    for until in (day(31), ""):
        response = client.post(url("renew", ending), {"until": until})
        assert response.status_code == 400
        assert "Vous ne pouvez pas accorder plus longtemps que votre propre délégation" in text(response)
    assert client.post(url("renew", ending), {"until": day(30)}).status_code == 302


def test_what_has_no_end_is_not_prolonged(cast: Cast) -> None:
    row = cast.delegation_of("partial")
    response = cast.client("referent").get(url("renew", row))
    assert response.status_code == 403
    assert "n’a pas de date de fin" in text(response)
    assert cast.client("referent").post(url("renew", row), {"until": day(9)}).status_code == 409


# --- Réduire ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["total", "referent"])
def test_who_may_end_may_reduce(cast: Cast, who: str) -> None:
    row = cast.delegation_of("total")
    page = text(cast.client(who).get(url("reduce", row)))
    assert 'value="dossier"' in page
    assert 'value="total"' not in page
    assert cast.client(who).post(url("reduce", row), {"scope": "discussions"}).status_code == 302
    assert Delegation.objects.get(replaces=row).scope == Scope.DISCUSSIONS


@pytest.mark.parametrize(
    ("scope", "sentence"),
    [
        ("", "Choisissez ce qui reste ouvert."),
        ("tout", "Ce périmètre n’existe pas."),
        ("total", "Choisissez une partie de la délégation."),
    ],
)
def test_only_a_part_may_be_kept(cast: Cast, scope: str, sentence: str) -> None:
    row = cast.delegation_of("total")
    response = cast.client("referent").post(url("reduce", row), {"scope": scope})
    assert response.status_code == 400
    assert sentence in text(response)
    row.refresh_from_db()
    assert not row.ended_kind


def test_a_part_is_not_reduced(cast: Cast) -> None:
    row = cast.delegation_of("partial")
    response = cast.client("referent").get(url("reduce", row))
    assert response.status_code == 403
    assert "il n’y a rien à réduire" in text(response)
    assert cast.client("partial").get(url("reduce", cast.delegation_of("total"))).status_code == 403


@pytest.mark.parametrize("name", ["end", "renew", "reduce"])
def test_other_methods_are_refused(cast: Cast, name: str) -> None:
    assert cast.client("referent").put(url(name, cast.delegation_of("partial"))).status_code == 405


@pytest.mark.parametrize("missing", [1 << 40, 10**17])
def test_what_does_not_exist_is_404(cast: Cast, missing: int) -> None:
    for name in ("delegation", "end", "renew", "reduce"):
        assert cast.client("referent").get(reverse(f"delegations:{name}", args=[missing])).status_code == 404
