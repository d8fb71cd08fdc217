"""Rows for tests: minimal by default, with traits for situations, invented French names."""

from tests.factories.accounts import PASSWORD, AccountFactory, UserFactory
from tests.factories.delegations import (
    DelegationFactory,
    DelegationRequestFactory,
    GrantProposalFactory,
    ReferentFactory,
)
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
    "DelegationFactory",
    "DelegationRequestFactory",
    "GrantProposalFactory",
    "InternalOrganisationFactory",
    "LegalEntityFactory",
    "ProfessionalFactory",
    "ReferentFactory",
    "StructureFactory",
    "UserFactory",
]
