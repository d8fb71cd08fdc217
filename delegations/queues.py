"""What waits for the service centre, counted: the first thing that the administration's home shows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse

from accounts.models import User
from delegations.models import AccessCase, DelegationRequest, GrantProposal, Orphan, ProposalState, ToReview
from delegations.orphans import orphans
from delegations.reviews import to_review


@dataclass(frozen=True)
class Queue:
    """`words`: of one and of several, as `counted` takes them."""

    words: str
    count: int
    url: str


# A list, what waits in it, and the words for it, in the order in which they press.
QUEUES: list[tuple[type[Model], Callable[[datetime], QuerySet[Any]], str]] = [
    (
        DelegationRequest,
        lambda at: DelegationRequest.objects.pending().filter(escalated_at__isnull=False),
        "demande sans réponse,demandes sans réponse",
    ),
    (
        GrantProposal,
        lambda at: GrantProposal.objects.filter(state=ProposalState.PROPOSED),
        "délégation à confirmer,délégations à confirmer",
    ),
    (AccessCase, lambda at: AccessCase.objects.filter(closed_at=None), "accès signalé,accès signalés"),
    (Orphan, orphans, "compte sans répondant,comptes sans répondant"),
    (ToReview, to_review, "délégation à revoir,délégations à revoir"),
]


def queues(user: User, at: datetime) -> list[Queue]:
    """Those that this person may read. One query each, empty ones included: nothing to do is worth saying."""
    return [
        Queue(words, waiting(at).count(), reverse(f"admin:delegations_{model._meta.model_name}_changelist"))
        for model, waiting, words in QUEUES
        if user.has_perm(f"delegations.view_{model._meta.model_name}")
    ]
