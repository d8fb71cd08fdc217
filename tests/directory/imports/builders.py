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
