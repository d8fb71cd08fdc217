"""What the workspace shows to the administration: nothing; and to whoever holds a part: that part."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.utils import timezone

from accounts.models import Account, User
from delegations.scopes import Scope, Space
from tests.delegations.people import Cast, account_of, person, publish
from tests.factories import DelegationFactory
from tests.workspace import everywhere
from tests.workspace.every_door import Visitor, tried, ways
from workspace.acting import NotOpen, act_in

pytestmark = pytest.mark.django_db
OPENED = {
    Scope.TOTAL: set(Space),
    Scope.DOSSIER: {Space.DOSSIERS, Space.AGENDA, Space.TASKS},
    Scope.DISCUSSIONS: {Space.DISCUSSIONS},
}


def test_the_administration_registers_nothing_of_the_spaces() -> None:
    assert not [model for model in admin.site._registry if model._meta.app_label == "workspace"]


def check_every_way(user: User, account: Account, opened: set[Space]) -> None:
    """What is listed, each address of the account, its links and streams: open in these spaces, and nowhere else."""
    at = timezone.now()
    made = everywhere.fill({"home": account}, [user], account_of(person()), at - timedelta(minutes=1))
    publish()
    assert everywhere.seen_by(user, made, at) == {space: {"home"} if space in opened else set() for space in Space}
    visitor = Visitor(user, at, lambda _: opened)
    for way in ways():
        visitor.check(tried(way, account, made["home"], user), account, is_frozen=False)
    visitor.check_apart(account, made["home"])
    visitor.check_list({"home": account}, {"home"} if opened else set())


@pytest.mark.parametrize("scope", Scope)
def test_each_scope_shows_its_spaces_by_every_way(cast: Cast, scope: Scope) -> None:
    holder = person()
    DelegationFactory(holder=account_of(holder), account=cast.account, scope=scope)
    check_every_way(holder, cast.account, OPENED[scope])
    for space in Space:
        if space in OPENED[scope]:
            assert act_in(holder, cast.account.pk, space, timezone.now()).is_for_another
        else:
            with pytest.raises(NotOpen):
                act_in(holder, cast.account.pk, space, timezone.now())


@pytest.mark.parametrize("who", ["former", "referent", "attached", "stranger", "staff", "superuser"])
def test_nobody_else_sees_anything_by_any_way(cast: Cast, who: str) -> None:
    check_every_way(getattr(cast, who), cast.account, set())
