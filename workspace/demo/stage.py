"""Who plays the demo of the spaces, in whose name and when; each act goes through the services that people use.

A voice is the key of a person, alone or with that of the account for which they act: « aissatou unite ».
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils import timezone

from accounts.journal import record_opening
from accounts.models import Account, User
from accounts.states import AccountState
from delegations.models import Delegation
from delegations.scopes import Space
from directory.demo import cast
from directory.models import InternalOrganisation, Professional, Structure
from workspace.acting import Acting, act_in

# Those of the cast's surroundings who act too. They sign in with no password.
SIGNING = {
    "aissatou": ("Aïssatou", "Ndiayane"),
    "jaufre": ("Jaufré", "Castelbiran"),
    "naima": ("Naïma", "Belhartoun"),
    "odile": ("Odile", "Malavelle"),
    "soline": ("Soline", "Estorgues"),
    "thuy": ("Thuy", "Phamvinh"),
}
UNITS = {"unite": cast.EHPAD_UNIT, "geriatrie": cast.GERIATRICS, "social": cast.SOCIAL_SERVICE, "relais": cast.DAC_TEAM}
STRUCTURES = {"ehpad": cast.EHPAD_FINESS, "ssiad": cast.SSIAD_FINESS, "pharmacie": cast.PHARMACY_FINESS}
# Voices that need a delegation, since before the first act.
HELD = ("aissatou unite", "medecin unite", "medecin geriatrie", "coordinatrice relais", "thuy unite")
FIRST_ACT = timedelta(days=19)


class NotYetHeldError(Exception):
    """The delegations of this region are younger than what the spaces tell."""


@dataclass(order=True)
class Step:
    at: datetime
    number: int
    act: Callable[[datetime], object] = field(compare=False)


class Stage:
    """`at`: when the demo is loaded; all its dates are told from that day."""

    def __init__(self, at: datetime) -> None:
        self.at, self.today = at, timezone.localdate(at)
        self.steps: list[Step] = []
        self.people = {name: User.objects.get(username=name) for name in cast.CAST}
        self.people |= {key: _signing(key, *names) for key, names in SIGNING.items()}
        own = {account.user_id: account for account in Account.objects.filter(user__in=self.people.values())}
        self.accounts = {key: own[user.pk] for key, user in self.people.items()}
        for key, identifier in UNITS.items():
            self.accounts[key] = InternalOrganisation.objects.select_related("account").get(ror_id=identifier).account
        for key, finess in STRUCTURES.items():
            self.accounts[key] = Structure.objects.select_related("account").get(finess=finess).account
        self._entered: dict[str, Acting] = {}
        self._opened: set[tuple[str, Space, date]] = set()

    def check_delegations(self) -> None:
        for voice in HELD:
            person, _, account = voice.partition(" ")
            held = Delegation.objects.in_force(self.moment(-FIRST_ACT.days, "08:00"))
            if not held.filter(holder=self.accounts[person], account=self.accounts[account]).exists():
                raise NotYetHeldError(voice)

    def moment(self, days: int, clock: str) -> datetime:
        """`days` from today, negative for the past, at « 14:30 »."""
        return _aware(self.today + timedelta(days=days), clock)

    def in_week(self, week: int, weekday: int, clock: str) -> datetime:
        """`week`: 0 for this one, 1 for the next; `weekday`: 0 for its Monday."""
        monday = self.today - timedelta(days=self.today.weekday())
        return _aware(monday + timedelta(weeks=week, days=weekday), clock)

    def plan(self, at: datetime, act: Callable[[datetime], object]) -> None:
        """`act` is told when it happens: never later than now."""
        self.steps.append(Step(min(at, self.at), len(self.steps), act))

    def play(self) -> None:
        """In the order of time: numbers of messages and lines of the journal grow with it."""
        for step in sorted(self.steps):
            step.act(step.at)

    def act(self, voice: str, space: Space, at: datetime) -> Acting:
        """By the answer of the access rule, asked once a voice for all four spaces."""
        if voice not in self._entered:
            person, _, account = voice.partition(" ")
            self._entered[voice] = act_in(self.people[person], self.accounts[account or person].pk, space, self.at)
        entered = self._entered[voice]
        assert entered.may(space)  # noqa: S101, the story keeps to the scopes that it was given
        acting = replace(entered, space=space, at=at)
        self._open(voice, acting)
        return acting

    def _open(self, voice: str, acting: Acting) -> None:
        """Who acts has first opened the space, as far as the journal tells; once a day, here."""
        opening = (voice, acting.space, timezone.localdate(acting.at))
        if opening not in self._opened:
            self._opened.add(opening)
            record_opening(acting.opened())


def key_of(name: str) -> UUID:
    """The same at each loading: what is sent twice exists once."""
    return uuid5(NAMESPACE_URL, f"spico.example/demo/{name}")


def _aware(day: date, clock: str) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.fromisoformat(clock)))


def _signing(key: str, given: str, family: str) -> User:
    """The person and their account, which uses SPICO from then on."""
    user, is_new = User.objects.get_or_create(
        username=key, defaults={"email": cast.address_of(key), "first_name": given, "last_name": family}
    )
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    found = Professional.objects.filter(given_name=given, family_name=family).order_by("pk")[0]
    Account.objects.filter(pk=found.account_id).update(user=user, state=AccountState.OPEN)
    return user
