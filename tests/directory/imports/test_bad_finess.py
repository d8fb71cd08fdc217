"""Bad input costs its own line, with its reason, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from directory.models import ImportIssue, ImportRun, Structure
from tests.directory.imports.builders import finess_line, finess_number, point_line, write
from tests.directory.imports.conftest import Told, command

pytestmark = pytest.mark.django_db
Finess = Callable[..., Told]
HEAD = "finess;etalab;111;2026-05-12"
BEFORE, AFTER = finess_line(finess_number(1)), finess_line(finess_number(2))
NUMBER = finess_number(3)
GOOD = finess_line(NUMBER)
BAD = {
    "truncated": (GOOD[:40], "champs au lieu de 32"),
    "31 fields": (GOOD.removesuffix(";"), "31 champs au lieu de 32"),
    "33 fields": (GOOD + ";", "33 champs au lieu de 32"),
    "open quote": (GOOD.replace("EHPAD LES", '"EHPAD LES'), "guillemets mal fermés"),
    "text after a quote": (GOOD.replace("EHPAD LES", '"EHPAD" LES'), "guillemets mal fermés"),
    "nul": (GOOD.replace("GENETS", "GEN\0ETS"), "NUL"),
    "no such date": (finess_line(NUMBER, dateouv="99/99/9999"), "date d’ouverture illisible : « 99/99/9999 »"),
    "no such update": (finess_line(NUMBER, datemaj="2026-13-01"), "date de mise à jour illisible"),
    "short number": (finess_line(NUMBER[:8]), "numéro FINESS invalide"),
    "no number": (finess_line(""), "numéro FINESS invalide"),
    "number in another alphabet": (finess_line("１２0000012"), "numéro FINESS invalide"),
    "bad entity": (finess_line(NUMBER, nofinessej="12"), "numéro de l’entité juridique invalide"),
    "no name": (finess_line(NUMBER, rs=""), "raison sociale absente"),
    "name too long": (finess_line(NUMBER, rs="A" * 256), "raison sociale : 256 caractères, 255 au plus"),
    "phone too long": (finess_line(NUMBER, telephone="0" * 21), "téléphone : 21 caractères"),
    "line too long": (finess_line(NUMBER, rs="A" * 70_000), "démesurément longue"),
    "unknown kind": ("structureej;120990001;X", "type de ligne inconnu"),
    "another comment": (HEAD, "type de ligne inconnu"),
    "position without fields": ("geolocalisation;120990001", "2 champs"),
    "position of nobody": (point_line("12", 1, 1), "numéro FINESS invalide"),
    "same number, other content": (finess_line(finess_number(1), rs="AUTRE"), "même numéro FINESS que la ligne 2"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_line_is_set_aside_and_the_rest_goes_in(finess: Finess, case: str) -> None:
    line, reason = BAD[case]
    told = finess([HEAD, BEFORE, line, AFTER])
    assert told.status == 3
    assert set(Structure.objects.values_list("finess", flat=True)) == {finess_number(1), finess_number(2)}
    issue = ImportIssue.objects.get(is_warning=False)
    assert reason.casefold() in issue.reason.casefold()
    assert (issue.file, issue.line) == ("stock.csv", 3)
    assert issue.raw == line.replace("\0", "␀")[:2000]
    assert (told.run.set_aside, told.run.read, told.run.created) == (1, 3, 2)


def test_the_name_of_the_first_of_two_lines_stays(finess: Finess) -> None:
    finess([HEAD, BEFORE, finess_line(finess_number(1), rs="AUTRE")])
    assert Structure.objects.get().name == "EHPAD LES GENETS"


def test_an_identical_line_is_a_remark(finess: Finess) -> None:
    told = finess([HEAD, BEFORE, AFTER, BEFORE])
    assert (told.status, told.run.created, told.run.set_aside) == (0, 2, 0)
    assert told.remarks == ["Répète la ligne 2 à l’identique."]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_accents_are_kept_whatever_the_encoding(finess: Finess, encoding: str) -> None:
    told = finess([HEAD, finess_line(NUMBER, rs="FOYER DES GENÊTS D’ŒUVRE")], encoding=encoding)
    assert (told.status, Structure.objects.get().name) == (0, "FOYER DES GENÊTS D’ŒUVRE")


def test_quoted_values_are_read(finess: Finess) -> None:
    finess([HEAD, finess_line(NUMBER, rs='"FOYER ""LE VALLON""; ANNEXE"')])
    assert Structure.objects.get().name == 'FOYER "LE VALLON"; ANNEXE'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "est vide"),
        (b"finess;etalab;111;2026-05-12\n", "aucun établissement lisible"),
        (b"structureet;12\n", "aucun établissement lisible"),
        (b"nom,prenom\nLacombelle,Odilon\n" * 600, "n’est pas un fichier FINESS"),
        (bytes(range(256)) * 50, "n’est pas un fichier FINESS"),
        ("structureet;é\n".encode("utf-16"), "n’est pas un fichier FINESS"),
        (b'{"resourceType": "Bundle"}', "n’est pas un fichier FINESS"),
    ],
)
def test_what_is_not_finess_is_refused(db: None, tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "fichier.csv"
    path.write_bytes(content)
    told = command("import_finess", path)
    assert told.status == 1
    assert reason in told.output
    assert (told.run.state, told.run.written, Structure.objects.count()) == ("refused", 0, 0)


def test_a_folder_is_refused(db: None, tmp_path: Path) -> None:
    told = command("import_finess", tmp_path)
    assert (told.status, told.run.state) == (1, "refused")
    assert "est un dossier" in told.output


def test_a_path_that_is_nowhere_leaves_no_trace(db: None, tmp_path: Path) -> None:
    assert command("import_finess", tmp_path / "absent.csv").status == 1
    assert not ImportRun.objects.exists()


def test_a_refused_whole_file_closes_nothing(finess: Finess, tmp_path: Path) -> None:
    finess([HEAD, BEFORE])
    told = command("import_finess", write(tmp_path / "vide.csv", [HEAD]))
    assert told.status == 1
    assert Structure.objects.get().closed_on is None
