from datetime import date

import pytest
from django.db import connection, transaction

from directory.models import Attachment, Commune, SearchEntry, Structure
from directory.search import projection
from tests.factories import (
    AttachmentFactory,
    InternalOrganisationFactory,
    ProfessionalFactory,
    StructureFactory,
)

pytestmark = pytest.mark.usefixtures("db")
TODAY = date(2026, 11, 23)


@pytest.fixture
def hospital(db: None) -> Structure:
    espalion = Commune.objects.get(name="Espalion")
    return StructureFactory(
        name="C.H. de la Boralde",
        long_name="Hôpital de la haute vallée",
        category_id="355",
        siret="99912000000012",
        commune=espalion,
        department_id="12",
        postal_code="12500",
        ror_name="Hôpital d’Olt",
    )


def entry(kind: str) -> SearchEntry:
    return SearchEntry.objects.get(kind=kind)


def test_a_structure_is_described_by_its_name_nature_and_town(hospital: Structure) -> None:
    projection.refresh("structure", [hospital.pk], at=TODAY)
    found = entry("structure")
    assert (found.key, found.label) == (hospital.finess, "C.H. de la Boralde")
    assert found.detail == "Centre hospitalier · Espalion"
    assert found.keywords.splitlines() == [
        "=Hôpital de la haute vallée ; Hôpital d’Olt",
        "+CH centre hospitalier",
        "#Centre Hospitalier (C.H.) ; C.H.",
        "@Espalion 12500",
    ]
    assert found.numbers == [hospital.finess, "99912000000012"]
    assert (found.department, found.departments, found.facets) == ("12", ["12"], ["355"])
    assert found.communes == [hospital.commune_id]
    assert found.account_id == hospital.account_id
    assert found.popularity == 1


def test_a_name_gives_its_acronym_and_an_acronym_its_name(db: None) -> None:
    StructureFactory(name="Centre hospitalier universitaire de l’Olt")
    StructureFactory(name="CHU de la Boralde")
    StructureFactory(name="Le Mas des Genêts")
    projection.refresh("structure", at=TODAY)
    words = {e.label: e.keywords for e in SearchEntry.objects.all()}
    assert "CHU centre hospitalier universitaire" in words["Centre hospitalier universitaire de l’Olt"]
    assert "CHU centre hospitalier universitaire" in words["CHU de la Boralde"]
    assert words["Le Mas des Genêts"] == ""


def test_a_unit_carries_the_names_and_places_of_its_structure(hospital: Structure) -> None:
    unit = InternalOrganisationFactory(structure=hospital, name="Unité de soins palliatifs", type_id="2")
    AttachmentFactory(internal_organisation=unit)
    projection.refresh("unit", at=TODAY)
    found = entry("unit")
    assert found.detail == "Service · C.H. de la Boralde, Espalion"
    assert ">C.H. de la Boralde ; Hôpital de la haute vallée ; Hôpital d’Olt" in found.keywords
    assert "USP unité de soins palliatifs" in found.keywords
    assert (found.departments, found.facets, found.popularity) == (["12"], ["355"], 0.5)


def test_a_unit_is_closed_with_its_structure(db: None) -> None:
    InternalOrganisationFactory(structure=StructureFactory(closed=True))
    projection.refresh("unit", at=TODAY)
    assert entry("unit").is_closed


def test_a_person_is_shown_with_a_profession_and_a_place(hospital: Structure) -> None:
    nurse = ProfessionalFactory(profession_id="60", specialities=["Soins palliatifs"])
    AttachmentFactory(professional=nurse, structure=hospital)
    projection.refresh("professional", at=TODAY)
    found = entry("professional")
    assert found.label == nurse.display_name
    assert found.detail == "Infirmière · C.H. de la Boralde, Espalion"
    assert found.keywords.splitlines() == [
        "#Infirmier ; Infirmière",
        "*Soins palliatifs",
        ">C.H. de la Boralde ; Hôpital de la haute vallée ; Hôpital d’Olt",
        "@Espalion",
    ]
    assert (found.numbers, found.facets) == ([nurse.rpps], ["60"])
    assert 0 <= found.popularity < 1


def test_a_person_without_profession_is_shown_by_title(db: None) -> None:
    ProfessionalFactory(rpps=None, title="Assistante sociale")
    projection.refresh("professional", at=TODAY)
    assert entry("professional").detail == "Assistante sociale"


def test_an_ended_attachment_or_a_closed_structure_says_nothing_of_a_person(hospital: Structure) -> None:
    nurse = ProfessionalFactory()
    AttachmentFactory(professional=nurse, structure=hospital, until=date(2026, 1, 1))
    AttachmentFactory(professional=nurse, structure=StructureFactory(closed=True, department_id="31"))
    projection.refresh("professional", at=TODAY)
    assert (entry("professional").departments, entry("professional").detail) == ([], "")


def test_a_second_refresh_writes_nothing(hospital: Structure) -> None:
    AttachmentFactory(structure=hospital)
    InternalOrganisationFactory(structure=hospital)
    kinds = ("structure", "unit", "professional")
    assert [projection.refresh(kind, at=TODAY) for kind in kinds] == [1, 1, 1]
    assert [projection.refresh(kind, at=TODAY) for kind in kinds] == [0, 0, 0]


def test_the_old_name_stays_for_ever_with_its_last_day(hospital: Structure) -> None:
    projection.refresh("structure", at=TODAY)
    for name, day in [("Hôpital neuf", 24), ("C.H. de la Boralde", 25), ("CH de la boralde", 26), ("Le Neuf", 27)]:
        Structure.objects.update(name=name)
        projection.refresh("structure", at=date(2026, 11, day))
    assert entry("structure").aliases == [
        {"name": "C.H. de la Boralde", "until": "2026-11-24"},
        {"name": "Hôpital neuf", "until": "2026-11-25"},
        {"name": "CH de la boralde", "until": "2026-11-27"},
    ]


def test_a_renamed_structure_is_renamed_on_its_units_and_people(hospital: Structure) -> None:
    unit = InternalOrganisationFactory(structure=hospital)
    AttachmentFactory(internal_organisation=unit)
    AttachmentFactory()
    for kind in ("structure", "unit", "professional"):
        projection.refresh(kind, at=TODAY)
    Structure.objects.filter(pk=hospital.pk).update(name="Le Neuf")
    assert projection.refresh_around([hospital.pk], at=TODAY) == 3
    assert "Le Neuf" in entry("unit").detail
    assert projection.refresh_around([hospital.pk], at=TODAY) == 0


def test_a_temporary_table_says_which_rows(hospital: Structure) -> None:
    StructureFactory()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute('CREATE TEMP TABLE "rows of import" (id bigint) ON COMMIT DROP')
        cursor.execute('INSERT INTO "rows of import" VALUES (%s), (%s)', [hospital.pk, hospital.pk])
        assert projection.refresh_from("structure", "rows of import", at=TODAY) == 1
    assert entry("structure").key == hospital.finess


def test_what_is_there_no_more_is_taken_out_by_a_whole_refresh(hospital: Structure) -> None:
    attachment = AttachmentFactory(structure=hospital)
    projection.refresh("professional", at=TODAY)
    person = attachment.professional
    Attachment.objects.all().delete()
    with transaction.atomic():
        account = person.account
        SearchEntry.objects.update(account=None)
        person.delete()
        account.delete()
    assert projection.refresh("professional", at=TODAY) == 1
    assert not SearchEntry.objects.exists()
