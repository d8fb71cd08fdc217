"""Is this a file that one may add? Asked of its content, whatever its name says, before anything is kept."""

import hashlib
import json
import re
import subprocess
import sys
import tempfile
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile

from delegations.errors import No, Refused
from spico.web.typography import NBSP
from workspace.models import ContentType
from workspace.typed import one_line

MEGABYTES = 20
MOST_BYTES = MEGABYTES * 1024 * 1024
LONGEST_NAME = 150
READER = Path(__file__).with_name("file_reader.py")
SECONDS = 20
# Each reading may hold a gigabyte: the others wait for their turn.
AT_ONCE = 2
EXTENSIONS = {ContentType.PDF: ".pdf", ContentType.PNG: ".png", ContentType.JPEG: ".jpg"}
KNOWN_EXTENSION = re.compile(r"\.(pdf|png|jpe?g|jpe|jfif) *$", re.IGNORECASE)
# What one of the systems that people save it on does not allow in a name.
NOT_IN_NAMES = str.maketrans(dict.fromkeys('<>:"|?*', "-"))

MISSING = "Choisissez un fichier."
EMPTY = "Ce fichier est vide."
TOO_BIG = f"Ce fichier dépasse {MEGABYTES}{NBSP}Mo{NBSP}: allégez-le, ou ajoutez-le en plusieurs parties."
BUSY = f"Beaucoup de fichiers arrivent en ce moment{NBSP}: ajoutez de nouveau le vôtre dans une minute."
BROKEN = (
    f"Ce fichier est abîmé ou incomplet{NBSP}: ouvrez-le, enregistrez-le de nouveau, puis ajoutez cette nouvelle copie."
)
HEAVY = f"Déplié, ce fichier serait trop lourd pour qui l’ouvre{NBSP}: enregistrez-en une copie plus légère."
SENTENCES = {
    "unknown": "Ce fichier n’est ni un PDF, ni une image PNG ou JPEG, quoi que dise son nom.",
    "broken": BROKEN,
    "encrypted": (
        f"Ce PDF est protégé par un mot de passe ou des restrictions{NBSP}: enregistrez-en une copie sans protection."
    ),
    "active": (
        f"Ce PDF contient plus que des pages (programme, formulaire actif, fichier joint){NBSP}: imprimez-le en PDF, "
        "puis ajoutez cette copie."
    ),
    "pixels": f"Cette image compte plus de 80{NBSP}millions de points{NBSP}: réduisez-la.",
    "two_in_one": f"Ce fichier en cache un autre{NBSP}: enregistrez-en une copie, puis ajoutez-la.",
    "heavy": HEAVY,
}
_turn = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Checked:
    """What to keep: the first `size` bytes of the file, under `name`."""

    content_type: ContentType
    size: int
    sha256: str
    name: str


def check_file(uploaded: UploadedFile) -> Checked:
    """`Refused`, with `field="file"`, for all that is not a sound PDF, PNG or JPEG of 20 Mo at most."""
    if not uploaded.size:
        raise _refused(EMPTY)
    if uploaded.size > MOST_BYTES:
        raise _refused(TOO_BIG)
    with _on_disk(uploaded) as file:
        content_type, size = _read(file)
        file.seek(0)
        digest = hashlib.sha256(file.read(size)).hexdigest()
    return Checked(content_type, size, digest, clean_name(uploaded.name or "", content_type))


def clean_name(given: str, content_type: ContentType) -> str:
    """No folder, no sign that is not seen, and the extension of what the file is."""
    base = one_line(given).replace("\\", "/").rpartition("/")[2].translate(NOT_IN_NAMES)
    seen = "".join(sign for sign in base if not unicodedata.category(sign).startswith("C"))
    stem, extension = KNOWN_EXTENSION.sub("", seen).strip(". "), EXTENSIONS[content_type]
    return (stem[: LONGEST_NAME - len(extension)].rstrip(". ") or "document") + extension


@contextmanager
def _on_disk(uploaded: UploadedFile) -> Iterator[BinaryIO]:
    if isinstance(uploaded, TemporaryUploadedFile):
        with Path(uploaded.temporary_file_path()).open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as copy:
        for chunk in uploaded.chunks():
            copy.write(chunk)
        copy.seek(0)
        yield copy


def _read(file: BinaryIO) -> tuple[ContentType, int]:
    """By `file_reader`, in a process of its own: whatever the file does to it ends there."""
    if not _turn.acquire(timeout=SECONDS):
        raise Refused(BUSY, No.CONFLICT, "file")
    try:
        done = subprocess.run(  # noqa: S603, our own program, and the file is no argument
            [sys.executable, "-I", str(READER)],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _refused(HEAVY) from error
    finally:
        _turn.release()
    if done.returncode:
        raise _refused(HEAVY if done.returncode < 0 else BROKEN)
    said = json.loads(done.stdout)
    if "no" in said:
        raise _refused(SENTENCES[said["no"]])
    return ContentType(said["type"]), said["length"]


def _refused(sentence: str) -> Refused:
    return Refused(sentence, field="file")
