import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from accounts.states import AccountState
from directory.models import (
    ContactPoint,
    InternalOrganisation,
    LegalEntity,
    RorRecord,
    SearchEntry,
    Source,
    Structure,
)
from tests.directory.imports import resources as fhir
from tests.directory.imports.builders import finess_line, finess_number
from tests.directory.imports.conftest import Told, command, versions
from tests.factories import InternalOrganisationFactory, StructureFactory

pytestmark = pytest.mark.django_db
Ror = Callable[..., Told]
NUMBER, ENTITY = finess_number(1), finess_number(2)
EJ, EG = fhir.ej("ej", ENTITY), fhir.eg("eg", NUMBER)


def tree() -> dict[str, str | None]:
    return {
        unit.name: unit.parent and unit.parent.name for unit in InternalOrganisation.objects.select_related("parent")
    }


def test_a_structure_its_entity_and_its_units_go_in_together(ror: Ror) -> None:
    told = ror(fhir.oi("service", "Organization/pole"), fhir.oi("pole", "Organization/eg", kind="1"), EG, EJ)
    structure = Structure.objects.get()
    assert (told.status, told.run.created, told.run.set_aside) == (0, 4, 0)
    assert (structure.finess, structure.name, structure.source) == (NUMBER, "EHPAD des Genêts", Source.ROR)
    assert (structure.legal_entity.number, structure.legal_entity.name) == (ENTITY, "Entité de la Boralde")
    assert structure.category_id == "500"
    assert structure.account.state == AccountState.LISTED
    assert tree() == {"Unité pole": None, "Unité service": "Unité pole"}
    unit = InternalOrganisation.objects.get(name="Unité service")
    assert (unit.structure, unit.type_id, unit.ror_id, unit.source) == (structure, "2", "OI-service", Source.ROR)
    assert set(SearchEntry.objects.values_list("kind", flat=True)) == {"structure", "unit"}


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_both_forms_of_an_identifier_system_are_read(ror: Ror, scheme: str) -> None:
    unit = fhir.oi("u", "Organization/eg")
    unit["identifier"][0]["system"] = f"{scheme}://oi.esante.gouv.fr"
    ror(EG | {"identifier": [fhir.finess(NUMBER, scheme)]}, unit)
    assert Structure.objects.get().finess == NUMBER
    assert InternalOrganisation.objects.get().ror_id == "OI-u"


@pytest.mark.parametrize("profile", ["ror-organization", "ror-internal-organization", "ror-core-organization-uf", None])
def test_the_three_profiles_of_units_are_read_and_none_too(ror: Ror, profile: str | None) -> None:
    unit = fhir.oi("u", "Organization/eg", kind="3")
    if profile:
        unit["meta"] = unit["meta"] | {"profile": [f"{fhir.ROR}/{profile}|3.0.1"]}
    ror(EG, unit)
    assert InternalOrganisation.objects.get().type_id == "3"


def test_a_profile_alone_tells_a_unit(ror: Ror) -> None:
    unit = fhir.resource("Organization", "u", name="Pôle du Lac", partOf=fhir.to("Organization/eg"))
    unit["meta"] |= {"profile": [f"{fhir.ROR}/ror-internal-organization"]}
    ror(EG, unit)
    assert InternalOrganisation.objects.get().name == "Pôle du Lac"


def test_unknown_codes_are_tolerated(ror: Ror) -> None:
    told = ror(
        EG | {"type": [fhir.nos("TRE_R66-CategorieEtablissement", "9998", "Rare")]},
        fhir.oi("u", "Organization/eg", kind="77"),
    )
    assert told.status == 0
    assert (Structure.objects.get().category.label, InternalOrganisation.objects.get().type) == ("Rare", None)


def test_a_structure_without_finess_number_cannot_be(ror: Ror) -> None:
    told = ror(fhir.eg("eg", None), fhir.eg("autre", NUMBER))
    assert (told.status, Structure.objects.count()) == (3, 1)
    assert told.reasons == ["Établissement (EG) sans numéro FINESS : ce n’est pas une structure."]


