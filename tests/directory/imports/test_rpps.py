from collections.abc import Callable
from datetime import date

import pytest

from accounts.models import AccountKind
from accounts.states import AccountState
from directory.models import (
    Attachment,
    ContactPoint,
    PracticeLocation,
    Profession,
    Professional,
    SearchEntry,
    Source,
)
from tests.directory.imports.builders import (
    RPPS_HEADER,
    RPPS_LABELS,
    finess_number,
    rpps_line,
    rpps_lines,
    rpps_number,
)
from tests.directory.imports.conftest import Told, versions
from tests.factories import AttachmentFactory, ProfessionalFactory, StructureFactory

pytestmark = pytest.mark.django_db
Rpps = Callable[..., Told]
NUMBER, OTHER = rpps_number(1), rpps_number(2)
SURGERY = {
    "site": "R10100000123456",
    "sign": "CABINET DU CAUSSE",
    "mode": "Libéral",
    "street_number": "4",
    "street": "RUE DU LAC",
    "postal_code": "12000",
    "commune": "12202",
    "town": "RODEZ",
    "phone": "0565000001",
    "email": "capucine@exemple.invalid",
}


def only() -> Professional:
    return Professional.objects.get(rpps=NUMBER)


def test_a_person_comes_with_an_account(rpps: Rpps) -> None:
    told = rpps([RPPS_HEADER, rpps_line(NUMBER, speciality="Infirmier en puériculture")])
    person = only()
    assert (told.status, told.run.created, told.run.file_date) == (0, 1, date(2026, 9, 14))
    assert (person.family_name, person.given_name, person.civility) == ("BRISEFER", "CAPUCINE", "MME")
    assert (person.profession_id, person.specialities) == ("60", ["Infirmier en puériculture"])
    assert (person.national_id, person.source, person.source_date) == (f"8{NUMBER}", Source.RPPS, date(2026, 9, 14))
    assert (person.account.kind, person.account.state) == (AccountKind.PP, AccountState.LISTED)
    assert person.account.name == "CAPUCINE BRISEFER"
    assert SearchEntry.objects.get(kind="professional", key=str(person.pk)).numbers == [NUMBER]


def test_lines_of_one_person_far_apart_make_one(rpps: Rpps) -> None:
    lines = [rpps_line(rpps_number(rank), family_name=f"N{rank}") for rank in range(2, 40)]
    first = rpps_line(NUMBER, speciality="Cardiologie", **SURGERY)
    last = rpps_line(NUMBER, speciality="Allergologie", **(SURGERY | {"site": "R2", "sign": "MAISON DU LAC"}))
    told = rpps([RPPS_HEADER, first, *lines, last])
    assert told.run.created == 39
    assert only().specialities == ["Allergologie", "Cardiologie"]
    assert set(only().practice_locations.values_list("name", flat=True)) == {"CABINET DU CAUSSE", "MAISON DU LAC"}


def test_somebody_without_rpps_has_a_national_identifier(rpps: Rpps) -> None:
    rpps([RPPS_HEADER, rpps_line("129900011", kind="0")])
    person = Professional.objects.get()
    assert (person.rpps, person.national_id) == (None, "0129900011")


def test_a_line_of_a_structure_that_we_know_is_an_attachment(rpps: Rpps) -> None:
    structure = StructureFactory()
    rpps([RPPS_HEADER, rpps_line(NUMBER, finess=structure.finess, function="Chef de service", **SURGERY)])
    attachment = Attachment.objects.get()
    assert (attachment.professional, attachment.structure) == (only(), structure)
    assert (attachment.function, attachment.source, attachment.since) == ("Chef de service", Source.RPPS, None)
    assert not PracticeLocation.objects.exists()
    assert structure.name in SearchEntry.objects.get(kind="professional").detail


