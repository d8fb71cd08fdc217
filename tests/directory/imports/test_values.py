from collections.abc import Callable
from datetime import date

import pytest

from directory.imports.csv_lines import LineUnreadable, split_line, split_plain
from directory.imports.rpps_columns import normalised
from directory.imports.values import commune_name, day, fails_luhn, finess_number, postal_code_and_city
from tests.directory.imports.builders import with_key


@pytest.mark.parametrize(
    ("town", "name"),
    [
        ("RODEZ", "Rodez"),
        ("FORT DE FRANCE", "Fort-de-France"),
        ("ST GAUDENS", "Saint-Gaudens"),
        ("STE FOY LES LYON CEDEX 09", "Sainte-Foy-les-Lyon"),
        ("LA POSSESSION", "La Possession"),
        ("LES ABYMES", "Les Abymes"),
        ("L'ISLE JOURDAIN", "L'Isle-Jourdain"),
        ("BOURG EN BRESSE", "Bourg-en-Bresse"),
        ("VILLENEUVE D'ASCQ", "Villeneuve-d'Ascq"),
        ("LE", "Le"),
        ("", ""),
    ],
)
def test_a_town_is_written_as_its_commune(town: str, name: str) -> None:
    assert commune_name(town) == name


def test_dates_are_read_in_both_forms() -> None:
    assert day("2026-05-12") == day("12/05/2026") == date(2026, 5, 12)
    assert day("") is None


@pytest.mark.parametrize("text", ["99/99/9999", "2026-02-30", "12052026", "hier"])
def test_a_date_that_is_none_is_named(text: str) -> None:
    with pytest.raises(LineUnreadable, match="date d’ouverture illisible"):
        day(text, "date d’ouverture")


def test_a_finess_number_keeps_its_zeros_and_letters() -> None:
    assert finess_number("010000024") == "010000024"
    assert finess_number("2a0000012") == "2A0000012"
    with pytest.raises(LineUnreadable, match="numéro FINESS invalide"):
        finess_number("10000024")


def test_the_control_digit_is_that_of_luhn() -> None:
    number = with_key("12000001")
    assert not fails_luhn(number)
    assert fails_luhn(number[:-1] + str((int(number[-1]) + 1) % 10))
    assert not fails_luhn("2A0000010"), "a number with letters cannot be checked"


def test_a_postal_line_is_cut_in_two() -> None:
    assert postal_code_and_city("31800 ST GAUDENS") == ("31800", "ST GAUDENS")
    assert postal_code_and_city("UVEA") == ("", "UVEA")


def test_quotes_are_read_and_spaces_collapsed() -> None:
    assert split_line('a;"LE ""VALLON""; ANNEXE";  b   c ;') == ["a", 'LE "VALLON"; ANNEXE', "b c", ""]
    assert split_line('FOYER "LE VALLON";12" RUE') == ['FOYER "LE VALLON"', '12" RUE']
    assert split_plain('a|"b| c ', "|") == ["a", '"b', "c"]


@pytest.mark.parametrize("text", ['a;"b;c', 'a;"b"c;d'])
def test_a_stray_quote_is_told(text: str) -> None:
    with pytest.raises(LineUnreadable, match="guillemets mal fermés"):
        split_line(text)


def test_labels_of_columns_are_the_same_whatever_their_issue() -> None:
    assert normalised("Libellé civilité d'exercice") == normalised("LIBELLE CIVILITE EXERCICE")
    assert normalised("Libellé civilité d’exercice") == normalised("libellé  civilité exercice")
    assert normalised("Indice répétition voie (coord. Structure)") == "indice repetition voie coord structure"
    assert normalised("Code civilité") != normalised("Code civilité d'exercice")


@pytest.mark.parametrize("split", [split_line, split_plain])
def test_letters_that_nobody_sees_are_left_out(split: Callable[[str, str], list[str]]) -> None:
    assert split("EHPAD\u200b LES\u00a0GEN\u202eETS;Œ\ufeffuvre", ";") == ["EHPAD LES GENETS", "Œuvre"]
    assert split_line('"Le ""Gen\u202eet""";é') == ['Le "Genet"', "é"]
