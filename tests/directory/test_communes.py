import pytest

from directory.communes import find_communes


def names(text: str, limit: int = 5) -> list[str]:
    return [commune.name for commune in find_communes(text, limit)]


@pytest.mark.parametrize("text", ["Saint-Gaudens", "st gaudens", "ST-GAUDENS", "saint gaud"])
def test_a_commune_is_found_without_accents_hyphens_or_saints(db: None, text: str) -> None:
    assert names(text)[0] == "Saint-Gaudens"


def test_the_exact_name_comes_before_a_larger_town_that_begins_alike(db: None) -> None:
    assert names("Castres", 3)[0] == "Castres"
    assert len(names("cas", 5)) == 5


def test_a_postal_code_gives_its_communes_the_largest_first(db: None) -> None:
    assert names("31000") == ["Toulouse"]
    assert names("12500")[0] == "Espalion"


@pytest.mark.parametrize("text", ["", " ", "\0", "%", "_", "\\", "'", "🦜", "de la", "9" * 100, "a" * 10_000])
def test_what_means_nothing_finds_nothing(db: None, text: str) -> None:
    assert names(text) == []
