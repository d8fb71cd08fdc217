"""Invented files in the formats of FINESS and of the RPPS. No line is one of a real file."""

from collections.abc import Iterable, Iterator
from pathlib import Path

FINESS_FIELDS = (
    *("section", "nofinesset", "nofinessej", "rs", "rslongue", "complrs", "compldistrib", "numvoie", "typvoie", "voie"),
    *("compvoie", "lieuditbp", "commune", "departement", "libdepartement", "ligneacheminement", "telephone"),
    *("telecopie", "categetab", "libcategetab", "categagretab", "libcategagretab", "siret", "codeape", "codemft"),
    *("libmft", "codesph", "libsph", "dateouv", "dateautor", "datemaj", "numuai"),
)
FINESS_DEFAULTS = {
    "section": "structureet",
    "nofinessej": "120990001",
    "rs": "EHPAD LES GENETS",
    "numvoie": "3",
    "typvoie": "R",
    "voie": "DU CAUSSE",
    "commune": "202",
    "departement": "12",
    "libdepartement": "AVEYRON",
    "ligneacheminement": "12000 RODEZ",
    "telephone": "0565000000",
    "categetab": "500",
    "libcategetab": "Etablissement d'hébergement pour personnes âgées dépendantes",
    "categagretab": "4401",
    "libcategagretab": "Etablissements d'Hébergement pour Personnes Âgées",
    "dateouv": "1998-03-02",
    "dateautor": "1998-01-05",
    "datemaj": "2025-10-01",
}


