"""Rows for tests: minimal by default, with traits for situations, invented French names."""

from tests.factories.accounts import PASSWORD, AccountFactory, UserFactory
from tests.factories.directory import (
    AttachmentFactory,
    InternalOrganisationFactory,
    LegalEntityFactory,
    ProfessionalFactory,
    StructureFactory,
)

__all__ = [
    "PASSWORD",
    "AccountFactory",
    "AttachmentFactory",
    "InternalOrganisationFactory",
    "LegalEntityFactory",
    "ProfessionalFactory",
    "StructureFactory",
    "UserFactory",
]
