"""The story of the demo region: referents, a few delegations, requests that wait. Through the services that people
use, so that the journal and `check_grants` tell the same. `infirmiere` holds nothing: there her story begins."""

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.groups import SERVICE_CENTRE, sync_groups
from accounts.models import Account, User
from delegations.access import power_over
from delegations.dates import end_of
from delegations.models import GrantProposal, Origin, Referent
from delegations.scopes import Scope
from delegations.services import appoint_referent, confirm_proposal, grant_by_service_centre, request_delegation
from delegations.services.common import lock_accounts
from delegations.services.granting import Gift, Granter, grant
from delegations.services.service_centre import Word
from directory.demo import cast
from directory.models import InternalOrganisation, Professional, Structure

# The second operator whom a total grant needs; nobody signs in as them.
SECOND = ("centre-2", "Élie", "Massabiau")


@dataclass(frozen=True)
class Wish:
    """A request that waits in the demo."""

    username: str
    unit: str
    scope: Scope
    message: str


WISHES = (
    Wish("kine", cast.GERIATRICS, Scope.TOTAL, "Je suis vos patients à leur sortie, trois jours par semaine."),
    Wish(
        "coordinatrice", cast.EHPAD_UNIT, Scope.DISCUSSIONS, "Pour préparer les retours à domicile avec votre équipe."
    ),
)


@transaction.atomic
def tell_the_story(at: datetime) -> bool:
    """Once: False when it is there already. The region comes first."""
    ehpad = Structure.objects.select_related("account").get(finess=cast.EHPAD_FINESS)
    if Referent.objects.filter(structure=ehpad).exists():
        return False
    referent, hospital = _user("referent"), Structure.objects.get(finess=cast.CH_FINESS)
    centre, second = _user(cast.CENTRE), _second_operator()
    soline = _listed("Soline", "Estorgues")
    appoint_referent(centre, ehpad, _own(referent), at)
    appoint_referent(centre, hospital, soline, at)
    geriatrics = _unit(cast.GERIATRICS)
    word = Word(_own(_user("medecin")), geriatrics, Scope.TOTAL, None, Origin.REGISTRATION, soline)
    proposal = grant_by_service_centre(centre, word, at)
    assert isinstance(proposal, GrantProposal)  # noqa: S101, a total grant is confirmed by another
    confirm_proposal(second, proposal, at)
    director, psychologist = _listed("Odile", "Malavelle"), _listed("Thuy", "Phamvinh")
    _give(referent, Gift(director, ehpad.account, Scope.TOTAL, None, Origin.REGISTRATION), at)
    summer = end_of(date(at.year + 1, 6, 30))
    unit = _unit(cast.EHPAD_UNIT)
    _give(referent, Gift(psychologist, unit, Scope.DISCUSSIONS, summer, Origin.REGISTRATION), at)
    for wish in WISHES:
        request_delegation(_user(wish.username), _unit(wish.unit).pk, wish.scope, wish.message, at)
    return True


def _give(referent: User, gift: Gift, at: datetime) -> None:
    """As a referent grants what was agreed before SPICO came."""
    lock_accounts(gift.holder.pk, gift.account.pk)
    power = power_over(referent, gift.account, gift.holder, at)
    assert power is not None  # noqa: S101, they were appointed just before
    grant(Granter(referent, _own(referent), power), gift, at)


def _second_operator() -> User:
    username, first_name, last_name = SECOND
    second, is_new = User.objects.get_or_create(
        username=username,
        defaults={
            "email": cast.address_of(username),
            "first_name": first_name,
            "last_name": last_name,
            "is_staff": True,
        },
    )
    if is_new:
        second.set_unusable_password()
        second.save(update_fields=["password"])
    sync_groups()
    second.groups.add(Group.objects.get(name=SERVICE_CENTRE))
    return second


def _user(username: str) -> User:
    return User.objects.get(username=username)


def _own(user: User) -> Account:
    return Account.objects.get(user=user)


def _unit(identifier: str) -> Account:
    return InternalOrganisation.objects.select_related("account").get(ror_id=identifier).account


def _listed(given: str, family: str) -> Account:
    """Somebody of the cast's surroundings: those names stand once each, the nurse's homonym aside."""
    found = Professional.objects.select_related("account").filter(given_name=given, family_name=family)
    return found.order_by("pk")[0].account
