"""Reads the reference lists kept in `directory/data` (their origins and licences: docs/sources.md)."""

import csv
import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.db import models, transaction

from directory.models import Commune, Department, EstablishmentCategory, Profession, UnitType

DATA = Path(__file__).parent / "data"
OCCITANIE = "76"
# Overseas departments have codes of FINESS's own; the commune code that follows them completes the INSEE prefix.
FINESS_DEPARTMENTS = {"9A": "971", "9B": "972", "9C": "973", "9D": "974", "9F": "976", "9J": "986"}


def _rows(name: str, delimiter: str = ",") -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def _departments() -> Iterator[models.Model]:
    for row in _rows("departments.csv"):
        yield Department(code=row["code"], name=row["name"], region=row["region"])


def _communes() -> Iterator[models.Model]:
    for row in _rows("occitanie_communes.csv"):
        yield Commune(
            insee_code=row["insee_code"],
            name=row["name"],
            department_id=row["department"],
            postal_codes=row["postal_codes"].split(),
            population=int(row["population"]) if row["population"] else None,
        )


def _categories() -> Iterator[models.Model]:
    for row in _rows("finess_categories.csv", ";"):
        yield EstablishmentCategory(
            code=row["code"],
            label=row["libelle"],
            short_label=row["libellecourt"],
            domain=row["domaine"],
            group_code=row["codeagr3"],
            group_label=row["libelleagr3"],
            ended_on=date.fromisoformat(row["datefin"]) if row["datefin"] else None,
        )


def _professions() -> Iterator[models.Model]:
    feminines = {row["code"]: row["feminine"] for row in _rows("professions_feminine.csv")}
    for row in _rows("tre_g15_professions.csv", ";"):
        code = row["code"]
        yield Profession(
            code=code, label=row["display"], feminine=feminines.get(code, ""), is_active=row["status"] == "active"
        )


def _unit_types() -> Iterator[models.Model]:
    for row in _rows("jdv_j203_unit_types.csv", ";"):
        if "TRE_R207" in row["system"]:
            yield UnitType(code=row["code"], label=row["display"])


LISTS = {
    Department: _departments,
    Commune: _communes,
    EstablishmentCategory: _categories,
    Profession: _professions,
    UnitType: _unit_types,
}


@transaction.atomic
def load_reference() -> dict[str, int]:
    """Write the lists over what is there; codes added by imports stay. Returns how many rows each list has."""
    counts = {}
    for model, rows in LISTS.items():
        objects = list(rows())
        fields = [field.name for field in model._meta.fields if not field.primary_key]
        model._default_manager.bulk_create(
            objects, update_conflicts=True, unique_fields=[model._meta.pk.name], update_fields=fields
        )
        counts[str(model._meta.verbose_name_plural)] = len(objects)
    return counts


@cache
def occitanie_outline() -> dict[str, Any]:
    """The map: `viewBox`, then `departments` (`code`, `name`, `label_at` as [x, y], `outlines` as lists of points)."""
    outline: dict[str, Any] = json.loads((DATA / "occitanie_departments_outline.json").read_text(encoding="utf-8"))
    return outline
