"""Verifying: what the database's owner changes is found and named. Each test rewrites the journal as its owner."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.journal.canonical import CANONICAL
from accounts.journal.sealing import seal
from accounts.journal.tasks import export_journal_head, seal_journal
from accounts.models import JournalEntry, JournalSeal
from tests.accounts.journal import AT, as_owner, plain, write
from tests.soak import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys() -> list[int]:
    """Ten entries, sealed."""
    found = [write(str(rank), details={"rank": rank}).pk for rank in range(10)]
    assert seal(AT) == 10
    return found


@pytest.fixture
def exported(keys: list[int], tmp_path: Path) -> Path:
    path = tmp_path / "heads.jsonl"
    call_command("export_journal_head", "--file", str(path))
    return path


def verified(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    call_command("verify_journal", *arguments)
    return plain(capsys.readouterr().out)


def test_a_chain_that_holds_says_how_much_was_read(keys: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    told = verified(capsys)
    assert re.fullmatch(r"10 entrées scellées relues, [\d ]+ par seconde\.\nLa chaîne est intacte\.\n", told)


def test_an_empty_journal_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert "La chaîne est intacte." in verified(capsys)


def test_entries_without_a_seal_are_counted_since_the_oldest(
    keys: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    write("11")
    write("12")
    told = verified(capsys)
    assert "2 entrées attendent leur sceau, la plus ancienne depuis le 23 novembre 2026" in told
    assert "La chaîne est intacte." in told


Tamper = Callable[[Any, list[int]], None]


def _change(column: str, value: str) -> Tamper:
    return lambda cursor, keys: cursor.execute(
        f"UPDATE accounts_journalentry SET {column} = {value} WHERE id = %s", [keys[4]]
    )


def _swap(cursor: Any, keys: list[int]) -> None:
    cursor.execute("UPDATE accounts_journalseal SET entry_id = 0 WHERE entry_id = %s", [keys[4]])
    cursor.execute("UPDATE accounts_journalseal SET entry_id = %s WHERE entry_id = %s", [keys[4], keys[5]])
    cursor.execute("UPDATE accounts_journalseal SET entry_id = %s WHERE entry_id = 0", [keys[5]])


TAMPERED: dict[str, tuple[Tamper, str]] = {
    "moment": (_change("at", "at + interval '1 microsecond'"), "Rupture au sceau n° 5 : l’entrée {4}"),
    "ground": (_change("verb", "'door.closed'"), "Rupture au sceau n° 5 : l’entrée {4}"),
    "details": (_change("details", """'{"rank": 5}'"""), "Rupture au sceau n° 5 : l’entrée {4}"),
    "request": (_change("request_id", "'x'"), "Rupture au sceau n° 5 : l’entrée {4}"),
    "entry deleted": (
        lambda cursor, keys: cursor.execute("DELETE FROM accounts_journalentry WHERE id = %s", [keys[4]]),
        "L’entrée {4}, scellée sous le n° 5, n’existe plus",
    ),
    "seal deleted": (
        lambda cursor, keys: cursor.execute("DELETE FROM accounts_journalseal WHERE number = 5"),
        "Il manque le sceau n° 5 : celui qui suit porte le n° 6",
    ),
    "first seal deleted": (
        lambda cursor, keys: cursor.execute("DELETE FROM accounts_journalseal WHERE number = 1"),
        "Il manque le sceau n° 1",
    ),
    "hash changed": (
        lambda cursor, keys: cursor.execute("UPDATE accounts_journalseal SET hash = sha256('x') WHERE number = 10"),
        "Rupture au sceau n° 10 : l’entrée {9}",
    ),
    "two seals exchanged": (_swap, "Rupture au sceau n° 5 : l’entrée {5}"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_the_owner_of_the_database_changes_is_named(what: str, keys: list[int]) -> None:
    tamper, sentence = TAMPERED[what]
    with as_owner() as cursor:
        tamper(cursor, keys)
    with pytest.raises(CommandError, match=re.escape(sentence.format(*keys))):
        call_command("verify_journal")


def test_functions_of_ours_are_not_believed(keys: list[int]) -> None:
    with as_owner() as cursor:
        _change("object_key", "'autre'")(cursor, keys)
        cursor.execute("CREATE SCHEMA lies")
        cursor.execute(
            """CREATE FUNCTION lies.array_to_json(text[]) RETURNS json LANGUAGE sql AS $$ SELECT '[]'::json $$;
            CREATE FUNCTION lies.convert_to(text, name) RETURNS bytea LANGUAGE sql AS $$ SELECT ''::bytea $$;
            SET LOCAL search_path = lies, pg_catalog, public"""
        )
    with pytest.raises(CommandError, match="Rupture au sceau n° 5"):
        call_command("verify_journal")


def _cut(cursor: Any, number: int) -> None:
    cursor.execute(
        "DELETE FROM accounts_journalentry e USING accounts_journalseal s WHERE s.entry_id = e.id AND s.number > %s",
        [number],
    )
    cursor.execute("DELETE FROM accounts_journalseal WHERE number > %s", [number])


def test_a_tail_cut_with_its_entries_is_seen_by_the_exported_head_alone(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "1 tête exportée est dans la chaîne." in verified(capsys, "--head", str(exported))
    with as_owner() as cursor:
        _cut(cursor, 7)
    assert "La chaîne est intacte." in verified(capsys)
    with pytest.raises(CommandError, match="s’arrête au sceau n° 7, mais le n° 10 a été exporté"):
        call_command("verify_journal", "--head", str(exported))


def test_a_chain_made_anew_is_not_the_one_that_was_exported(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with as_owner() as cursor:
        cursor.execute("UPDATE accounts_journalentry SET object_key = 'autre' WHERE object_key = '3'")
        cursor.execute("DELETE FROM accounts_journalseal")
    call_command("seal_journal", "--forgotten")
    assert "La chaîne est intacte." in verified(capsys)
    with pytest.raises(CommandError, match="n° 10 n’est pas celui qui a été exporté"):
        call_command("verify_journal", "--head", str(exported))


def test_each_day_adds_a_line_that_later_days_leave(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("11")
    seal(AT)
    call_command("export_journal_head", "--file", str(exported))
    first, second = map(json.loads, exported.read_text().splitlines())
    assert (first["number"], second["number"]) == (10, 11)
    last = JournalSeal.objects.get(pk=11)
    assert second["hash"] == bytes(last.hash).hex()
    assert second["sealed_at"] == "2026-11-23T09:30:15.123456+00:00"
    assert second["exported_at"].endswith("+00:00")
    assert exported.stat().st_mode & 0o777 == 0o600
    assert "2 têtes exportées sont dans la chaîne." in verified(capsys, "--head", str(exported))


def test_nothing_sealed_nothing_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("export_journal_head", "--file", str(tmp_path / "heads"))
    assert capsys.readouterr().out == "Rien n’est encore scellé : rien n’est exporté.\n"
    assert not (tmp_path / "heads").exists()


def test_a_folder_that_cannot_be_written_is_named(keys: list[int], tmp_path: Path) -> None:
    (tmp_path / "plat").write_text("un fichier, pas un dossier")
    with pytest.raises(CommandError, match="Indiquez dans JOURNAL_HEAD_FILE un fichier où SPICO peut écrire"):
        call_command("export_journal_head", "--file", str(tmp_path / "plat" / "heads"))


def test_a_line_cut_by_a_full_disk_is_taken_back(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, write_all = exported.read_text(), os.write
    monkeypatch.setattr(os, "write", lambda file, line: write_all(file, line[:20]))
    with pytest.raises(CommandError, match="plus de place"):
        call_command("export_journal_head", "--file", str(exported))
    assert exported.read_text() == before


@pytest.mark.parametrize(
    "content", ["", "{}", '{"number": 1, "hash": "zz"}', '{"number": null, "hash": ""}', "[1]", "\xff"]
)
def test_a_file_that_holds_no_head_is_refused(keys: list[int], tmp_path: Path, content: str) -> None:
    path = tmp_path / "heads"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(CommandError, match=r"ne se lit pas|aucune tête|ligne 1 : ce n’est pas une tête"):
        call_command("verify_journal", "--head", str(path))


def test_two_hashes_of_one_seal_are_refused(exported: Path) -> None:
    told = json.loads(exported.read_text())
    with exported.open("a") as file:
        file.write(json.dumps(told | {"hash": "00" * 32}) + "\n")
    with pytest.raises(CommandError, match="ligne 2 : le sceau n° 10 y a deux empreintes"):
        call_command("verify_journal", "--head", str(exported))


def test_the_planned_tasks_seal_and_export(tmp_path: Path, settings: Settings) -> None:
    settings.JOURNAL_HEAD_FILE = str(tmp_path / "kept" / "heads.jsonl")
    write()
    seal_journal.delay()
    assert JournalSeal.objects.count() == 1
    export_journal_head.delay()
    assert json.loads((tmp_path / "kept" / "heads.jsonl").read_text())["number"] == 1
    for planned in ("seal-journal", "export-journal-head"):
        assert settings.CELERY_BEAT_SCHEDULE[planned]["task"] in (seal_journal.name, export_journal_head.name)
    assert settings.CELERY_BEAT_SCHEDULE["seal-journal"]["options"]["expires"] > 0


def canonical(row: dict[str, object], **session: str) -> bytes:
    """The form of a row that need not be stored, in a session with such settings."""
    with connection.cursor() as cursor:
        for name, value in session.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        cursor.execute(
            f"SELECT {CANONICAL} FROM jsonb_populate_record(NULL::accounts_journalentry, %s::jsonb) e",
            [json.dumps(row)],
        )
        return bytes(cursor.fetchall()[0][0])


TEXT = st.text(st.sampled_from('",[]{}\\:n1 é’null'), max_size=6)
KEY = st.none() | st.integers(0, 20)
ROWS = st.fixed_dictionaries(
    {
        "id": st.just(1),
        "at": st.datetimes().map(lambda moment: f"{moment.isoformat()}+00:00"),
        "actor_id": KEY,
        "delegation": KEY,
        "ground": TEXT,
        "verb": TEXT,
        "object_kind": TEXT,
        "object_key": TEXT,
        "details": st.dictionaries(TEXT, TEXT | KEY | st.lists(KEY, max_size=2), max_size=2),
        "request_id": TEXT,
    }
)


@examples(150)
@given(one=ROWS, changes=st.data())
def test_two_different_entries_never_have_one_form(one: dict[str, object], changes: st.DataObject) -> None:
    """Of a close relative too: some columns of another entry, or the texts of two columns exchanged."""
    drawn = changes.draw(ROWS)
    names = changes.draw(st.sets(st.sampled_from(sorted(one)), min_size=1))
    near = one | {name: drawn[name] for name in names}
    swapped = one | {"object_kind": one["object_key"], "object_key": one["object_kind"]}
    joined = one | {"object_kind": f'{one["object_kind"]}", "{one["object_key"]}', "object_key": ""}
    for other in (near, swapped, joined):
        assert (canonical(one) == canonical(other)) == (one == other)


@pytest.mark.parametrize(
    "session",
    [
        {"timezone": "Pacific/Auckland", "datestyle": "German, DMY"},
        {"timezone": "Europe/Paris", "datestyle": "SQL, MDY", "intervalstyle": "iso_8601"},
        {"bytea_output": "escape", "extra_float_digits": "0", "lc_numeric": "C", "quote_all_identifiers": "on"},
    ],
)
@pytest.mark.parametrize(
    "at", ["2026-11-23T09:30:15.123456+00:00", "infinity", "-infinity", "0044-03-15 12:00:00+00 BC"]
)
def test_the_form_is_the_same_in_every_session(session: dict[str, str], at: str) -> None:
    row = {"id": 1, "at": at, "verb": "door.opened", "details": {"b": 1.50, "a": None, "é": "«"}}
    assert canonical(row) == canonical(row, **session)


def test_the_form_holds_every_column() -> None:
    columns = {field.column for field in JournalEntry._meta.local_fields}
    assert {name for name in columns if re.search(rf"\be\.{name}\b", CANONICAL)} == columns