@pytest.mark.parametrize(
    ("function", "activity", "told"),
    [
        ("Autre fonction", "", ""),
        ("", "Activité standard de soin ou de pharmacien", ""),
        ("", "Remplacement", "Remplacement"),
        ("Titulaire de cabinet", "Remplacement", "Titulaire de cabinet"),
    ],
)
def test_a_function_is_told_when_it_says_something(rpps: Rpps, function: str, activity: str, told: str) -> None:
    structure = StructureFactory()
    rpps([RPPS_HEADER, rpps_line(NUMBER, finess=structure.finess, function=function, activity=activity)])
    assert Attachment.objects.get().function == told


def test_any_other_line_is_a_place_of_practice_without_its_mail(rpps: Rpps) -> None:
    rpps([RPPS_HEADER, rpps_line(NUMBER, finess=finess_number(99), **SURGERY)])
    place = PracticeLocation.objects.get()
    assert (place.key, place.name, place.mode) == ("R10100000123456", "CABINET DU CAUSSE", "Libéral")
    assert (place.address, place.postal_code, place.city) == ("4 RUE DU LAC", "12000", "RODEZ")
    assert (place.commune_id, place.department_id, place.phone) == ("12202", "12", "0565000001")
    assert not ContactPoint.objects.exists()


def test_a_place_without_identifier_is_known_by_its_address(rpps: Rpps) -> None:
    lines = [RPPS_HEADER, rpps_line(NUMBER, **(SURGERY | {"site": ""})), rpps_line(OTHER)]
    assert rpps(lines).run.created == 2
    assert PracticeLocation.objects.get().key.startswith("adresse:")
    assert rpps(lines).run.written == 0


def test_a_place_becomes_an_attachment_once_its_structure_is_known(rpps: Rpps) -> None:
    lines = [RPPS_HEADER, rpps_line(NUMBER, finess=finess_number(7), **SURGERY)]
    rpps(lines)
    StructureFactory(finess=finess_number(7))
    told = rpps(lines)
    assert (told.status, Attachment.objects.filter(until=None).count()) == (0, 1)
    assert PracticeLocation.objects.get().closed_on == date(2026, 9, 14)


def test_the_same_file_again_writes_no_row(rpps: Rpps) -> None:
    for rank in range(20):
        StructureFactory(finess=finess_number(rank))
    lines = list(rpps_lines(300, structures=20))
    people = rpps(lines).run.created
    before = versions()
    told = rpps(lines)
    assert versions() == before
    assert (told.status, told.run.unchanged, told.run.written) == (0, people, 0)
    assert "0 ligne écrite" in told.output


def many(count: int = 100, **fields: str) -> list[str]:
    return [RPPS_HEADER, *(rpps_line(rpps_number(rank), family_name=f"N{rank}", **fields) for rank in range(count))]


def test_who_left_the_file_closes_with_all_their_places_and_comes_back(rpps: Rpps) -> None:
    structure = StructureFactory()
    lines = many(finess=structure.finess)
    rpps(lines)
    told = rpps(lines[:-1], name="PS_LibreAcces_Personne_activite_20261014.txt")
    gone = Professional.objects.get(rpps=rpps_number(99))
    assert (told.run.closed, gone.closed_on, gone.account.state) == (1, date(2026, 10, 14), AccountState.CLOSED)
    assert gone.attachments.get().until == date(2026, 10, 14)
    assert Attachment.objects.filter(until=None).count() == 99
    told = rpps(lines)
    gone.refresh_from_db()
    assert (told.run.reopened, gone.closed_on, gone.account.state) == (1, None, AccountState.LISTED)
    assert [a.until is None for a in gone.attachments.order_by("pk")] == [False, True], "history stays"


def test_a_move_ends_one_attachment_and_begins_another(rpps: Rpps) -> None:
    here, there = StructureFactory(), StructureFactory()
    rpps([RPPS_HEADER, rpps_line(NUMBER, finess=here.finess)])
    told = rpps([RPPS_HEADER, rpps_line(NUMBER, finess=there.finess)])
    assert told.status == 0, "a move is not a loss: it is not held"
    assert set(Attachment.objects.values_list("structure", "until")) == {(here.pk, date(2026, 9, 14)), (there.pk, None)}


