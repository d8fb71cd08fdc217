"""What is said before accepting is what accepting does, be it of what was open already."""

from datetime import datetime
from itertools import product

import pytest

from accounts.models import Account, User
from delegations import services
from delegations.abilities import of_requests
from delegations.access import may_open
from delegations.errors import Refused
from delegations.models import DelegationRequest
from delegations.previews import held_by, previews
from delegations.scopes import OPENS, Scope, Space, without
from tests.delegations.acting import holder_of, later, now, referent_of
from tests.factories import DelegationFactory, DelegationRequestFactory, StructureFactory

pytestmark = pytest.mark.django_db
HELD: list[tuple[Scope | None, int | None]] = [
    (None, None),
    *product((Scope.DISCUSSIONS, Scope.DOSSIER), (5, None)),
]
ANSWERERS = ["referent", "total", "total for a month", "discussions", "dossier"]


def answerer(name: str, account: Account) -> User:
    if name == "referent":
        return referent_of(account.structure)
    traits: dict[str, dict[str, object]] = {
        "total": {},
        "total for a month": {"until": later(days=30)},
        "discussions": {"partial": True},
        "dossier": {"dossier": True},
    }
    return holder_of(account, **traits[name])


@pytest.mark.parametrize("who", ANSWERERS)
@pytest.mark.parametrize(("held", "days"), HELD)
def test_the_preview_and_the_act_agree(who: str, held: Scope | None, days: int | None) -> None:
    account: Account = StructureFactory(open_account=True).account
    user = answerer(who, account)
    ends = later(days=days) if days else None
    for scope, until in product(Scope, (None, later(days=3), ends, later(days=20))):
        request = _asked(account, held, ends)
        can = of_requests(user, [request], now())[request.pk]
        if scope not in can.accept:
            continue
        told = previews(held_by(request.requester, account, now()), can.accept, can.most, until or can.until)[scope]
        chosen = told.until if told.is_kept else until or can.until
        try:
            made = services.accept(user, request, now(), scope, chosen)
        except Refused as refused:
            # An end before the one that is there: said at the act, when it is chosen.
            assert (refused.field, held is not None, told.is_kept) == ("until", True, False)
            continue
        assert (made.scope, made.period.upper) == (told.scope, told.until)
        assert {one.space for one in told.spaces if one.opens} == {
            space for space in Space if may_open(request.asked_by, account, space, now())
        }
        assert {one.space for one in told.spaces if one.is_open_already} == (OPENS[held] if held else set())


def _asked(account: Account, held: Scope | None, ends: datetime | None) -> DelegationRequest:
    row: DelegationRequest = DelegationRequestFactory(account=account, remaining=without(Scope.TOTAL, held))
    if held:
        DelegationFactory(holder=row.requester, account=account, scope=held, until=ends)
    return row
