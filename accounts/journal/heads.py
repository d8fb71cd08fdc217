"""The head of the chain leaves the database every day: without it, whoever owns the database could cut the tail, or
make the whole chain anew, and nobody would see it."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from accounts.models import JournalSeal


@dataclass(frozen=True)
class Head:
    """A link of the chain, as it leaves the database; its hash in hexadecimal."""

    number: int
    hash: str


class HeadFileRefused(Exception):
    """Its text is a French sentence."""


def head() -> JournalSeal | None:
    """The last link of the chain; None while nothing is sealed."""
    return JournalSeal.objects.order_by("-number").first()


def export_head(path: Path, at: datetime) -> JournalSeal | None:
    """Append the head to the file, one JSON line; None while nothing is sealed. `HeadFileRefused` when it cannot."""
    last = head()
    if last is None:
        return None
    told = {
        "number": last.number,
        "hash": bytes(last.hash).hex(),
        "sealed_at": last.sealed_at.astimezone(UTC).isoformat(),
        "exported_at": at.astimezone(UTC).isoformat(),
    }
    try:
        _append(path, f"{json.dumps(told)}\n".encode())
    except OSError as error:
        raise HeadFileRefused(
            f"La tête du journal n’a pas pu être écrite dans « {path} » : {error.strerror}. "
            "Indiquez dans JOURNAL_HEAD_FILE un fichier où SPICO peut écrire."
        ) from error
    return last


def _append(path: Path, line: bytes) -> None:
    """In one write, on the disk before anybody is told; a line cut by a full disk is taken back."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        before = os.fstat(file).st_size
        if os.write(file, line) != len(line):
            os.ftruncate(file, before)
            raise OSError(28, "plus de place sur le disque")
        os.fsync(file)
    finally:
        os.close(file)


def read_heads(path: Path) -> dict[int, Head]:
    """Every head of such a file, by number. `HeadFileRefused` when it is not one, or tells two hashes of one link."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise HeadFileRefused(f"« {path} » ne se lit pas.") from error
    heads: dict[int, Head] = {}
    for rank, line in enumerate(lines, start=1):
        found = _read_line(path, rank, line)
        if heads.setdefault(found.number, found) != found:
            raise HeadFileRefused(f"« {path} », ligne {rank} : le sceau n° {found.number} y a deux empreintes.")
    if not heads:
        raise HeadFileRefused(f"« {path} » ne contient aucune tête du journal.")
    return heads


def _read_line(path: Path, rank: int, line: str) -> Head:
    try:
        told = json.loads(line)
        return Head(int(told["number"]), bytes.fromhex(told["hash"]).hex())
    except (ValueError, KeyError, TypeError) as error:
        raise HeadFileRefused(f"« {path} », ligne {rank} : ce n’est pas une tête du journal.") from error