def test_an_entity_that_comes_later_is_linked(ror: Ror) -> None:
    assert ror(EG).status == 0
    assert Structure.objects.get().legal_entity is None
    told = ror(EJ)
    assert (told.status, Structure.objects.get().legal_entity.number) == (0, ENTITY)


def test_an_entity_without_number_is_known_by_its_resource(ror: Ror) -> None:
    ror(fhir.ej("ej"), EG)
    entity = LegalEntity.objects.get()
    assert (entity.number, entity.ror_id, entity.siren) == (None, "Organization/ej", "999999999")
    assert Structure.objects.get().legal_entity == entity


def test_two_halves_of_an_entity_become_one(ror: Ror, finess: Callable[..., Told]) -> None:
    ror(fhir.ej("ej"), EG)
    finess([finess_line(finess_number(5), nofinessej=ENTITY)])
    ror(EJ)
    entity = LegalEntity.objects.get()
    assert (entity.number, entity.ror_id, entity.name) == (ENTITY, "Organization/ej", "Entité de la Boralde")
    assert set(Structure.objects.values_list("legal_entity", flat=True)) == {entity.pk}


def test_of_a_finess_structure_only_the_ror_fields_change(ror: Ror, finess: Callable[..., Told]) -> None:
    finess([finess_line(NUMBER, nofinessej=finess_number(8))])
    before = Structure.objects.get()
    told = ror(EJ, EG | {"alias": ["Les Genêts"]}, fhir.oi("u", "Organization/eg"))
    structure = Structure.objects.get()
    assert told.status == 0
    assert (structure.ror_reference, structure.ror_name) == ("Organization/eg", "Les Genêts")
    assert structure.ror_updated_on == date(2026, 3, 2)
    same = ("name", "address", "city", "source", "source_date", "legal_entity_id", "record_updated_on", "phone")
    assert [getattr(structure, name) for name in same] == [getattr(before, name) for name in same]
    assert structure.internal_organisations.count() == 1


def test_finess_takes_over_what_the_ror_knew_first(ror: Ror, finess: Callable[..., Told]) -> None:
    ror(EG, fhir.oi("u", "Organization/eg"))
    finess([finess_line(NUMBER)])
    structure = Structure.objects.get()
    assert (structure.source, structure.name) == (Source.FINESS, "EHPAD LES GENETS")
    assert ror(EG, fhir.oi("u", "Organization/eg")).run.changed == 1, "its name in use, from now on"
    assert Structure.objects.get().name == "EHPAD LES GENETS"


@pytest.mark.parametrize("source", [Source.DEMO, Source.DECLARED])
def test_units_of_other_sources_are_not_written_over(ror: Ror, source: Source) -> None:
    unit = InternalOrganisationFactory(ror_id="OI-u", name="Fiche tenue à la main", source=source)
    told = ror(EG, fhir.oi("u", "Organization/eg"))
    unit.refresh_from_db()
    assert (told.status, unit.name) == (0, "Fiche tenue à la main")
    assert any("vient d’une autre source" in remark for remark in told.remarks)


def test_the_same_files_again_write_no_row(ror: Ror) -> None:
    everything = [
        *(EJ, EG, fhir.oi("pole", "Organization/eg"), fhir.oi("u", "Organization/pole")),
        *(fhir.service("offre", "Organization/u"), fhir.location("lieu"), fhir.practitioner("p", "810000000012")),
        *(fhir.role("r", "Practitioner/p", "HealthcareService/offre"), fhir.service("x", "Organization/ailleurs")),
    ]
    assert ror(*everything).status == 0
    before = versions()
    told = ror(*everything)
    assert versions() == before
    assert (told.status, told.run.written, told.run.unchanged) == (0, 0, 9)
    assert "0 ligne écrite" in told.output


def test_a_unit_whose_structure_is_missing_waits_for_it(ror: Ror) -> None:
    told = ror(fhir.oi("u", "Organization/eg"), fhir.oi("sous", "Organization/u"))
    assert (told.status, InternalOrganisation.objects.count()) == (3, 0)
    assert "introuvable" in told.reasons[0]
    assert "contenue dans une autre" in told.reasons[1]
    assert ror(fhir.oi("sous", "Organization/u"), EG, fhir.oi("u", "Organization/eg")).status == 0
    assert tree() == {"Unité u": None, "Unité sous": "Unité u"}


