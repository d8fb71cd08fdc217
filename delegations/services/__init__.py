"""One function a thing a person does: lock, check, write, journal, tell, in one transaction."""

from delegations.services.answers import accept, claim, refuse
from delegations.services.asking import request_delegation, withdraw
from delegations.services.cases import close_case, open_case
from delegations.services.ending import end_by_service_centre, end_delegation, reduce_delegation
from delegations.services.referents import appoint_referent, end_referent
from delegations.services.renewing import ask_renewal, renew
from delegations.services.reviewing import keep_by_service_centre, keep_delegation
from delegations.services.service_centre import confirm_proposal, grant_by_service_centre, reject_proposal

__all__ = [
    "accept",
    "appoint_referent",
    "ask_renewal",
    "claim",
    "close_case",
    "confirm_proposal",
    "end_by_service_centre",
    "end_delegation",
    "end_referent",
    "grant_by_service_centre",
    "keep_by_service_centre",
    "keep_delegation",
    "open_case",
    "reduce_delegation",
    "refuse",
    "reject_proposal",
    "renew",
    "request_delegation",
    "withdraw",
]
