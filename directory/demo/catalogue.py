"""The sorts of establishments: how many, where, under which names, with which units and people."""

import csv
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("establishments.csv")


@dataclass(frozen=True)
class Sort:
    """A row of `establishments.csv`.

    `count`: how many at full scale. `naming`: the maker of names in `places`. `spread`, `smallest`: see `territory`.
    `label`: « EHPAD », `long_label`: the same in full. `units`: the tree in `wards`. `staff`: people of the house
    itself. `entity`: who runs it. `is_each_department`: one per department first, in its prefecture.
    """

    code: str
    count: int
    label: str
    long_label: str
    naming: str
    entity: str
    spread: float
    smallest: int
    units: str
    staff: str
    is_each_department: bool


def read_sorts() -> list[Sort]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return [sort_of(row) for row in csv.DictReader(file, delimiter=";")]


def sort_of(row: dict[str, str]) -> Sort:
    words = ("code", "label", "long_label", "naming", "entity", "units", "staff")
    return Sort(
        **{word: row[word] for word in words},
        count=int(row["count"]),
        spread=float(row["spread"]),
        smallest=int(row["smallest"]),
        is_each_department=row["is_each_department"] == "1",
    )


SORTS = read_sorts()
BY_CODE = {sort.code: sort for sort in SORTS}

# Who may run an establishment, as the beginning of a legal entity's name and the maker of the rest.
ENTITIES: dict[str, list[tuple[str, str]]] = {
    "hospital": [("Établissement public de santé", "land")],
    "company": [("SAS", "home"), ("Groupe de santé", "land"), ("SAS Clinique", "home")],
    "association": [("Association", "home"), ("Association d’entraide", "land"), ("Mutualité", "land")],
    "foundation": [("Fondation", "land")],
    "town_hall": [("Centre communal d’action sociale", "town"), ("Communauté de communes", "land")],
    "practice": [("SISA", "land")],
    "pharmacy": [("SELARL", "shop"), ("SNC", "shop")],
    "home": [
        ("Association", "home"),
        ("Centre communal d’action sociale", "town"),
        ("SAS Résidence", "home"),
        ("Établissement public autonome", "land"),
    ],
}
# How many establishments one entity runs on average.
RUN_BY_ONE = {
    "hospital": 2.5,
    "association": 3.5,
    "company": 2.0,
    "town_hall": 2.0,
    "practice": 1.0,
    "pharmacy": 1.0,
    "home": 1.6,
}
