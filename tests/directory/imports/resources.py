"""Invented FHIR resources in the form of the ROR's guide."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Json = dict[str, Any]
NOS = "https://mos.esante.gouv.fr/NOS"
ROR = "https://interop.esante.gouv.fr/ig/fhir/ror/StructureDefinition"
UPDATED = "2026-03-02T10:00:00+01:00"


def nos(name: str, code: str, display: str = "") -> Json:
    return {"coding": [{"system": f"{NOS}/{name}/FHIR/{name.replace('_', '-')}", "code": code, "display": display}]}


def resource(kind: str, key: str, **fields: Any) -> Json:
    return {"resourceType": kind, "id": key, "meta": {"lastUpdated": UPDATED}} | fields


def at(found: Json, moment: str) -> Json:
    """The same resource, in another version."""
    return found | {"meta": found["meta"] | {"lastUpdated": moment}}


def identifier(kind: str, value: str, code: str = "", system: str = "TRE_G07-TypeIdentifiantStructure") -> Json:
    found: Json = {"system": kind, "value": value}
    return found | ({"type": nos(system, code)} if code else {})


def finess(number: str, scheme: str = "https") -> Json:
    return identifier(f"{scheme}://finess.esante.gouv.fr", number, "1")


def to(reference: str) -> Json:
    return {"reference": reference}


def ej(key: str, number: str = "", name: str = "Entité de la Boralde", **fields: Any) -> Json:
    ids = [finess(number)] if number else [identifier("http://sirene.fr", "999999999", "2")]
    status = [nos("TRE_R72-FinessStatutJuridique", "72", "SARL")]
    return resource("Organization", key, identifier=ids, type=status, name=name, **fields)


def eg(key: str, number: str | None, part_of: str = "Organization/ej", **fields: Any) -> Json:
    given: Json = {
        "identifier": [finess(number)] if number else [],
        "type": [nos("TRE_R66-CategorieEtablissement", "500", "EHPAD")],
        "name": "EHPAD des Genêts",
        "partOf": to(part_of),
    }
    return resource("Organization", key, **(given | fields))


def oi(key: str, part_of: str | None, number: str = "", kind: str = "2", **fields: Any) -> Json:
    given: Json = {
        "identifier": [identifier("https://oi.esante.gouv.fr", number or f"OI-{key}", "42", "TRE_R345")],
        "type": [nos("TRE_R207-TypeOrganisationInterne", kind)],
        "name": f"Unité {key}",
    }
    if part_of:
        given["partOf"] = to(part_of)
    return resource("Organization", key, **(given | fields))


def extension(name: str, **value: Any) -> Json:
    return {"url": f"{ROR}/{name}", **value}


def level(name: str, code: str | None) -> list[Json]:
    if code is None:
        return []
    return [extension(name, valueCodeableConcept=nos("TRE_R283-NiveauConfidentialite", code))]


def telecom(value: str, own: str | None = "1", system: str = "phone") -> Json:
    return {"extension": level("ror-telecom-confidentiality-level", own), "system": system, "value": value}


def contact(own: str | None, *telecoms: Json, purpose: str = "Standard") -> Json:
    return {
        "extension": level("ror-contact-confidentiality-level", own),
        "purpose": nos("TRE_R287-NatureContact", "06", purpose),
        "telecom": list(telecoms),
    }


def service_contact(own: str | None, value: str, telecom_level: str | None = "1") -> Json:
    telecom_extensions = [
        extension(
            "ror-telecom-communication-channel",
            valueCodeableConcept=nos("TRE_R200-CanalCommunication", "2", "Téléphone fixe"),
        ),
        *level("ror-telecom-confidentiality-level", telecom_level),
        {"url": "telecomAddress", "valueString": value},
    ]
    return extension(
        "ror-healthcareservice-contact",
        extension=[
            {"url": "purposeContact", "valueCodeableConcept": nos("TRE_R287-NatureContact", "06", "Standard")},
            *level("ror-confidentiality-level", own),
            {"url": f"{ROR}/ror-healthcareservice-contact-telecom", "extension": telecom_extensions},
        ],
    )


def service(key: str, provided_by: str, *, sensitive: bool | None = False, **fields: Any) -> Json:
    flag = [] if sensitive is None else [extension("ror-healthcareservice-sensitive-unit", valueBoolean=sensitive)]
    given: Json = {
        "identifier": [{"value": f"76/{key}"}],
        "providedBy": to(provided_by),
        "name": f"Offre {key}",
        "category": [nos("TRE_R244-CategorieOrganisation", "157", "Unité de court séjour")],
        "type": [nos("TRE_R227-ChampActivite", "01", "MCO")],
        "specialty": [nos("TRE_R211-ActiviteOperationnelle", "022", "Médecine polyvalente")],
        "location": [to("Location/lieu")],
        "extension": [],
    }
    given |= fields
    given["extension"] = [*flag, *given["extension"]]
    return resource("HealthcareService", key, **given)


def location(key: str, **fields: Any) -> Json:
    commune = extension("ror-commune-cog", valueCodeableConcept=nos("TRE_R13-Commune", "12202", "Rodez"))
    address = {"line": ["7 rue du Lac"], "city": "Rodez", "postalCode": "12000"}
    return resource("Location", key, **({"extension": [commune], "name": "Site du Lac", "address": address} | fields))


def practitioner(key: str, national_id: str, family: str = "VERTALLIER", **fields: Any) -> Json:
    given: Json = {
        "identifier": [identifier("urn:oid:1.2.250.1.71.4.2.1", national_id)],
        "name": [{"family": family, "given": ["Odilon"]}],
        "gender": "male",
    }
    return resource("Practitioner", key, **(given | fields))


def role(key: str, person: str, where: str, **fields: Any) -> Json:
    given: Json = {
        "practitioner": to(person),
        "healthcareService": [to(where)],
        "code": [nos("TRE_G15-ProfessionSante", "60", "Infirmier")],
    }
    return resource("PractitionerRole", key, **(given | fields))


def bundle(*found: Json) -> Json:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": item} for item in found]}


def folder(path: Path, found: Iterable[Json]) -> Path:
    """One file a resource, as an export gives them."""
    path.mkdir(exist_ok=True)
    for old in path.glob("*.json"):
        old.unlink()
    for item in found:
        (path / f"{item['resourceType']}-{item['id']}.json").write_text(json.dumps(item))
    return path