def test_an_extract_closes_nothing(rpps: Rpps) -> None:
    structure = StructureFactory()
    rpps(many(finess=structure.finess))
    told = rpps([RPPS_HEADER, rpps_line(rpps_number(0), family_name="N0")], "--extract")
    assert (told.status, told.run.closed) == (0, 0)
    assert Attachment.objects.filter(until=None).count() == 100


def test_a_file_that_would_close_too_much_is_held(rpps: Rpps) -> None:
    rpps(many())
    told = rpps(many(97))
    assert (told.status, told.run.state) == (1, "held")
    assert "3 professionnels sur 100" in told.output
    assert rpps(many(97), "--confirm").run.closed == 3


def test_a_file_that_would_end_too_many_attachments_is_held(rpps: Rpps) -> None:
    structure = StructureFactory()
    rpps(many(finess=structure.finess))
    told = rpps(many())
    assert told.status == 1
    assert "100 rattachements sur 100" in told.output


def test_an_attachment_that_somebody_declared_stays_theirs(rpps: Rpps) -> None:
    person = ProfessionalFactory(rpps=NUMBER)
    declared = AttachmentFactory(professional=person, source=Source.DECLARED, function="Référente")
    rpps([RPPS_HEADER, rpps_line(NUMBER, finess=declared.structure.finess)])
    attachment = Attachment.objects.get()
    assert (attachment.source, attachment.function) == (Source.DECLARED, "Référente")
    rpps([RPPS_HEADER, rpps_line(NUMBER)])
    assert Attachment.objects.get().until is None


def test_a_person_whom_only_the_ror_knew_becomes_of_the_rpps(rpps: Rpps) -> None:
    known = ProfessionalFactory(rpps=NUMBER, national_id=None, source=Source.ROR)
    rpps([RPPS_HEADER, rpps_line(NUMBER)])
    assert (only().pk, only().source, only().national_id) == (known.pk, Source.RPPS, f"8{NUMBER}")


@pytest.mark.parametrize("source", [Source.DEMO, Source.DECLARED])
def test_people_of_other_sources_are_not_written_over(rpps: Rpps, source: Source) -> None:
    ProfessionalFactory(rpps=NUMBER, source=source, family_name="Vaysserat")
    told = rpps([RPPS_HEADER, rpps_line(NUMBER), rpps_line(OTHER)])
    assert (told.status, only().family_name, only().closed_on) == (0, "Vaysserat", None)
    assert "vient d’une autre source" in told.remarks[0]


def test_professions_that_we_lack_are_named_by_the_file(rpps: Rpps) -> None:
    rpps([RPPS_HEADER, rpps_line(NUMBER, profession="97", profession_label="Métier rare")])
    assert Profession.objects.get(pk="97").label == "Métier rare"


