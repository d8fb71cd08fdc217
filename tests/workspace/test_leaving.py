"""Leaving nothing behind: whom a holder brought in, shown when their delegation ends, taken out in one click."""

from copy import deepcopy

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.plugin import DjangoDbBlocker

from accounts.grounds import Ground
from accounts.models import Account, JournalEntry
from delegations.models import Referent
from delegations.periods import period
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from delegations.services.ending import reduce_delegation
from delegations.services.referents import close_term
from tests.delegations.people import Cast, account_of, make_cast, publish
from tests.factories import DelegationFactory, InternalOrganisationFactory, ProfessionalFactory
from tests.workspace.making import a_conversation, a_dossier, acting
from workspace.models import CircleMember, Conversation, Dossier, Participant
from workspace.services.leaving import brought_in

pytestmark = pytest.mark.django_db


class Left:
    """The total holder of the cast brought a friend into a conversation and a circle, a unit into the former alone."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.row = cast, cast.delegation_of("total")
        who = acting(cast.total, cast.account, Space.DISCUSSIONS)
        self.friend: Account = ProfessionalFactory(signed_in=True, given_name="Soline", family_name="Carbonnac").account
        self.unit: Account = InternalOrganisationFactory(account__state="open", name="Unité des Tilleuls").account
        publish()
        self.talk: Conversation = a_conversation(who, self.friend, self.unit, title="Sortie de Mme Cazalbou")
        self.dossier: Dossier = a_dossier(acting(cast.total, cast.account, Space.DOSSIERS), self.friend)

    def revoke(self) -> None:
        end_delegation(self.cast.referent, self.row, "Elle a changé de service.", timezone.now())
        self.row.refresh_from_db()

    @property
    def page(self) -> str:
        return reverse("delegations:delegation", args=[self.row.pk])

    @property
    def out(self) -> str:
        return reverse("spaces:take_out", args=[self.row.pk])

    def present(self) -> tuple[set[Account], set[Account]]:
        at = timezone.now()
        talks = Participant.objects.present(at).filter(conversation=self.talk).select_related("member")
        circle = CircleMember.objects.present(at).filter(dossier=self.dossier).select_related("member")
        return {row.member for row in talks}, {row.member for row in circle}


@pytest.fixture(scope="module")
def made_left(shared: DjangoDbBlocker) -> Left:
    with shared.unblock():
        cast = make_cast()
        cast.all()
        return Left(cast)


@pytest.fixture
def left(made_left: Left, db: None) -> Left:
    """As it was made: what a test changes of it is that test's alone."""
    return deepcopy(made_left)


