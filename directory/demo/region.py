"""The region as it is drawn: rows not yet written, in the order in which they must be."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from random import Random

from accounts.models import Account, AccountKind
from accounts.states import AccountState
from directory.demo.numbers import account_id
from directory.demo.wards import Ward
from directory.models import (
    Attachment,
    ContactPoint,
    InternalOrganisation,
    LegalEntity,
    Offer,
    PracticeLocation,
    Professional,
    Structure,
)

DRAWN_ON = date(2026, 11, 16)
DRAWN_AT = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)


@dataclass
class House:
    """An establishment with what its rows do not say: its staff (see `trades.parse`) and the plan of its units."""

    structure: Structure
    sort: str
    staff: str
    units: list[tuple[InternalOrganisation, Ward]] = field(default_factory=list)


@dataclass(frozen=True)
class Former:
    """A name borne until that day, so that the directory finds it for ever."""

    row: Structure | InternalOrganisation
    name: str
    until: date


@dataclass
class Region:
    seed: int
    scale: float
    houses: list[House] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    entities: list[LegalEntity] = field(default_factory=list)
    structures: list[Structure] = field(default_factory=list)
    units: list[InternalOrganisation] = field(default_factory=list)
    professionals: list[Professional] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    locations: list[PracticeLocation] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    contacts: list[ContactPoint] = field(default_factory=list)
    former: list[Former] = field(default_factory=list)
    # Sign-in name -> the listing of a member of the cast.
    cast: dict[str, Professional] = field(default_factory=dict)

    def account(self, kind: AccountKind, key: str, name: str, state: AccountState) -> Account:
        """The same account for the same key in every database."""
        account = Account(id=account_id(f"{kind}:{key}"), kind=kind, name=name, state=state, created_at=DRAWN_AT)
        self.accounts.append(account)
        return account


def state_of(closed_on: date | None, share_open: float, random: Random) -> AccountState:
    """Part of the region uses SPICO already; the rest is only listed. One draw in any case."""
    is_open = random.random() < share_open
    if closed_on:
        return AccountState.CLOSED
    return AccountState.OPEN if is_open else AccountState.LISTED


def a_day(random: Random, first: date, last: date) -> date:
    return date.fromordinal(random.randint(first.toordinal(), last.toordinal()))
