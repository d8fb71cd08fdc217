from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from accounts.models import Account, AccountKind
from accounts.signals import accounts_moved, accounts_renamed
from accounts.states import AccountState
from directory.models import Commune, EstablishmentCategory, LegalEntity, SearchEntry, Source, Structure
from tests.directory.imports.builders import finess_line, finess_lines, finess_number, point_line
from tests.directory.imports.conftest import Told, command, versions
from tests.factories import StructureFactory

pytestmark = pytest.mark.django_db
Finess = Callable[..., Told]
HEAD = "finess;etalab;111;2026-05-12"
NUMBER = finess_number(1)


def only() -> Structure:
    return Structure.objects.get(finess=NUMBER)


def many(count: int = 200) -> list[str]:
    return [HEAD, *(finess_line(finess_number(rank), rs=f"FOYER {rank}") for rank in range(count))]


def test_a_structure_comes_with_its_account_and_its_legal_entity(finess: Finess) -> None:
    told = finess([HEAD, finess_line(NUMBER, rs="EHPAD  LES   GENETS", rslongue="EHPAD PUBLIC LES GENETS", siret="1")])
    structure = only()
    assert (told.status, told.run.created, told.run.state) == (0, 1, "done")
    assert (structure.name, structure.long_name) == ("EHPAD LES GENETS", "EHPAD PUBLIC LES GENETS")
    assert structure.legal_entity == LegalEntity.objects.get(number="120990001")
    assert structure.category_id == "500"
    assert (structure.opened_on, structure.record_updated_on) == (date(1998, 3, 2), date(2025, 10, 1))
    assert (structure.source, structure.source_date) == (Source.FINESS, date(2026, 5, 12))
    assert (structure.account.kind, structure.account.state) == (AccountKind.STRUCTURE, AccountState.LISTED)
    assert structure.account.name == structure.name


def test_an_address_is_put_together(finess: Finess) -> None:
    finess(
        [
            HEAD,
            finess_line(NUMBER, numvoie="900", typvoie="RTE", voie="DE RODEZ", complrs="BATIMENT B", lieuditbp="BP 12"),
            finess_line(finess_number(2), numvoie="1", typvoie="R", voie="DU LAC", compvoie="C"),
        ]
    )
    assert (only().address, only().address_complement) == ("900 RTE DE RODEZ", "BATIMENT B, BP 12")
    assert (only().postal_code, only().city) == ("12000", "RODEZ")
    assert Structure.objects.get(finess=finess_number(2)).address == "1 C R DU LAC"


@pytest.mark.parametrize(
    ("code", "digits", "department", "commune"),
    [
        ("12", "202", "12", "12202"),
        ("2A", "004", "2A", "2A004"),
        ("9A", "101", "971", "97101"),
        ("9D", "411", "974", "97411"),
        ("9F", "606", "976", "97606"),
        ("9J", "613", "986", "98613"),
    ],
)
def test_places_come_from_the_address_and_never_from_the_number(
    finess: Finess, code: str, digits: str, department: str, commune: str
) -> None:
    finess([HEAD, finess_line(finess_number(1, "59"), departement=code, commune=digits, ligneacheminement="99999 VAL")])
    structure = Structure.objects.get()
    assert (structure.department_id, structure.commune_id) == (department, commune)


def test_communes_and_categories_that_we_lack_are_named_by_the_file(finess: Finess) -> None:
    line = finess_line(
        NUMBER, departement="01", commune="451", ligneacheminement="01440 ST VALLON LES BOIS", categetab="998"
    )
    finess([HEAD, line.replace("Etablissement d'hébergement pour personnes âgées dépendantes", "Maison rare")])
    assert Commune.objects.get(pk="01451").name == "Saint-Vallon-les-Bois"
    assert Commune.objects.get(pk="01451").postal_codes == ["01440"]
    assert EstablishmentCategory.objects.get(pk="998").label == "Maison rare"


def test_an_unknown_department_is_a_remark(finess: Finess) -> None:
    told = finess([HEAD, finess_line(NUMBER, departement="ZZ")])
    assert (told.status, only().department, only().commune) == (0, None, None)
    assert told.remarks == ["Département inconnu : « ZZ »"]


def test_a_wrong_control_digit_is_a_remark(finess: Finess) -> None:
    number = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
    told = finess([HEAD, finess_line(number)])
    assert (told.status, Structure.objects.get().finess) == (0, number)
    assert told.remarks == [f"Numéro FINESS {number} : la clé de contrôle est fausse."]


