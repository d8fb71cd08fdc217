"""Positions of a FINESS file, turned into degrees by chunks on their way to the staging table."""

import math
from collections import defaultdict
from types import TracebackType
from typing import NamedTuple, Self

from directory.imports import geo
from directory.imports.engine import Job
from directory.imports.staging import CHUNK, Staging, rows

DEPARTMENTS = "SELECT number, department FROM finess_row WHERE number = ANY(%s)"


class Point(NamedTuple):
    line: int
    number: str
    x: float
    y: float
    epsg: int | None
    raw: str


class PointStaging:
    """Fills `finess_point`. A position that cannot be used is a remark: its structure stays, without position."""

    def __init__(self, job: Job, structures: Staging) -> None:
        self._job, self._structures = job, structures
        self._points: list[Point] = []
        columns = {"line": "int", "number": "text", "latitude": "float8", "longitude": "float8"}
        self._table = Staging("finess_point", columns, analysed="number")

    def __enter__(self) -> Self:
        self._table.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if error is None:
            self._flush()
        self._table.__exit__(kind, error, tb)

    def add(self, point: Point) -> None:
        self._points.append(point)
        if len(self._points) >= CHUNK:
            self._flush()

    def _flush(self) -> None:
        for epsg, points in self._by_projection().items():
            degrees = geo.to_degrees(epsg, [point.x for point in points], [point.y for point in points])
            for point, position in zip(points, degrees, strict=True):
                if position:
                    self._table.add((point.line, point.number, *position))
                else:
                    self._warn(point, "position hors du territoire de sa projection")
        self._points.clear()

    def _by_projection(self) -> dict[int, list[Point]]:
        groups = defaultdict(list)
        by_number = self._projections_by_department()
        for point in self._points:
            epsg = point.epsg or by_number.get(point.number)
            if math.isnan(point.x) or math.isnan(point.y):
                self._warn(point, "coordonnées illisibles")
            elif epsg is None:
                self._warn(point, "projection inconnue")
            else:
                groups[epsg].append(point)
        return groups

    def _projections_by_department(self) -> dict[str, int | None]:
        """For points whose projection has no name: the one used where their structure is."""
        nameless = [point.number for point in self._points if point.epsg is None]
        if not nameless:
            return {}
        self._structures.flush()
        return {
            number: geo.EPSG_OF_DEPARTMENT.get(department, None if department > "96" else geo.LAMBERT_93)
            for number, department in rows(DEPARTMENTS, [nameless])
            if department
        }

    def _warn(self, point: Point, reason: str) -> None:
        self._job.warn(point.line, f"{reason} : la structure {point.number} reste sans cette position", point.raw)
