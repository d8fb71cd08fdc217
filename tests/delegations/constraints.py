"""What the database refuses of delegations, for the table of `tests.constraints`."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from psycopg.types.range import TimestamptzRange

from accounts.grounds import Ground
from accounts.models import Account, JournalEntry
from accounts.states import AccountState
from delegations.models import (
    AccessCase,
    Delegation,
    DelegationNotice,
    DelegationRequest,
    DelegationReview,
    GrantProposal,
    Referent,
)
from delegations.periods import period
from delegations.scopes import Scope
from tests.factories import (
    DelegationFactory,
    DelegationRequestFactory,
    GrantProposalFactory,
    InternalOrganisationFactory,
    ProfessionalFactory,
    ReferentFactory,
    StructureFactory,
    UserFactory,
)


def _person() -> Account:
    account: Account = ProfessionalFactory(signed_in=True).account
    return account


def _held_twice() -> None:
    row = DelegationFactory()
    DelegationFactory(holder=row.holder, account=row.account)


def _on_ones_own_account() -> None:
    own = _person()
    DelegationFactory(holder=own, account=own)


def _confirmed_by_the_same() -> None:
    operator = UserFactory()
    DelegationFactory(granted_by=operator, confirmed_by=operator)


def _update(row: Delegation | DelegationRequest | Referent | GrantProposal | AccessCase, **values: object) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**values)


def _ended_by_nobody() -> None:
    row = DelegationFactory()
    ended = period(row.period.lower, timezone.now())
    _update(row, period=ended, ended_kind="revoked", ended_ground=Ground.REFERENT, ended_reason="Départ.")


def _announced_twice() -> None:
    row = DelegationFactory()
    for _ in range(2):
        DelegationNotice.objects.create(delegation=row, days=7, told_at=timezone.now())


def _asked_of_oneself() -> None:
    own = _person()
    DelegationRequestFactory(requester=own, account=own)


def _asked_twice() -> None:
    row = DelegationRequestFactory()
    DelegationRequestFactory(requester=row.requester, account=row.account)


def _appointed_twice() -> None:
    row = ReferentFactory()
    ReferentFactory(account=row.account, structure=row.structure)


def _proposed_twice() -> None:
    row = GrantProposalFactory()
    GrantProposalFactory(holder=row.holder, account=row.account, word_of=row.word_of)


def _confirmed_by_the_proposer() -> None:
    row = GrantProposalFactory()
    _update(row, state="confirmed", decided_by=row.proposed_by, decided_at=timezone.now())


def _case() -> AccessCase:
    row = DelegationFactory()
    entry = JournalEntry.objects.get(object_kind="delegation", object_key=row.pk)
    return AccessCase.objects.create(entry=entry, account=row.account, opened_by=row.holder.user)


def _opened_twice() -> None:
    case = _case()
    AccessCase.objects.create(entry=case.entry, account=case.account, opened_by=case.opened_by)


def _review(**changes: object) -> DelegationReview:
    reviewer = _person()
    told = {"reviewed_by": reviewer.user, "reviewed_by_account": reviewer, "ground": Ground.REFERENT} | changes
    return DelegationReview.objects.create(**{"delegation": DelegationFactory()} | told)


def _reviewed_by_its_holder() -> None:
    row = DelegationFactory()
    _review(delegation=row, reviewed_by=row.holder.user, reviewed_by_account=None)


BROKEN: dict[str, Callable[[], object]] = {
    "delegation_once_at_a_time": _held_twice,
    "delegation_not_on_ones_own_account": _on_ones_own_account,
    "delegation_scope_is_known": lambda: DelegationFactory(scope="tout"),
    "delegation_origin_is_known": lambda: DelegationFactory(origin="rumeur"),
    "delegation_begins_and_may_end": lambda: DelegationFactory(
        period=TimestamptzRange(None, timezone.now(), "[)"), created_at=timezone.now()
    ),
    "delegation_granted_by_somebody": lambda: DelegationFactory(granted_by=None),
    "delegation_granted_through_one_iff_by_delegation": lambda: DelegationFactory(granted_ground=Ground.DELEGATION),
    "delegation_confirmed_by_another": _confirmed_by_the_same,
    "delegation_total_by_two_operators": lambda: DelegationFactory(confirmed_by=None),
    "delegation_ground_is_known": lambda: DelegationFactory(granted_ground="force"),
    "delegation_ended_by_whom_and_why": _ended_by_nobody,
    "notice_once": _announced_twice,
    "request_not_to_oneself": _asked_of_oneself,
    "request_open_once": _asked_twice,
    "request_scope_is_known": lambda: DelegationRequestFactory(scope="dossier", remaining="discussions"),
    "request_remaining_is_known": lambda: DelegationRequestFactory(remaining="tout"),
    "request_state_is_known": lambda: DelegationRequestFactory(answered=True, state="perdue"),
    "request_decided_iff_not_pending": lambda: DelegationRequestFactory(decided_at=timezone.now()),
    "request_decided_by_somebody": lambda: DelegationRequestFactory(expired=True, decided_by=UserFactory()),
    "request_refused_with_a_reason": lambda: DelegationRequestFactory(refused=True, reason=""),
    "request_claimed_by_and_when": lambda: DelegationRequestFactory(claimed_at=timezone.now()),
    "request_message_is_short": lambda: DelegationRequestFactory(message="x" * 1001),
    "referent_once_at_a_time": _appointed_twice,
    "referent_begins_and_may_end": lambda: ReferentFactory(period=TimestamptzRange(None, None, "[)")),
    "referent_ended_and_why": lambda: ReferentFactory(ended_reason="Départ."),
    "proposal_confirmed_by_another": _confirmed_by_the_proposer,
    "proposal_decided_iff_not_proposed": lambda: GrantProposalFactory(state="confirmed"),
    "proposal_scope_is_known": lambda: GrantProposalFactory(scope="tout"),
    "proposal_origin_is_known": lambda: GrantProposalFactory(origin="rumeur"),
    "proposal_open_once": _proposed_twice,
    "review_ground_is_known": lambda: _review(ground=Ground.OWN),
    "access_case_once": _opened_twice,
    "access_case_closed_by_when_and_why": lambda: _update(_case(), closed_at=timezone.now()),
}


def _closed() -> Account:
    account: Account = StructureFactory(closed=True).account
    return account


def _frozen() -> Account:
    account: Account = InternalOrganisationFactory(account__state=AccountState.FROZEN).account
    return account


def _replacing(**values: object) -> None:
    """A row that would take over one that was revoked."""
    row = DelegationFactory(ended=True)
    DelegationFactory(holder=row.holder, account=row.account, since=row.period.upper, replaces=row, **values)


def _narrowing_by_replacing() -> None:
    row = DelegationFactory(ends="replaced")
    DelegationFactory(holder=row.holder, account=row.account, since=row.period.upper, replaces=row, partial=True)


def _widening_by_reducing() -> None:
    row = DelegationFactory(ends="reduced")
    DelegationFactory(holder=row.holder, account=row.account, since=row.period.upper, replaces=row)


def _to_oneself() -> None:
    own = _person()
    DelegationFactory(holder=own, granted_by=own.user)


def _wider_than_ones_own() -> None:
    mine = DelegationFactory(partial=True)
    DelegationFactory(account=mine.account, through=mine)


def _longer_than_ones_own() -> None:
    mine = DelegationFactory(until=timezone.now() + timedelta(days=10))
    DelegationFactory(account=mine.account, through=mine, until=timezone.now() + timedelta(days=11))


def _of_another_account() -> None:
    DelegationFactory(through=DelegationFactory())


def _after_ones_own_ended() -> None:
    mine = DelegationFactory(ended=True)
    DelegationFactory(account=mine.account, through=mine, since=timezone.now())


def _made_longer() -> None:
    row = DelegationFactory(until=timezone.now() + timedelta(days=10))
    _update(row, period=period(row.period.lower, None))


def _ended_changes() -> None:
    _update(DelegationFactory(ended=True), ended_reason="Autre chose.")


def _entry_of_anothers_delegation() -> None:
    row, other = DelegationFactory(), DelegationFactory()
    JournalEntry.objects.create(
        at=timezone.now(),
        actor=other.holder.user,
        actor_account=other.holder,
        account=row.account,
        ground=Ground.DELEGATION,
        delegation=row.pk,
        verb="space.opened",
    )


def _appointed_by_oneself() -> None:
    own = _person()
    ReferentFactory(account=own, appointed_by=own.user)


def _proposed_to_oneself() -> None:
    own = _person()
    GrantProposalFactory(holder=own, proposed_by=own.user)


def _confirmed_to_oneself() -> None:
    row = GrantProposalFactory()
    _update(row, state="confirmed", decided_by=row.holder.user, decided_at=timezone.now())


def _on_the_word_of_a_referent_one_appointed() -> None:
    holder = _person()
    term = ReferentFactory(appointed_by=holder.user)
    GrantProposalFactory(holder=holder, account=term.structure.account, word_of=term.account)


NOT_MORE = "Personne ne donne plus que sa propre délégation"
GOES_ON = "prend la suite de la précédente"
LIVING = "sur un compte fermé ou gelé"
CHANGES = "Une délégation ne change pas"


def _by_a_referent_one_appointed() -> None:
    holder = _person()
    term = ReferentFactory(appointed_by=holder.user)
    unit = InternalOrganisationFactory(structure=term.structure, account__state=AccountState.OPEN).account
    DelegationFactory(holder=holder, account=unit, by_referent=True, granted_by_account=term.account)


# Triggers: name -> (an act that it refuses, a part of its sentence).
REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "delegation_is_fair (a structure holds)": (
        lambda: DelegationFactory(holder=StructureFactory().account),
        "donnée à une personne",
    ),
    "delegation_is_fair (closed)": (lambda: DelegationFactory(account=_closed()), LIVING),
    "delegation_is_fair (frozen)": (lambda: DelegationFactory(account=_frozen()), LIVING),
    "delegation_is_fair (holder left)": (
        lambda: DelegationFactory(holder=ProfessionalFactory(account__state=AccountState.CLOSED).account),
        LIVING,
    ),
    "delegation_is_fair (after a revocation)": (_replacing, GOES_ON),
    "delegation_is_fair (narrowed)": (_narrowing_by_replacing, GOES_ON),
    "delegation_is_fair (reduced to more)": (_widening_by_reducing, GOES_ON),
    "delegation_is_fair (to oneself)": (_to_oneself, "Personne ne se donne une délégation"),
    "delegation_is_fair (confirmed to oneself)": (
        lambda: DelegationFactory(holder=(own := _person()), confirmed_by=own.user),
        "Personne ne se donne une délégation",
    ),
    "delegation_is_fair (by a referent whom one appointed)": (
        _by_a_referent_one_appointed,
        "d’un référent qu’il a nommé",
    ),
    "delegation_is_fair (wider)": (_wider_than_ones_own, NOT_MORE),
    "delegation_is_fair (longer)": (_longer_than_ones_own, NOT_MORE),
    "delegation_is_fair (elsewhere)": (_of_another_account, NOT_MORE),
    "delegation_is_fair (too late)": (_after_ones_own_ended, NOT_MORE),
    "delegation_only_ends": (lambda: _update(DelegationFactory(partial=True), scope=Scope.DOSSIER), CHANGES),
    "delegation_only_ends (longer)": (_made_longer, CHANGES),
    "delegation_only_ends (ended)": (_ended_changes, CHANGES),
    "delegation_stays": (lambda: Delegation.objects.filter(pk=DelegationFactory().pk).delete(), "Cannot delete"),
    "request_comes_from_a_person": (
        lambda: DelegationRequestFactory(requester=StructureFactory().account, asked_by=UserFactory()),
        "vient du compte d’une personne",
    ),
    "request_is_answered_once": (
        lambda: _update(DelegationRequestFactory(withdrawn=True), state="pending", decided_at=None),
        "Une demande traitée ne change plus",
    ),
    "request_is_answered_once (its words)": (
        lambda: _update(DelegationRequestFactory(), message="Autre chose."),
        "Une demande traitée ne change plus",
    ),
    "request_stays": (
        lambda: DelegationRequest.objects.filter(pk=DelegationRequestFactory().pk).delete(),
        "Cannot delete",
    ),
    "referent_is_fair": (
        lambda: ReferentFactory(account=StructureFactory().account),
        "Un référent est une personne",
    ),
    "referent_is_fair (oneself)": (_appointed_by_oneself, "Personne ne se nomme référent"),
    "referent_only_ends": (
        lambda: _update(ReferentFactory(ended=True), ended_reason="Autre chose."),
        "Une nomination ne change pas",
    ),
    "referent_stays": (lambda: Referent.objects.filter(pk=ReferentFactory().pk).delete(), "Cannot delete"),
    "proposal_is_fair (oneself)": (_proposed_to_oneself, "Personne ne se donne une délégation"),
    "proposal_is_fair (confirmed by its holder)": (_confirmed_to_oneself, "Personne ne se donne une délégation"),
    "proposal_is_fair (on the word of a referent whom one appointed)": (
        _on_the_word_of_a_referent_one_appointed,
        "sur la parole d’un référent qu’il a nommé",
    ),
    "proposal_is_fair": (
        lambda: _update(GrantProposalFactory(), until=timezone.now()),
        "se confirme ou s’écarte",
    ),
    "proposal_stays": (
        lambda: GrantProposal.objects.filter(pk=GrantProposalFactory().pk).delete(),
        "Cannot delete",
    ),
    "review_is_fair": (_reviewed_by_its_holder, "Personne ne revoit sa propre délégation"),
    "review_is_fair (its account)": (
        lambda: _review(delegation=(row := DelegationFactory()), reviewed_by_account=row.holder),
        "Personne ne revoit sa propre délégation",
    ),
    "review_stays": (
        lambda: DelegationReview.objects.filter(pk=_review().pk).update(ground=Ground.DELEGATION),
        "Cannot update or delete",
    ),
    "review_stays (whole)": (lambda: _review().delete(), "Cannot update or delete"),
    "access_case_stays": (lambda: AccessCase.objects.filter(pk=_case().pk).delete(), "Cannot delete"),
    "entry_delegation_is_the_actors_own": (_entry_of_anothers_delegation, "celle de la personne qui agit"),
}