BAD = {
    "short number": (rpps_line("1000000001"), "numéro RPPS invalide"),
    "letters": (rpps_line("1000000001A"), "numéro RPPS invalide"),
    "another national id": (rpps_line(NUMBER, national_id="899999999999"), "discordants"),
    "no name": (rpps_line(NUMBER, family_name=""), "nom d’exercice absent"),
    "one field less": (rpps_line(NUMBER).removesuffix("|"), "champs au lieu de 57"),
    "one field more": (rpps_line(NUMBER) + "|", "champs au lieu de 57"),
    "nul": (rpps_line(NUMBER, family_name="BRI\0SEFER"), "NUL"),
    "name too long": (rpps_line(NUMBER, family_name="B" * 101), "nom d’exercice : 101 caractères"),
    "no identifier": (rpps_line("", kind="", national_id=""), "identifiant absent"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_line_is_set_aside_alone(rpps: Rpps, case: str) -> None:
    line, reason = BAD[case]
    told = rpps([RPPS_HEADER, line, rpps_line(OTHER)])
    assert (told.status, told.run.set_aside, Professional.objects.get().rpps) == (3, 1, OTHER)
    assert reason.casefold() in told.reasons[0].casefold()
    issue = told.run.issues.get()
    assert (issue.line, issue.raw) == (2, line.replace("\0", "␀"))


def test_a_bad_line_takes_nothing_from_a_person_that_we_know(rpps: Rpps) -> None:
    structure = StructureFactory()
    line = rpps_line(NUMBER, finess=structure.finess)
    rpps([RPPS_HEADER, line, rpps_line(OTHER)])
    told = rpps([RPPS_HEADER, rpps_line(NUMBER), line.replace("CAPUCINE", "C" * 101), rpps_line(OTHER)])
    assert told.status == 3
    assert (only().closed_on, Attachment.objects.get().until) == (None, None)


def test_quotes_are_letters_like_others(rpps: Rpps) -> None:
    told = rpps([RPPS_HEADER, rpps_line(NUMBER, **(SURGERY | {"sign": 'CABINET "DU LAC'})), rpps_line(OTHER)])
    assert (told.status, PracticeLocation.objects.get().name) == (0, 'CABINET "DU LAC')


def test_a_wrong_control_digit_is_a_remark(rpps: Rpps) -> None:
    told = rpps([RPPS_HEADER, rpps_line("10000000000"), rpps_line("10000000000", speciality="A")])
    assert (told.status, told.run.created, len(told.remarks)) == (0, 1, 1)
    assert "la clé de contrôle est fausse" in told.remarks[0]


def test_two_records_with_one_number_are_not_mixed_up(rpps: Rpps) -> None:
    ProfessionalFactory(rpps=NUMBER, national_id="3OTHER")
    told = rpps([RPPS_HEADER, rpps_line(NUMBER)], "--extract")
    assert told.status == 3
    assert "déjà celui de la fiche" in told.reasons[0]


@pytest.mark.parametrize(
    "header",
    [
        RPPS_HEADER.upper(),
        RPPS_HEADER.replace("'", "’"),
        RPPS_HEADER.replace("Structure)", "structure)"),
        RPPS_HEADER.replace("civilité d'exercice", "civilité exercice"),
    ],
)
def test_columns_are_found_whatever_the_form_of_their_labels(rpps: Rpps, header: str) -> None:
    assert rpps([header, rpps_line(NUMBER)]).status == 0
    assert only().civility == "MME"


def test_columns_may_stand_in_another_order(rpps: Rpps) -> None:
    def turned(line: str) -> str:
        return "|".join(reversed(line.split("|")[: len(RPPS_LABELS)]))

    assert rpps([turned(RPPS_HEADER), turned(rpps_line(NUMBER))]).status == 0
    assert only().family_name == "BRISEFER"


def test_a_missing_column_is_named(rpps: Rpps) -> None:
    told = rpps([RPPS_HEADER.replace("Numéro FINESS site|", ""), rpps_line(NUMBER)])
    assert (told.status, told.run.state) == (1, "refused")
    assert "« Numéro FINESS site »" in told.output
    assert not Professional.objects.exists()


@pytest.mark.parametrize("lines", [["nom;prenom", "a;b"], [RPPS_HEADER], ["\0\0\0"], [RPPS_HEADER, "x|y"]])
def test_what_is_no_rpps_extract_is_refused(rpps: Rpps, lines: list[str]) -> None:
    told = rpps(lines)
    assert (told.status, told.run.state, told.run.written) == (1, "refused", 0)


def test_a_dry_run_writes_nothing(rpps: Rpps) -> None:
    before = versions()
    assert rpps(many(), "--dry-run").run.created == 100
    assert versions() == before
