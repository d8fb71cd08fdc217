from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.db import connection

from directory.models import SearchEntry
from directory.search import Query, publish, rebuild_dictionary, search, withdraw
from directory.tasks import rebuild_search_dictionary
from tests.factories import StructureFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def found(text: str, **asked: object) -> list[str]:
    return [hit.key for hit in search(Query(text, **asked)).hits]


def dictionary() -> dict[tuple[str, str], int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT term, shelf, n FROM directory_search_word")
        return {(term, shelf): n for term, shelf, n in cursor.fetchall()}


def test_what_is_published_is_found_at_once() -> None:
    assert publish("structure", "1", label="Clinique de la Boralde", at=TODAY)
    assert found("boralde") == ["1"]


def test_publishing_the_same_again_writes_nothing() -> None:
    entry = {"label": "Clinique", "numbers": ["999 000 001"], "departments": ["12", "12"], "popularity": 0.5}
    assert publish("structure", "1", **entry, at=TODAY)
    assert not publish("structure", "1", **entry, at=TODAY)
    stored = SearchEntry.objects.get()
    assert (stored.numbers, stored.department, stored.departments) == (["999000001"], "12", ["12"])


def test_an_old_name_finds_for_ever_and_says_until_when() -> None:
    publish("structure", "1", label="Clinique de la Boralde", at=TODAY)
    publish("structure", "1", label="Pôle santé d’Olt", at=datetime(2027, 1, 1, 0, 30, tzinfo=UTC))
    hit = search(Query("boralde")).hits[0]
    assert hit.label == "Pôle santé d’Olt"
    assert hit.match.reason == "Trouvé par un ancien nom\u00a0: Clinique de la Boralde, jusqu’en 2027"
    assert ("Boralde", True) in hit.match.alias_parts
    assert hit.match.label_parts == [("Pôle santé d’Olt", False)]


def test_what_is_withdrawn_is_found_no_more() -> None:
    publish("structure", "1", label="Clinique", at=TODAY)
    assert withdraw("structure", "1")
    assert not withdraw("structure", "1")
    assert found("clinique") == []


def test_a_closed_entry_is_found_only_when_asked_for() -> None:
    publish("structure", "1", label="Clinique de la Boralde", is_closed=True, at=TODAY)
    assert found("boralde") == []
    results = search(Query("boralde", with_closed=True))
    assert [hit.is_closed for hit in results.hits] == [True]
    publish("structure", "1", label="Clinique de la Boralde", at=TODAY)
    assert found("boralde") == ["1"]


def test_a_kind_that_nobody_registered_is_refused() -> None:
    with pytest.raises(ValueError, match="register"):
        publish("nothing", "1", label="Rien", at=TODAY)


def test_what_is_too_long_is_cut_and_never_refused() -> None:
    publish("structure", "1", label="a" * 300, detail="b" * 300, keywords="c" * 10_000 + " d" * 9000, at=TODAY)
    assert found("a" * 40) == ["1"]


def test_an_entry_is_indexed_alike_whatever_the_search_path() -> None:
    """When a dump is restored, generated columns are computed with an empty one."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = ''")
        cursor.execute(
            """SELECT public.directory_search_lexemes('s', 'Clinique St-Jean', '', '', '[{"name": "Éole"}]',
                '{99D000001}', '{12}', '{12096}', '{355}')::text"""
        )
        lexemes = cursor.fetchone()[0].replace("'", "").split()
        cursor.execute("SET LOCAL search_path TO DEFAULT")
    assert lexemes == ["s#355", "s/12", "s=99d000001", "s@12096", "sclinique", "seole", "sjean", "ssaint"]


def test_new_words_enter_the_dictionary_and_numbers_never_do() -> None:
    publish("structure", "1", label="Boralde", numbers=["999000001"], departments=["12"], facets=["355"], at=TODAY)
    words = {"boralde", "b*", "bo*", "bor*", "/12", "#355", ""}
    assert dictionary() == {(word, "s"): 1 for word in words}


def test_the_rebuild_counts_anew_and_forgets_a_word_the_second_time() -> None:
    for key in ("1", "2", "3"):
        publish("structure", key, label=f"Clinique {key}", at=TODAY)
    publish("structure", "3", label="Hôpital 3", at=TODAY)
    SearchEntry.objects.filter(key="3").update(aliases=[])
    rebuild_dictionary()
    assert dictionary()["clinique", "s"] == 2
    SearchEntry.objects.filter(key="3").delete()
    rebuild_dictionary()
    assert dictionary()["hopital", "s"] == 0
    rebuild_dictionary()
    assert ("hopital", "s") not in dictionary()
    assert rebuild_dictionary() == 0


def test_a_word_that_the_rebuild_set_to_nothing_comes_back_with_its_entry() -> None:
    publish("structure", "1", label="Boralde", at=TODAY)
    withdraw("structure", "1")
    rebuild_dictionary()
    assert dictionary()["boralde", "s"] == 0
    publish("structure", "2", label="Boralde", at=TODAY)
    assert dictionary()["boralde", "s"] == 1
    assert found("boralde") == ["2"]


def test_a_large_write_moves_the_counts() -> None:
    SearchEntry.objects.bulk_create(SearchEntry(kind="unit", key=str(n), label=f"Soins {n}") for n in range(40))
    assert dictionary()["soins", "u"] == dictionary()["", "u"] == 40


def test_the_nightly_task_and_the_command_put_things_right() -> None:
    structure = StructureFactory(name="Clinique de la Boralde")
    call_command("rebuild_search")
    assert found("boralde") == [structure.finess]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE directory_search_word SET n = 900")
    rebuild_search_dictionary.delay()
    assert dictionary()["boralde", "s"] == 1
    call_command("rebuild_search", "--words")
