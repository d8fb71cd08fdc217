"""Two documents drawn by code, small and with no metadata: a report and a weight curve."""

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

REPORT = (
    ("Hôpital de jour - Bilan de chute", 16),
    ("Document fictif de la démonstration de SPICO", 10),
    ("", 10),
    ("Motif : chute sans gravité au lever, à l'EHPAD.", 11),
    ("Examen : pas de lésion, pas de douleur à la mobilisation.", 11),
    ("Tension : 13/7 couchée, 10/6 debout à une minute.", 11),
    ("Équilibre : se lève de la chaise en 14 secondes, marche prudente.", 11),
    ("", 10),
    ("Conclusion : hypotension au lever. Traitement du soir allégé.", 11),
    ("Kinésithérapie : deux séances par semaine pendant six semaines.", 11),
    ("À revoir dans deux mois, ou avant en cas de nouvelle chute.", 11),
)
WEIGHTS = (48.0, 47.6, 47.3, 46.9, 46.2, 46.4, 46.9)


def bilan() -> SimpleUploadedFile:
    lines, height = [b"BT"], 780
    for text, size in REPORT:
        shown = text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        lines.append(b"/F1 %d Tf 1 0 0 1 60 %d Tm (%b) Tj" % (size, height, shown))
        height -= size + 10
    drawn = b"\n".join([*lines, b"ET"])
    return SimpleUploadedFile("bilan-de-chute.pdf", _pdf(drawn), "application/pdf")


def _pdf(drawn: bytes) -> bytes:
    """One page, in the font that every reader has."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    text, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(text))
        text += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(text))
    return text + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def courbe() -> SimpleUploadedFile:
    picture = Image.new("RGB", (720, 420), "white")
    draw = ImageDraw.Draw(picture)
    points = [(60 + 100 * rank, 380 - round((weight - 45) * 110)) for rank, weight in enumerate(WEIGHTS)]
    for rank in range(4):
        level = 380 - 110 * rank
        draw.line([(60, level), (690, level)], "#d8dde6")
        draw.text((14, level - 6), f"{45 + rank} kg", "#3a4456")
    draw.line(points, "#0b6e6e", 4)
    for left, top in points:
        draw.ellipse([left - 6, top - 6, left + 6, top + 6], "#0b6e6e")
    written = BytesIO()
    picture.save(written, "PNG", optimize=True)
    return SimpleUploadedFile("courbe-de-poids.png", written.getvalue(), "image/png")


FILES = {"bilan-de-chute.pdf": bilan, "courbe-de-poids.png": courbe}
