"""Reads text files line by line, of any size, whatever their encoding and however broken their lines."""

import codecs
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from directory.imports.errors import ImportRefused

DAY_IN_NAME = re.compile(r"(?<!\d)(20\d{2})-?(\d{2})-?(\d{2})(?:\d{4})?(?!\d)")
CHUNK = 1 << 20
MAX_LINE = 64 * 1024
RAW_LENGTH = 2000
UTF8, WINDOWS = "utf-8", "cp1252"


class Line(NamedTuple):
    """One line of the file. `problem` says why its text cannot be read, `raw` is then what could be."""

    number: int
    text: str
    problem: str = ""


def check_is_file(path: Path) -> None:
    """Refuse what cannot be read as one file, with its reason."""
    if not path.exists():
        raise ImportRefused(f"Le fichier « {path} » n’existe pas.")
    if path.is_dir():
        raise ImportRefused(f"« {path} » est un dossier : donnez le fichier lui-même.")
    if not path.is_file():
        raise ImportRefused(f"« {path} » n’est pas un fichier.")
    if path.stat().st_size == 0:
        raise ImportRefused(f"Le fichier « {path.name} » est vide.")
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError:
        raise ImportRefused(f"Le fichier « {path} » ne peut pas être lu : vérifiez les droits d’accès.") from None


def day_in_name(path: Path) -> date | None:
    """The day that a file's name ends with, as the sources write it: 20260512, with or without the hour."""
    found = DAY_IN_NAME.search(path.name)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def detect_encoding(path: Path) -> str:
    """UTF-8 if the whole file is; else whichever of UTF-8 and Windows-1252 reads more of its accented lines.

    One broken line in a UTF-8 file must not turn every « é » of the others into « Ã© »: it will be set aside alone.
    """
    decoder = codecs.getincrementaldecoder(UTF8)("strict")
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _vote(file)
    return UTF8


def _vote(file: BinaryIO) -> str:
    file.seek(0)
    if file.read(3) == codecs.BOM_UTF8:
        return UTF8
    file.seek(0)
    balance = 0
    while chunk := file.readline(MAX_LINE):
        if not chunk.isascii():
            balance += 1 if _is_utf8(chunk) else -1
    return UTF8 if balance >= 0 else WINDOWS


def _is_utf8(chunk: bytes) -> bool:
    try:
        chunk.decode(UTF8)
    except UnicodeDecodeError:
        return False
    return True


class TextFile:
    """A file on disk, its encoding decided once. `position` tells how many bytes have been read."""

    def __init__(self, path: Path) -> None:
        check_is_file(path)
        self.path = path
        self.size = path.stat().st_size
        self.position = 0
        self.encoding = detect_encoding(path)

    def lines(self) -> Iterator[Line]:
        """Every line that is not blank, numbered from 1 as an editor does; a broken one comes with its problem."""
        with self.path.open("rb") as file:
            if file.read(3) != codecs.BOM_UTF8:
                file.seek(0)
            number = self.position = 0
            while raw := file.readline(MAX_LINE):
                number += 1
                self.position += len(raw)
                if raw[-1:] != b"\n" and len(raw) == MAX_LINE:
                    self._skip_rest(file)
                    yield Line(number, self._readable(raw), "ligne démesurément longue")
                elif b"\0" in raw:
                    yield Line(number, self._readable(raw), "caractère nul (NUL) dans la ligne")
                elif line := self._decoded(number, raw):
                    yield line

    def _decoded(self, number: int, raw: bytes) -> Line | None:
        try:
            text = raw.decode(self.encoding).rstrip("\r\n")
        except UnicodeDecodeError:
            return Line(number, self._readable(raw), f"caractère illisible en {self.encoding.upper()}")
        return Line(number, text) if text and not text.isspace() else None

    def _skip_rest(self, file: BinaryIO) -> None:
        while rest := file.readline(CHUNK):
            self.position += len(rest)
            if rest[-1:] == b"\n":
                return

    def _readable(self, raw: bytes) -> str:
        return raw[: 4 * RAW_LENGTH].decode(self.encoding, "replace").rstrip("\r\n")

    def with_raw(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[tuple[Any, ...], str]]:
        """Rows whose first value is a line number, in order, each with that line's text, read again.

        Cheaper than keeping every line for the few that the database refuses later.
        """
        lines = self.lines()
        line: Line | None = Line(0, "")
        for row in rows:
            while line is not None and line.number < row[0]:
                line = next(lines, None)
            yield row, line.text if line else ""
