"""Requests as a list shows them, at home and under Délégations: the same row everywhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import Account, AccountKind, User
from accounts.prepared import Prepared
from delegations.access import requests_answerable_by
from delegations.models import DelegationRequest, RequestState
from delegations.scopes import Scope
from directory.owners import Owner, owners_of

ASKED = {
    Scope.TOTAL: "une délégation totale",
    Scope.DOSSIER: "les dossiers, l’agenda et les tâches",
    Scope.DISCUSSIONS: "les discussions",
}


@dataclass(frozen=True)
class RequestRow:
    """`asker`, `about`: who stands behind each account; no more than its name once the directory does not list it."""

    request: DelegationRequest
    asker: Owner
    about: Owner
    is_asked_by_me: bool
    is_on_my_account: bool
    is_claimed_by_me: bool
    days: int

    @property
    def is_waiting(self) -> bool:
        return self.request.state == RequestState.PENDING

    @property
    def asked(self) -> str:
        """« une délégation totale »: what is still asked, or what was."""
        return ASKED[Scope(self.request.remaining if self.is_waiting else self.request.scope)]


def rows_of(user: User, requests: Iterable[DelegationRequest], at: datetime) -> list[RequestRow]:
    """One query, whatever the number; the requests come from `told()`."""
    chosen = list(requests)
    owners = owners_of([pk for row in chosen for pk in (row.requester_id, row.account_id)])
    today = timezone.localtime(at).date()
    return [
        RequestRow(
            request=row,
            asker=owners.get(row.requester_id) or _unlisted(row.requester),
            about=owners.get(row.account_id) or _unlisted(row.account),
            is_asked_by_me=row.requester.user_id == user.pk,
            is_on_my_account=row.account.user_id == user.pk,
            is_claimed_by_me=row.claimed_by_id == user.pk,
            days=(today - timezone.localtime(row.asked_at).date()).days,
        )
        for row in chosen
    ]


def _unlisted(account: Account) -> Owner:
    is_person = account.kind == AccountKind.PP
    return Owner(account.pk, "professional" if is_person else "", account.name, "", "", "user" if is_person else "lock")


MOST_COUNTED = 100
_waiting = Prepared(
    lambda *, user, at: requests_answerable_by(user, at).values_list("pk")[:MOST_COUNTED], user=User, at=datetime
)


def waiting_count(user: User, at: datetime) -> int:
    """How many requests wait for this person's answer, a hundred at most. One query: every page asks it."""
    return len(_waiting.rows(user=user, at=at))
