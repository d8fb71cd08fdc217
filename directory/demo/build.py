"""Draws a whole region in memory: the same seed and scale give the same rows."""

from directory.demo.establishments import add_establishments
from directory.demo.offers import add_offers
from directory.demo.people import add_people
from directory.demo.region import Region

SEED = 76
SCALE = 1.0


def build(seed: int = SEED, scale: float = SCALE) -> Region:
    region = Region(seed, scale)
    add_establishments(region)
    add_people(region)
    add_offers(region)
    return region