def test_positions_become_degrees(finess: Finess) -> None:
    labels = {
        "12": "1,ATLASANTE,95,BAN,EPSG:2154",
        "9D": "1,ATLASANTE,95,BAN,UTM_S40",
        "9A": "1,ATLASANTE,95,BAN",
        "01": "1;ATLASANTE;100;IGN;BD_ADRESSE;LAMBERT_93",
    }
    lines = [finess_line(finess_number(rank), departement=code) for rank, code in enumerate(labels)]
    points = [(666_000, 6_361_000), (340_000, 7_690_000), (655_000, 1_800_000), (870_000, 6_570_000)]
    points_lines = [
        point_line(finess_number(rank), x, y, label)
        for rank, ((x, y), label) in enumerate(zip(points, labels.values(), strict=True))
    ]
    told = finess([HEAD, *lines, *points_lines])
    found = [
        tuple(round(value, 1) for value in pair)
        for pair in Structure.objects.order_by("finess").values_list("latitude", "longitude")
    ]
    assert told.remarks == []
    assert sorted(found) == [(-20.9, 55.5), (16.3, -61.5), (44.3, 2.6), (46.2, 5.2)]


@pytest.mark.parametrize(
    ("line", "remark"),
    [
        (point_line(NUMBER, 9e9, 9e9), "hors du territoire"),
        (point_line(NUMBER, 666_000, 6_361_000, "MERCATOR"), ""),
        (point_line(NUMBER, 666_000, 6_361_000).replace("666000", "douze"), "coordonnées illisibles"),
        (point_line(finess_number(8), 666_000, 6_361_000), "structure inconnue"),
    ],
)
def test_a_position_that_cannot_be_used_leaves_its_structure_in(finess: Finess, line: str, remark: str) -> None:
    told = finess([HEAD, finess_line(NUMBER), line])
    assert told.status == 0
    assert only().coordinates is None or not remark
    assert [remark in found.lower() for found in told.remarks] == ([True] if remark else [])


def test_a_file_without_positions_takes_none_away(finess: Finess) -> None:
    finess([HEAD, finess_line(NUMBER), point_line(NUMBER, 666_000, 6_361_000)])
    assert finess([HEAD, finess_line(NUMBER)]).run.written == 0
    assert only().coordinates


def test_positions_alone_move_the_structures_that_we_know(finess: Finess) -> None:
    finess([HEAD, finess_line(NUMBER)])
    told = finess([HEAD, point_line(NUMBER, 666_000, 6_361_000)], "--extract")
    assert (told.status, told.run.changed, bool(only().coordinates)) == (0, 1, True)


def test_the_same_file_again_writes_no_row(finess: Finess) -> None:
    lines = list(finess_lines(60))
    finess(lines)
    before = versions()
    told = finess(lines)
    assert versions() == before
    assert (told.status, told.run.unchanged, told.run.written) == (0, 60, 0)
    assert "0 ligne écrite" in told.output


def test_the_rows_written_are_counted_by_the_database(finess: Finess) -> None:
    told = finess([HEAD, finess_line(NUMBER)])
    written = {table: len(rows) for table, rows in versions().items() if not table.startswith("directory_search_")}
    reference = sum(written[f"directory_{name}"] for name in ("department", "establishmentcategory", "unittype"))
    reference += written["directory_commune"] + written["directory_profession"]
    assert told.run.written == sum(written.values()) - reference == 4


def test_only_what_differs_is_written(finess: Finess) -> None:
    finess(many())
    lines = many()
    lines[5] = lines[5].replace("FOYER 4", "FOYER DES TILLEULS")
    renamed: list[set[object]] = []
    accounts_renamed.connect(lambda **said: renamed.append(said["accounts"]), weak=False, dispatch_uid="test")
    told = finess(lines)
    accounts_renamed.disconnect(dispatch_uid="test")
    structure = Structure.objects.get(finess=finess_number(4))
    assert (told.run.changed, told.run.unchanged, told.run.written) == (1, 199, 3)
    assert structure.name == structure.account.name == "FOYER DES TILLEULS"
    assert renamed == [{structure.account_id}]
    entry = SearchEntry.objects.get(kind="structure", key=structure.finess)
    assert (entry.label, entry.aliases[0]["name"]) == ("FOYER DES TILLEULS", "FOYER 4")


def test_what_left_the_file_closes_and_comes_back(finess: Finess) -> None:
    finess(many())
    moved: list[tuple[set[object], str]] = []
    accounts_moved.connect(
        lambda **said: moved.append((said["accounts"], said["state"])), weak=False, dispatch_uid="test"
    )
    told = finess([HEAD.replace("05-12", "06-30"), *many()[1:-2]])
    gone = Structure.objects.get(finess=finess_number(199))
    assert (told.run.closed, gone.closed_on, gone.account.state) == (2, date(2026, 6, 30), AccountState.CLOSED)
    assert SearchEntry.objects.get(key=gone.finess).is_closed
    assert len(moved) == 1
    assert len(moved[0][0]) == 2
    told = finess(many())
    accounts_moved.disconnect(dispatch_uid="test")
    gone = Structure.objects.get(finess=finess_number(199))
    assert (told.run.reopened, gone.closed_on, gone.account.state) == (2, None, AccountState.LISTED)
    assert not SearchEntry.objects.get(key=gone.finess).is_closed
    assert Structure.objects.count() == 200


