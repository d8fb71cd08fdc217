"""Reads a FINESS stock (« Extraction du fichier des établissements ») into staging tables."""

import re
from datetime import date
from functools import lru_cache
from pathlib import Path

from directory.imports import finess_sql, geo
from directory.imports.csv_lines import LineUnreadable, split_line
from directory.imports.engine import Closing, Importer, Job
from directory.imports.errors import ImportRefused
from directory.imports.files import Line, TextFile, check_is_file, day_in_name
from directory.imports.finess_points import Point, PointStaging
from directory.imports.values import at_most, day, fails_luhn, finess_number, postal_code_and_city
from directory.models import Department, Source
from directory.reference import FINESS_DEPARTMENTS

STRUCTURE, POINT, COMMENT = "structureet", "geolocalisation", "finess"
STRUCTURE_FIELDS = 32
POINT_FIELDS = 5
NUMBER = 1
TRIED_BEFORE_REFUSING = 1_000
PROGRESS_EVERY = 2_000
REPEATED = re.compile(r"[A-Z]|BIS|TER|QUATER", re.IGNORECASE)


class FinessImport(Importer):
    """Structures, their legal entities and their positions."""

    source = Source.FINESS

    def check(self, path: Path) -> None:
        check_is_file(path)

    def read(self, job: Job) -> None:
        self.file = TextFile(job.path)
        job.file_date = day_in_name(job.path)
        self.departments = frozenset(Department.objects.values_list("code", flat=True))
        job.progress.start("Lecture", self.file.size)
        with (
            finess_sql.row_table() as self.rows,
            finess_sql.refused_table() as self.refused,
            PointStaging(job, self.rows) as self.points,
        ):
            self._read_lines(job)
        finess_sql.drop_repeated(job, self.file)
        finess_sql.drop_other_sources(job, self.file)
        finess_sql.warn_orphan_points(job, self.file)
        self._refuse_if_nothing(job)
        finess_sql.find_closed(is_extract=job.options.is_extract)

    def _read_lines(self, job: Job) -> None:
        self.is_finess = False
        for line in self.file.lines():
            try:
                self._read_line(job, line)
            except LineUnreadable as problem:
                self._set_aside(job, line, problem)
            if line.number % PROGRESS_EVERY == 0:
                job.progress.advance_to(self.file.position)
            if line.number == TRIED_BEFORE_REFUSING and not self.is_finess:
                raise ImportRefused(_not_finess(job.path))

    def _read_line(self, job: Job, line: Line) -> None:
        if line.number == 1 and line.text.startswith("finess;") and not line.problem:
            self.is_finess = True
            job.file_date = _day_in_comment(line.text) or job.file_date
            return
        job.counts.read += 1
        if line.problem:
            raise LineUnreadable(line.problem)
        fields = split_line(line.text)
        if fields[0] == STRUCTURE:
            self.is_finess = True
            self.rows.add(self._structure(job, line, fields))
        elif fields[0] == POINT:
            self.is_finess = True
            self._point(line, fields)
        else:
            raise LineUnreadable(f"type de ligne inconnu : « {fields[0][:40]} »")

    def _structure(self, job: Job, line: Line, fields: list[str]) -> finess_sql.Row:
        if len(fields) != STRUCTURE_FIELDS:
            raise LineUnreadable(f"{len(fields)} champs au lieu de {STRUCTURE_FIELDS}")
        row = structure_row(line.number, fields, self.departments)
        if fails_luhn(row.number):
            job.warn(line.number, f"numéro FINESS {row.number} : la clé de contrôle est fausse", line.text)
        if row.department is None and fields[13]:
            job.warn(line.number, f"département inconnu : « {fields[13][:20]} »", line.text)
        return row

    def _point(self, line: Line, fields: list[str]) -> None:
        if len(fields) < POINT_FIELDS:
            raise LineUnreadable(f"{len(fields)} champs : une position en a au moins {POINT_FIELDS}")
        number, labels = finess_number(fields[NUMBER]), ";".join(fields[4:])
        x, y = geo.coordinate(fields[2]), geo.coordinate(fields[3])
        self.points.add(Point(line.number, number, x, y, geo.projection(labels), line.text))

    def _set_aside(self, job: Job, line: Line, problem: LineUnreadable) -> None:
        """Keep its number when it can be read: a structure that the file holds, even badly, is not closed."""
        job.set_aside(line.number, str(problem), line.text)
        parts = line.text.replace('"', "").split(";", 2)
        if len(parts) > 1 and parts[0] == STRUCTURE:
            self.refused.add((parts[1].strip().upper()[:9],))

    def _refuse_if_nothing(self, job: Job) -> None:
        if not self.is_finess:
            raise ImportRefused(_not_finess(job.path))
        if finess_sql.is_empty(with_points=job.options.is_extract):
            raise ImportRefused(f"« {job.path.name} » ne contient aucun établissement lisible.")

    def closings(self, job: Job) -> list[Closing]:
        return [finess_sql.closing()]

    def write(self, job: Job) -> None:
        finess_sql.write(job)


