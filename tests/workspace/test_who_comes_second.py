"""Somebody acts while another act, begun later, is committed first: they are told why not, in a sentence."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account
from accounts.states import AccountState
from delegations.errors import Refused
from delegations.scopes import Space
from tests.delegations.people import Cast, publish
from tests.factories import ProfessionalFactory
from tests.workspace.making import a_dossier, acting
from workspace.acting import Acting
from workspace.models import CircleMember, Dossier
from workspace.services.agenda import EventDraft, add_event
from workspace.services.circles import Told, add_members, leave_circle, remove_member
from workspace.services.dossiers import Identity, correct_identity, create_dossier
from workspace.services.entries import write_entry
from workspace.services.leaving import take_out
from workspace.services.tasks import TaskDraft, add_task

pytestmark = pytest.mark.django_db
TOLD = Told("oral", date(2020, 11, 26))


@pytest.fixture
def friend() -> Account:
    made: Account = ProfessionalFactory(signed_in=True).account
    publish()
    return made


def begun_before(cast: Cast, friend: Account) -> tuple[Acting, Acting]:
    """The holder of the account, who began first; the friend, whose act is committed first."""
    at = timezone.now()
    return (
        acting(cast.total, cast.account, Space.DOSSIERS, at),
        acting(friend.user, friend, Space.DOSSIERS, at + timedelta(milliseconds=5)),
    )


def at_commit() -> None:
    """What is asked at the end of the transaction is asked now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_last_but_one_leaves_meanwhile(cast: Cast, friend: Account) -> None:
    dossier = a_dossier(acting(cast.total, cast.account, Space.DOSSIERS), friend)
    first, second = begun_before(cast, friend)
    leave_circle(second, dossier)
    with pytest.raises(Refused, match="un cercle n’est jamais vide"):
        leave_circle(first, dossier)
    at_commit()


def test_somebody_brings_in_the_same_account_meanwhile(cast: Cast, friend: Account) -> None:
    dossier = a_dossier(acting(cast.total, cast.account, Space.DOSSIERS), friend)
    wanted = ProfessionalFactory(signed_in=True).account
    publish()
    first, second = begun_before(cast, friend)
    add_members(second, dossier, [wanted.pk], TOLD)
    with pytest.raises(Refused, match="déjà dans le cercle"):
        add_members(first, dossier, [wanted.pk], TOLD)


def test_whoever_was_taken_out_meanwhile_takes_out_and_brings_in_nobody(cast: Cast, friend: Account) -> None:
    dossier = a_dossier(acting(cast.total, cast.account, Space.DOSSIERS), friend)
    third, fourth = (ProfessionalFactory(signed_in=True).account for _ in range(2))
    publish()
    first, second = begun_before(cast, friend)
    rows = {row.member: row for row in dossier.circle.select_related("member")}
    add_members(second, dossier, [third.pk], TOLD)
    remove_member(second, dossier, rows[cast.account])
    with pytest.raises(Refused, match="n’est plus dans ce cercle"):
        remove_member(first, dossier, rows[friend])
    with pytest.raises(Refused, match="n’est plus dans ce cercle"):
        add_members(first, dossier, [fourth.pk], TOLD)


def test_taking_out_what_was_left_behind_while_the_others_leave(cast: Cast, friend: Account) -> None:
    dossier = a_dossier(acting(cast.total, cast.account, Space.DOSSIERS), friend)
    at = timezone.now()
    leave_circle(acting(cast.total, cast.account, Space.DOSSIERS, at + timedelta(milliseconds=5)), dossier)
    with pytest.raises(Refused):
        take_out(cast.total, cast.delegation_of("total"), None, at)
    at_commit()
    assert CircleMember.objects.get(dossier=dossier, ended_kind="").member == friend


def _correct(who: Acting, dossier: Dossier) -> object:
    return correct_identity(who, dossier, Identity("Cazalbou", "Odette", date(1938, 4, 2), "F"), 1)


ACTS: dict[str, tuple[Space, Callable[[Acting, Dossier], object]]] = {
    "dossier": (
        Space.DOSSIERS,
        lambda who, _: create_dossier(who, Identity("Orsini", "Lucie", date(1984, 12, 3), "F"), TOLD),
    ),
    "identity": (Space.DOSSIERS, _correct),
    "entry": (
        Space.DOSSIERS,
        lambda who, dossier: write_entry(who, dossier, "observation", "Passage", "Mieux.", who.at, "circle"),
    ),
    "event": (
        Space.AGENDA,
        lambda who, _: add_event(who, EventDraft("visit", "Visite", who.at, who.at + timedelta(hours=1))),
    ),
    "task": (Space.TASKS, lambda who, _: add_task(who, TaskDraft("Commander"))),
}


@pytest.mark.parametrize("act", ACTS)
def test_the_account_is_frozen_meanwhile(cast: Cast, act: str) -> None:
    dossier = a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))
    space, do = ACTS[act]
    who = acting(cast.total, cast.account, space)
    Account.objects.filter(pk=cast.account.pk).update(state=AccountState.FROZEN)
    with pytest.raises(Refused, match="gelé") as refused:
        do(who, dossier)
    assert refused.value.status == 409
