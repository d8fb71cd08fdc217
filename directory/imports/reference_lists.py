"""Codes that a file uses and that our reference lists do not have yet, named by the file itself."""

from directory.imports.staging import copy, execute, rows
from directory.imports.values import commune_name

# `{table}` is a staging table of the import.
# A commune is in one department, whatever the addresses that use its code say of theirs.
COMMUNES = """
    SELECT commune,
           coalesce((SELECT code FROM directory_department
                     WHERE code = left(commune, CASE WHEN commune ~ '^9[78]' THEN 3 ELSE 2 END)),
                    mode() WITHIN GROUP (ORDER BY department)),
           mode() WITHIN GROUP (ORDER BY city),
           array_agg(DISTINCT postal_code) FILTER (WHERE postal_code <> '' AND city NOT ILIKE '%CEDEX%')
    FROM {table} f
    WHERE commune IS NOT NULL AND NOT EXISTS (SELECT FROM directory_commune WHERE insee_code = f.commune)
    GROUP BY commune
"""
CATEGORIES = """
    INSERT INTO directory_establishmentcategory (code, label, short_label, domain, group_code, group_label)
    SELECT DISTINCT ON (category) category, coalesce(nullif(category_label, ''), category), '', '',
           group_code, group_label
    FROM {table} f
    WHERE category IS NOT NULL AND NOT EXISTS (SELECT FROM directory_establishmentcategory WHERE code = f.category)
    ORDER BY category, line
"""
PROFESSIONS = """
    INSERT INTO directory_profession (code, label, is_active)
    SELECT DISTINCT ON (profession) profession, coalesce(nullif(profession_label, ''), profession), true
    FROM {table} f
    WHERE profession IS NOT NULL AND NOT EXISTS (SELECT FROM directory_profession WHERE code = f.profession)
    ORDER BY profession, line
"""


def add_communes(table: str) -> None:
    """Communes met for the first time, named after the town of their addresses that comes most often."""
    missing = [
        (code, commune_name(town or "")[:100] or code, department, codes or [])
        for code, department, town, codes in rows(COMMUNES.format(table=table))
    ]
    if missing:
        copy("directory_commune", "insee_code, name, department_id, postal_codes", missing)


def add_categories(table: str) -> None:
    execute(CATEGORIES.format(table=table))


def add_professions(table: str) -> None:
    execute(PROFESSIONS.format(table=table))
