"""The map of the region and the words for its departments."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from directory.asked import Listed
from directory.reference import OCCITANIE, occitanie_outline
from directory.search import COUNT_CAP, Count

# « résultats en Aveyron », « dans l’Aude »: no rule gives them.
_IN_DEPARTMENT = {
    "09": "en Ariège",
    "11": "dans l’Aude",
    "12": "en Aveyron",
    "30": "dans le Gard",
    "31": "en Haute-Garonne",
    "32": "dans le Gers",
    "34": "dans l’Hérault",
    "46": "dans le Lot",
    "48": "en Lozère",
    "65": "dans les Hautes-Pyrénées",
    "66": "dans les Pyrénées-Orientales",
    "81": "dans le Tarn",
    "82": "dans le Tarn-et-Garonne",
}
NAME_FITS = 16


@dataclass(frozen=True)
class MapShape:
    """One department on the map: where its count stands, how full it is (few, some, many), where its link leads."""

    code: str
    name: str
    name_lines: list[str]
    x: str
    y: str
    count: Count
    level: str
    href: str
    is_chosen: bool


@dataclass(frozen=True)
class DepartmentChoice:
    code: str
    name: str
    count: Count
    is_chosen: bool


def in_department(department: Listed) -> str:
    return _IN_DEPARTMENT.get(department.code, f"({department.label})")


def outline_path(outlines: list[list[list[int]]]) -> str:
    """An SVG path in relative moves: half the weight of absolute ones."""
    return "".join(_ring(points) for points in outlines)


def _ring(points: list[list[int]]) -> str:
    (x, y), *rest = points
    steps = [f"M{x} {y}"]
    for next_x, next_y in rest:
        steps.append(f"l{next_x - x} {next_y - y}")
        x, y = next_x, next_y
    return "".join([*steps, "z"])


def map_shapes(counts: Mapping[str, Count], chosen: str, href: Callable[[str], str]) -> list[MapShape]:
    """The chosen department comes last, so that its border is drawn over its neighbours'."""
    outline = occitanie_outline()["departments"]
    missing = _missing(counts)
    fullest = max((counts[shape["code"]].n for shape in outline if shape["code"] in counts), default=0)
    shapes = [
        MapShape(
            code=shape["code"],
            name=shape["name"],
            name_lines=_lines(shape["name"]),
            x=str(shape["label_at"][0]),
            y=str(shape["label_at"][1]),
            count=(count := counts.get(shape["code"], missing)),
            level=_level(count.n, fullest),
            href=href("" if shape["code"] == chosen else shape["code"]),
            is_chosen=shape["code"] == chosen,
        )
        for shape in outline
    ]
    return sorted(shapes, key=lambda shape: shape.is_chosen)


def _missing(counts: Mapping[str, Count]) -> Count:
    """What a department without count has: nothing, or, when not every answer was read, nobody knows."""
    return Count(0, is_exact=all(count.is_exact or count.n >= COUNT_CAP for count in counts.values()))


def _lines(name: str) -> list[str]:
    head, dash, tail = name.rpartition("-")
    return [head + dash, tail] if len(name) > NAME_FITS and head else [name]


def _level(count: int, fullest: int) -> str:
    if not count:
        return ""
    return "few" if 3 * count <= fullest else "some" if 3 * count <= 2 * fullest else "many"


def department_choices(
    departments: Mapping[str, Listed], counts: Mapping[str, Count], chosen: str
) -> tuple[list[DepartmentChoice], list[DepartmentChoice]]:
    """Occitanie first, whole; then, of the others, those that hold an answer and the chosen one."""
    missing = _missing(counts)

    def choice(department: Listed) -> DepartmentChoice:
        code = department.code
        return DepartmentChoice(code, department.label, counts.get(code, missing), code == chosen)

    ours = [choice(one) for one in departments.values() if one.region == OCCITANIE]
    elsewhere = [departments[code] for code in {*counts, chosen} & departments.keys()]
    others = [choice(one) for one in elsewhere if one.region != OCCITANIE]
    return sorted(ours, key=lambda one: one.name), sorted(others, key=lambda one: one.code)