def test_a_unit_finds_a_parent_of_an_earlier_run(ror: Ror) -> None:
    ror(EG)
    ror(fhir.oi("pole", "Organization/eg"))
    assert ror(fhir.oi("u", "Organization/pole")).status == 0
    assert tree() == {"Unité pole": None, "Unité u": "Unité pole"}


def test_a_circle_is_set_aside_whole_and_the_rest_goes_in(ror: Ror) -> None:
    told = ror(
        *(EG, fhir.oi("a", "Organization/c"), fhir.oi("b", "Organization/a"), fhir.oi("c", "Organization/b")),
        *(
            fhir.oi("hors", "Organization/eg"),
            fhir.oi("sous-a", "Organization/a"),
            fhir.oi("seule", "Organization/seule"),
        ),
    )
    assert (told.status, told.run.set_aside, tree()) == (3, 5, {"Unité hors": None})
    assert sum("se contient elle-même" in reason for reason in told.reasons) == 4


def test_a_circle_closed_by_two_runs_is_set_aside(ror: Ror) -> None:
    ror(EG, fhir.oi("a", "Organization/eg"), fhir.oi("b", "Organization/a"))
    told = ror(fhir.oi("a", "Organization/b"))
    assert (told.status, tree()) == (3, {"Unité a": None, "Unité b": "Unité a"})


def test_two_units_may_trade_places(ror: Ror) -> None:
    ror(EG, fhir.oi("a", "Organization/eg"), fhir.oi("b", "Organization/a"))
    assert ror(fhir.oi("a", "Organization/b"), fhir.oi("b", "Organization/eg")).status == 0
    assert tree() == {"Unité b": None, "Unité a": "Unité b"}


def test_what_stands_in_a_unit_follows_it_to_another_structure(ror: Ror) -> None:
    other = fhir.eg("autre", finess_number(3))
    ror(
        EG, other, fhir.oi("pole", "Organization/eg"), fhir.oi("u", "Organization/pole"), fhir.oi("v", "Organization/u")
    )
    told = ror(fhir.oi("pole", "Organization/autre"), fhir.oi("neuve", "Organization/u"))
    assert told.status == 0
    assert set(InternalOrganisation.objects.values_list("structure__finess", flat=True)) == {finess_number(3)}
    assert InternalOrganisation.objects.count() == 4


def test_a_unit_keeps_its_row_when_its_resource_changes_its_identifier(ror: Ror) -> None:
    ror(EG, fhir.oi("u", "Organization/eg", "OI-1"))
    unit = InternalOrganisation.objects.get()
    assert ror(fhir.oi("nouvel-id", "Organization/eg", "OI-1", name="Unité du Lac")).status == 0
    unit.refresh_from_db()
    assert (unit.name, unit.ror_reference) == ("Unité du Lac", "Organization/nouvel-id")
    assert unit.account.name == "Unité du Lac"


def test_an_older_version_changes_nothing(ror: Ror) -> None:
    ror(EG, fhir.at(fhir.oi("u", "Organization/eg", name="Neuve"), "2026-03-02T10:00:00Z"))
    told = ror(fhir.at(fhir.oi("u", "Organization/eg", name="Ancienne"), "2026-03-02T09:59:00Z"))
    assert (told.status, told.run.written, InternalOrganisation.objects.get().name) == (0, 0, "Neuve")
    assert told.remarks[0].startswith("Version plus ancienne")
    ror(fhir.at(fhir.oi("u", "Organization/eg", name="Plus neuve"), "2026-03-02T10:01:00Z"))
    assert InternalOrganisation.objects.get().name == "Plus neuve"
    assert RorRecord.objects.get(ror_reference="Organization/u").updated_at.minute == 1


