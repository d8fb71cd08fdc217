"""Puts a drawn region in the database: one transaction, so that an interrupted run leaves nothing."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date

from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from accounts.groups import SERVICE_CENTRE, sync_groups
from accounts.models import Account, User
from directory.demo import cast
from directory.demo.copying import copy
from directory.demo.region import DRAWN_ON, Former, Region
from directory.imports.runs import write_alone
from directory.models import (
    Attachment,
    Commune,
    ContactPoint,
    ImportRun,
    ImportState,
    InternalOrganisation,
    LegalEntity,
    Offer,
    PracticeLocation,
    Professional,
    Source,
    Structure,
)
from directory.reference import load_reference
from directory.search import projection, rebuild_dictionary

KINDS = ("structure", "unit", "professional")


class DemoRefusedError(Exception):
    """Says in French why the region is not made."""


def recipe(seed: int, scale: float) -> str:
    return f"région de démonstration, graine {seed}, échelle {scale:g}"


def present() -> str:
    """The recipe of the region that is there, or nothing."""
    runs = ImportRun.objects.filter(source=Source.DEMO, state=ImportState.DONE)
    return runs.values_list("file_name", flat=True).first() or ""


def write_once(draw: Callable[[], Region], wanted: str) -> Region | None:
    """Write what is drawn, or nothing at all when the same region is there already.

    Two runs at once wait for each other, and for imports: the second finds the region.
    """
    with transaction.atomic():
        write_alone()
        if found := present():
            refuse_another(found, wanted)
            return None
        refuse_taken_names()
        region = draw()
        write(region, wanted)
        return region


def refuse_another(found: str, wanted: str) -> None:
    if found != wanted:
        raise DemoRefusedError(f"Cette base contient déjà une autre {found}. Partez d’une base vide.")


def refuse_taken_names() -> None:
    taken = User.objects.filter(username__in=[*cast.CAST, cast.CENTRE]).values_list("username", flat=True)
    if names := ", ".join(f"« {name} »" for name in sorted(taken)):
        raise DemoRefusedError(f"Ces identifiants de connexion servent déjà : {names}. Partez d’une base vide.")


def write(region: Region, name: str) -> None:
    if not Commune.objects.filter(pk=region.structures[0].commune_id).exists():
        load_reference()
    present_names = bear_former_names(region)
    add_users(region)
    count = copy_all(region)
    rename(present_names)
    for kind in KINDS:
        projection.refresh(kind, at=DRAWN_ON)
    rebuild_dictionary()
    ImportRun.objects.create(
        source=Source.DEMO,
        file_name=name,
        file_date=DRAWN_ON,
        state=ImportState.DONE,
        finished_at=timezone.now(),
        created=count,
        written=count,
    )


def copy_all(region: Region) -> int:
    """Write the rows of all tables, and let the planner know how many: what comes next reads them."""
    tables = written_tables(region)
    for model, rows in tables.items():
        copy(model, rows)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
    return sum(len(rows) for rows in tables.values())


def written_tables(region: Region) -> dict[type[Model], Sequence[Model]]:
    """In the order in which rows point to each other."""
    return {
        Account: region.accounts,
        LegalEntity: region.entities,
        Structure: region.structures,
        InternalOrganisation: region.units,
        Professional: region.professionals,
        Attachment: region.attachments,
        PracticeLocation: region.locations,
        Offer: region.offers,
        ContactPoint: region.contacts,
    }


def add_users(region: Region) -> None:
    """Each password is hashed for itself, as for anybody."""
    for username, person in region.cast.items():
        names = {"first_name": person.given_name, "last_name": person.family_name}
        person.account.user = User.objects.create_user(username, cast.address_of(username), cast.PASSWORD, **names)
    sync_groups()
    first_name, last_name = cast.CENTRE_NAME
    centre = User.objects.create_user(
        cast.CENTRE,
        cast.address_of(cast.CENTRE),
        cast.PASSWORD,
        first_name=first_name,
        last_name=last_name,
        is_staff=True,
    )
    centre.groups.add(Group.objects.get(name=SERVICE_CENTRE))


def bear_former_names(region: Region) -> list[Former]:
    """Rows go in under their old name: their renaming, later, is what makes the directory remember it.

    Returns what they are to be called from then on.
    """
    present_names = [Former(former.row, former.row.name, former.until) for former in region.former]
    for former in region.former:
        call(former)
    return present_names


def call(named: Former) -> None:
    named.row.name = named.row.account.name = named.name


def rename(present_names: list[Former]) -> None:
    """Let the index see the old names, give the present ones, and let it see each on the day of its change."""
    by_day: dict[tuple[str, date], list[int]] = defaultdict(list)
    for named in present_names:
        by_day["structure" if isinstance(named.row, Structure) else "unit", named.until].append(named.row.pk)
    for (kind, day), ids in by_day.items():
        projection.refresh(kind, ids, at=day)
    give(present_names)
    for (kind, day), ids in by_day.items():
        projection.refresh(kind, ids, at=day)


def give(names: list[Former]) -> None:
    for named in names:
        call(named)
    rows = [named.row for named in names]
    Structure.objects.bulk_update([row for row in rows if isinstance(row, Structure)], ["name"])
    InternalOrganisation.objects.bulk_update([row for row in rows if isinstance(row, InternalOrganisation)], ["name"])
    Account.objects.bulk_update([row.account for row in rows], ["name"])
