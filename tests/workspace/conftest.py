import pytest

from delegations.scopes import Space
from tests.delegations.people import Cast
from tests.workspace.making import a_dossier, acting
from workspace.models import Dossier


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    return a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))
