"""JSON that is not FHIR, FHIR that is not whole, and everything that may stand where an object should."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from directory.imports import fhir_files
from directory.models import InternalOrganisation, Offer, Professional, Structure
from tests.directory.imports import resources as fhir
from tests.directory.imports.builders import finess_number
from tests.directory.imports.conftest import Told, command

pytestmark = pytest.mark.django_db
EG = fhir.eg("eg", finess_number(1))
NESTED = 200_000
BROKEN = {
    "not JSON": b"structureet;120990001",
    "cut": json.dumps(EG).encode()[:-20],
    "not FHIR": b'{"nom": "EHPAD"}',
    "a list": b"[1, 2, 3]",
    "a word": b'"EHPAD"',
    "empty": b"",
    "latin": '{"resourceType": "Organization", "name": "Hôpital"}'.encode("cp1252"),
    "deep": b'{"resourceType":"Organization","x":' + b"[" * NESTED + b"]" * NESTED + b"}",
    "without id": b'{"resourceType": "Organization", "name": "EHPAD"}',
    "id of another kind": b'{"resourceType": "Organization", "id": 12, "name": "EHPAD"}',
}


@pytest.fixture
def read(db: None, tmp_path: Path) -> Callable[..., Told]:
    """Imports a folder with a good structure and this file."""

    def run(content: bytes | fhir.Json) -> Told:
        fhir.folder(tmp_path / "ror", [EG])
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        (tmp_path / "ror" / "z.json").write_bytes(raw)
        return command("import_ror", tmp_path / "ror")

    return run


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_set_aside_and_the_others_go_in(read: Callable[..., Told], case: str) -> None:
    told = read(BROKEN[case])
    assert (told.status, told.run.set_aside, Structure.objects.count()) == (3, 1, 1)
    issue = told.run.issues.get()
    assert issue.file == "z.json"
    assert issue.reason.endswith((".", ")", "»")) or "JSON illisible" in issue.reason


@pytest.mark.parametrize("case", BROKEN)
def test_a_large_broken_file_is_read_as_a_stream(
    read: Callable[..., Told], monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.setattr(fhir_files, "HELD_WHOLE", -1)
    whole = json.dumps(fhir.bundle(EG)).encode()
    told = read(whole[:-2] + b", " + BROKEN[case] + b"]}")
    assert told.status == 3 or case in ("a list", "a word", "empty")
    assert Structure.objects.count() <= 1


def test_a_bundle_is_streamed_like_it_is_held(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(fhir.bundle(EG, fhir.oi("u", "Organization/eg")), indent=1), encoding="utf-8-sig")
    monkeypatch.setattr(fhir_files, "HELD_WHOLE", 0)
    told = command("import_ror", path)
    assert (told.status, told.run.created, InternalOrganisation.objects.count()) == (0, 2, 1)


WRONG: list[object] = [None, True, 12, 1.5, "mot", [], {}, [[]], [None], [{}], {"coding": 3}, [{"coding": [None, "x"]}]]
FIELDS = {
    "Organization": [
        "meta",
        "extension",
        "identifier",
        "type",
        "name",
        "alias",
        "partOf",
        "address",
        "telecom",
        "contact",
    ],
    "HealthcareService": [
        *("meta", "extension", "identifier", "providedBy", "category", "type", "specialty", "location", "name"),
        *("characteristic", "availableTime", "notAvailable", "active"),
    ],
    "Location": ["meta", "extension", "name", "address", "position"],
    "Practitioner": ["meta", "identifier", "name", "telecom", "qualification", "gender"],
    "PractitionerRole": ["meta", "practitioner", "healthcareService", "organization", "code", "period"],
}
INSIDE = [
    fhir.practitioner("n1", "810000000012", name=[{"family": "A", "given": 12, "prefix": 3}]),
    fhir.at(EG, "0001-01-01T00:00:00+14:00") | {"id": "n2"},
    fhir.at(EG, "9999-12-31T23:59:59-11:00") | {"id": "n3"},
    fhir.service(
        "n4",
        "Organization/eg",
        extension=[
            fhir.extension(
                "ror-healthcareservice-patient-type",
                extension=[{"url": "ageRange", "valueRange": {"low": {"value": 1e308, "code": "a"}}}],
            )
        ],
        availableTime=[{"daysOfWeek": [{"a": 1}, None, "mon"], "availableStartTime": 8}],
    ),
]
WHOLE = {
    "Organization": EG,
    "HealthcareService": fhir.service("o", "Organization/eg"),
    "Location": fhir.location("l"),
    "Practitioner": fhir.practitioner("p", "810000000012"),
    "PractitionerRole": fhir.role("r", "Practitioner/p", "HealthcareService/o"),
}


@pytest.mark.parametrize("kind", FIELDS)
def test_whatever_stands_in_a_field_nothing_breaks(ror: Callable[..., Told], kind: str) -> None:
    strange = [
        WHOLE[kind] | {"id": f"x{rank}-{place}", field: value}
        for rank, field in enumerate(FIELDS[kind])
        for place, value in enumerate(WRONG)
    ]
    told = ror(fhir.eg("bonne", finess_number(5)), *strange, *INSIDE)
    assert told.status in (0, 3)
    assert Structure.objects.filter(finess=finess_number(5)).exists()


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (fhir.eg("x", "12"), "numéro FINESS invalide"),
        (fhir.eg("x", finess_number(2), name=""), "organisation sans nom"),
        (fhir.eg("x", finess_number(2), name="N" * 256), "nom : 256 caractères"),
        (fhir.eg("x", finess_number(2), name="N\0M"), "caractère illisible"),
        (fhir.eg("x", finess_number(2), name="N\ud800M"), "caractère illisible"),
        (fhir.resource("Organization", "x", name="Qui ?"), "rien ne dit si elle est"),
        (fhir.practitioner("x", ""), "sans identifiant national"),
        (fhir.practitioner("x", "810000000012", ""), "professionnel sans nom"),
        (fhir.role("x", "", "HealthcareService/o"), "sans professionnel ou sans lieu"),
    ],
)
def test_a_resource_that_cannot_be_used_is_set_aside_with_its_reason(
    ror: Callable[..., Told], found: fhir.Json, reason: str
) -> None:
    told = ror(EG, found)
    assert (told.status, told.run.set_aside, Structure.objects.count()) == (3, 1, 1)
    issue = told.run.issues.get()
    assert reason.casefold() in issue.reason.casefold()
    assert (issue.file, issue.line) == ("ror.json", 2)
    assert "x" in issue.raw


def test_resources_of_other_kinds_are_passed_over_and_told(ror: Callable[..., Told]) -> None:
    told = ror(EG, fhir.resource("Patient", "a"), fhir.resource("Patient", "b"), fhir.resource("Device", "c"))
    assert (told.status, told.run.read) == (0, 1)
    assert "Device (1), Patient (2)" in told.run.message


def test_only_json_is_read_of_a_folder(db: None, tmp_path: Path) -> None:
    fhir.folder(tmp_path / "ror", [EG])
    (tmp_path / "ror" / "README.md").write_text("# Exemples")
    (tmp_path / "ror" / "codes.csv").write_text("a;b")
    (tmp_path / "ror" / "sous").mkdir()
    (tmp_path / "ror" / "sous" / "u.json").write_text(json.dumps(fhir.oi("u", "Organization/eg")))
    told = command("import_ror", tmp_path / "ror")
    assert (told.status, told.run.created) == (0, 2)


def test_what_holds_no_resource_is_refused(db: None, tmp_path: Path) -> None:
    assert command("import_ror", tmp_path).status == 1
    (tmp_path / "vide.json").write_bytes(b"")
    assert command("import_ror", tmp_path / "vide.json").status == 1
    (tmp_path / "rien.json").write_text(json.dumps(fhir.bundle()))
    assert command("import_ror", tmp_path / "rien.json").status == 1


def test_a_file_that_could_not_be_read_whole_closes_nothing(db: None, tmp_path: Path) -> None:
    units = [fhir.oi(f"u{rank}", "Organization/eg") for rank in range(60)]
    path = fhir.folder(tmp_path / "ror", [EG, *units])
    assert command("import_ror", path).status == 0
    fhir.folder(path, [EG, *units[:59]])
    (path / "z.json").write_text("{")
    told = command("import_ror", path)
    assert (told.status, told.run.closed) == (3, 0)


def test_every_kind_goes_in_by_itself(ror: Callable[..., Told]) -> None:
    for found in WHOLE.values():
        assert ror(found, "--extract").status == 0
    assert (Offer.objects.count(), Professional.objects.count()) == (1, 1)