def body(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_those_brought_in_are_counted_by_place_and_never_named_by_it(left: Left) -> None:
    found = {one.name: one.words for one in brought_in(left.row, timezone.now())}
    assert found == {
        "Soline Carbonnac": "1\xa0conversation et 1\xa0cercle de soins",
        "Unité des Tilleuls": "1\xa0conversation",
    }


def test_revoking_leads_to_the_list_and_one_click_takes_all_out(left: Left) -> None:
    client = left.cast.client("referent")
    address = reverse("delegations:end", args=[left.row.pk])
    done = client.post(address, {"reason": "Elle a changé de service."})
    assert (done.status_code, done["Location"]) == (302, left.page)
    page = body(client.get(left.page))
    assert "Comptes que cette personne a fait entrer" in page
    assert "Soline Carbonnac" in page
    assert "Cazalbou" not in page
    assert client.post(left.out).status_code == 302
    assert left.present() == ({left.cast.account}, {left.cast.account})
    assert "Comptes que cette personne a fait entrer" not in body(client.get(left.page))
    entries = JournalEntry.objects.filter(verb__in=["participant.removed", "circle.removed"])
    assert {(entry.actor, entry.ground, entry.account) for entry in entries} == {
        (left.cast.referent, Ground.REFERENT, left.cast.account)
    }
    assert entries.count() == 3


def test_one_account_may_be_taken_out_alone(left: Left) -> None:
    left.revoke()
    left.cast.client("referent").post(left.out, {"member": str(left.friend.pk)})
    assert left.present() == ({left.cast.account, left.unit}, {left.cast.account})


def test_whoever_may_act_there_takes_out_of_their_spaces_alone(left: Left) -> None:
    left.revoke()
    left.cast.client("partial").post(left.out)
    assert left.present() == ({left.cast.account}, {left.cast.account, left.friend})
    entry = JournalEntry.objects.filter(verb="participant.removed").latest("pk")
    assert (entry.ground, entry.delegation) == (Ground.DELEGATION, left.cast.delegation_of("partial").pk)


@pytest.mark.parametrize("who", ["former", "attached", "stranger", "staff", "superuser"])
def test_others_do_not_see_the_delegation(left: Left, who: str) -> None:
    left.revoke()
    assert left.cast.client(who).post(left.out).status_code == 404
    assert left.friend in left.present()[0]


def test_a_referent_who_did_not_revoke_it_is_told_who_may(left: Left) -> None:
    client = left.cast.client("referent")
    end_delegation(left.cast.total, left.row, "", timezone.now())
    assert "Qui agit dans ce compte peut les retirer." in body(client.get(left.page))
    client.post(left.out)
    assert left.friend in left.present()[0]
    assert "Pour retirer ces comptes" in body(client.get(left.page))


@pytest.mark.parametrize("keep", [Scope.DOSSIER, Scope.DISCUSSIONS])
@pytest.mark.parametrize("page", ["the former", "the narrower"])
def test_the_referent_who_reduced_it_takes_out_of_the_space_that_closed(left: Left, keep: Scope, page: str) -> None:
    narrower = reduce_delegation(left.cast.referent, left.row, keep, timezone.now())
    row = narrower if page == "the narrower" else left.row
    client, here = left.cast.client("referent"), reverse("delegations:delegation", args=[row.pk])
    told = body(client.get(here))
    assert ("1\xa0conversation" in told, "1\xa0cercle" in told) == (keep == Scope.DOSSIER, keep == Scope.DISCUSSIONS)
    client.post(reverse("spaces:take_out", args=[row.pk]))
    talk, circle = left.present()
    whole = {left.cast.account, left.friend, left.unit}
    assert talk == ({left.cast.account} if keep == Scope.DOSSIER else whole)
    assert circle == ({left.cast.account} if keep == Scope.DISCUSSIONS else {left.cast.account, left.friend})
    entries = JournalEntry.objects.filter(verb__endswith=".removed")
    assert {(entry.actor, entry.ground) for entry in entries} == {(left.cast.referent, Ground.REFERENT)}


def test_what_opened_again_since_is_left_to_those_who_act_there(left: Left) -> None:
    narrower = reduce_delegation(left.cast.referent, left.row, Scope.DOSSIER, timezone.now())
    end_delegation(left.cast.total, narrower, "", timezone.now())
    DelegationFactory(holder=left.row.holder, account=left.row.account, since=timezone.now())
    left.cast.client("referent").post(left.out)
    assert left.friend in left.present()[0]


def test_a_holder_who_reduced_their_own_leaves_it_to_others(left: Left) -> None:
    reduce_delegation(left.cast.total, left.row, Scope.DOSSIER, timezone.now())
    for who in ("total", "referent"):
        left.cast.client(who).post(left.out, {"member": str(left.unit.pk)})
        assert left.unit in left.present()[0]


def test_the_holder_takes_nobody_out_once_it_is_over(left: Left) -> None:
    left.revoke()
    left.cast.client("total").post(left.out)
    assert left.friend in left.present()[0]


def test_a_referent_whose_term_is_over_takes_nobody_out(left: Left) -> None:
    left.revoke()
    with transaction.atomic():
        term = Referent.objects.get(account__user=left.cast.referent)
        close_term(term, term.appointed_by, "Départ en retraite.", timezone.now())
    assert left.cast.client("referent").post(left.out).status_code == 404
    assert left.friend in left.present()[0]


def test_what_is_no_account_takes_out_nobody(left: Left) -> None:
    left.revoke()
    left.cast.client("referent").post(left.out, {"member": "tous"})
    assert left.friend in left.present()[0]


def test_the_list_asks_as_many_queries_for_1_and_for_20(
    left: Left, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts = []
    for more in (0, 19):
        others = [ProfessionalFactory(signed_in=True).account for _ in range(more)]
        if others:
            a_conversation(acting(left.cast.total, left.cast.account, Space.DISCUSSIONS), *others)
        with django_assert_max_num_queries(40) as seen:
            left.cast.client("referent").get(left.page)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_twice_changes_nothing_more(left: Left) -> None:
    left.revoke()
    client = left.cast.client("referent")
    client.post(left.out)
    before = JournalEntry.objects.count()
    client.post(left.out)
    assert JournalEntry.objects.filter(verb__endswith=".removed").count() == 3
    assert JournalEntry.objects.count() == before


def test_the_last_account_of_a_circle_stays(left: Left) -> None:
    mine = CircleMember.objects.get(dossier=left.dossier, member=left.cast.account)
    at = timezone.now()
    CircleMember.objects.filter(pk=mine.pk).update(
        period=period(mine.period.lower, at),
        ended_kind="left",
        ended_by=left.cast.total,
        ended_by_account=account_of(left.cast.total),
        ended_for=left.cast.account,
    )
    left.revoke()
    left.cast.client("referent").post(left.out)
    assert left.present() == ({left.cast.account}, {left.friend})


def test_the_holder_sees_nothing_of_it_once_it_is_over(left: Left) -> None:
    client = left.cast.client("total")
    assert "Soline Carbonnac" in body(client.get(left.page))
    left.revoke()
    assert "Soline Carbonnac" not in body(client.get(left.page))


def test_whoever_opens_the_discussions_alone_is_told_of_no_circle(left: Left) -> None:
    page = body(left.cast.client("partial").get(left.page))
    assert ("Soline Carbonnac" in page, "cercle de soins</p>" in page) == (True, False)
