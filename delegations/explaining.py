"""« Pourquoi ai-je accès ? »: the answers of the access rule, with a sentence each. It decides nothing itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.grounds import Ground
from accounts.models import Account, User
from accounts.prepared import Prepared
from accounts.states import PERMITS, AccountState
from delegations.access import SpaceAnswer, accounts_referred_by, answers_for
from delegations.models import Delegation, DelegationRequest
from delegations.querysets import OPENING_STATES
from delegations.scopes import OPENS, Scope, Space
from delegations.services.common import NOT_LISTED, end_words
from directory.models import Attachment
from directory.models.people import Civility
from spico.web.typography import french_date

NBSP = "\N{NO-BREAK SPACE}"
NO_ACCESS_BY_ATTACHMENT = "Être rattaché ne donne aucun accès"
OWN = "C’est votre propre compte."
NONE = "Vous n’avez pas de délégation sur ce compte."
CLOSED = f"Ce compte est fermé{NBSP}: il n’ouvre plus rien."
FROZEN = f"Ce compte est gelé{NBSP}: aucune délégation n’y commence."
REFERENT = "Votre rôle de référent répond aux demandes, et n’ouvre aucun espace."
AS_REFERENT = " (référent)"
BY_CENTRE = "le centre de service"


@dataclass(frozen=True)
class SpaceExplanation:
    answer: SpaceAnswer
    because: str

    @property
    def space(self) -> Space:
        return self.answer.space

    @property
    def allowed(self) -> bool:
        return self.answer.allowed

    @property
    def delegation(self) -> Delegation | None:
        return self.answer.delegation


@dataclass(frozen=True)
class Explanation:
    """`missing`: what is missing, in a sentence; empty when nothing is. `may_ask`: the button that asks shows."""

    account: Account
    spaces: list[SpaceExplanation]
    missing: str
    may_ask: bool
    is_attached: bool
    pending: DelegationRequest | None
    delegation: Delegation | None

    @property
    def allowed(self) -> bool:
        return any(space.allowed for space in self.spaces)

    def of(self, space: Space | str) -> SpaceExplanation:
        return next(one for one in self.spaces if one.space == space)


def explain(user: User, account: Account, at: datetime) -> Explanation:
    """For each space yes or no, and one sentence; what is missing, and whether asking is possible. Two queries, and one
    more for a request that waits."""
    answers = answers_for(user, account, at)
    through = next((answer.delegation for answer in answers.values() if answer.delegation), None)
    if all(answer.allowed for answer in answers.values()):
        return Explanation(account, _spaces(answers, ""), "", False, False, None, through)
    facts = _facts(user, account, at)
    pending = DelegationRequest.objects.get(pk=facts.pending) if facts.pending else None
    missing = _missing(account, facts, through, pending)
    may_ask = facts.is_listed and PERMITS[AccountState(account.state)].requested and not pending
    spaces = _spaces(answers, missing, pending)
    return Explanation(account, spaces, missing, may_ask, facts.attached is not None, pending, through)


def _spaces(
    answers: dict[Space, SpaceAnswer], missing: str, pending: DelegationRequest | None = None
) -> list[SpaceExplanation]:
    return [
        SpaceExplanation(answer, _because(answer) or _not_asked(answer.space, pending) or missing)
        for answer in answers.values()
    ]


def _not_asked(space: Space, pending: DelegationRequest | None) -> str:
    """Of a space that a request which waits would not open; empty for others."""
    if pending is None or space in OPENS[Scope(pending.remaining)]:
        return ""
    return f"Votre demande en attente s’arrête au périmètre «{NBSP}{Scope(pending.remaining).label}{NBSP}»."


def _because(answer: SpaceAnswer) -> str:
    if answer.ground == Ground.OWN:
        return OWN
    return granted_sentence(answer.delegation) if answer.delegation else ""


def granted_sentence(delegation: Delegation) -> str:
    """« Par votre délégation Total, accordée par … le …, jusqu’au … »."""
    scope = Scope(delegation.scope).label
    ends = end_words(delegation.period.upper)
    return (
        f"Par votre délégation «{NBSP}{scope}{NBSP}», accordée par {granter(delegation)} "
        f"le {french_date(delegation.period.lower)}, {ends}."
    )


def granter(delegation: Delegation) -> str:
    """Who granted, and as what when it matters: « Maïlis Tournemirande (référent) », « le centre de service »."""
    if delegation.granted_ground == Ground.SERVICE_CENTRE:
        return BY_CENTRE
    name = delegation.granted_by_account.name if delegation.granted_by_account else "SPICO"
    return name + (AS_REFERENT if delegation.granted_ground == Ground.REFERENT else "")


@dataclass(frozen=True)
class Facts:
    """What matters of somebody to whom not all is open. `attached`: their civility, None when they are not."""

    is_listed: bool = False
    pending: int | None = None
    ended_at: datetime | None = None
    attached: str | None = None
    is_referent: bool = False


def _own_facts(*, user: User, account: UUID, at: datetime) -> QuerySet[Account, Any]:
    asked = DelegationRequest.objects.pending().filter(requester=OuterRef("pk"), account=account)
    ended = Delegation.objects.filter(holder=OuterRef("pk"), account=account, period__endswith__lte=at)
    places = (
        Q(structure__account=account)
        | Q(internal_organisation__account=account)
        | Q(internal_organisation__structure__account=account)
    )
    attached = Attachment.objects.open().filter(places, professional__account=OuterRef("pk"))
    own = Account.objects.filter(user=user, state__in=OPENING_STATES).annotate(
        pending=Subquery(asked.values("pk")[:1]),
        ended_at=Subquery(ended.order_by("-period").values("period__endswith")[:1]),
        attached=Subquery(attached.values("professional__civility")[:1]),
        is_referent=Exists(accounts_referred_by(user, at).filter(pk=account)),
    )
    return own.values_list("pending", "ended_at", "attached", "is_referent")


_facts_of = Prepared(_own_facts, user=User, account=UUID, at=datetime)


def _facts(user: User, account: Account, at: datetime) -> Facts:
    """One query, from the user's own account."""
    found = _facts_of.first(user=user, account=account.pk, at=at)
    return Facts(True, *found) if found else Facts()


def _missing(account: Account, facts: Facts, through: Delegation | None, pending: DelegationRequest | None) -> str:
    """One sentence: the first thing that is missing."""
    if account.state not in OPENING_STATES:
        return CLOSED
    if not facts.is_listed:
        return NOT_LISTED
    if pending:
        return f"Votre demande du {french_date(pending.asked_at)} attend une réponse."
    if through:
        missing = f"Votre délégation s’arrête au périmètre «{NBSP}{Scope(through.scope).label}{NBSP}»."
    else:
        missing = _without_delegation(facts)
    return missing if PERMITS[AccountState(account.state)].requested else f"{missing} {FROZEN}"


def _without_delegation(facts: Facts) -> str:
    if facts.ended_at:
        ended = f"Votre délégation a pris fin le {french_date(facts.ended_at)}."
        return f"{ended} {NO_ACCESS_BY_ATTACHMENT}." if facts.attached is not None else ended
    if facts.attached is not None:
        fact = NO_ACCESS_BY_ATTACHMENT[0].lower() + NO_ACCESS_BY_ATTACHMENT[1:]
        return f"Vous êtes {'rattachée' if facts.attached == Civility.MADAME else 'rattaché'}, et {fact}."
    return REFERENT if facts.is_referent else NONE
