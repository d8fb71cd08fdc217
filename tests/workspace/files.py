"""Files that people add: sound ones, and those that somebody made to harm."""

import zipfile
import zlib
from io import BytesIO

import pikepdf
from PIL import Image


def image(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object) -> bytes:
    written = BytesIO()
    Image.new(mode, size).save(written, kind, **options)  # type: ignore[arg-type]
    return written.getvalue()


def pdf(**options: object) -> bytes:
    written = BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(written, **options)  # type: ignore[arg-type]
    return written.getvalue()


def written_pdf(*more: bytes, catalog: bytes = b"", page: bytes = b"") -> bytes:
    """By hand, byte by byte: one page, then the objects `more` (from number 4)."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] " + page + b" >>",
        *more,
    ]
    text, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(text))
        text += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(text))
    return text + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def stream(packed: bytes, filters: bytes, more: bytes = b"") -> bytes:
    return b"<< /Length %d /Filter %b %b >>\nstream\n%b\nendstream" % (len(packed), filters, more, packed)


def zeros(megabytes: int) -> bytes:
    """So much nothing, packed: one block again and again, since packing gigabytes takes a while."""
    packing = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = packing.compress(bytes(1024 * 1024)) + packing.flush(zlib.Z_FULL_FLUSH)
    return b"\x78\xda" + block * megabytes


def archive() -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        made.writestr("facture.exe", b"MZ")
    return written.getvalue()


def png_with_archive() -> bytes:
    """A sound image, and an archive to whoever unpacks it: in a chunk that images readers skip."""
    whole, hidden = image("PNG"), archive()
    chunk = len(hidden).to_bytes(4, "big") + b"prVt" + hidden + zlib.crc32(b"prVt" + hidden).to_bytes(4, "big")
    return whole[:-12] + chunk + whole[-12:]
