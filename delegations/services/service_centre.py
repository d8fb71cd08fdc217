"""The service centre's own doors: on a referent's word, never to oneself, and a total grant by two operators."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.grounds import Ground
from accounts.journal import record
from accounts.models import Account, AccountKind, User
from accounts.notifications import tell
from delegations.access import Power
from delegations.errors import Refused, conflict, forbidden
from delegations.models import Delegation, GrantProposal, Origin, ProposalState
from delegations.scopes import Scope, union
from delegations.services.common import (
    check_end,
    check_living,
    lock_accounts,
    own_account,
    referents_of,
    service_centre_users,
)
from delegations.services.granting import Gift, Granter, grant, widened
from delegations.services.homonyms import check_person

PERMISSION = "delegations.add_grantproposal"
POWER = Power(Ground.SERVICE_CENTRE, Scope.TOTAL)
NOT_TO_ONESELF = (
    "Personne ne se donne une délégation\N{NO-BREAK SPACE}: demandez à une autre personne du centre de service."
)
NOT_THEM = (
    "La délégation irait à une autre personne\N{NO-BREAK SPACE}: rien n’est accordé. Changez la personne choisie."
)
DECIDED = "Cette proposition a déjà été traitée."
PATH = "/administration/delegations/grantproposal/"


@dataclass(frozen=True)
class Word:
    """What the service centre is asked to grant. `word_of`: the referent (or the owner of a PP account) who asked.
    `person`: the account of whom the operator means, asked for when others have nearly the same name."""

    holder: Account
    account: Account
    scope: Scope
    until: datetime | None
    origin: Origin
    word_of: Account
    person: UUID | None = None


def check_word(operator: User, word: Word, at: datetime) -> None:
    """Everything that can be known before writing; `Refused` says what does not suit. Writes nothing."""
    check_operator(operator)
    check_end(word.until, at)
    if word.holder.kind != AccountKind.PP:
        raise Refused("Une délégation est donnée à une personne.", field="holder")
    if word.holder.pk == word.account.pk:
        raise Refused("Personne n’a besoin d’une délégation sur son propre compte.", field="holder")
    if word.holder.user_id == operator.pk:
        raise forbidden(NOT_TO_ONESELF)
    check_living(word.account, word.holder)
    _check_whose_word(word, at)
    check_person(word.holder, word.person, NOT_THEM)
    if present := _present(word, at):
        widened(present, POWER, _gift(word))


def may_grant(operator: User) -> bool:
    return operator.is_active and operator.is_staff and operator.has_perm(PERMISSION)


def check_operator(operator: User) -> None:
    if not may_grant(operator):
        raise forbidden("Seul le centre de service accorde une délégation de cette façon.")


def _check_whose_word(word: Word, at: datetime) -> None:
    if word.word_of.pk == word.holder.pk:
        raise Refused(
            "Le référent ne peut pas parler pour lui-même\N{NO-BREAK SPACE}: nommez-en un autre.", field="word_of"
        )
    if word.account.kind == AccountKind.PP:
        if word.word_of.pk != word.account.pk:
            raise Refused("Pour le compte d’une personne, c’est elle qui donne sa parole.", field="word_of")
        return
    terms = list(referents_of(word.account, at).not_taken_away().filter(account=word.word_of))
    if not terms:
        raise Refused(f"{word.word_of.name} n’est pas référent de cette structure.", field="word_of")
    if word.holder.user_id and all(term.appointed_by_id == word.holder.user_id for term in terms):
        raise Refused(
            f"C’est {word.holder.name} qui a nommé ce référent\N{NO-BREAK SPACE}: il faut la parole d’un autre.",
            field="word_of",
        )


def _present(word: Word, at: datetime) -> Delegation | None:
    return Delegation.objects.in_force(at).filter(holder=word.holder, account=word.account).first()


def needs_two(word: Word, at: datetime) -> bool:
    """Would this person then hold everything? Two parts, one after the other, make a whole too."""
    present = _present(word, at)
    return union(word.scope, present.scope if present else None) == Scope.TOTAL


def check_not_proposed(word: Word) -> None:
    """Of what takes two, one proposal at a time: `Refused` while another waits."""
    if GrantProposal.objects.filter(holder=word.holder, account=word.account, state=ProposalState.PROPOSED).exists():
        raise conflict("Une délégation attend déjà d’être confirmée pour ces deux comptes.")


@transaction.atomic
def grant_by_service_centre(operator: User, word: Word, at: datetime) -> Delegation | GrantProposal:
    """Grant at once, or propose when the person would then hold everything: a second operator confirms."""
    locked = lock_accounts(word.holder.pk, word.account.pk)
    word = replace(word, holder=locked[word.holder.pk], account=locked[word.account.pk])
    check_word(operator, word, at)
    if not needs_two(word, at):
        return grant(Granter(operator, own_account(operator), POWER, word_of=word.word_of), _gift(word), at)
    check_not_proposed(word)
    proposal = GrantProposal.objects.create(
        holder=word.holder,
        account=word.account,
        scope=word.scope,
        until=word.until,
        origin=word.origin,
        word_of=word.word_of,
        proposed_by=operator,
        proposed_at=at,
    )
    _record("proposal.made", proposal, operator, at)
    text = f"Une délégation totale sur {word.account.name} attend d’être confirmée par une seconde personne."
    tell(service_centre_users() - {operator.pk}, "delegation.service_centre", text, path=PATH, at=at)
    return proposal


def check_confirmation(operator: User, proposal: GrantProposal, at: datetime) -> Word:
    """What would be granted; `Refused` says why this operator may not confirm it, or not any more. Writes nothing."""
    if proposal.proposed_by_id == operator.pk:
        raise forbidden("Une délégation totale est confirmée par une autre personne que celle qui l’a proposée.")
    if proposal.state != ProposalState.PROPOSED:
        raise conflict(DECIDED)
    proposer = proposal.proposed_by
    if not may_grant(proposer):
        raise conflict(
            "La personne qui l’a proposée n’est plus au centre de service\N{NO-BREAK SPACE}: écartez cette "
            "proposition, puis faites-la à nouveau."
        )
    word = _word(proposal)
    if word.holder.user_id == proposer.pk:
        raise forbidden(NOT_TO_ONESELF)
    check_word(operator, word, at)
    return word


@transaction.atomic
def confirm_proposal(operator: User, proposal: GrantProposal, at: datetime) -> Delegation:
    """By a second operator: neither who proposed it, nor its holder. The referent's word must still hold."""
    check_operator(operator)
    lock_accounts(proposal.holder_id, proposal.account_id)
    proposal = _lock(proposal)
    word = check_confirmation(operator, proposal, at)
    _decide(proposal, ProposalState.CONFIRMED, operator, at)
    _record("proposal.confirmed", proposal, operator, at)
    proposer = proposal.proposed_by
    granter = Granter(proposer, own_account(proposer), POWER, confirmed_by=operator, word_of=word.word_of)
    return grant(granter, _gift(word), at)


