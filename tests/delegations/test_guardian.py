"""Django's and guardian's own questions ask the access rule, and nothing but a delegation answers yes."""

import asyncio

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import DatabaseError, transaction
from django.utils import timezone
from guardian.models import GroupObjectPermission, UserObjectPermission
from guardian.shortcuts import assign_perm
from guardian.utils import get_user_obj_perms_model
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, User
from delegations import access
from delegations.guardian import accounts_with_permission
from delegations.models import Grant
from delegations.scopes import OPENS, Scope, Space
from tests.factories import DelegationFactory, ProfessionalFactory, UserFactory

pytestmark = pytest.mark.django_db
DOSSIERS = "accounts.open_dossiers"


def test_guardian_finds_the_view_and_not_its_generic_table() -> None:
    assert get_user_obj_perms_model(Account) is Grant


@pytest.mark.parametrize("scope", Scope)
def test_a_scope_opens_its_spaces_by_every_way_of_asking(scope: Scope) -> None:
    held = DelegationFactory(scope=scope)
    user, account, at = held.holder.user, held.account, timezone.now()
    for space in Space:
        opens = space in OPENS[scope]
        assert access.may_open(user, account, space, at) == opens
        assert access.accounts_open_to(user, space, at).contains(account) == opens
        assert access.answers_for(user, account, at)[space].allowed == opens
        assert user.has_perm(f"accounts.open_{space}", account) == opens
        assert accounts_with_permission(user, space).contains(account) == opens
        assert accounts_with_permission(user, space).contains(held.holder)


def test_all_permissions_on_an_account_are_its_open_spaces() -> None:
    held = DelegationFactory(partial=True)
    assert held.holder.user.get_all_permissions(held.account) == {"accounts.open_discussions"}
    assert held.holder.user.get_all_permissions(DelegationFactory().account) == set()


@pytest.mark.parametrize("traits", [{"ended": True}, {"expired": True}])
def test_what_has_ended_opens_nothing(traits: dict[str, bool]) -> None:
    held = DelegationFactory(**traits)
    assert not held.holder.user.has_perm(DOSSIERS, held.account)
    assert not accounts_with_permission(held.holder.user, Space.DOSSIERS).contains(held.account)


def test_a_superuser_opens_nothing() -> None:
    account, boss = DelegationFactory().account, UserFactory(is_superuser=True, is_staff=True)
    assert boss.has_perm("accounts.view_account")
    assert not boss.has_perm(DOSSIERS, account)
    assert not boss.has_perms([DOSSIERS], account)
    assert not accounts_with_permission(boss, Space.DOSSIERS).exists()
    assert not access.may_open(boss, account, Space.DOSSIERS, timezone.now())


def test_a_permission_of_a_group_opens_nothing() -> None:
    account, user = DelegationFactory().account, ProfessionalFactory(signed_in=True).account.user
    group = Group.objects.create(name="Tout")
    group.permissions.set(Permission.objects.filter(codename__startswith="open_"))
    user.groups.add(group)
    assert not user.has_perm(DOSSIERS, account)
    assert not accounts_with_permission(user, Space.DOSSIERS).contains(account)


def test_somebody_inactive_opens_nothing_not_even_their_own() -> None:
    held = DelegationFactory()
    User.objects.filter(pk=held.holder.user_id).update(is_active=False)
    user = User.objects.get(pk=held.holder.user_id)
    for account in (held.account, held.holder):
        assert not user.has_perm(DOSSIERS, account)
        assert not accounts_with_permission(user, Space.DOSSIERS).contains(account)
        assert not access.may_open(user, account, Space.DOSSIERS, timezone.now())


def test_nothing_can_be_assigned() -> None:
    account, user = DelegationFactory().account, UserFactory()
    with pytest.raises(PermissionError, match="Seule une délégation"):
        assign_perm(DOSSIERS, user, account)
    permission = Permission.objects.get(codename="open_dossiers")
    told = {"permission": permission, "content_type": permission.content_type, "object_pk": str(account.pk)}
    for model, who in (
        (UserObjectPermission, {"user": user}),
        (GroupObjectPermission, {"group": Group.objects.create(name="Tout")}),
    ):
        with pytest.raises(DatabaseError, match="Seule une délégation"), transaction.atomic():
            model.objects.bulk_create([model(**told, **who)])


def test_each_question_is_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    held = DelegationFactory()
    for _ in range(5):
        DelegationFactory(holder=held.holder)
    user, account, at = held.holder.user, held.account, timezone.now()
    for ask in (
        lambda: access.may_open(user, account, Space.DOSSIERS, at),
        lambda: list(access.accounts_open_to(user, Space.DOSSIERS, at)),
        lambda: access.answers_for(user, account, at),
        lambda: list(access.who_has_access(account, at)),
        lambda: user.has_perm(DOSSIERS, account),
    ):
        with django_assert_num_queries(1):
            ask()


async def _asked_later(user: User, space: Space, account: Account) -> bool:
    return await user.ahas_perm(f"accounts.open_{space}", account)


def test_the_asynchronous_question_has_no_way_around() -> None:
    boss = UserFactory(is_superuser=True)
    assert not asyncio.run(_asked_later(boss, Space.DOSSIERS, Account(kind="structure", name="Ailleurs")))
    assert asyncio.run(boss.ahas_perm("accounts.view_account"))
