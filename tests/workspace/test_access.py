"""What the workspace shows to the administration: nothing; and to whoever holds a part: that part."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.utils import timezone

from accounts.models import User
from delegations.scopes import Scope, Space
from tests.delegations.people import Cast, account_of, person
from tests.factories import DelegationFactory
from tests.workspace import everywhere
from workspace.acting import NotOpen, act_in

pytestmark = pytest.mark.django_db
OPENED = {
    Scope.TOTAL: set(Space),
    Scope.DOSSIER: {Space.DOSSIERS, Space.AGENDA, Space.TASKS},
    Scope.DISCUSSIONS: {Space.DISCUSSIONS},
}


def test_the_administration_registers_nothing_of_the_spaces() -> None:
    assert not [model for model in admin.site._registry if model._meta.app_label == "workspace"]


@pytest.mark.parametrize("scope", Scope)
def test_each_scope_shows_its_spaces_by_every_way(cast: Cast, scope: Scope) -> None:
    holder = person()
    DelegationFactory(holder=account_of(holder), account=cast.account, scope=scope)
    made = everywhere.fill({"home": cast.account}, account_of(cast.total), timezone.now() - timedelta(minutes=1))
    expected = {space: {"home"} if space in OPENED[scope] else set() for space in Space}
    assert everywhere.seen_by(holder, made, timezone.now()) == expected
    assert everywhere.opened_by(holder, made, {"home": cast.account}) == expected
    for space in Space:
        if space in OPENED[scope]:
            assert act_in(holder, cast.account.pk, space, timezone.now()).is_for_another
        else:
            with pytest.raises(NotOpen):
                act_in(holder, cast.account.pk, space, timezone.now())


@pytest.mark.parametrize("who", ["former", "referent", "attached", "stranger", "staff", "superuser"])
def test_nobody_else_sees_anything_by_any_way(cast: Cast, who: str) -> None:
    user: User = getattr(cast, who)
    made = everywhere.fill({"home": cast.account}, account_of(cast.total), timezone.now() - timedelta(minutes=1))
    nothing: dict[Space, set[str]] = {space: set() for space in Space}
    assert everywhere.seen_by(user, made, timezone.now()) == nothing
    assert everywhere.opened_by(user, made, {"home": cast.account}) == nothing
