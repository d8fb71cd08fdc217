"""Where the files of documents lie: outside all that is served, named by a key that nobody is shown.

A file is there before its row is committed, and leaves when the row does not come; `faults` names what a crash between
the two left.
"""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.core.files.base import File

from workspace.models import Document

PART = ".part"
# A file of which the row may still be on its way is no fault.
ON_ITS_WAY_SECONDS = 3600


def path_of(key: UUID) -> Path:
    name = str(key)
    return Path(settings.DOCUMENTS_ROOT) / name[:2] / name[2:4] / name


@contextmanager
def kept(key: UUID, file: File, size: int) -> Iterator[None]:
    """The first `size` bytes of the file are in the store. Around the transaction that writes the row: when that
    fails, the file leaves."""
    place = path_of(key)
    try:
        _write(place, file, size)
        yield
    except BaseException:
        place.unlink(missing_ok=True)
        raise


def _write(place: Path, file: File, size: int) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = place.with_name(place.name + PART)
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:  # noqa: PTH123, the mode
            for chunk in file.chunks():
                written.write(chunk[:size])
                size -= min(size, len(chunk))
            written.flush()
            os.fsync(written.fileno())
        part.rename(place)
    finally:
        part.unlink(missing_ok=True)


def open_file(document: Document) -> BinaryIO:
    """`OSError` when it is not in its place."""
    return path_of(document.key).open("rb")


@dataclass(frozen=True)
class Fault:
    """`key`: of a row, or of a file without one. Never the name that the person gave."""

    what: str
    key: str


MISSING, CHANGED, UNKNOWN = "document sans fichier", "fichier différent de son document", "fichier sans document"


def faults(*, contents: bool = False) -> Iterator[Fault]:
    """`contents`: reads every file and compares its digest, rather than its size alone."""
    for document in Document.objects.order_by("pk").iterator(chunk_size=500):
        place = path_of(document.key)
        if not place.is_file():
            yield Fault(MISSING, str(document.pk))
        elif place.stat().st_size != document.size or (contents and _digest(place) != document.sha256):
            yield Fault(CHANGED, str(document.pk))
    yield from _unknown_files()


def _unknown_files() -> Iterator[Fault]:
    """A folder at a time: of a million files, few names are held at once."""
    settled = time.time() - ON_ITS_WAY_SECONDS
    for folder in sorted(Path(settings.DOCUMENTS_ROOT).glob("*/*")):
        found = {file.name: file for file in folder.iterdir() if file.stat().st_mtime < settled}
        keys = [key for name in found if (key := _key(name))]
        known = {str(key) for key in Document.objects.filter(key__in=keys).values_list("key", flat=True)}
        yield from (Fault(UNKNOWN, name) for name in sorted(found.keys() - known))


def _key(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def _digest(place: Path) -> str:
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
