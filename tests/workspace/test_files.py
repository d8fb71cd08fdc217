"""What may be added to a dossier: the content says so, not the name; and nothing that a file does goes further."""

import os
import subprocess
import sys
import time
import zlib
from base64 import a85encode
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from delegations.errors import Refused
from tests.workspace.files import archive, image, pdf, png_with_archive, stream, written_pdf, zeros
from workspace import files
from workspace.file_reader import No, read
from workspace.files import check_file, clean_name
from workspace.models import ContentType

JS = b"/S /JavaScript /JS (app.alert(1))"
PROGRAM = b"MZ\x90\x00" + bytes(200)


def uploaded(data: bytes, name: str = "compte-rendu.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "application/pdf")


def said_of(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        check_file(uploaded(data))
    assert refused.value.field == "file"
    return refused.value.sentence


@pytest.mark.parametrize(
    ("data", "content_type", "name"),
    [
        (pdf(), ContentType.PDF, "compte-rendu.pdf"),
        (image("PNG"), ContentType.PNG, "compte-rendu.png"),
        (image("JPEG"), ContentType.JPEG, "compte-rendu.jpg"),
    ],
    ids=["pdf", "png", "jpeg"],
)
def test_a_sound_file_is_what_its_content_says(data: bytes, content_type: ContentType, name: str) -> None:
    checked = check_file(uploaded(data))
    assert (checked.content_type, checked.size, checked.name) == (content_type, len(data), name)


SOUND: dict[str, Callable[[], bytes]] = {
    "a compressed PDF": lambda: pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "a PDF written by hand": written_pdf,
    "a PDF that leads to a site": lambda: written_pdf(
        page=b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 1 1] /A << /S /URI /URI (https://a.example) >> >>]"
    ),
    "a PDF with a photograph": lambda: written_pdf(stream(image("JPEG"), b"/DCTDecode")),
    "a PDF with a photograph in letters": lambda: written_pdf(
        stream(a85encode(zlib.compress(image("JPEG"))) + b"~>", b"[/ASCII85Decode /FlateDecode /DCTDecode]")
    ),
    "a PDF with what was packed twice": lambda: written_pdf(
        stream(zlib.compress(zlib.compress(bytes(300))), b"[/FlateDecode /FlateDecode]")
    ),
    "a progressive JPEG": lambda: image("JPEG", progressive=True),
    "a JPEG in four inks": lambda: image("JPEG", mode="CMYK"),
    "a grey PNG": lambda: image("PNG", mode="L"),
    "a PNG with a palette": lambda: image("PNG", mode="P"),
    "a scanned A3 page": lambda: image("PNG", (4961, 7016), "1"),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_people_really_have_passes(name: str) -> None:
    data = SOUND[name]()
    assert read(data)[1] == len(data)


HARMFUL: dict[str, tuple[Callable[[], bytes], str]] = {
    "a program": (lambda: PROGRAM, "unknown"),
    "a page of the web": (lambda: b"<html><script>alert(1)</script>", "unknown"),
    "a drawing with a script": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "unknown"),
    "an animation": (lambda: image("GIF"), "unknown"),
    "an archive": (archive, "unknown"),
    "a PDF after a page of the web": (lambda: b"<script>alert(1)</script>" + pdf(), "unknown"),
    "a PDF with an archive behind": (lambda: pdf() + archive() + b"%%EOF", "two_in_one"),
    "an image with an archive inside": (png_with_archive, "two_in_one"),
    "a magic number alone": (lambda: b"%PDF-1.7", "broken"),
    "a PDF of noise": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 20 + b"\n%%EOF", "broken"),
    "half a PDF": (lambda: pdf()[:250], "broken"),
    "a PDF with a false table": (lambda: written_pdf().replace(b"startxref\n", b"startxref\n9"), "broken"),
    "a PDF without a page": (lambda: written_pdf().replace(b"[3 0 R] /Count 1", b"[     ] /Count 0"), "broken"),
    "half a PNG": (lambda: image("PNG")[:-20], "broken"),
    "a PNG that lies about its points": (lambda: image("PNG")[:60] + bytes(20) + image("PNG")[80:], "broken"),
    "half a JPEG": (lambda: image("JPEG", (400, 300))[:-400], "broken"),
    "a JPEG without an image": (lambda: b"\xff\xd8\xff\xe0\x00\x04ab\xff\xd9", "broken"),
    "an endless segment": (lambda: b"\xff\xd8\xff\xe0\x00\x00" * 1000, "broken"),
    "a PDF with a password": (lambda: pdf(encryption=pikepdf.Encryption(user="a", owner="b")), "encrypted"),
    "a PDF with restrictions": (lambda: pdf(encryption=pikepdf.Encryption(user="", owner="b")), "encrypted"),
    "a script at opening": (lambda: written_pdf(catalog=b"/OpenAction << " + JS + b" >>"), "active"),
    "a script under another spelling": (
        lambda: written_pdf(catalog=b"/OpenAction << /S /J#61vaScript /J#53 (x) >>"),
        "active",
    ),
    "a script far down": (
        lambda: written_pdf(b"<< /A [[[ << /Next 5 0 R >> ]]] >>", b"<< " + JS + b" >>"),
        "active",
    ),
    "a program to launch": (lambda: written_pdf(catalog=b"/OpenAction << /S /Launch /F (cmd.exe) >>"), "active"),
    "answers sent away": (lambda: written_pdf(page=b"/AA << /O << /S /SubmitForm /F (https://a) >> >>"), "active"),
    "a file inside": (lambda: written_pdf(b"<< /Type /Filespec /F (a.exe) /EF << /F 3 0 R >> >>"), "active"),
    "an active form": (lambda: written_pdf(catalog=b"/AcroForm << /XFA (x) >>"), "active"),
    "a deep nest": (lambda: written_pdf(b"[" * 400 + b"]" * 400), "heavy"),
    "an image of a wall": (lambda: image("PNG", (10_000, 9_000), "1"), "pixels"),
    "an image of a wall in a PDF": (
        lambda: written_pdf(stream(zlib.compress(b"x"), b"/FlateDecode", b"/Width 99999 /Height 99999")),
        "pixels",
    ),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_what_harms_is_refused_for_what_it_is(name: str) -> None:
    data, why = HARMFUL[name]
    with pytest.raises(No) as no:
        read(data())
    assert no.value.why == why
    assert files.SENTENCES[why].endswith(".")


def test_what_follows_an_image_is_not_kept() -> None:
    data = image("JPEG")
    hidden = data + b"<script>alert(1)</script>" + archive()
    checked = check_file(uploaded(hidden, "photo.jpeg"))
    assert (checked.size, checked.sha256) == (len(data), check_file(uploaded(data)).sha256)


@pytest.mark.parametrize(
    "bomb",
    [
        lambda: written_pdf(stream(zeros(4000), b"/FlateDecode")),
        lambda: written_pdf(stream(zlib.compress(zeros(3000)), b"[/FlateDecode /FlateDecode]")),
        lambda: written_pdf(*[stream(zeros(60), b"/FlateDecode")] * 10),
        lambda: written_pdf(stream(b"\x81\x00" * 9_000_000, b"/RunLengthDecode")),
        lambda: written_pdf(stream(a85encode(zeros(3000)) + b"~>", b"[/ASCII85Decode /FlateDecode /DCTDecode]")),
    ],
    ids=["one stream", "packed twice", "many streams", "repetition", "in letters"],
)
def test_a_pdf_that_unpacks_to_gigabytes_is_refused_in_time(bomb: Callable[[], bytes]) -> None:
    data, begun = bomb(), time.monotonic()
    assert len(data) < files.MOST_BYTES
    assert said_of(data) == files.HEAVY
    assert time.monotonic() - begun < files.SECONDS


def test_the_reader_holds_a_gigabyte_at_most(tmp_path: Path) -> None:
    """Asked of the process itself, since a limit that is not set fails nowhere else."""
    program = tmp_path / "swells.py"
    text = files.READER.read_text().replace("read(sys.stdin.buffer.read())", "(str(len(bytes(2 * MEMORY))), 0)")
    program.write_text(text)
    done = subprocess.run([sys.executable, "-I", program], input=b"", capture_output=True, check=True)
    assert done.stdout == b'{"no": "heavy"}'


@pytest.mark.parametrize("death", ["time.sleep(60)", "os.kill(os.getpid(), 11)", "os._exit(3)"])
def test_a_reader_that_hangs_or_dies_is_a_refusal(death: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "dies.py"
    program.write_text(f"import os, time\n{death}\n")
    monkeypatch.setattr(files, "READER", program)
    monkeypatch.setattr(files, "SECONDS", 1)
    assert said_of(pdf()) == (files.BROKEN if "exit" in death else files.HEAVY)


def test_when_too_many_files_are_read_at_once_one_is_asked_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SECONDS", 0.01)
    for _ in range(files.AT_ONCE):
        files._turn.acquire()
    try:
        assert said_of(pdf()) == files.BUSY
    finally:
        files._turn.release(files.AT_ONCE)


def test_an_empty_file_and_a_file_of_21_megabytes_are_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "READER", Path(os.devnull) / "nothing")
    assert said_of(b"") == files.EMPTY
    assert said_of(b"%PDF-" + bytes(21 * 1024 * 1024)) == files.TOO_BIG


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("compte-rendu.pdf", "compte-rendu.pdf"),
        ("Compte rendu du 12.03.pdf", "Compte rendu du 12.03.pdf"),
        ("COMPTE-RENDU.PDF", "COMPTE-RENDU.pdf"),
        ("photo.png", "photo.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\windows\\system.ini", "system.ini.pdf"),
        ("facture\u202efdp.exe", "facturefdp.exe.pdf"),
        ("a\u2066b\u200f\u200bc\x00d\r\n.pdf", "abcd.pdf"),
        ("facture.pdf\r\nSet-Cookie: a=b", "facture.pdf Set-Cookie- a=b.pdf"),
        ('"><script>.pdf', "---script-.pdf"),
        ("..", "document.pdf"),
        (".pdf", "document.pdf"),
        ("", "document.pdf"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
    ],
)
def test_a_name_is_a_name_and_nothing_else(given: str, kept: str) -> None:
    assert clean_name(given, ContentType.PDF) == kept
