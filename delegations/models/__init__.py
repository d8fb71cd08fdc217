from delegations.models.cases import AccessCase
from delegations.models.delegations import Delegation, DelegationNotice, EndKind, Origin
from delegations.models.grants import Grant
from delegations.models.journal import DelegatedEntry
from delegations.models.orphans import Orphan
from delegations.models.proposals import GrantProposal, ProposalState
from delegations.models.referents import Referent
from delegations.models.requests import DelegationRequest, RequestState
from delegations.models.reviews import DelegationReview, ToReview

__all__ = [
    "AccessCase",
    "DelegatedEntry",
    "Delegation",
    "DelegationNotice",
    "DelegationRequest",
    "DelegationReview",
    "EndKind",
    "Grant",
    "GrantProposal",
    "Origin",
    "Orphan",
    "ProposalState",
    "Referent",
    "RequestState",
    "ToReview",
]
