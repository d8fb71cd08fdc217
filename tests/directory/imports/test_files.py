from datetime import date
from pathlib import Path

import pytest

from directory.imports.errors import ImportRefused
from directory.imports.files import MAX_LINE, TextFile, day_in_name


def lines_of(path: Path, content: bytes) -> list[tuple[int, str, str]]:
    path.write_bytes(content)
    return [(line.number, line.text, line.problem) for line in TextFile(path).lines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fichier.csv"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_an_accented_file_is_read_whatever_its_encoding(path: Path, encoding: str) -> None:
    assert lines_of(path, "hôpital\nŒuvre d’été\n".encode(encoding)) == [(1, "hôpital", ""), (2, "Œuvre d’été", "")]


def test_one_broken_line_does_not_turn_the_others_into_gibberish(path: Path) -> None:
    content = "hôpital\nété\n".encode() + b"caf\xe9\n" + "forêt\n".encode()
    assert [(text, bool(problem)) for _, text, problem in lines_of(path, content)] == [
        ("hôpital", False),
        ("été", False),
        ("caf�", True),
        ("forêt", False),
    ]


def test_a_file_cut_in_the_middle_of_a_letter_stays_in_utf8(path: Path) -> None:
    assert lines_of(path, "forêt\nété".encode()[:-1])[0] == (1, "forêt", "")


def test_a_nul_costs_its_line_alone(path: Path) -> None:
    found = lines_of(path, b"a\nb\0b\nc\n")
    assert [number for number, _, problem in found if problem] == [2]
    assert "NUL" in found[1][2]


def test_a_line_out_of_all_measure_costs_itself_alone(path: Path) -> None:
    found = lines_of(path, b"a\n" + b"x" * (3 * MAX_LINE) + b"\nc\n")
    assert [(number, bool(problem)) for number, _, problem in found] == [(1, False), (2, True), (3, False)]


def test_lines_are_numbered_as_an_editor_does(path: Path) -> None:
    assert lines_of(path, b"a\r\n\r\n  \nb") == [(1, "a", ""), (4, "b", "")]


def test_a_few_lines_are_found_again(path: Path) -> None:
    path.write_text("un\ndeux\n\nquatre\n")
    assert list(TextFile(path).with_raw([(2, "x"), (2, "y"), (4, "z")])) == [
        ((2, "x"), "deux"),
        ((2, "y"), "deux"),
        ((4, "z"), "quatre"),
    ]


def test_what_is_no_file_is_refused_with_its_reason(path: Path) -> None:
    with pytest.raises(ImportRefused, match="n’existe pas"):
        TextFile(path)
    with pytest.raises(ImportRefused, match="est un dossier"):
        TextFile(path.parent)
    path.write_bytes(b"")
    with pytest.raises(ImportRefused, match="est vide"):
        TextFile(path)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("etalab-cs1100507-stock-20260512-0337.csv", date(2026, 5, 12)),
        ("PS_LibreAcces_Personne_activite_202609140731.txt", date(2026, 9, 14)),
        ("stock-20269912.csv", None),
        ("stock.csv", None),
    ],
)
def test_a_file_is_dated_by_its_name(name: str, day: date | None) -> None:
    assert day_in_name(Path(name)) == day


def test_a_file_that_may_not_be_read_is_refused_in_plain_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError

    path.write_bytes(b"a\n")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ImportRefused, match="ne peut pas être lu"):
        TextFile(path)
