"""The dossiers of the demo are begun, shared, written in and read; then their files, which no transaction holds."""

from datetime import datetime, timedelta
from functools import partial

from accounts.journal import record_all
from delegations.scopes import Space
from workspace.demo.files import FILES
from workspace.demo.patients import PATIENTS, Note, Paper, Patient
from workspace.demo.stage import Stage
from workspace.models import Confidentiality, Document, Dossier, Informed
from workspace.services.circles import Told, add_members
from workspace.services.documents import add_document
from workspace.services.dossiers import archive_dossier, create_dossier, mark_read
from workspace.services.entries import correct_entry, write_entry


def plan_dossiers(stage: Stage) -> dict[str, Dossier]:
    """Filled as the acts are played: what is linked to a dossier finds it there by its key."""
    dossiers: dict[str, Dossier] = {}
    for patient in PATIENTS:
        stage.plan(stage.moment(-patient.days, "08:30"), partial(_begin, stage, dossiers, patient))
        for note in patient.notes:
            stage.plan(stage.moment(-note.days, note.clock), partial(_write, stage, dossiers, patient, note))
        for reader in patient.readers:
            stage.plan(stage.at, partial(_read, stage, dossiers, patient, reader))
        if patient.is_archived:
            stage.plan(stage.moment(-2, "17:00"), partial(_archive, stage, dossiers, patient))
    return dossiers


def _begin(stage: Stage, dossiers: dict[str, Dossier], patient: Patient, at: datetime) -> None:
    acting = stage.act(patient.voice, Space.DOSSIERS, at)
    told = Told(Informed.ORAL, at.date())
    dossier = dossiers[patient.key] = create_dossier(acting, patient.identity, told)
    add_members(acting, dossier, [stage.accounts[key].pk for key in patient.circle], told)
    if patient.urgent:
        add_members(acting, dossier, [stage.accounts[key].pk for key in patient.urgent], Told(Informed.EMERGENCY, None))


def _write(stage: Stage, dossiers: dict[str, Dossier], patient: Patient, note: Note, at: datetime) -> None:
    acting = stage.act(note.voice, Space.DOSSIERS, at)
    entry = write_entry(acting, dossiers[patient.key], note.kind, note.title, note.text, at, note.confidentiality)
    if note.corrected:
        later = stage.act(note.voice, Space.DOSSIERS, min(at + timedelta(hours=1), stage.at))
        correct_entry(later, entry, entry.number, note.title, note.corrected, at, note.confidentiality)


def _read(stage: Stage, dossiers: dict[str, Dossier], patient: Patient, voice: str, at: datetime) -> None:
    acting, dossier = stage.act(voice, Space.DOSSIERS, at), dossiers[patient.key]
    mark_read(acting, dossier)
    record_all([acting.told("dossier.opened", "dossier", dossier.pk)])


def _archive(stage: Stage, dossiers: dict[str, Dossier], patient: Patient, at: datetime) -> None:
    archive_dossier(stage.act(patient.voice, Space.DOSSIERS, at), dossiers[patient.key])


def papers_missing() -> list[tuple[Patient, Paper]]:
    """All of them before the first loading; some after one that was cut."""
    there = set(Document.objects.filter(name__in=FILES).values_list("name", flat=True))
    return [(patient, paper) for patient in PATIENTS for paper in patient.papers if paper.file not in there]


def add_paper(stage: Stage, patient: Patient, paper: Paper) -> None:
    at = min(stage.moment(-paper.days, paper.clock), stage.at)
    acting = stage.act(paper.voice, Space.DOSSIERS, at)
    dossier = Dossier.objects.shared_with(acting.account, stage.at).get(
        family_name=patient.identity.family_name, given_names=patient.identity.given_names
    )
    add_document(
        acting,
        dossier,
        title=paper.title,
        text=paper.text,
        happened_at=at,
        confidentiality=Confidentiality.CIRCLE,
        file=FILES[paper.file](),
    )
