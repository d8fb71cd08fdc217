from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.grounds import Ground
from accounts.journal import entry, record, record_all
from accounts.models import Account, JournalEntry, User
from accounts.notifications import tell
from delegations.errors import Refused, conflict, forbidden
from delegations.models import Delegation, DelegationRequest
from delegations.models.requests import LONGEST_MESSAGE, RequestState
from delegations.scopes import Scope, without
from delegations.services.common import (
    answerers,
    end_words,
    lock_accounts,
    own_account_or_refuse,
    read_scope,
    service_centre_users,
    state_sentence,
)
from spico.web.typography import of_name

PATH = "/delegations/demandes/"


@transaction.atomic
def request_delegation(user: User, account_id: UUID, scope: str, message: str, at: datetime) -> DelegationRequest:
    """Ask to act in an account. Whoever may answer is told; nobody may: the service centre is, and the asker too."""
    asker = own_account_or_refuse(user)
    asked = read_scope(scope)
    text = _read_message(message)
    locked = lock_accounts(asker.pk, account_id)
    account = locked.get(account_id)
    if account is None:
        raise Refused("Ce compte n’existe pas.", field="account")
    remaining = _still_to_ask(locked[asker.pk], account, asked, at)
    request = DelegationRequest.objects.create(
        requester=asker, account=account, scope=asked, remaining=remaining, message=text, asked_by=user, asked_at=at
    )
    record(
        "request.made",
        at=at,
        ground=Ground.OWN,
        actor=user,
        actor_account=asker,
        account=account,
        object_kind="request",
        object_key=request.pk,
        details={"scope": str(asked)},
    )
    _tell(request, at)
    return request


def _read_message(message: str) -> str:
    text = message.replace("\0", "").strip()
    if len(text) > LONGEST_MESSAGE:
        raise Refused(
            f"Raccourcissez le message\N{NO-BREAK SPACE}: {LONGEST_MESSAGE} caractères au plus.", field="message"
        )
    return text


def _still_to_ask(asker: Account, account: Account, asked: Scope, at: datetime) -> Scope:
    """What of the scope is not open yet; `Refused` when there is nothing to ask."""
    if account.pk == asker.pk:
        raise Refused("Votre propre compte vous est déjà ouvert\N{NO-BREAK SPACE}: il n’y a rien à demander.")
    if not account.permits.requested:
        raise conflict(state_sentence(account))
    if DelegationRequest.objects.pending().filter(requester=asker, account=account).exists():
        raise conflict("Vous avez déjà une demande en attente pour ce compte.")
    held = Delegation.objects.in_force(at).filter(holder=asker, account=account).first()
    remaining = without(asked, held.scope) if held else asked
    if remaining is None:
        assert held is not None  # noqa: S101, nothing remains only of what is held
        raise conflict(
            f"Ce compte vous est déjà ouvert avec ce périmètre, {end_words(held.period.upper)}.", field="scope"
        )
    return remaining


def _tell(request: DelegationRequest, at: datetime) -> None:
    account, asker = request.account, request.requester
    text = (
        f"{asker.name} demande une délégation sur {account.name}\N{NO-BREAK SPACE}: {Scope(request.remaining).label}."
    )
    able = answerers(account, request.remaining, at, but=asker)
    if able:
        tell(able, "delegation.requested", text, path=f"{PATH}{request.pk}/", at=at)
    else:
        escalate(request, at)


def by_nobody(verb: str, request: DelegationRequest, at: datetime) -> JournalEntry:
    """For the journal: what the clock, or an account that closes, does to a request."""
    return entry(
        verb,
        at=at,
        ground=Ground.SYSTEM,
        account=request.account_id,
        object_kind="request",
        object_key=request.pk,
    )


def escalate(request: DelegationRequest, at: datetime, why: str = "Personne ne peut répondre pour l’instant") -> None:
    """Hand the request to the service centre, which sees it in its queue; the asker is told that it has."""
    taken = DelegationRequest.objects.pending().filter(pk=request.pk, escalated_at=None).update(escalated_at=at)
    if not taken:
        return
    request.escalated_at = at
    record_all([by_nobody("request.escalated", request, at)])
    name = request.account.name
    tell(
        [request.asked_by_id],
        "delegation.answered",
        f"{why} au nom {of_name(name)}\N{NO-BREAK SPACE}: votre demande est transmise au centre de service.",
        path=f"{PATH}{request.pk}/",
        at=at,
    )
    tell(
        service_centre_users(),
        "delegation.service_centre",
        f"Une demande de délégation sur {name} attend\N{NO-BREAK SPACE}: personne n’y répond.",
        path="/administration/delegations/delegationrequest/",
        at=at,
    )


@transaction.atomic
def withdraw(user: User, request: DelegationRequest, at: datetime) -> None:
    """By the asker alone, while it waits."""
    if request.requester.user_id != user.pk or not user.is_active:
        raise forbidden("Seule la personne qui a fait la demande peut la retirer.")
    done = DelegationRequest.objects.filter(pk=request.pk).move(
        "withdraw", decided_at=at, decided_by=user, decided_ground=Ground.OWN
    )
    if not done:
        raise conflict(already(DelegationRequest.objects.told().get(pk=request.pk)))
    record(
        "request.withdrawn",
        at=at,
        ground=Ground.OWN,
        actor=user,
        actor_account=request.requester,
        account=request.account,
        object_kind="request",
        object_key=request.pk,
    )


ALREADY = {
    RequestState.ACCEPTED: "Cette demande a déjà été acceptée",
    RequestState.REFUSED: "Cette demande a déjà été refusée",
    RequestState.WITHDRAWN: "Cette demande a été retirée",
    RequestState.EXPIRED: "Cette demande a expiré sans réponse",
}


def already(request: DelegationRequest) -> str:
    """« Cette demande a déjà été acceptée par Maïlis Tournemirande. »"""
    words = ALREADY[RequestState(request.state)]
    by = f" par {request.decided_by.display_name}" if request.decided_by and request.state != "withdrawn" else ""
    return f"{words}{by}. Rien n’a changé."
