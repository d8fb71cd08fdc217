"""What an import costs: whole commands, each in a process of its own as at night, on invented files.

The peer is the usual way, one `update_or_create` a line, on the first lines of the same file.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter

from django.db import transaction

from accounts.models import Account, AccountKind
from bench.figures import decimal, verdict
from directory.models import ImportRun, LegalEntity, Source, Structure
from spico.web.typography import thousands
from tests.directory.imports import resources as fhir
from tests.directory.imports.builders import finess_lines, finess_number, rpps_lines, write

ROOT = Path(__file__).resolve().parent.parent
STRUCTURES, PEER_ROWS, CHANGED_ONE_IN = 100_000, 2_000, 100
FIRST_BUDGET_S, AGAIN_BUDGET_S = 60, 5
RPPS_LINES, RPPS_BUDGET = 200_000, 20_000
ROR_STRUCTURES, ROR_UNITS = 200, 20
LARGE_BYTES, MEMORY_BUDGET_MB = 300 << 20, 300
HEAD = "finess;etalab;111;2026-05-12"


@dataclass(frozen=True)
class Done:
    """A command that has run."""

    seconds: float
    megabytes: float
    run: ImportRun


def run() -> list[dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="spico-bench-") as folder:
        return [row for measure in (finess, rpps, ror, memory) for row in measure(Path(folder))]


def command(name: str, path: Path, expected: int = 0) -> Done:
    """Its wall time, start of Python included, and the most memory that its process ever held."""
    arguments = [sys.executable, "-m", "django", name, str(path), "--quiet"]
    started = perf_counter()
    with subprocess.Popen(arguments, cwd=ROOT, env=os.environ, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds, run = perf_counter() - started, ImportRun.objects.order_by("-pk")[0]
    if process.returncode != expected:
        raise RuntimeError(f"{name} {path.name}: {process.returncode}, {run.message}")
    return Done(seconds, usage.ru_maxrss / 1024, run)


def row(what: str, done: Done, told: str, *notes: str, peer: str = "") -> dict[str, str]:
    remarks = [*notes, f"{decimal(done.megabytes)} Mo", f"{thousands(done.run.written)} lignes écrites"]
    return {"what": what, "ours": told, "peer": peer, "note": " ; ".join(remarks)}


def seconds(done: Done, budget: float | None = None) -> str:
    told = f"{decimal(done.seconds)} s"
    return f"{told} ({verdict(done.seconds <= budget)})" if budget else told


def finess(folder: Path) -> Iterator[dict[str, str]]:
    stock = write(folder / "stock-20260512.csv", finess_lines(STRUCTURES))
    usual = peer_seconds() * STRUCTURES / PEER_ROWS
    told_peer = f"{decimal(usual)} s sans recherche, extrapolé de {thousands(PEER_ROWS)} lignes"
    first = command("import_finess", stock)
    what = f"FINESS, {thousands(STRUCTURES)} structures et positions, recherche comprise"
    yield row(what, first, seconds(first, FIRST_BUDGET_S), f"budget {FIRST_BUDGET_S} s", peer=told_peer)
    again = command("import_finess", stock)
    is_held = again.seconds <= AGAIN_BUDGET_S and not again.run.written
    told = f"{decimal(again.seconds)} s ({verdict(is_held)})"
    yield row("le même fichier, de nouveau", again, told, f"budget {AGAIN_BUDGET_S} s et rien d’écrit")
    write(stock, (changed(line, rank) for rank, line in enumerate(finess_lines(STRUCTURES))))
    yield row("un mois plus tard : un nom sur cent a changé", done := command("import_finess", stock), seconds(done))


def changed(line: str, rank: int) -> str:
    return line.replace(";R;", ";AV;", 1).replace("DU CAUSSE", "DU GRAND CAUSSE") if not rank % CHANGED_ONE_IN else line


def peer_seconds() -> float:
    """One `update_or_create` a structure with its account, in one transaction, taken back afterwards."""
    started = perf_counter()
    with transaction.atomic():
        for rank in range(PEER_ROWS):
            create_or_update(finess_number(500_000 + rank), f"EHPAD DU CAUSSE {rank}")
        transaction.set_rollback(True)
    return perf_counter() - started


def create_or_update(number: str, name: str) -> None:
    entity, _ = LegalEntity.objects.update_or_create(number=number, defaults={"source": Source.FINESS})
    said = {
        **{"name": name, "legal_entity": entity, "category_id": "500", "source": Source.FINESS},
        **{"address": "3 R DU CAUSSE", "postal_code": "12000", "city": "RODEZ", "opened_on": date(1998, 3, 2)},
    }
    known = Structure.objects.filter(finess=number).first()
    account = known.account if known else Account.objects.create(kind=AccountKind.STRUCTURE, name=name)
    Structure.objects.update_or_create(finess=number, defaults=said, create_defaults=said | {"account": account})


def rpps(folder: Path) -> Iterator[dict[str, str]]:
    extract = write(folder / "PS_LibreAcces_Personne_activite_202609140731.txt", rpps_lines(RPPS_LINES, STRUCTURES))
    for what, is_first in (("premier chargement, recherche comprise", True), ("le même fichier, de nouveau", False)):
        done = command("import_rpps", extract)
        rate = RPPS_LINES / done.seconds
        told = f"{thousands(round(rate))} lignes/s ({verdict(rate >= RPPS_BUDGET)})"
        made = f"{thousands(done.run.created)} personnes créées" if is_first else "rien à écrire"
        yield row(f"RPPS, {thousands(RPPS_LINES)} lignes, {what}", done, told, f"{decimal(done.seconds)} s", made)


def ror(folder: Path) -> Iterator[dict[str, str]]:
    path, bundle = folder / "ror.json", fhir.bundle(*ror_resources())
    path.write_text(json.dumps(bundle))
    count = thousands(len(bundle["entry"]))
    for what in (f"ROR, un Bundle de {count} ressources", "le même fichier, de nouveau"):
        yield row(what, done := command("import_ror", path), seconds(done))


def ror_resources() -> Iterator[fhir.Json]:
    """Structures of the FINESS file, each with units in a pôle and an offer in each unit."""
    for rank in range(ROR_STRUCTURES):
        yield fhir.eg(f"eg{rank}", finess_number(rank), "Organization/ailleurs")
        yield fhir.oi(f"pole{rank}", f"Organization/eg{rank}", kind="1")
        for unit in range(ROR_UNITS):
            yield fhir.oi(f"u{rank}-{unit}", f"Organization/pole{rank}")
            yield fhir.service(f"o{rank}-{unit}", f"Organization/u{rank}-{unit}")


def memory(folder: Path) -> Iterator[dict[str, str]]:
    """Nothing of such a file can be used: all of it is read, its issues are counted, and it is refused."""
    path = folder / "large.csv"
    lines = [*(f"{line};" for line in finess_lines(5_000, with_points=False)), *large_points()]
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{HEAD}\n")
        while file.tell() < LARGE_BYTES:
            file.writelines(f"{line}\n" for line in lines)
    done = command("import_finess", path, expected=1)
    told = f"{decimal(done.megabytes)} Mo ({verdict(done.megabytes <= MEMORY_BUDGET_MB)})"
    said = f"{thousands(done.run.read)} lignes mises de côté ou sans structure, {decimal(done.seconds)} s"
    yield {"what": "mémoire, fichier FINESS de 300 Mo", "ours": told, "peer": "", "note": said}


def large_points() -> Iterator[str]:
    yield from (line for line in finess_lines(5_000) if line.startswith("geolocalisation"))
