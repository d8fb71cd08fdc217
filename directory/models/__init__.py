from directory.models.imports import ImportIssue, ImportRun, ImportState
from directory.models.offers import ContactPoint, Offer, RorLocation
from directory.models.people import Attachment, PracticeLocation, Professional
from directory.models.reference import Commune, Department, EstablishmentCategory, Profession, UnitType
from directory.models.ror import RorRecord, RorRole
from directory.models.search import SearchEntry
from directory.models.sources import Source
from directory.models.structures import InternalOrganisation, LegalEntity, OwnedAccount, Structure

__all__ = [
    "Attachment",
    "Commune",
    "ContactPoint",
    "Department",
    "EstablishmentCategory",
    "ImportIssue",
    "ImportRun",
    "ImportState",
    "InternalOrganisation",
    "LegalEntity",
    "Offer",
    "OwnedAccount",
    "PracticeLocation",
    "Profession",
    "Professional",
    "RorLocation",
    "RorRecord",
    "RorRole",
    "SearchEntry",
    "Source",
    "Structure",
    "UnitType",
]