def with_key(digits: str) -> str:
    """The digits followed by the control digit that makes Luhn's sum right."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def finess_number(rank: int, department: str = "12") -> str:
    return with_key(f"{department}{rank:06d}")


def finess_line(number: str, **fields: str) -> str:
    values = FINESS_DEFAULTS | {"nofinesset": number} | fields
    return ";".join(values.get(name, "") for name in FINESS_FIELDS)


def point_line(number: str, x: float, y: float, label: str = "1,ATLASANTE,95,BAN,EPSG:2154") -> str:
    return f"geolocalisation;{number};{x};{y};{label};2026-05-10"


def finess_lines(count: int, *, with_points: bool = True, day: str = "2026-05-12") -> Iterator[str]:
    """A whole stock, its positions at the end as in the real one; about one structure in three has its own entity."""
    yield f"finess;etalab;111;{day}"
    for rank in range(count):
        yield finess_line(
            finess_number(rank),
            nofinessej=finess_number(900_000 + rank // 3),
            rs=f"{KINDS[rank % len(KINDS)]} {PLACES[rank % len(PLACES)]} {PLACES[rank // 7 % len(PLACES)]} {rank}",
            numvoie=str(rank % 200 + 1),
            commune=f"{rank % 280 + 1:03d}",
            siret=f"{rank:014d}",
        )
    for rank in range(count if with_points else 0):
        yield point_line(finess_number(rank), 640_000 + rank % 50_000, 6_340_000 + rank % 40_000)


KINDS = ["EHPAD", "SSIAD", "FOYER", "MAISON DE SANTE", "CENTRE DE SANTE", "CMPP", "PHARMACIE", "ESAT"]
PLACES = ["DU CAUSSE", "DES BRUYERES", "DE LA BORALDE", "DU LEVEZOU", "DES OLIVIERS", "DU VALLON", "SAINTE FOY"]


def write(path: Path, lines: Iterable[str], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        file.writelines(f"{line}\n" for line in lines)
    return path


RPPS_LABELS = (
    *("Type d'identifiant PP", "Identifiant PP", "Identification nationale PP", "Code civilité d'exercice"),
    *("Libellé civilité d'exercice", "Code civilité", "Libellé civilité", "Nom d'exercice", "Prénom d'exercice"),
    *("Code profession", "Libellé profession", "Code catégorie professionnelle", "Libellé catégorie professionnelle"),
    *("Code type savoir-faire", "Libellé type savoir-faire", "Code savoir-faire", "Libellé savoir-faire"),
    *("Code mode exercice", "Libellé mode exercice", "Numéro SIRET site", "Numéro SIREN site", "Numéro FINESS site"),
    *("Numéro FINESS établissement juridique", "Identifiant technique de la structure", "Raison sociale site"),
    *("Enseigne commerciale site", "Complément destinataire (coord. structure)"),
    *("Complément point géographique (coord. structure)", "Numéro Voie (coord. structure)"),
    *("Indice répétition voie (coord. structure)", "Code type de voie (coord. structure)"),
    *("Libellé type de voie (coord. structure)", "Libellé Voie (coord. structure)"),
    *("Mention distribution (coord. structure)", "Bureau cedex (coord. structure)", "Code postal (coord. structure)"),
    *("Code commune (coord. structure)", "Libellé commune (coord. structure)", "Code pays (coord. structure)"),
    *("Libellé pays (coord. structure)", "Téléphone (coord. structure)", "Téléphone 2 (coord. structure)"),
    *("Télécopie (coord. structure)", "Adresse e-mail (coord. structure)", "Code département (coord. structure)"),
    *("Libellé département (coord. structure)", "Ancien identifiant de la structure", "Autorité d'enregistrement"),
    *("Code secteur d'activité", "Libellé secteur d'activité", "Code section tableau pharmaciens"),
    *("Libellé section tableau pharmaciens", "Code fonction", "Libellé fonction", "Code genre d'activité"),
    "Libellé genre d'activité",
)
RPPS_HEADER = "|".join(RPPS_LABELS) + "|"
RPPS_NAMES = {
    "kind": "Type d'identifiant PP",
    "number": "Identifiant PP",
    "national_id": "Identification nationale PP",
    "civility": "Code civilité",
    "family_name": "Nom d'exercice",
    "given_name": "Prénom d'exercice",
    "profession": "Code profession",
    "profession_label": "Libellé profession",
    "speciality": "Libellé savoir-faire",
    "mode": "Libellé mode exercice",
    "finess": "Numéro FINESS site",
    "site": "Identifiant technique de la structure",
    "sign": "Enseigne commerciale site",
    "street_number": "Numéro Voie (coord. structure)",
    "street": "Libellé Voie (coord. structure)",
    "postal_code": "Code postal (coord. structure)",
    "commune": "Code commune (coord. structure)",
    "town": "Libellé commune (coord. structure)",
    "phone": "Téléphone (coord. structure)",
    "email": "Adresse e-mail (coord. structure)",
    "function": "Libellé fonction",
    "activity": "Libellé genre d'activité",
}
RPPS_DEFAULTS = {
    "kind": "8",
    "civility": "MME",
    "family_name": "BRISEFER",
    "given_name": "CAPUCINE",
    "profession": "60",
    "profession_label": "Infirmier",
}


def rpps_number(rank: int) -> str:
    return with_key(f"10{rank:08d}")


def rpps_line(number: str, **fields: str) -> str:
    values = RPPS_DEFAULTS | {"number": number} | fields
    values.setdefault("national_id", values["kind"] + values["number"])
    by_label = {RPPS_NAMES[name]: value for name, value in values.items()}
    return "|".join(by_label.get(label, "") for label in RPPS_LABELS) + "|"


def rpps_lines(count: int, structures: int = 1_000) -> Iterator[str]:
    """An extract: people of one to three lines, those of one person far apart, two in three in a known structure."""
    yield RPPS_HEADER
    people = count // 2 or 1
    for line in range(count):
        rank = line % people if line % 3 else line % (people // 2 or 1)
        in_structure = line % 3 != 2
        yield rpps_line(
            rpps_number(rank),
            civility="M" if rank % 2 else "MME",
            family_name=f"{FAMILIES[rank % len(FAMILIES)]}-{FAMILIES[rank // 11 % len(FAMILIES)]}",
            given_name=GIVEN[rank // 5 % len(GIVEN)],
            profession="60" if rank % 2 else "10",
            profession_label="Infirmier" if rank % 2 else "Médecin",
            speciality="" if rank % 2 else f"Spécialité inventée {line % 40}",
            mode="Salarié" if in_structure else "Libéral",
            finess=finess_number(line * 7 % structures) if in_structure else "",
            site=f"F{line:08d}",
            sign=f"CABINET {PLACES[line % len(PLACES)]}",
            street_number=str(line % 90 + 1),
            street=f"RUE {PLACES[line // 3 % len(PLACES)]}",
            postal_code="12000",
            commune="12202",
            town="RODEZ",
            phone=f"0565{line % 1_000_000:06d}",
        )


FAMILIES = ["BRISEFER", "TOURNEVENT", "LACOMBELLE", "VERTALLIER", "PASQUEFLEUR", "GRANDRIEU", "SOULAGRESTE", "MONTJAUX"]
GIVEN = ["CAPUCINE", "ANATOLE", "ROSALBA", "ELZEAR", "HERMINE", "CELESTIN", "PERRINE", "GASPARD", "ODILON", "MAHAUT"]