def test_of_two_versions_in_one_reading_the_newest_stays(ror: Ror) -> None:
    new = fhir.at(fhir.oi("u", "Organization/eg", name="Neuve"), "2026-03-03T10:00:00Z")
    ror(EG, new, fhir.oi("u", "Organization/eg", name="Ancienne"))
    assert InternalOrganisation.objects.get().name == "Neuve"


def test_two_regions_may_hold_the_same_structure(ror: Ror) -> None:
    told = ror(EG, fhir.at(fhir.eg("bis", NUMBER), "2026-04-01T00:00:00Z"), fhir.oi("u", "Organization/eg"))
    assert (told.status, Structure.objects.count(), InternalOrganisation.objects.count()) == (0, 1, 1)
    assert Structure.objects.get().ror_reference == "Organization/bis"


def test_what_is_no_longer_active_closes_and_comes_back(ror: Ror) -> None:
    unit = fhir.oi("u", "Organization/eg")
    ror(EG, unit)
    sparse = fhir.at(
        fhir.resource("Organization", "u", active=False, identifier=unit["identifier"]), "2026-05-01T00:00:00Z"
    )
    told = ror(sparse, "--extract")
    closed = InternalOrganisation.objects.get()
    assert (told.status, told.run.closed, closed.name) == (0, 1, "Unité u")
    assert (closed.closed_on, closed.account.state) == (date(2026, 5, 1), AccountState.CLOSED)
    assert ror(sparse, "--extract").run.written == 0
    told = ror(fhir.at(unit, "2026-06-01T00:00:00Z"))
    assert (told.run.reopened, InternalOrganisation.objects.get().closed_on) == (1, None)


def test_a_unit_in_use_is_frozen_when_it_closes(ror: Ror) -> None:
    unit = fhir.oi("u", "Organization/eg")
    ror(EG, unit)
    account = InternalOrganisation.objects.get().account
    account.state = AccountState.OPEN
    account.save()
    ended = fhir.extension("organization-period", valuePeriod={"start": "2020-01-01", "end": "2026-04-30"})
    ror(fhir.at(unit | {"extension": [ended]}, "2026-05-01T00:00:00Z"))
    account.refresh_from_db()
    assert (InternalOrganisation.objects.get().closed_on, account.state) == (date(2026, 4, 30), AccountState.FROZEN)


def test_the_ror_closes_its_own_structures_and_not_those_of_finess(ror: Ror) -> None:
    StructureFactory(finess=finess_number(3))
    ror(EG, fhir.eg("autre", finess_number(3)))
    ended = [
        fhir.at(item | {"active": False}, "2026-05-01T00:00:00Z") for item in (EG, fhir.eg("autre", finess_number(3)))
    ]
    ror(*ended)
    assert dict(Structure.objects.values_list("finess", "closed_on")) == {
        NUMBER: date(2026, 5, 1),
        finess_number(3): None,
    }


def units(count: int) -> list[fhir.Json]:
    return [EG, *(fhir.oi(f"u{rank}", "Organization/eg") for rank in range(count))]


def test_what_a_whole_file_no_longer_holds_of_a_structure_closes(ror: Ror) -> None:
    ror(*units(60))
    told = ror(*units(59))
    assert (told.status, told.run.closed) == (0, 1)
    assert InternalOrganisation.objects.exclude(closed_on=None).get().name == "Unité u59"


def test_an_extract_closes_nothing(ror: Ror) -> None:
    ror(*units(60))
    assert ror(*units(2), "--extract").run.closed == 0


def test_a_file_that_would_close_too_many_units_is_held(ror: Ror) -> None:
    ror(*units(60))
    told = ror(*units(50))
    assert (told.status, told.run.state) == (1, "held")
    assert "10 unités sur 60" in told.output
    assert ror(*units(50), "--confirm").run.closed == 10


def test_a_file_closes_nothing_of_what_it_does_not_tell(ror: Ror) -> None:
    """A structure alone says nothing of its units; a parent named by a child is not missing."""
    ror(*units(3), fhir.oi("pole", "Organization/eg"), fhir.oi("dedans", "Organization/pole"))
    assert ror(EG).run.closed == 0
    assert ror(fhir.oi("u0", "Organization/eg")).run.closed == 0
    assert ror(*units(3), fhir.oi("dedans", "Organization/pole")).run.closed == 0


