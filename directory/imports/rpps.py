"""Reads an RPPS text extract (`PS_LibreAcces_Personne_activite`) into a staging table: a line, a row."""

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from directory.imports import rpps_sql
from directory.imports.csv_lines import LineUnreadable, split_plain
from directory.imports.engine import Closing, Importer, Job
from directory.imports.errors import ImportRefused
from directory.imports.files import Line, TextFile, check_is_file, day_in_name
from directory.imports.rpps_columns import Fields, normalised, picker
from directory.imports.values import FINESS, RPPS, at_most, fails_luhn
from directory.models import Department, Source, Structure

PROGRESS_EVERY = 5_000
NATIONAL_ID = 2
OF_RPPS = "8"
CIVILITIES = {"M": "M", "MME": "MME", "MLLE": "MME"}
STANDARD_ACTIVITY = "Activité standard de soin ou de pharmacien"
# Labels of TRE_R21 and TRE_R22 that tell nothing of what the person does there.
MEANINGLESS = frozenset(
    map(normalised, ("", "Autre", "Autre fonction", "Non renseigné", "Sans objet", STANDARD_ACTIVITY))
)
FIVE_DIGITS = re.compile(r"[0-9]{5}")
INSEE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")


PLACE = slice(Fields._fields.index("mode"), Fields._fields.index("function"))
Place = tuple[str | None, ...]
# A line of a structure that we list says where by its number alone.
NOWHERE: Place = (None,) * 9


class RppsImport(Importer):
    """Professionals, their attachments to structures that we know, their other places of practice."""

    source = Source.RPPS

    def check(self, path: Path) -> None:
        check_is_file(path)

    def read(self, job: Job) -> None:
        self.file = TextFile(job.path)
        job.file_date = day_in_name(job.path)
        self.departments = frozenset(Department.objects.values_list("code", flat=True))
        self.sites = frozenset(Structure.objects.filter(closed_on=None).values_list("finess", flat=True))
        self.warned = ""
        job.progress.start("Lecture", self.file.size)
        with rpps_sql.row_table() as self.rows, rpps_sql.refused_table() as self.refused:
            self._read_lines(job)
        if rpps_sql.is_empty():
            raise ImportRefused(f"« {job.path.name} » ne contient aucun professionnel lisible.")
        rpps_sql.merge(job, self.file)

    def _read_lines(self, job: Job) -> None:
        lines = self.file.lines()
        header = split_plain(_header(next(lines, None)), "|")
        self.pick, self.width = picker(header), len(header)
        for line in lines:
            job.counts.read += 1
            try:
                self.rows.add(self._row(job, line))
            except LineUnreadable as problem:
                self._set_aside(job, line, problem)
            if line.number % PROGRESS_EVERY == 0:
                job.progress.advance_to(self.file.position)

    def _row(self, job: Job, line: Line) -> rpps_sql.Row:
        if line.problem:
            raise LineUnreadable(line.problem)
        values = split_plain(line.text, "|")
        if len(values) != self.width:
            raise LineUnreadable(f"{len(values)} champs au lieu de {self.width}")
        fields = Fields(*self.pick(values))
        national_id, rpps = _identifiers(fields)
        if rpps and national_id != self.warned and fails_luhn(rpps):
            self.warned = national_id
            job.warn(line.number, f"numéro RPPS {rpps} : la clé de contrôle est fausse", line.text)
        finess = fields.finess.upper()
        place = NOWHERE if finess in self.sites else _place(fields[PLACE], self.departments)
        return _row(line.number, national_id, rpps, fields, finess, place)

    def _set_aside(self, job: Job, line: Line, problem: LineUnreadable) -> None:
        """Keep its number when it can be read: a person whom the file holds, even badly, is not closed."""
        job.set_aside(line.number, str(problem), line.text)
        parts = line.text.split("|", NATIONAL_ID + 1)
        if len(parts) > NATIONAL_ID and parts[NATIONAL_ID].strip():
            self.refused.add((parts[NATIONAL_ID].strip()[:30],))

    def closings(self, job: Job) -> list[Closing]:
        return rpps_sql.closings()

    def write(self, job: Job) -> None:
        rpps_sql.write(job)


