"""Turns the projected coordinates of FINESS into degrees (WGS84)."""

import math
import re
from collections.abc import Sequence
from functools import cache, lru_cache

from pyproj import CRS, Transformer

LAMBERT_93 = 2154
# The local UTM zones in which FINESS gives overseas positions, by the department of the structure.
EPSG_OF_DEPARTMENT = {"971": 5490, "972": 5490, "973": 2972, "974": 2975, "976": 4471}
KNOWN = {LAMBERT_93, *EPSG_OF_DEPARTMENT.values()}
EPSG_OF_UTM_ZONE = {"20N": 5490, "22N": 2972, "40S": 2975, "38S": 4471}
EPSG_LABEL = re.compile(r"EPSG[ :_]*(\d{4,5})", re.IGNORECASE)
UTM_LABEL = re.compile(r"UTM[ _]*(?:([NS])[ _]*(\d{2})|(\d{2})[ _]*([NS]))", re.IGNORECASE)
MARGIN_DEGREES = 0.5
PRECISION = 6


@lru_cache(maxsize=4_096)
def projection(labels: str) -> int | None:
    """The EPSG code that these words name; nothing when they name none that we know."""
    if found := EPSG_LABEL.search(labels):
        return int(found[1]) if int(found[1]) in KNOWN else None
    if found := UTM_LABEL.search(labels):
        north_or_south, zone = (found[1], found[2]) if found[1] else (found[4], found[3])
        return EPSG_OF_UTM_ZONE.get(f"{zone}{north_or_south.upper()}")
    return LAMBERT_93 if "LAMBERT" in labels.upper() else None


def coordinate(text: str) -> float:
    """A length in metres, with a point or a comma; not a number when it is not one."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return math.nan


@cache
def _transformer(epsg: int) -> tuple[Transformer, tuple[float, float, float, float]]:
    crs = CRS.from_epsg(epsg)
    area = crs.area_of_use
    bounds = area.bounds if area else (-180.0, -90.0, 180.0, 90.0)
    return Transformer.from_crs(crs, "EPSG:4326", always_xy=True), bounds


def to_degrees(epsg: int, xs: Sequence[float], ys: Sequence[float]) -> list[tuple[float, float] | None]:
    """Latitudes and longitudes, in one go; nothing for a point outside the territory that the projection serves."""
    transformer, (west, south, east, north) = _transformer(epsg)
    longitudes, latitudes = transformer.transform(list(xs), list(ys))
    return [
        (round(latitude, PRECISION), round(longitude, PRECISION))
        if west - MARGIN_DEGREES <= longitude <= east + MARGIN_DEGREES
        and south - MARGIN_DEGREES <= latitude <= north + MARGIN_DEGREES
        else None
        for latitude, longitude in zip(latitudes, longitudes, strict=True)
    ]
