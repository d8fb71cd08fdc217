import pytest

from delegations.scopes import Space
from tests.delegations.people import Cast, make_cast
from tests.workspace.making import a_dossier, acting
from workspace.models import Dossier


@pytest.fixture
def cast(reference: None) -> Cast:
    made = make_cast()
    made.all()
    return made


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    return a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))