def structure_row(line: int, fields: list[str], departments: frozenset[str]) -> finess_sql.Row:
    """What is kept of the 32 fields of a line."""
    name, long_name = at_most(fields[3], 255, "raison sociale"), at_most(fields[4], 255, "raison sociale longue")
    if not (name or long_name):
        raise LineUnreadable("raison sociale absente")
    day(fields[29], "date d’autorisation")
    complements = ", ".join(part for part in (fields[5], fields[6], fields[11]) if part)
    return finess_sql.Row(
        line,
        finess_number(fields[NUMBER]),
        finess_number(fields[2], "numéro de l’entité juridique") if fields[2] else None,
        name or long_name,
        long_name,
        *_category(*fields[18:22]),
        at_most(fields[22].replace(" ", ""), 14, "SIRET"),
        at_most(_street(*fields[7:11]), 255, "adresse"),
        at_most(complements, 255, "complément d’adresse"),
        *_place(fields[15], fields[13], fields[12], departments),
        at_most(fields[16], 20, "téléphone"),
        day(fields[28], "date d’ouverture"),
        day(fields[30], "date de mise à jour"),
    )


@lru_cache(maxsize=4_096)
def _category(code: str, label: str, group: str, group_label: str) -> tuple[str | None, str, str, str]:
    return (
        at_most(code, 4, "catégorie") or None,
        at_most(label, 255, "libellé de la catégorie"),
        at_most(group, 4, "groupe de la catégorie"),
        at_most(group_label, 255, "libellé du groupe"),
    )


@lru_cache(maxsize=16_384)
def _place(town: str, department: str, commune: str, known: frozenset[str]) -> tuple[str, str, str | None, str | None]:
    """Postal code, town, INSEE commune, department."""
    postal_code, city = postal_code_and_city(town)
    code = FINESS_DEPARTMENTS.get(department.upper(), department.upper())
    if code not in known:
        return postal_code, at_most(city, 100, "ville"), None, None
    is_commune = len(commune) == 3 and commune.isdigit()
    return postal_code, at_most(city, 100, "ville"), f"{code[:2]}{commune}" if is_commune else None, code


def _street(number: str, kind: str, way: str, complement: str) -> str:
    """« 900 RTE DE PARIS », « 1 C R RAYMOND BARRE »: a short complement repeats the number, a long one follows."""
    if REPEATED.fullmatch(complement):
        return " ".join(filter(None, (number, complement, kind, way)))
    return " ".join(filter(None, (number, kind, way, complement)))


def _day_in_comment(text: str) -> date | None:
    try:
        return day(text.rsplit(";", maxsplit=1)[-1])
    except LineUnreadable:
        return None


def _not_finess(path: Path) -> str:
    return (
        f"« {path.name} » n’est pas un fichier FINESS : ses lignes commencent par « {STRUCTURE} » "
        f"ou « {POINT} », séparées par des points-virgules."
    )