def test_a_file_of_one_resource_closes_nothing(ror: Ror, tmp_path: Path) -> None:
    ror(*units(3))
    (tmp_path / "eg.json").write_text(json.dumps(EG))
    assert command("import_ror", tmp_path / "eg.json").run.closed == 0


def test_addresses_and_positions_are_read(ror: Ror) -> None:
    insee = {
        "url": "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code",
        "valueCoding": {"system": f"{fhir.NOS}/TRE_R13-Commune/FHIR/TRE-R13-Commune", "code": "12202"},
    }
    position = {
        "url": "http://hl7.org/fhir/StructureDefinition/geolocation",
        "extension": [{"url": "latitude", "valueDecimal": 44.35}, {"url": "longitude", "valueDecimal": 2.57}],
    }
    address = {
        "line": ["4 rue du Lac, 12000 RODEZ"],
        "city": "RODEZ",
        "postalCode": "12000",
        "extension": [insee, position],
    }
    ror(EG | {"address": [address]})
    structure = Structure.objects.get()
    assert (structure.address, structure.postal_code, structure.city) == ("4 rue du Lac", "12000", "RODEZ")
    assert (structure.commune_id, structure.department_id, structure.coordinates) == ("12202", "12", (44.35, 2.57))


@pytest.mark.parametrize(("code", "department"), [("20090", "2A"), ("20200", "2B"), ("97410", "974"), ("31000", "31")])
def test_without_insee_code_the_postal_code_gives_the_department(ror: Ror, code: str, department: str) -> None:
    ror(EG | {"address": [{"city": "Val", "postalCode": code}]})
    assert Structure.objects.get().department_id == department


def test_contacts_carry_the_strictest_level(ror: Ror) -> None:
    red = fhir.telecom("rouge@exemple.mssante.fr", "1", "email")
    red["extension"].append(
        {"url": f"{fhir.ROR}/as-ext-mailbox-mss-metadata", "extension": [{"url": "listeRouge", "valueBoolean": True}]}
    )
    contacts = [
        fhir.contact("1", fhir.telecom("0565000001", "1"), fhir.telecom("0565000002", "2")),
        fhir.contact("2", fhir.telecom("0565000003", "1")),
        fhir.contact(None, fhir.telecom("0565000004", "1")),
        fhir.contact("1", fhir.telecom("0565000005", None), fhir.telecom("0565000006", "77"), red),
    ]
    ror(EG | {"contact": contacts})
    assert dict(ContactPoint.objects.values_list("value", "confidentiality")) == {
        **{"0565000001": 1, "0565000002": 2, "0565000003": 2, "0565000004": 3, "0565000005": 3, "0565000006": 3},
        "rouge@exemple.mssante.fr": 3,
    }
    assert list(ContactPoint.objects.public().values_list("value", "purpose")) == [("0565000001", "Standard")]
    assert Structure.objects.get().phone == "0565000001"
    assert ContactPoint.objects.get(value__contains="mssante").channel == "mss"


def test_contacts_that_their_source_no_longer_gives_go(ror: Ror) -> None:
    hand = StructureFactory(finess=NUMBER)
    kept = ContactPoint.objects.create(structure=hand, channel="phone", value="0565999999", source=Source.DECLARED)
    ror(EG | {"contact": [fhir.contact("1", fhir.telecom("0565000001"), fhir.telecom("0565000002"))]})
    ror(EG | {"contact": [fhir.contact("1", fhir.telecom("0565000002"))]})
    assert set(ContactPoint.objects.values_list("value", flat=True)) == {"0565000002", kept.value}


def test_a_dry_run_writes_nothing(ror: Ror) -> None:
    before = versions()
    told = ror(*units(3), "--dry-run")
    assert (told.status, told.run.created) == (0, 4)
    assert versions() == before


def test_letters_that_nobody_sees_are_left_out(ror: Ror) -> None:
    ror(EG | {"name": "EHPAD\u200b  des\u202e Gen\u00adêts"})
    assert Structure.objects.get().name == "EHPAD des Genêts"