def test_an_extract_closes_nothing(finess: Finess) -> None:
    finess(many())
    told = finess(many(3), "--extract")
    assert (told.status, told.run.closed, told.run.unchanged) == (0, 0, 3)
    assert not Structure.objects.exclude(closed_on=None).exists()


def test_a_file_that_would_close_too_much_is_held_until_confirmed(finess: Finess) -> None:
    finess(many())
    before = versions()
    told = finess(many(195))
    assert (told.status, told.run.state) == (1, "held")
    assert "5 établissements sur 200" in told.output
    assert "--confirm" in told.run.message
    assert versions() == before
    assert finess(many(195), "--confirm").run.closed == 5
    assert finess(many(192)).run.closed == 3, "2 % of 195 open ones is enough"


def test_a_line_set_aside_does_not_close_its_structure(finess: Finess) -> None:
    finess(many())
    lines = many()
    lines[7] += ";"
    told = finess(lines)
    assert (told.status, told.run.set_aside, told.run.closed) == (3, 1, 0)


def test_rows_of_other_sources_are_neither_closed_nor_written_over(finess: Finess) -> None:
    kept = {
        source: StructureFactory(source=source, name=f"Fiche {source}") for source in (Source.DEMO, Source.DECLARED)
    }
    told = finess([HEAD, finess_line(kept[Source.DEMO].finess, rs="AUTRE NOM"), finess_line(NUMBER)])
    assert told.status == 0
    assert "vient d’une autre source" in told.remarks[-1]
    for source, structure in kept.items():
        structure.refresh_from_db()
        assert (structure.name, structure.source, structure.closed_on) == (f"Fiche {source}", source, None)


def test_what_only_the_ror_knew_becomes_finess(finess: Finess) -> None:
    known = StructureFactory(finess=NUMBER, source=Source.ROR, name="Ancien nom", ror_name="Nom d’usage")
    told = finess([HEAD, finess_line(NUMBER)])
    structure = only()
    assert (told.run.changed, structure.source, structure.name) == (1, Source.FINESS, "EHPAD LES GENETS")
    assert (structure.account_id, structure.ror_name) == (known.account_id, "Nom d’usage")


def test_a_dry_run_computes_everything_and_writes_nothing(finess: Finess) -> None:
    before = versions()
    told = finess([*many(20), "structureet;trop;court"], "--dry-run")
    assert (told.status, told.run.created, told.run.set_aside) == (3, 20, 1)
    assert told.run.is_dry_run
    assert told.run.issues.count() == 1
    assert versions() == before
    assert "essai à blanc" in told.output


def test_entries_of_the_search_follow(finess: Finess) -> None:
    finess([HEAD, finess_line(NUMBER)])
    entry = SearchEntry.objects.get(kind="structure", key=NUMBER)
    assert (entry.label, entry.department, entry.communes) == ("EHPAD LES GENETS", "12", ["12202"])
    assert entry.account_id == only().account_id


def test_every_account_has_its_structure(finess: Finess) -> None:
    finess(list(finess_lines(30)))
    assert Account.objects.filter(kind=AccountKind.STRUCTURE, structure=None).count() == 0


def test_a_file_is_dated_by_its_first_line_then_by_its_name(finess: Finess) -> None:
    assert finess([HEAD, finess_line(NUMBER)], name="stock-20250101.csv").run.file_date == date(2026, 5, 12)
    assert finess([finess_line(NUMBER)], name="stock-20250101.csv").run.file_date == date(2025, 1, 1)


def test_the_whole_file_goes_in_whatever_the_region(finess: Finess, tmp_path: Path) -> None:
    told = finess(
        [HEAD, *(finess_line(finess_number(rank, d), departement=d) for rank, d in enumerate(("12", "59", "75")))]
    )
    assert told.run.created == 3


def test_a_summary_says_it_all_in_french(finess: Finess) -> None:
    told = finess([HEAD, finess_line(NUMBER)])
    for word in ("créées", "modifiées", "inchangées", "fermées", "rouvertes", "mises de côté", "lignes écrites"):
        assert word in told.output
    assert finess([HEAD, finess_line(NUMBER)], "--quiet").output == ""
    assert command("import_finess", tmp := Path("/nulle/part.csv")).status == 1, tmp
