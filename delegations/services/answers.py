from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.journal import record
from accounts.models import User
from accounts.notifications import tell
from delegations.access import Power, Standing
from delegations.errors import Refused, conflict, forbidden
from delegations.models import Delegation, DelegationRequest, Origin
from delegations.models.requests import RequestState
from delegations.scopes import Scope, holds
from delegations.services.asking import PATH, already
from delegations.services.common import answerers, lock_accounts, own_account, read_scope
from delegations.services.granting import Gift, Granter, grant
from delegations.services.homonyms import check_person
from spico.web.texts import says_something
from spico.web.typography import of_name

NOT_ANY_MORE = (
    "Vous ne pouvez pas répondre à cette demande\N{NO-BREAK SPACE}: il faut tenir une délégation sur ce compte, "
    "ou être référent de la structure."
)
OUT_OF_REACH = (
    "Ce qui reste de cette demande dépasse votre délégation\N{NO-BREAK SPACE}: c’est à une autre personne d’y répondre."
)
BY_THE_ASKER = (
    "La personne qui demande vous a confié le rôle de référent : c’est à une autre personne qui répond pour ce "
    "compte, ou à une autre du centre de service, de lui répondre."
)
NOT_FOR_ONESELF = "Personne ne répond à sa propre demande."


@transaction.atomic
def accept(  # noqa: PLR0913, PLR0917, what an answer says
    user: User,
    request: DelegationRequest,
    at: datetime,
    scope: str = "",
    until: datetime | None = None,
    person: UUID | None = None,
) -> Delegation:
    """Grant what is asked, or a part of it; without `scope`, all that this person may give of what remains.

    `person`: the account of whom they mean to let in, asked for when others have nearly the same name (`Homonymous`).
    `Refused`: answered meanwhile (409), no longer theirs to answer (403), wider or longer than asked or held (400).
    """
    request = _lock(request)
    power, part = _able(user, request, at)
    chosen = read_scope(scope) if scope else part
    if not holds(request.remaining, chosen):
        raise Refused(
            "C’est plus que ce qui est demandé. Choisissez le périmètre demandé, ou une partie.", field="scope"
        )
    check_person(request.requester, person)
    before = answerers(request.account, request.remaining, at, but=request.requester)
    granter = Granter(user, own_account(user), power)
    gift = Gift(request.requester, request.account, chosen, until, Origin.REQUEST, request)
    delegation = grant(granter, gift, at)
    _tell_others(request, before - {user.pk}, user, at)
    return delegation


@transaction.atomic
def refuse(user: User, request: DelegationRequest, reason: str, at: datetime) -> None:
    """By whoever may answer, in whole or in part; the asker is told why."""
    request = _lock(request)
    power, _ = _able(user, request, at)
    text = reason.replace("\0", "").strip()
    if not says_something(text):
        raise Refused("Dites pourquoi vous refusez\N{NO-BREAK SPACE}: la personne lira ce motif.", field="reason")
    if len(text) > 500:
        raise Refused("Raccourcissez le motif\N{NO-BREAK SPACE}: 500 caractères au plus.", field="reason")
    others = answerers(request.account, request.remaining, at, but=request.requester) - {user.pk}
    done = DelegationRequest.objects.filter(pk=request.pk).move(
        "refuse", decided_at=at, decided_by=user, decided_ground=power.ground, reason=text
    )
    if not done:
        raise conflict(already(DelegationRequest.objects.told().get(pk=request.pk)))
    record(
        "request.refused",
        at=at,
        ground=power.ground,
        actor=user,
        actor_account=own_account(user),
        account=request.account,
        delegation=power.through.pk if power.through else None,
        object_kind="request",
        object_key=request.pk,
    )
    sentence = (
        f"Votre demande de délégation sur {request.account.name} est refusée\N{NO-BREAK SPACE}: "
        "le motif est sur sa page."
    )
    tell([request.asked_by_id], "delegation.answered", sentence, path=f"{PATH}{request.pk}/", at=at)
    _tell_others(request, others, user, at)


@transaction.atomic
def claim(user: User, request: DelegationRequest, at: datetime) -> None:
    """« Je m’en occupe »: the others see by whom. It binds nobody, and a second person may take over."""
    request = _lock(request)
    power, _ = _able(user, request, at)
    DelegationRequest.objects.filter(pk=request.pk).move("claim", claimed_by=user, claimed_at=at)
    record(
        "request.claimed",
        at=at,
        ground=power.ground,
        actor=user,
        actor_account=own_account(user),
        account=request.account,
        delegation=power.through.pk if power.through else None,
        object_kind="request",
        object_key=request.pk,
    )


def _lock(request: DelegationRequest) -> DelegationRequest:
    """The accounts first, as everywhere; then the request, read again as the last answer left it."""
    lock_accounts(request.requester_id, request.account_id)
    return DelegationRequest.objects.select_for_update(of=("self",)).told().get(pk=request.pk)


def _able(user: User, request: DelegationRequest, at: datetime) -> tuple[Power, Scope]:
    """What this person may give of what remains; `Refused` when nothing. Read after the locks: whoever ends their own
    delegation takes the same one."""
    if request.state != RequestState.PENDING:
        raise conflict(already(request))
    standing = Standing.of(user, at, [request.account], is_locked=True)
    able = standing.may_answer(request)
    if able is None:
        raise forbidden(_why_not(standing, request))
    return able


def _why_not(standing: Standing, request: DelegationRequest) -> str:
    if standing.is_own(request.requester):
        return NOT_FOR_ONESELF
    if standing.owes(request.account, request.requester):
        return BY_THE_ASKER
    return OUT_OF_REACH if standing.power_over(request.account, request.requester) else NOT_ANY_MORE


def _tell_others(request: DelegationRequest, others: set[int], user: User, at: datetime) -> None:
    """Those who could have answered too. What stays open of a part is still on its page."""
    text = f"{user.display_name} a répondu à la demande {of_name(request.requester.name)} sur {request.account.name}."
    tell(others, "delegation.answered", text, path=f"{PATH}{request.pk}/", at=at)
