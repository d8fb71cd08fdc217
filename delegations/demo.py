"""The story of the demo region: referents, a few delegations, requests that wait. Through the services that people
use, so that the journal and `check_grants` tell the same. `infirmiere` holds nothing: there her story begins."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q

from accounts.groups import SERVICE_CENTRE, sync_groups
from accounts.models import Account, User
from accounts.states import AccountState
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

# What was granted before the demo is loaded: the workspace has had time to fill since.
EARLIER = timedelta(days=20)
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
    asked_at, at = at, at - EARLIER
    ehpad = Structure.objects.select_related("account").get(finess=cast.EHPAD_FINESS)
    if Referent.objects.filter(structure=ehpad).exists():
        return False
    referent, hospital = _user("referent"), Structure.objects.get(finess=cast.CH_FINESS)
    centre, relay = _user(cast.CENTRE), Structure.objects.get(finess=cast.DAC_FINESS)
    soline, colleague = _listed("Soline", "Estorgues"), _colleague("coordinatrice", relay)
    appoint_referent(centre, ehpad, _own(referent), at)
    appoint_referent(centre, hospital, soline, at)
    appoint_referent(centre, relay, colleague, at)
    doctor = _own(_user("medecin"))
    _give_whole(centre, doctor, _unit(cast.GERIATRICS), soline, at)
    _give_whole(centre, _own(_user("coordinatrice")), _unit(cast.DAC_TEAM), colleague, at)
    unit, summer = _unit(cast.EHPAD_UNIT), end_of(date(at.year + 1, 6, 30))
    for gift in (
        Gift(_listed("Odile", "Malavelle"), ehpad.account, Scope.TOTAL, None, Origin.REGISTRATION),
        Gift(_listed("Thuy", "Phamvinh"), unit, Scope.DISCUSSIONS, summer, Origin.REGISTRATION),
        Gift(_listed("Aïssatou", "Ndiayane"), unit, Scope.TOTAL, None, Origin.REGISTRATION),
        Gift(doctor, unit, Scope.DOSSIER, None, Origin.REGISTRATION),
    ):
        _give(referent, gift, at)
    for wish in WISHES:
        request_delegation(_user(wish.username), _unit(wish.unit).pk, wish.scope, wish.message, asked_at)
    return True


def _give_whole(centre: User, holder: Account, account: Account, word_of: Account, at: datetime) -> None:
    word = Word(holder, account, Scope.TOTAL, None, Origin.REGISTRATION, word_of, person=holder.pk)
    proposal = grant_by_service_centre(centre, word, at)
    assert isinstance(proposal, GrantProposal)  # noqa: S101, a total grant is confirmed by another
    confirm_proposal(_second_operator(), proposal, at)


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


def _colleague(username: str, structure: Structure) -> Account:
    """Somebody else of the same structure, always the same."""
    there = Professional.objects.select_related("account").filter(
        Q(attachments__structure=structure) | Q(attachments__internal_organisation__structure=structure),
        attachments__until=None,
        account__state__in=(AccountState.LISTED, AccountState.OPEN),
    )
    return there.exclude(account__user__username=username).order_by("pk")[0].account


def _listed(given: str, family: str) -> Account:
    """Somebody of the cast's surroundings: those names stand once each, the nurse's homonym aside."""
    found = Professional.objects.select_related("account").filter(given_name=given, family_name=family)
    return found.order_by("pk")[0].account
