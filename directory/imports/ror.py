"""Reads the FHIR resources of the ROR into staging tables, whatever their order and their files."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

from directory.imports import fhir, ror_sql
from directory.imports.csv_lines import LineUnreadable
from directory.imports.engine import Closing, Importer, Job
from directory.imports.errors import ImportRefused
from directory.imports.fhir_files import FhirFile, Found, excerpt, json_files
from directory.imports.ror_contacts import contacts
from directory.imports.ror_organizations import organization
from directory.imports.ror_people import practitioner, role
from directory.imports.ror_services import closing_day, is_flagged, location, service
from directory.imports.ror_staging import RorStaging
from directory.imports.values import fails_luhn
from directory.models import Department, Source
from spico.web.typography import thousands


class RorImport(Importer):
    """Legal entities, structures, their units, offers, places, people; and how to reach them."""

    source = Source.ROR

    def check(self, path: Path) -> None:
        json_files(path)

    def read(self, job: Job) -> None:
        self.departments = frozenset(Department.objects.values_list("code", flat=True))
        self.stagings: dict[str, Callable[[Job, Found, str], None]] = {
            "Organization": self._organization,
            "HealthcareService": self._service,
            "Location": self._location,
            "Practitioner": self._practitioner,
            "PractitionerRole": self._role,
        }
        self.seq, self.latest, self.passed_over = 0, date.min, Counter[str]()
        self.has_many, self.is_broken = job.path.is_dir(), False
        with RorStaging() as self.staging:
            self._read_files(job)
        job.file_date = self.latest if self.latest > date.min else None
        self._tell_passed_over(job)
        is_whole = self.has_many and not self.is_broken and not job.options.is_extract
        ror_sql.prepare(job, is_whole=is_whole)

    def _read_files(self, job: Job) -> None:
        files = json_files(job.path)
        sizes = [file.stat().st_size for file in files]
        job.progress.start("Lecture", sum(sizes))
        for done, path in enumerate(files, start=1):
            file = FhirFile(path, str(path.relative_to(job.path)) if job.path.is_dir() else path.name)
            for found in file.resources():
                self._read(job, found)
            self.has_many = self.has_many or file.is_bundle
            job.progress.advance_to(sum(sizes[:done]))

    def _read(self, job: Job, found: Found) -> None:
        kind = str(found.resource.get("resourceType"))
        if not found.problem and kind not in self.stagings:
            self.passed_over[kind[:40]] += 1
            return
        self.seq += 1
        job.counts.read += 1
        try:
            self._stage(job, found, kind)
        except LineUnreadable as problem:
            self._set_aside(job, found, str(problem))

    def _stage(self, job: Job, found: Found, kind: str) -> None:
        if found.problem:
            self.is_broken = True
            raise LineUnreadable(found.problem)
        reference = _reference(found)
        if not reference:
            raise LineUnreadable("ressource sans identifiant (id)")
        self.stagings[kind](job, found, reference)
        updated_at = fhir.moment(fhir.first(found.resource.get("meta")).get("lastUpdated"))
        raw = excerpt(found.resource) if kind == "Organization" else reference
        self.staging.add_read(self.seq, found, reference, updated_at, raw)
        self.latest = max(self.latest, updated_at.date() if updated_at else date.min)

    def _set_aside(self, job: Job, found: Found, problem: str) -> None:
        """A resource that the file holds, even badly, is not missing from it."""
        job.set_aside(found.rank, problem, found.raw or excerpt(found.resource), found.file)
        if reference := _reference(found):
            self.staging.add_read(0, found, reference, None, "")

    def _organization(self, job: Job, found: Found, reference: str) -> None:
        kept, reached = organization(found.resource, reference, self.departments, job.day), contacts(found.resource)
        if kept.finess and fails_luhn(kept.finess):
            reason = f"numéro FINESS {kept.finess} : la clé de contrôle est fausse"
            job.warn(found.rank, reason, reference, found.file)
        self.staging.add_organization(self.seq, kept)
        self.staging.add_contacts(self.seq, reference, reached)

    def _service(self, job: Job, found: Found, reference: str) -> None:
        kept = service(found.resource, reference)
        reached = [] if kept.is_sensitive else contacts(found.resource)
        if not is_flagged(found.resource):
            reason = "l’offre ne dit pas si son unité est sensible : elle est traitée comme telle, rien n’en est montré"
            job.warn(found.rank, reason, reference, found.file)
        self.staging.add_service(self.seq, kept, closing_day(found.resource, job.day) if kept.is_ended else None)
        self.staging.add_contacts(self.seq, reference, reached)

    def _location(self, job: Job, found: Found, reference: str) -> None:
        self.staging.add_location(self.seq, location(found.resource, reference, self.departments))

    def _practitioner(self, job: Job, found: Found, reference: str) -> None:
        kept, reached = practitioner(found.resource, reference), contacts(found.resource)
        self.staging.add_person(self.seq, kept)
        self.staging.add_contacts(self.seq, reference, reached)

    def _role(self, job: Job, found: Found, reference: str) -> None:
        self.staging.add_role(self.seq, role(found.resource, reference, job.day))

    def _tell_passed_over(self, job: Job) -> None:
        if self.passed_over:
            kinds = ", ".join(f"{kind} ({thousands(count)})" for kind, count in sorted(self.passed_over.items()))
            job.remarks.append(f"Ressources d’autres types, passées : {kinds}.")
        if not job.counts.read:
            raise ImportRefused(f"« {job.path.name} » ne contient aucune ressource du ROR.")

    def closings(self, job: Job) -> list[Closing]:
        return ror_sql.closings()

    def write(self, job: Job) -> None:
        ror_sql.write(job)


def _reference(found: Found) -> str:
    """« Organization/12 », or nothing for a resource whose id is none."""
    kind, identifier = found.resource.get("resourceType"), found.resource.get("id")
    reference = f"{kind}/{identifier}"
    return reference if isinstance(identifier, str) and fhir.LITERAL.fullmatch(reference) else ""
