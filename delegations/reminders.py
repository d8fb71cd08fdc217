"""What happens when nobody does anything: those who may answer are reminded, the service centre takes over, a request
expires, a delegation that nears its end is announced. Each is marked on its row, so that twice changes nothing."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.grounds import Ground
from accounts.journal import record_all
from accounts.notifications import tell
from delegations.models import Delegation, DelegationNotice, DelegationRequest, RequestState
from delegations.querysets import DelegationQuerySet
from delegations.scopes import Scope
from delegations.services.asking import PATH, by_nobody, escalate
from delegations.services.common import answerers, end_words
from delegations.services.renewing import renewers
from spico.web.typography import counted, of_name


def run(at: datetime) -> None:
    expire_requests(at)
    escalate_requests(at)
    remind_answerers(at)
    announce_ends(at)


def expire_requests(at: datetime) -> int:
    """Those that nobody answered in `REQUEST_EXPIRES_DAYS`; the person may ask again."""
    old = DelegationRequest.objects.pending().filter(asked_at__lte=at - timedelta(days=settings.REQUEST_EXPIRES_DAYS))
    return sum(_expire(pk, at) for pk in old.values_list("pk", flat=True))


@transaction.atomic
def _expire(pk: int, at: datetime) -> int:
    done = DelegationRequest.objects.filter(pk=pk).move("expire", decided_at=at, decided_ground=Ground.SYSTEM)
    if done:
        request = DelegationRequest.objects.told().get(pk=pk)
        record_all([by_nobody("request.expired", request, at)])
        text = (
            f"Votre demande sur {request.account.name} a expiré sans réponse\N{NO-BREAK SPACE}: vous pouvez la refaire."
        )
        tell([request.asked_by_id], "delegation.answered", text, path=f"{PATH}{pk}/", at=at)
    return done


def escalate_requests(at: datetime) -> int:
    """A week without answer: the service centre has it too. Those who may answer still may. And at once what nobody can
    answer any more, whatever took the last of them away."""
    since = at - timedelta(days=settings.REQUEST_ESCALATED_DAYS)
    waiting = DelegationRequest.objects.pending().filter(escalated_at=None)
    old = list(waiting.filter(asked_at__lte=since).values_list("pk", flat=True))
    alone = [row.pk for row in waiting.filter(asked_at__gt=since).told() if not _who_may_answer(row, at)]
    return sum(_escalate(pk, at, "Personne n’a encore répondu") for pk in old) + sum(
        _escalate(pk, at, "Plus personne ne peut répondre") for pk in alone
    )


def _who_may_answer(request: DelegationRequest, at: datetime) -> set[int]:
    return answerers(request.account, request.remaining, at, but=request.requester)


@transaction.atomic
def _escalate(pk: int, at: datetime, why: str) -> int:
    request = DelegationRequest.objects.select_for_update(of=("self",)).told().get(pk=pk)
    if request.state != RequestState.PENDING:
        return 0
    escalate(request, at, why)
    return 1


@transaction.atomic
def remind_answerers(at: datetime) -> int:
    """Three days without answer: one digest a person, whatever the number of requests."""
    since = at - timedelta(days=settings.REQUEST_REMINDED_DAYS)
    waiting = DelegationRequest.objects.pending().filter(asked_at__lte=since, reminded_at=None)
    rows = list(waiting.select_for_update(of=("self",), skip_locked=True).told())
    by_user: dict[int, int] = defaultdict(int)
    for request in rows:
        for user in _who_may_answer(request, at):
            by_user[user] += 1
    for user, count in by_user.items():
        waits = counted(count, "demande de délégation attend", "demandes de délégation attendent")
        since_when = counted(settings.REQUEST_REMINDED_DAYS, "jour")
        tell([user], "delegation.digest", f"{waits} votre réponse depuis {since_when} ou plus.", path=PATH, at=at)
    DelegationRequest.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=at)
    return len(rows)


def _ending(at: datetime, days: int) -> DelegationQuerySet:
    """In force, and no longer than so many days. Both bounds of the end are told, so that its index alone is read."""
    ends = Q(period__endswith__gt=at, period__endswith__lte=at + timedelta(days=days))
    return Delegation.objects.in_force(at).filter(ends)


def announce_ends(at: datetime) -> int:
    """Thirty and seven days before: the holder, who may ask for more time, and those who may give it. The nearest
    notice alone when both are due."""
    told = 0
    for days in sorted(settings.DELEGATION_NOTICE_DAYS):
        for pk in _ending(at, days).exclude(notices__days__lte=days).values_list("pk", flat=True):
            told += _announce(pk, days, at)
    return told


@transaction.atomic
def _announce(pk: int, days: int, at: datetime) -> int:
    _, is_new = DelegationNotice.objects.get_or_create(delegation_id=pk, days=days, defaults={"told_at": at})
    if not is_new:
        return 0
    delegation = Delegation.objects.told().get(pk=pk)
    ends, name = end_words(delegation.period.upper), delegation.account.name
    what = Scope(delegation.scope).label
    if delegation.holder.user_id:
        may_ask = delegation.account.permits.granted
        text = f"Votre délégation sur {name} ({what}) va {ends}"
        text += "\N{NO-BREAK SPACE}: vous pouvez demander qu’elle soit prolongée." if may_ask else "."
        tell([delegation.holder.user_id], "delegation.ends_soon", text, path=f"/delegations/{pk}/", at=at)
    text = f"La délégation {of_name(delegation.holder.name)} sur {name} ({what}) va {ends}."
    tell(renewers(delegation, at), "delegation.ends_soon", text, path=f"/delegations/{pk}/", at=at)
    return 1