def _header(line: Line | None) -> str:
    if line is None or line.problem:
        raise ImportRefused("Ce n’est pas un extrait du RPPS : sa première ligne n’est pas lisible.")
    return line.text


def _identifiers(fields: Fields) -> tuple[str, str | None]:
    """The national identifier, and the RPPS number of those who have one."""
    national_id = fields.national_id or f"{fields.id_type}{fields.identifier}"
    if fields.id_type != OF_RPPS:
        if not (fields.id_type and fields.identifier):
            raise LineUnreadable("identifiant absent")
        return at_most(national_id, 30, "identification nationale"), None
    if not RPPS.fullmatch(fields.identifier):
        raise LineUnreadable(f"numéro RPPS invalide : « {fields.identifier[:40]} » (11 chiffres attendus)")
    if national_id != OF_RPPS + fields.identifier:
        raise LineUnreadable(f"identification nationale « {national_id[:40]} » et RPPS {fields.identifier} discordants")
    return national_id, fields.identifier


def _row(  # noqa: PLR0913, PLR0917, one line and what was read of it
    line: int, national_id: str, rpps: str | None, fields: Fields, finess: str, place: Place
) -> rpps_sql.Row:
    if not fields.family_name:
        raise LineUnreadable("nom d’exercice absent")
    return rpps_sql.Row(
        line,
        national_id,
        rpps,
        CIVILITIES.get(fields.civility.upper(), ""),
        at_most(fields.family_name, 100, "nom d’exercice"),
        at_most(fields.given_name, 100, "prénom d’exercice"),
        at_most(fields.profession, 3, "code profession") or None,
        at_most(fields.profession_label, 100, "libellé de la profession"),
        at_most(fields.speciality, 200, "savoir-faire") or None,
        finess if FINESS.fullmatch(finess) else None,
        _function(fields.function, fields.activity),
        *place,
    )


@lru_cache(maxsize=4_096)
def _function(function: str, activity: str) -> str | None:
    """What the person does there, when the label says something of it."""
    for label in (function, activity):
        if normalised(label) not in MEANINGLESS:
            return at_most(label, 150, "fonction")
    return None


@lru_cache(maxsize=16_384)
def _place(place: tuple[str, ...], departments: frozenset[str]) -> Place:
    """Where: key, name, mode, address, postal code, town, INSEE commune, department, phone."""
    (mode, _, site, company, sign, number, repeat, kind, street, distribution, cedex, code, commune, town, phone) = (
        place
    )
    address = at_most(" ".join(filter(None, (number, repeat, kind, street, distribution))), 255, "adresse")
    name = at_most(sign or company, 255, "raison sociale")
    postal_code, city = code if FIVE_DIGITS.fullmatch(code) else "", at_most(town or cedex, 100, "ville")
    insee, department = _insee(commune.upper(), departments)
    return (
        at_most(site, 100, "identifiant technique de la structure") or _key(name, address, postal_code, city),
        *(name, at_most(mode, 50, "mode d’exercice"), address, postal_code, city, insee, department),
        at_most(phone, 20, "téléphone"),
    )


def _key(*said: str) -> str | None:
    """A place without identifier is known by what is said of it; one of which nothing is said is none."""
    return f"adresse:{hashlib.sha256('|'.join(said).encode()).hexdigest()[:32]}" if any(said) else None


def _insee(code: str, departments: frozenset[str]) -> tuple[str | None, str | None]:
    if not INSEE.fullmatch(code):
        return None, None
    department = code[:3] if code[:2] in ("97", "98") else code[:2]
    return (code, department) if department in departments else (None, None)
