"""What SQL folds and what Python folds is the same, whatever the text."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from directory.search.folding import STOP_WORDS, fold, tokens, words
from tests.soak import examples

SAMPLES = {
    "Bénédicte": "benedicte",
    "E.H.P.A.D. « Les Tilleuls »": "ehpad les tilleuls",
    "C.H. d’Espalion": "ch d espalion",
    "C.H.Rodez": "ch rodez",
    "(C.H.R.)": "chr",
    "D.A.C": "dac",
    "J.-P. de l'Œuvre": "j p de l oeuvre",
    "SAINT-GAUDENS": "saint gaudens",
    "Æ ß Ł ﬁ ½ № ＡＢ": "ae ss l fi 1 2 no ab",
    "cœur\tÀ\nl’ouvrage": "coeur a l ouvrage",
    "É" + "e\u0301": "ee",
    "الصحة 健康 Здоровье 🏥": "",
}
# Letters and signs that fold in some way of their own, more often than chance would draw them.
TRICKY = st.text(st.one_of(st.sampled_from("aeS.tT '’-œŒæßẞ½…İıŁ·ʼ\u0301\u0327\u00a0e\u0300st."), st.characters()))
TEXTS = st.one_of(TRICKY, st.text()).map(lambda text: text.replace("\0", ""))


def in_sql(texts: list[str]) -> list[tuple[str, list[str]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT directory_search_fold(x), string_to_array(directory_search_words(x), ' ')
            FROM unnest(%s::text[]) WITH ORDINALITY t(x, place) ORDER BY place""",
            [texts],
        )
        return cursor.fetchall()


@pytest.mark.parametrize(("text", "folded"), SAMPLES.items())
def test_accents_case_signs_and_dotted_acronyms_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.django_db
def test_sql_folds_the_samples_alike() -> None:
    assert in_sql(list(SAMPLES)) == [(folded, words(text)) for text, folded in SAMPLES.items()]


@pytest.mark.soak
@pytest.mark.django_db
@examples(80)
@given(st.lists(TEXTS.filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)), max_size=20))
def test_sql_and_python_fold_any_text_alike(texts: list[str]) -> None:
    assert in_sql(texts) == [(fold(text), words(text)) for text in texts]


@pytest.mark.django_db
def test_sql_and_python_fold_every_character_alike() -> None:
    """Where tables of Unicode may differ between versions: around the ranges that are decomposed."""
    characters = [chr(code) for code in range(1, 0x3000)] + [chr(code) for code in range(0xF900, 0x10000)]
    characters += ["\U0001ccd6", "\U0001d400", "\U0001f130", "\U000105c9"]
    framed = [f"x.{character}.y{character}" for character in characters]
    assert in_sql(framed) == [(fold(text), words(text)) for text in framed]


def test_saint_is_one_word_however_it_is_written() -> None:
    assert words("St-Gaudens") == words("SAINT GAUDENS") == ["saint", "gaudens"]
    assert words("Ste Marie") == words("Sainte-Marie")


def test_small_words_find_nothing_and_long_ones_are_cut() -> None:
    assert words("le CH de l’Aude et du Lot") == ["ch", "aude", "lot"]
    assert words("x" * 100) == ["x" * 40]
    assert "de" in STOP_WORDS


@examples(80)
@given(TEXTS)
def test_tokens_are_the_folded_words_with_their_places(text: str) -> None:
    found = tokens(text)
    assert " ".join(token.raw for token in found) == fold(text)
    for token in found:
        assert len(token.places) == len(token.raw)
        assert list(token.places) == sorted(token.places)
        assert 0 <= token.start < token.end <= len(text)


def test_a_token_says_where_it_stands() -> None:
    ehpad, saint = tokens("E.H.P.A.D. St")
    assert (ehpad.raw, ehpad.start, ehpad.end) == ("ehpad", 0, 9)
    assert (saint.raw, saint.word, saint.start, saint.end) == ("st", "saint", 11, 13)
