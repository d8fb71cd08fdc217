"""Draws the establishments, who runs them and their units."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import NamedTuple

from accounts.models import AccountKind
from accounts.states import AccountState
from directory.demo import cast
from directory.demo.catalogue import BY_CODE, ENTITIES, RUN_BY_ONE, SORTS, Sort
from directory.demo.numbers import entity_number, finess_like, generator, phone_like, ror_like
from directory.demo.places import Places
from directory.demo.region import DRAWN_ON, Former, House, Region, a_day, state_of
from directory.demo.territory import OF_DEPARTMENT, Territory, of_town
from directory.demo.wards import Ward, tree
from directory.models import Commune, InternalOrganisation, LegalEntity, Source, Structure

FIRST_RANK = 101_001
SHARE_OPEN, SHARE_OPEN_UNITS = 0.55, 0.35
SHARE_CLOSED, SHARE_RENAMED, SHARE_UNITS_RENAMED = 0.012, 0.025, 0.15
RENAMED_ON = [date(2009, 12, 31), date(2013, 6, 30), date(2016, 12, 31), date(2019, 8, 31), date(2023, 12, 31)]
# The year from which the sort exists; the others are older than that matters.
NEWER = {"603": 2008, "604": 2017, "606": 2021, "209": 2024, "617": 2003, "638": 2016, "448": 2002, "449": 2002}
# What such units were called before.
FORMER_UNITS = {
    "Soins médicaux et de réadaptation": "Soins de suite et de réadaptation",
    "Soins médicaux et de réadaptation gériatriques": "Soins de suite gériatriques",
    "Service des urgences": "Service d’accueil des urgences",
    "Unité de soins de longue durée": "Long séjour",
    "Unité transversale d’éducation du patient": "École du patient",
    "Service de médecine physique et de réadaptation": "Service de rééducation fonctionnelle",
    "Service d’oncologie": "Service de cancérologie",
}


class Life(NamedTuple):
    opened_on: date
    closed_on: date | None


def add_establishments(region: Region) -> None:
    Establishments(region).add()


class Establishments:
    def __init__(self, region: Region) -> None:
        self.region = region
        self.random: Random = generator(region.seed, "establishments")
        self.territory = Territory(self.random)
        self.places = Places(self.random)
        self.runners: dict[tuple[str, str], list[LegalEntity]] = {}
        self.towns: dict[tuple[str, str], LegalEntity] = {}
        self.rank = FIRST_RANK
        self.entity_rank = 1

    def add(self) -> None:
        for place in cast.PLACES:
            self.add_place(place)
        for sort in SORTS:
            for commune in self.communes(sort):
                self.add_house(sort, commune)

    def communes(self, sort: Sort) -> Iterator[Commune]:
        """As many as the scale asks for; the prefectures first where each department has its own."""
        expected = sort.count * self.region.scale
        count = int(expected) + (self.random.random() < expected % 1)
        departments = list(OF_DEPARTMENT) if sort.is_each_department else []
        for rank in range(count):
            if rank < len(departments):
                yield self.territory.prefecture(departments[rank])
            else:
                yield self.territory.draw(sort.spread, sort.smallest)

    def add_place(self, place: cast.Place) -> None:
        commune = self.territory.by_code[place.insee_code]
        entity = self.new_entity(commune.department_id, place.entity)
        structure = self.structure(place, commune, entity, Life(date(NEWER.get(place.sort, 1994), 1, 2), None))
        structure.account.state = AccountState.OPEN
        sort = BY_CODE[place.sort]
        wards = tree(sort.units, self.random) if place.units is None else list(place.units)
        self.add_units(House(structure, place.sort, sort.staff), wards)
        if place.former_name and place.former_until:
            self.region.former.append(Former(structure, place.former_name, place.former_until))

    def add_house(self, sort: Sort, commune: Commune) -> None:
        entity = self.entity(sort.entity, commune)
        life = self.life(sort)
        structure = self.structure(self.place(sort, commune, entity), commune, entity, life)
        self.add_units(House(structure, sort.code, sort.staff), tree(sort.units, self.random))
        days = [day for day in RENAMED_ON if day > life.opened_on]
        if days and self.random.random() < SHARE_RENAMED:
            self.region.former.append(Former(structure, self.former_name(sort, commune), self.random.choice(days)))

    def life(self, sort: Sort) -> Life:
        """Few are closed, and none in the year of its opening."""
        first = NEWER.get(sort.code, 1975)
        opened_on = a_day(self.random, date(first, 1, 1), date(max(first, 2014) + 1, 12, 31))
        first_end = date(max(2018, opened_on.year + 1), 1, 1)
        is_closed = self.random.random() < SHARE_CLOSED and first_end < DRAWN_ON
        return Life(opened_on, a_day(self.random, first_end, DRAWN_ON) if is_closed else None)

    def place(self, sort: Sort, commune: Commune, entity: LegalEntity) -> cast.Place:
        name = self.places.name(sort.label, sort.naming, commune)
        finess = finess_like(commune.department_id, self.rank)
        self.rank += 1
        return cast.Place(
            finess=finess,
            sort=sort.code,
            name=name,
            long_name=name.replace(sort.label, sort.long_label, 1) if sort.long_label else "",
            insee_code=commune.insee_code,
            address=self.places.address(),
            phone=phone_like(commune.department_id, self.random.randrange(10_000)),
            entity=entity.name,
        )

    def structure(self, place: cast.Place, commune: Commune, entity: LegalEntity, life: Life) -> Structure:
        state = state_of(life.closed_on, SHARE_OPEN, self.random)
        structure = Structure(
            account=self.region.account(AccountKind.STRUCTURE, place.finess, place.name, state),
            finess=place.finess,
            legal_entity=entity,
            name=place.name,
            long_name=place.long_name,
            category_id=place.sort,
            address=place.address,
            postal_code=self.territory.postal_code(commune),
            city=commune.name,
            commune_id=commune.insee_code,
            department_id=commune.department_id,
            phone=place.phone,
            opened_on=life.opened_on,
            closed_on=life.closed_on,
            source=Source.DEMO,
            source_date=DRAWN_ON,
            record_updated_on=a_day(self.random, date(2024, 1, 1), DRAWN_ON),
        )
        self.region.structures.append(structure)
        return structure

    def add_units(self, house: House, wards: list[Ward]) -> None:
        """The units of a closed establishment closed with it."""
        rows: list[InternalOrganisation] = []
        for ward in wards:
            rows.append(self.unit(house.structure, ward, rows))
        house.units = list(zip(rows, wards, strict=True))
        self.region.units.extend(rows)
        self.region.houses.append(house)

    def unit(self, structure: Structure, ward: Ward, rows: list[InternalOrganisation]) -> InternalOrganisation:
        key = f"{structure.finess}-{len(rows) + 1:02d}"
        state = state_of(structure.closed_on, SHARE_OPEN_UNITS, self.random)
        unit = InternalOrganisation(
            account=self.region.account(AccountKind.UNIT, key, ward.name, state),
            structure=structure,
            parent=None if ward.parent is None else rows[ward.parent],
            type_id=ward.type,
            ror_id=ror_like(key),
            name=ward.name,
            closed_on=structure.closed_on,
            source=Source.DEMO,
            source_date=DRAWN_ON,
            record_updated_on=structure.record_updated_on,
        )
        if unit.ror_id in cast.OPEN_UNITS:
            unit.account.state = AccountState.OPEN
        if ward.name in FORMER_UNITS and self.random.random() < SHARE_UNITS_RENAMED:
            self.region.former.append(Former(unit, FORMER_UNITS[ward.name], self.random.choice(RENAMED_ON)))
        return unit

    def entity(self, kind: str, commune: Commune) -> LegalEntity:
        """One that already runs such establishments in the department, or a new one."""
        runners = self.runners.setdefault((kind, commune.department_id), [])
        if runners and self.random.random() > 1 / RUN_BY_ONE.get(kind, 2.0):
            return self.random.choice(runners)
        label, naming = self.random.choice(ENTITIES[kind])
        if naming == "town":
            return self.of_the_town(f"{label} {of_town(commune.name)}", commune)
        runners.append(self.new_entity(commune.department_id, self.places.name(label, naming, commune)))
        return runners[-1]

    def of_the_town(self, name: str, commune: Commune) -> LegalEntity:
        """A town has one, and it runs nothing elsewhere."""
        key = (commune.insee_code, name)
        if key not in self.towns:
            self.towns[key] = self.new_entity(commune.department_id, name)
        return self.towns[key]

    def new_entity(self, department: str, name: str) -> LegalEntity:
        number = entity_number(department, self.entity_rank)
        self.entity_rank += 1
        entity = LegalEntity(number=number, name=name, source=Source.DEMO, source_date=DRAWN_ON)
        self.region.entities.append(entity)
        return entity

    def former_name(self, sort: Sort, commune: Commune) -> str:
        town = of_town(commune.name)
        olds = {
            "500": f"Maison de retraite {town}",
            "355": f"Hôpital rural {town}",
            "106": f"Hospice {town}",
            "603": f"Cabinet médical {self.places.word('shops')}",
            "620": f"Pharmacie {self.places.word('shops')}",
            "606": f"Réseau de santé {OF_DEPARTMENT[commune.department_id]}",
        }
        return olds.get(sort.code, f"{sort.label} {self.places.word('shops')}")