@transaction.atomic
def reject_proposal(operator: User, proposal: GrantProposal, at: datetime) -> None:
    check_operator(operator)
    proposal = _lock(proposal)
    _decide(proposal, ProposalState.REJECTED, operator, at)
    _record("proposal.rejected", proposal, operator, at)


def _lock(proposal: GrantProposal) -> GrantProposal:
    return (
        GrantProposal.objects.select_for_update(of=("self",))
        .select_related("holder", "account", "word_of", "proposed_by")
        .get(pk=proposal.pk)
    )


def _decide(proposal: GrantProposal, state: ProposalState, operator: User, at: datetime) -> None:
    waiting = GrantProposal.objects.filter(pk=proposal.pk, state=ProposalState.PROPOSED)
    if not waiting.update(state=state, decided_by=operator, decided_at=at):
        raise conflict(DECIDED)


def _word(proposal: GrantProposal) -> Word:
    return Word(
        proposal.holder,
        proposal.account,
        Scope(proposal.scope),
        proposal.until,
        Origin(proposal.origin),
        proposal.word_of,
        # Whoever proposed it said so.
        person=proposal.holder_id,
    )


def _gift(word: Word) -> Gift:
    return Gift(word.holder, word.account, word.scope, word.until, word.origin)


def _record(verb: str, proposal: GrantProposal, operator: User, at: datetime) -> None:
    record(
        verb,
        at=at,
        ground=Ground.SERVICE_CENTRE,
        actor=operator,
        actor_account=own_account(operator),
        account=proposal.account_id,
        object_kind="proposal",
        object_key=proposal.pk,
        details={
            "holder": str(proposal.holder_id),
            "scope": str(proposal.scope),
            "word_of": str(proposal.word_of_id),
        },
    )
