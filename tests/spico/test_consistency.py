"""What holds over the whole house: the direction of imports, French names, services that stay behind their doors."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import models

from accounts.groups import ACTS, GROUPS, SERVICE_CENTRE, sync_groups
from accounts.models import ApiToken, User
from accounts.states import (
    ON_STRUCTURE_CLOSED,
    ON_STRUCTURE_REOPENED,
    ON_UNIT_CLOSED,
    ON_UNIT_REOPENED,
    PERMITS,
    AccountState,
)
from directory.kinds import Kind, kinds, register_kind
from tests.factories import UserFactory

ROOT = Path(settings.BASE_DIR)
OURS = [
    model for label in ("accounts", "delegations", "directory") for model in apps.get_app_config(label).get_models()
]


def test_imports_go_one_way() -> None:
    linter = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linter.returncode == 0, linter.stdout


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_model_and_field_has_a_french_name(model: type[models.Model]) -> None:
    for name in (str(model._meta.verbose_name), str(model._meta.verbose_name_plural)):
        assert name[0].islower() or name.split()[0].isupper(), name
    for field in model._meta.local_fields:
        if field.auto_created or (model is ApiToken and field.name in KNOX_FIELDS):
            continue
        label = str(field.verbose_name)
        assert field._verbose_name, f"{model.__name__}.{field.name} has a name made from its English one"
        assert label[0].islower() or re.match(r"[A-Z]{3,}", label), label


KNOX_FIELDS = {"digest", "token_key", "user", "created", "expiry"}


def test_each_state_of_an_account_says_what_it_permits() -> None:
    assert set(PERMITS) == set(AccountState)
    assert not PERMITS[AccountState.CLOSED].opens
    assert not any(getattr(PERMITS[AccountState.FROZEN], name) for name in ("written_to", "requested", "granted")), (
        "a frozen account takes nothing new"
    )


@pytest.mark.parametrize(
    ("closing", "reopening"), [(ON_STRUCTURE_CLOSED, ON_STRUCTURE_REOPENED), (ON_UNIT_CLOSED, ON_UNIT_REOPENED)]
)
def test_what_reopens_never_opens_more_than_before(
    closing: dict[AccountState, AccountState], reopening: dict[AccountState, AccountState]
) -> None:
    for before, closed in closing.items():
        after = reopening[closed]
        assert after in (before, AccountState.LISTED)


@pytest.mark.django_db
def test_the_service_centre_has_what_the_table_says_and_nothing_more() -> None:
    sync_groups()
    group = Group.objects.get(name=SERVICE_CENTRE)
    group.permissions.add(Permission.objects.get(codename="delete_user"))
    sync_groups()
    held = {(p.content_type.app_label, p.codename) for p in group.permissions.select_related("content_type")}
    assert held == set(GROUPS[SERVICE_CENTRE])
    assert {permission for permission in held if not permission[1].startswith("view_")} == set(ACTS)


@pytest.mark.django_db
def test_an_address_is_folded_when_it_is_kept() -> None:
    assert UserFactory(email="  Soline@EHPAD.example ").email == "soline@ehpad.example"


def test_two_kinds_never_share_a_shelf() -> None:
    taken = next(iter(kinds().values()))
    with pytest.raises(ValueError, match="first letter"):
        register_kind(Kind(name=taken.name[0] + "-other", label="", plural="", none_found="", icon="", url_name=""))


@pytest.mark.parametrize(
    ("given", "family", "initials"), [("Soline", "Carbonnac", "SC"), ("", "Carbonnac", "CA"), ("", "", "SO")]
)
def test_a_user_has_initials_whatever_is_known_of_them(given: str, family: str, initials: str) -> None:
    assert User(username="soline", first_name=given, last_name=family).initials.upper() == initials
