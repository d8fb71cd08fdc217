"""Reads one file that nobody trusts, in a process of its own: `python -I file_reader.py < file`.

What makes a library loop, swell or crash ends this process and nothing else. It knows no settings and no database; it
answers one line of JSON: {"type", "length"} (what follows the end of an image is not part of it), or {"no": why}.
"""

import json
import os
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
from PIL import Image

MEGABYTE = 1024 * 1024
PIECE = 64 * 1024
MEMORY = 1024 * MEGABYTE
CPU_SECONDS = 15
# 600 points an inch on A3; 108 on a telephone are rarer than attacks.
MOST_PIXELS = 80_000_000
MOST_UNPACKED = 512 * MEGABYTE
# Of one stream that more than one filter unpacks: qpdf holds it whole.
MOST_HELD = 192 * MEGABYTE
MOST_PAGES = 5_000
MOST_OBJECTS = 1_000_000
DEEPEST = 100

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
PNG_BEGINS, JPEG_BEGINS, PDF_BEGINS = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-"
# Actions that run, reach out or carry away; what hides a file or a scene in a page.
ACTIVE_NAMES = {
    "/S": {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/Movie", "/Sound", "/GoToE"},
    "/Subtype": {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"},
    "/Type": {"/EmbeddedFile"},
}
ACTIVE_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent"}
OF_IMAGES = {"/DCTDecode", "/DCT", "/JPXDecode", "/JBIG2Decode", "/CCITTFaxDecode", "/CCF"}
PACKING = {"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"}


class No(Exception):
    """`why`: a word that `workspace.files` has a sentence for."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def read(data: bytes) -> tuple[str, int]:
    """The content's own type and length, whatever its name was."""
    if data.startswith(PDF_BEGINS):
        read_pdf(data)
        found = PDF, len(data)
    elif data.startswith(PNG_BEGINS):
        found = PNG, read_image(data[: png_length(data)], "PNG")
    elif data.startswith(JPEG_BEGINS):
        found = JPEG, read_image(data[: jpeg_length(data)], "JPEG")
    else:
        raise No("unknown")
    if zipfile.is_zipfile(BytesIO(data[: found[1]])):
        raise No("two_in_one")
    return found


# --- Images ----------------------------------------------------------------------------------------------------------


def png_length(data: bytes) -> int:
    """Until the end of its last chunk."""
    at = len(PNG_BEGINS)
    while at + 12 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        at += size + 12
        if kind == b"IEND" and at <= len(data):
            return at
    raise No("broken")


def jpeg_length(data: bytes) -> int:
    """Until its end marker; those of the miniatures that its segments hold do not count."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise No("broken")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker == 0xD9:
            return at + 2
        else:
            size = int.from_bytes(data[at + 2 : at + 4], "big")
            at = at + 2 + size if size >= 2 else len(data)
            if marker == 0xDA:
                at = _after_the_scan(data, at)
    if data[at : at + 2] == b"\xff\xd9":
        return at + 2
    raise No("broken")


MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def _after_the_scan(data: bytes, at: int) -> int:
    found = MARKER.search(data, at)
    return found.start() if found else len(data)


def read_image(data: bytes, kind: str) -> int:
    # Pillow's own limit warns first; ours is asked before a single point is decoded.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(BytesIO(data), formats=(kind,)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise No("pixels")
            image.verify()
        with Image.open(BytesIO(data), formats=(kind,)) as image:
            if kind == "JPEG":
                # All of the file is read, an eighth of its points are drawn.
                image.draft("L", (image.width // 8, image.height // 8))
            image.load()
    except MemoryError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, zlib.error) as error:
        raise No("broken") from error
    return len(data)


# --- PDF -------------------------------------------------------------------------------------------------------------


def read_pdf(data: bytes) -> None:
    if b"%%EOF" not in data[-1024:]:
        raise No("broken")
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=MOST_HELD, png_max_memory=MOST_HELD, tiff_max_memory=MOST_HELD, doc_max_warnings=100
    )
    try:
        with pikepdf.open(BytesIO(data), attempt_recovery=False) as pdf:
            if pdf.is_encrypted:
                raise No("encrypted")
            if not 0 < len(pdf.pages) <= MOST_PAGES:
                raise No("broken" if not len(pdf.pages) else "heavy")
            if len(pdf.objects) > MOST_OBJECTS:
                raise No("heavy")
            _read_objects(pdf)
    except pikepdf.PasswordError as error:
        raise No("encrypted") from error
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError, AttributeError) as error:
        raise No("heavy" if "limit" in str(error) else "broken") from error


def _read_objects(pdf: Any) -> None:
    unpacked = 0
    for found in pdf.objects:
        _check_still(found)
        if isinstance(found, pikepdf.Stream):
            unpacked += _unpacked(found)
            if unpacked > MOST_UNPACKED:
                raise No("heavy")


def _check_still(top: Any) -> None:
    """Nothing in this object runs, reaches out or hides a file. Indirect ones come in their turn."""
    waiting = [(top, 0)]
    while waiting:
        found, depth = waiting.pop()
        if depth > DEEPEST:
            raise No("heavy")
        if isinstance(found, pikepdf.Array):
            below = list(found)
        elif isinstance(found, (pikepdf.Dictionary, pikepdf.Stream)):
            inside = dict(found.items())
            _check_names(inside)
            below = list(inside.values())
        else:
            continue
        waiting += [(one, depth + 1) for one in below if isinstance(one, pikepdf.Object) and not one.is_indirect]


def _check_names(inside: dict[str, Any]) -> None:
    is_active = not ACTIVE_KEYS.isdisjoint(inside) or any(
        key in inside and str(inside[key]) in names for key, names in ACTIVE_NAMES.items()
    )
    if is_active:
        raise No("active")


def _unpacked(stream: Any) -> int:
    """How many bytes a reader would hold of it, counted without holding them."""
    width, height = stream.get("/Width"), stream.get("/Height")
    if isinstance(width, int) and isinstance(height, int) and width * height > MOST_PIXELS:
        raise No("pixels")
    # What is left is an image's own packing, bounded by its points.
    filters = [one for one in _filters(stream) if one not in OF_IMAGES]
    if filters in (["/FlateDecode"], ["/Fl"]):
        return _inflated(stream.read_raw_bytes())
    if not PACKING.isdisjoint(filters):
        with pikepdf.new() as apart:
            alike = pikepdf.Stream(apart, b"")
            names = pikepdf.Array([pikepdf.Name(one) for one in filters])
            alike.write(stream.read_raw_bytes(), filter=names, type_check=False)
            return len(alike.read_bytes(pikepdf.StreamDecodeLevel.specialized))
    return 0


def _filters(stream: Any) -> Iterator[str]:
    given = stream.get("/Filter")
    if given is None:
        return
    yield from (str(one) for one in given) if isinstance(given, pikepdf.Array) else (str(given),)


def _inflated(packed: bytes) -> int:
    inflater, total = zlib.decompressobj(), 0
    try:
        for at in range(0, len(packed), PIECE):
            waiting = packed[at : at + PIECE]
            while waiting and not inflater.eof:
                total += len(inflater.decompress(waiting, MEGABYTE))
                waiting = inflater.unconsumed_tail
                if total > MOST_UNPACKED:
                    raise No("heavy")
    except zlib.error:
        # Readers show what came before; so much is what it weighs.
        return total
    return total


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    try:
        kind, length = read(sys.stdin.buffer.read())
        said: dict[str, object] = {"type": kind, "length": length}
    except No as no:
        said = {"no": no.why}
    except (MemoryError, RecursionError):
        said = {"no": "heavy"}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
