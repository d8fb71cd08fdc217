"""« Pourquoi ai-je accès ? »: the answers of the access rule, with a sentence each. It decides nothing itself."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.grounds import Ground
from accounts.models import Account, User
from accounts.states import PERMITS, AccountState
from delegations.access import SpaceAnswer, accounts_referred_by, answers_for
from delegations.models import Delegation, DelegationRequest
from delegations.querysets import OPENING_STATES
from delegations.scopes import Scope, Space
from delegations.services.common import NOT_LISTED, end_words, own_account
from directory.models import Attachment
from directory.models.people import Civility
from spico.web.typography import french_date

NBSP = "\N{NO-BREAK SPACE}"
NO_ACCESS_BY_ATTACHMENT = "Être rattaché ne donne aucun accès"
OWN = "C’est votre propre compte."
NONE = "Vous n’avez pas de délégation sur ce compte."
CLOSED = "Ce compte est fermé : il n’ouvre plus rien."
REFERENT = f"Vous êtes référent{NBSP}: ce rôle répond aux demandes et n’ouvre aucun espace."
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
    """For each space yes or no, and one sentence; what is missing, and whether asking is possible."""
    answers = answers_for(user, account, at)
    through = next((answer.delegation for answer in answers.values() if answer.delegation), None)
    if all(answer.allowed for answer in answers.values()):
        return Explanation(account, _spaces(answers, ""), "", False, False, None, through)
    own = own_account(user)
    attachment = _attachment(user, account)
    pending = own and DelegationRequest.objects.pending().filter(requester=own, account=account).first()
    missing = _missing(user, account, own, through, attachment, pending or None, at)
    may_ask = own is not None and PERMITS[AccountState(account.state)].requested and not pending
    spaces = _spaces(answers, missing)
    return Explanation(account, spaces, missing, may_ask, attachment is not None, pending or None, through)


def _spaces(answers: dict[Space, SpaceAnswer], missing: str) -> list[SpaceExplanation]:
    return [SpaceExplanation(answer, _because(answer) or missing) for answer in answers.values()]


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


def _attachment(user: User, account: Account) -> Attachment | None:
    """The user's own attachment to what owns this account, or to a unit of that structure."""
    places = (
        Q(structure__account=account)
        | Q(internal_organisation__account=account)
        | Q(internal_organisation__structure__account=account)
    )
    mine = Attachment.objects.open().filter(places, professional__account__user=user.pk)
    return mine.select_related("professional").order_by("pk").first()


def _missing(  # noqa: PLR0913, PLR0917, PLR0911, one sentence for each thing that can be missing
    user: User,
    account: Account,
    own: Account | None,
    through: Delegation | None,
    attachment: Attachment | None,
    pending: DelegationRequest | None,
    at: datetime,
) -> str:
    if account.state not in OPENING_STATES:
        return CLOSED
    if own is None:
        return NOT_LISTED
    if pending:
        return f"Votre demande du {french_date(pending.asked_at)} attend une réponse."
    if through:
        return f"Votre délégation s’arrête au périmètre «{NBSP}{Scope(through.scope).label}{NBSP}»."
    if ended := _last_ended(own, account, at):
        return f"Votre délégation a pris fin le {french_date(ended.period.upper)}."
    if attachment:
        feminine = attachment.professional.civility == Civility.MADAME
        fact = NO_ACCESS_BY_ATTACHMENT[0].lower() + NO_ACCESS_BY_ATTACHMENT[1:]
        return f"Vous êtes {'rattachée' if feminine else 'rattaché'}, et {fact}."
    if accounts_referred_by(user, at).filter(pk=account.pk).exists():
        return REFERENT
    return NONE


def _last_ended(own: Account, account: Account, at: datetime) -> Delegation | None:
    ended = Delegation.objects.filter(holder=own, account=account, period__endswith__lte=at)
    return ended.order_by("-period").first()
