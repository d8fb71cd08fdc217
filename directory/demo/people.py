"""Draws the people: who works where, who practises alone, who works in two places, who has nearly the same name."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

from accounts.models import AccountKind
from accounts.states import AccountState
from directory.demo import cast
from directory.demo.names import People
from directory.demo.numbers import generator, phone_like, rpps_like
from directory.demo.places import Places
from directory.demo.region import DRAWN_ON, House, Region, a_day, state_of
from directory.demo.territory import Territory
from directory.demo.trades import GENERAL, LIBERAL_SPECIALITIES, LIBERALS, TRADES, parse
from directory.demo.wards import FIELDS, STAFF
from directory.models import (
    Attachment,
    Commune,
    InternalOrganisation,
    PracticeLocation,
    Professional,
    Source,
    Structure,
)
from directory.models.people import Civility

Workplace = Structure | InternalOrganisation

# Tuned for about 20,000 people at full scale; what each house would have on average, then those who practise alone.
PER_POST = 0.46
ALONE = 4_400
SHARE_OPEN, SHARE_CLOSED, SHARE_NEARLY = 0.4, 0.006, 0.008
SHARE_TWO_PLACES, SHARE_BEFORE, SHARE_TWO_SURGERIES = 0.05, 0.05, 0.05
IN_A_CPTS = 16
CPTS, MSP, PHARMACY = "604", "603", "620"
FIRST_RANK = 101


class Name(NamedTuple):
    family: str
    given: str
    is_woman: bool


def add_people(region: Region) -> None:
    Staff(region).add()


class Staff:
    def __init__(self, region: Region) -> None:
        self.region = region
        self.random: Random = generator(region.seed, "people")
        self.names = People(self.random)
        self.territory = Territory(self.random)
        self.places = Places(self.random)
        self.rank = 1
        self.attached: set[tuple[UUID, UUID]] = set()
        self.liberals: dict[str, list[Professional]] = defaultdict(list)
        self.open_houses: dict[str, list[House]] = defaultdict(list)

    def add(self) -> None:
        for house in self.region.houses:
            if not house.structure.closed_on:
                self.open_houses[house.structure.department_id or ""].append(house)
        self.add_cast()
        self.rank = FIRST_RANK
        for house in self.region.houses:
            self.add_house(house)
        self.add_alone()
        for house in self.region.houses:
            if house.sort == CPTS:
                self.add_community(house.structure)

    # The cast

    def add_cast(self) -> None:
        for username, member in cast.CAST.items():
            self.region.cast[username] = self.add_member(member)
            self.region.cast[username].account.state = AccountState.OPEN
        for member in cast.AROUND:
            self.add_member(member)

    def add_member(self, member: cast.Member) -> Professional:
        specialities = [member.speciality] if member.speciality else []
        name = Name(member.family, member.given, member.civility == Civility.MADAME)
        person = self.person(member.trade, name, specialities, None)
        places = [self.workplace(key) for key in member.places]
        functions = member.functions or [self.function(member.trade, person)] * len(places)
        for place, function in zip(places, functions, strict=True):
            self.attach(person, place, function, member.since)
        if member.is_liberal and isinstance(places[0], Structure):
            self.add_location(person, of_structure(places[0]))
        return person

    def workplace(self, key: str) -> Workplace:
        if key.startswith("DEMO-"):
            return next(unit for unit in self.region.units if unit.ror_id == key)
        return next(structure for structure in self.region.structures if structure.finess == key)

    # Establishments

    def add_house(self, house: House) -> None:
        """The house's own people, then those of each unit that has a field; some of these stand one level deeper."""
        self.add_posts(house, parse(house.staff), [house.structure], GENERAL)
        for rank, (unit, ward) in enumerate(house.units):
            if ward.field:
                below = [inner for inner, plan in house.units if plan.parent == rank and not plan.field]
                self.add_posts(house, STAFF[ward.field], [unit, *below], FIELDS[ward.field][0])

    def add_posts(self, house: House, staff: dict[str, float], places: Sequence[Workplace], speciality: str) -> None:
        for trade, number in staff.items():
            expected = number * PER_POST
            for _ in range(int(expected) + (self.random.random() < expected % 1)):
                self.add_employee(house, trade, self.random.choice(places), speciality)

    def add_employee(self, house: House, trade: str, place: Workplace, speciality: str) -> None:
        person = self.draw(trade, [speciality] if TRADES[trade].code == "10" and speciality else [])
        function = self.function(trade, person)
        closed_on = house.structure.closed_on
        if closed_on:
            self.attach(person, place, function, closed_on - timedelta(days=2_000), closed_on)
            self.attach_elsewhere(person, house, closed_on)
        elif person.closed_on:
            self.attach(person, place, function, person.closed_on - timedelta(days=4_000), person.closed_on)
        else:
            self.attach(person, place, function, a_day(self.random, date(2006, 1, 1), DRAWN_ON))
            self.add_more(person, house)
        if house.sort in (MSP, PHARMACY) and TRADES[trade].code:
            self.add_location(person, of_structure(house.structure))
            if not (closed_on or person.closed_on):
                self.liberals[house.structure.department_id or ""].append(person)

    def add_more(self, person: Professional, house: House) -> None:
        """Some work in two places, some worked elsewhere before."""
        draw = self.random.random()
        if draw < SHARE_TWO_PLACES:
            self.attach_elsewhere(person, house, a_day(self.random, date(2016, 1, 1), DRAWN_ON))
        elif draw < SHARE_TWO_PLACES + SHARE_BEFORE:
            until = a_day(self.random, date(2008, 1, 1), date(2026, 6, 30))
            self.attach_elsewhere(person, house, until - timedelta(days=900), until)

    def attach_elsewhere(self, person: Professional, house: House, since: date, until: date | None = None) -> None:
        others = [h for h in self.open_houses[house.structure.department_id or ""] if h is not house]
        if others:
            other = self.random.choice(others)
            self.attach(person, other.structure, "", since, until)

    # Those who practise alone

    def add_alone(self) -> None:
        expected = ALONE * self.region.scale
        trades = self.random.choices(list(LIBERALS), list(LIBERALS.values()), k=round(expected))
        for trade in trades:
            commune = self.territory.draw(0.92, 300)
            person = self.draw(trade, self.speciality(trade))
            self.add_location(person, self.surgery(person, commune))
            if self.random.random() < SHARE_TWO_SURGERIES:
                self.add_location(person, self.surgery(person, self.territory.draw(1.0, 300, commune.department_id)))
            if not person.closed_on:
                self.liberals[commune.department_id].append(person)

    def speciality(self, trade: str) -> list[str]:
        if trade != "doctor":
            return []
        return self.random.choices(list(LIBERAL_SPECIALITIES), list(LIBERAL_SPECIALITIES.values()))

    def add_community(self, structure: Structure) -> None:
        """Members of a CPTS are those who practise nearby; they work there besides."""
        pool = self.liberals[structure.department_id or ""]
        if structure.closed_on is None:
            for person in self.random.sample(pool, min(IN_A_CPTS, len(pool))):
                self.attach(person, structure, "membre", a_day(self.random, date(2019, 1, 1), DRAWN_ON))

    def surgery(self, person: Professional, commune: Commune) -> PracticeLocation:
        """Half of them have no sign: their address is enough."""
        name = f"Cabinet {self.places.word('shops')}" if self.random.random() < 0.5 else ""
        return PracticeLocation(
            name=name,
            address=self.places.address(),
            postal_code=self.territory.postal_code(commune),
            city=commune.name,
            commune_id=commune.insee_code,
            department_id=commune.department_id,
            phone=phone_like(commune.department_id, self.random.randrange(10_000)),
            closed_on=person.closed_on,
        )

    # Rows

    def draw(self, trade: str, specialities: list[str]) -> Professional:
        """Somebody new; now and then nearly the name of somebody already drawn, in another trade as likely as not."""
        is_woman = self.random.random() < TRADES[trade].women
        family, given = self.names.family(), self.names.given(is_woman)
        known = self.region.professionals
        if self.random.random() < SHARE_NEARLY and len(known) > len(cast.CAST) + len(cast.AROUND):
            other = self.random.choice(known[len(cast.CAST) + len(cast.AROUND) :])
            is_woman, given, family = (
                other.civility == Civility.MADAME,
                other.given_name,
                self.names.nearly(other.family_name),
            )
        closed_on = a_day(self.random, date(2020, 1, 1), DRAWN_ON) if self.random.random() < SHARE_CLOSED else None
        return self.person(trade, Name(family, given, is_woman), specialities, closed_on)

    def person(self, trade: str, name: Name, specialities: list[str], closed_on: date | None) -> Professional:
        """Who has a code has a number; the others are known by their title."""
        kind, rank = TRADES[trade], self.rank
        self.rank += 1
        state = state_of(closed_on, SHARE_OPEN, self.random)
        person = Professional(
            account=self.region.account(AccountKind.PP, str(rank), f"{name.given} {name.family}", state),
            rpps=rpps_like(rank) if kind.code else None,
            civility=Civility.MADAME if name.is_woman else Civility.MONSIEUR,
            family_name=name.family,
            given_name=name.given,
            profession_id=kind.code or None,
            title=kind.title[0 if name.is_woman else 1],
            specialities=specialities,
            closed_on=closed_on,
            source=Source.DEMO,
            source_date=DRAWN_ON,
        )
        self.region.professionals.append(person)
        return person

    def function(self, trade: str, person: Professional) -> str:
        return TRADES[trade].function[0 if person.civility == Civility.MADAME else 1]

    def attach(
        self, person: Professional, place: Workplace, function: str, since: date, until: date | None = None
    ) -> None:
        """At most one open row for a pair, and nobody works anywhere before it opens: otherwise nothing changes."""
        pair = (person.account_id, place.account_id)
        begun = max(since, opening(place))
        if (until is None and pair in self.attached) or (until and until < begun):
            return
        self.attached.add(pair)
        self.region.attachments.append(
            Attachment(
                professional=person,
                structure=place if isinstance(place, Structure) else None,
                internal_organisation=place if isinstance(place, InternalOrganisation) else None,
                function=function,
                since=begun,
                until=until,
                source=Source.DEMO,
                source_date=DRAWN_ON,
            )
        )

    def add_location(self, person: Professional, location: PracticeLocation) -> None:
        location.professional = person
        location.key = f"DEMO-{person.rpps or person.account_id}-{len(self.region.locations)}"
        location.mode = "Libéral, indépendant, artisan, commerçant"
        location.source, location.source_date = Source.DEMO, DRAWN_ON
        self.region.locations.append(location)


def opening(place: Workplace) -> date:
    structure = place if isinstance(place, Structure) else place.structure
    return structure.opened_on or date.min


def of_structure(structure: Structure) -> PracticeLocation:
    """The surgery of somebody who practises inside an establishment."""
    return PracticeLocation(
        name=structure.name,
        address=structure.address,
        postal_code=structure.postal_code,
        city=structure.city,
        commune_id=structure.commune_id,
        department_id=structure.department_id,
        phone=structure.phone,
        closed_on=structure.closed_on,
    )
