"""`make bench`: the measures, in a database of their own, printed and written to docs/benchmarks.md."""

import argparse
import hashlib
import importlib
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import psycopg
from psycopg import sql

from bench.figures import decimal

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "benchmarks.md"
# The region is drawn once in a database that no measure touches; each run starts from a copy of it.
PREPARED, MEASURED = "spico_bench_demo", "spico_bench"
SECTIONS = {
    "search": "Recherche",
    "access": "Accès",
    "journal": "Journal",
    "pages": "Pages",
    "workspace": "Espaces",
    "live": "Direct",
    "imports": "Imports",
}
Rows = list[dict[str, str]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Mesures de SPICO, sur cette machine.")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="cette partie seulement, sans compte rendu")
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    print("Préparation de la base des mesures…", file=sys.stderr)
    prepare()
    import django  # noqa: PLC0415, the database is chosen by the environment

    django.setup()
    here = machine()
    measured = {name: importlib.import_module(f"bench.{name}").run() for name in asked.only or SECTIONS}
    show(measured)
    if not asked.only:
        REPORT.write_text(report(here, measured), encoding="utf-8")


def prepare() -> None:
    """Leave `DATABASE_URL` on a fresh copy of the prepared database."""
    from spico.embedded import ensure_services  # noqa: PLC0415

    ensure_services()
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        made_from = digest()
        if made_from != note_on_prepared(connection):
            draw(connection, named(server, PREPARED))
            note = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(PREPARED), sql.Literal(made_from))
            connection.execute(note)
        drop(connection, MEASURED)
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(copy.format(sql.Identifier(MEASURED), sql.Identifier(PREPARED)))
    os.environ["DATABASE_URL"] = named(server, MEASURED)
    analyse()


def digest() -> str:
    """Of all that the prepared database comes from: when it changes, the database is drawn again."""
    folders = [
        "accounts/migrations",
        "delegations/migrations",
        "workspace/migrations",
        "directory/data",
        "directory/demo",
        "directory/migrations",
        "directory/search",
    ]
    files = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.*") if path.suffix != ".pyc")
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def note_on_prepared(connection: psycopg.Connection) -> str:
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    row = connection.execute(query, [PREPARED]).fetchone()
    return (row and row[0]) or ""


def draw(connection: psycopg.Connection, url: str) -> None:
    drop(connection, PREPARED)
    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(PREPARED)))
    environment = os.environ | {"DATABASE_URL": url}
    for command in (["migrate", "--verbosity", "0"], ["load_reference"], ["demo_region"]):
        words = [sys.executable, "-m", "django", *command]
        subprocess.run(words, check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def drop(connection: psycopg.Connection, database: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def named(url: str, database: str) -> str:
    address, _, query = url.partition("?")
    renamed = f"{address.rpartition('/')[0]}/{database}"
    return f"{renamed}?{query}" if query else renamed


def analyse() -> None:
    """What autovacuum would have done by itself on a portal that has run for an hour."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def show(measured: dict[str, Rows]) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    for name, rows in measured.items():
        table = Table("mesure", "SPICO", "comparant", "remarque", title=SECTIONS[name], title_justify="left")
        for row in rows:
            table.add_row(*cells(row))
        Console().print(table)


def cells(row: dict[str, str]) -> list[str]:
    return [str(row.get(key, "")) for key in ("what", "ours", "peer", "note")]


def report(here: list[list[str]], measured: dict[str, Rows]) -> str:
    parts = [
        "# Measures",
        "Written by `make bench` in one run on one machine: do not edit. « tenu », « MANQUÉ »: the budget of design.",
        markdown(["", ""], here),
    ]
    for name, rows in measured.items():
        parts += [f"## {SECTIONS[name]}", markdown(["mesure", "SPICO", "comparant", "remarque"], map(cells, rows))]
    return "\n\n".join(parts) + "\n"


def markdown(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def machine() -> list[list[str]]:
    from django.db import connection  # noqa: PLC0415

    from spico.web.typography import french_date  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_size_pretty(pg_database_size(current_database()))")
        version, size = cursor.fetchone()
    return [
        ["date", french_date(date.today())],  # noqa: DTZ011, the day on the wall of this machine
        ["processeur", f"{processor()}, {os.cpu_count()} cœurs"],
        ["mémoire", f"{memory_gb():.0f} Go"],
        ["logiciels", f"Python {platform.python_version()}, PostgreSQL {version}"],
        ["charge au départ", f"{decimal(os.getloadavg()[0])} pour {os.cpu_count()} cœurs"],
        ["données", f"{data_size()}, {size}"],
    ]


def processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def memory_gb() -> float:
    import psutil  # noqa: PLC0415

    return float(psutil.virtual_memory().total) / 2**30


def data_size() -> str:
    from directory.models import InternalOrganisation, Professional, SearchEntry, Structure  # noqa: PLC0415
    from spico.web.typography import thousands  # noqa: PLC0415

    counted = {"structures": Structure, "unités": InternalOrganisation, "professionnels": Professional}
    said = [f"{thousands(model._default_manager.count())} {name}" for name, model in counted.items()]
    return ", ".join([*said, f"{thousands(SearchEntry.objects.count())} entrées de recherche"])


if __name__ == "__main__":
    main()
