from copy import deepcopy

import pytest
from pytest_django.plugin import DjangoDbBlocker

from delegations.scopes import Space
from tests.delegations.people import Cast, client_of
from tests.workspace.making import a_dossier, acting
from tests.workspace.talking import World
from workspace.models import Dossier


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    return a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))


@pytest.fixture(scope="module")
def made_world(shared: DjangoDbBlocker) -> World:
    with shared.unblock():
        return World()


@pytest.fixture
def world(made_world: World, db: None) -> World:
    """As it was made, and signed in: what a test changes of it is that test's alone."""
    copy = deepcopy(made_world)
    copy.client = client_of(copy.user)
    return copy
