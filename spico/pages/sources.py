"""Where the data comes from, with its licence: what the page « Sources des données » shows."""

from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Max

from directory.models import ImportRun, ImportState, Source


@dataclass(frozen=True)
class DataSource:
    """`imported`: read from files that are dated. Others are kept in the project, at a `version`."""

    name: str
    publisher: str
    gives: str
    licence: str
    version: str = ""
    imported: Source | None = None
    file_date: date | None = None


OPEN_LICENCE = "Licence Ouverte 2.0"
SOURCES = (
    DataSource(
        name="FINESS",
        publisher="Ministère chargé de la santé, data.gouv.fr",
        gives="Les structures, leur numéro, leur adresse et leur entité juridique",
        licence=OPEN_LICENCE,
        imported=Source.FINESS,
    ),
    DataSource(
        name="RPPS",
        publisher="Agence du numérique en santé, Annuaire Santé",
        gives="Les professionnels, leur profession et leurs lieux d’exercice",
        licence="Conditions de l’Annuaire Santé",
        imported=Source.RPPS,
    ),
    DataSource(
        name="ROR",
        publisher="Agence du numérique en santé et ARS Occitanie",
        gives="Les unités et les services, leur offre et leurs contacts publics",
        licence="Conditions du ROR",
        imported=Source.ROR,
    ),
    DataSource(
        name="Nomenclature FINESS",
        publisher="Ministère chargé de la santé",
        gives="Les catégories d’établissement",
        licence="Licence Ouverte",
        version="26 mai 2025",
    ),
    DataSource(
        name="Terminologies de santé",
        publisher="Agence du numérique en santé",
        gives="Les professions (TRE_G15) et les types d’organisation interne (JDV_J203)",
        licence="Conditions de l’agence",
        version="28 mars 2025 et 22 septembre 2023",
    ),
    DataSource(
        name="Découpage administratif",
        publisher="INSEE et La Poste, par @etalab/decoupage-administratif",
        gives="Les régions, les départements, les communes et leurs codes postaux",
        licence=OPEN_LICENCE,
        version="Version 6.0.0",
    ),
    DataSource(
        name="Contours des départements",
        publisher="svg-maps",
        gives="La carte d’Occitanie, redessinée",
        licence="CC BY 4.0",
        version="Version 2.0.0",
    ),
)


def data_sources() -> list[DataSource]:
    """The sources, each with the date of the newest file that went in."""
    runs = ImportRun.objects.filter(state=ImportState.DONE, is_dry_run=False).order_by()
    dates = dict(runs.values("source").annotate(newest=Max("file_date")).values_list("source", "newest"))
    return [replace(source, file_date=dates.get(source.imported or "")) for source in SOURCES]
