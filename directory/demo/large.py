"""An establishment far larger than any, to measure pages with: 300 units, 2,000 people."""

from collections.abc import Iterator
from datetime import date

from django.db import transaction

from directory.demo.cast import Place
from directory.demo.establishments import Establishments, Life
from directory.demo.numbers import finess_like
from directory.demo.people import Name, Staff
from directory.demo.region import DRAWN_ON, House, Region
from directory.demo.wards import FUNCTIONAL, POLE, SERVICE, Ward
from directory.demo.write import copy_all
from directory.imports.runs import write_alone
from directory.models import Structure
from directory.search import projection

LARGE_FINESS = finess_like("31", 800_000)
POLES, SERVICES, UNITS = 12, 4, 5
PEOPLE = 2_000
# Beyond all that a region uses.
FIRST_ENTITY, FIRST_PERSON = 90_000, 9_000_001


def make_large_structure() -> Structure:
    """Made once: a second call finds it. The reference lists must be there."""
    return Structure.objects.filter(finess=LARGE_FINESS).first() or draw_and_write()


@transaction.atomic
def draw_and_write() -> Structure:
    write_alone()
    region = Region(seed=0, scale=0)
    house = draw_house(region)
    draw_people(region, house)
    copy_all(region)
    projection.refresh("structure", [house.structure.pk], at=DRAWN_ON)
    projection.refresh("unit", [unit.pk for unit in region.units], at=DRAWN_ON)
    projection.refresh("professional", [person.pk for person in region.professionals], at=DRAWN_ON)
    return house.structure


def draw_house(region: Region) -> House:
    name = "CHU de la Garonne, tous les sites"
    place = Place(LARGE_FINESS, "101", name, "", "31555", "1, place du Griffoul", "05 36 49 31 00", name)
    establishments = Establishments(region)
    establishments.entity_rank = FIRST_ENTITY
    commune = establishments.territory.by_code[place.insee_code]
    entity = establishments.new_entity(commune.department_id, place.entity)
    house = House(establishments.structure(place, commune, entity, Life(date(1990, 1, 1), None)), place.sort, "")
    establishments.add_units(house, list(wards()))
    return house


def wards() -> Iterator[Ward]:
    """12 poles of 4 services of 5 units."""
    rank = 0
    for pole in range(1, POLES + 1):
        yield Ward(f"Pôle {pole}", POLE)
        pole_rank, rank = rank, rank + 1
        for service in range(1, SERVICES + 1):
            yield Ward(f"Service {pole}.{service}", SERVICE, parent=pole_rank)
            yield from (Ward(f"Unité {pole}.{service}.{unit}", FUNCTIONAL, parent=rank) for unit in range(1, UNITS + 1))
            rank += 1 + UNITS


def draw_people(region: Region, house: House) -> None:
    """One in five works for the establishment itself, the others in its units by turns."""
    staff = Staff(region)
    staff.rank = FIRST_PERSON
    for number in range(PEOPLE):
        is_woman = staff.random.random() < 0.7
        name = Name(staff.names.family(), staff.names.given(is_woman), is_woman)
        unit = region.units[(number - number // 5) % len(region.units)]
        place = house.structure if number % 5 == 0 else unit
        staff.attach(staff.person("nurse", name, [], None), place, "", date(2020, 1, 6))
