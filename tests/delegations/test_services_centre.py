"""The service centre grants on a referent's word, never to oneself, and everything by two operators (rule 9); what is
surprising is looked into; a space that is opened, or not, is journalled."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from accounts.grounds import Ground
from accounts.models import Account, JournalEntry, User
from accounts.states import AccountState
from delegations import services
from delegations.models import AccessCase, Delegation, GrantProposal, Origin
from delegations.scopes import Scope, Space
from delegations.services.service_centre import Word
from tests.delegations.acting import holder_of, later, now, operator, referent_of, refused, someone, told, verbs
from tests.delegations.people import opens_space
from tests.factories import (
    DelegationFactory,
    DelegationRequestFactory,
    GrantProposalFactory,
    ReferentFactory,
    StructureFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def word() -> Word:
    structure = StructureFactory(open_account=True)
    return Word(someone(), structure.account, Scope.DOSSIER, None, Origin.REGISTRATION, referent_of(structure).account)


def operator_with(own: Account) -> User:
    """Of the service centre, and in the directory too."""
    clerk = operator()
    Account.objects.filter(pk=own.pk).update(user=clerk)
    own.refresh_from_db()
    return clerk


def grant(user: User, word: Word) -> Delegation | GrantProposal:
    return services.grant_by_service_centre(user, word, now())


def test_a_part_is_granted_at_once_and_told_to_holder_and_referent(word: Word) -> None:
    clerk = operator()
    row = grant(clerk, word)
    assert isinstance(row, Delegation)
    assert (row.granted_by, row.granted_by_account, row.granted_ground) == (clerk, None, Ground.SERVICE_CENTRE)
    assert (row.origin, row.confirmed_by) == (Origin.REGISTRATION, None)
    assert told(word.holder.user) == told(word.word_of.user) == ["delegation.granted"]
    assert JournalEntry.objects.get(verb="delegation.granted").details["word_of"] == str(word.word_of.pk)


def test_everything_waits_for_a_second_operator(word: Word) -> None:
    one, two = operator(), operator()
    proposal = grant(one, replace(word, scope=Scope.TOTAL))
    assert isinstance(proposal, GrantProposal)
    assert not Delegation.objects.exists()
    with refused(403, "confirmée par une autre personne"):
        services.confirm_proposal(one, proposal, now())
    with refused(409, "attend déjà d’être confirmée"):
        grant(two, replace(word, scope=Scope.TOTAL))
    row = services.confirm_proposal(two, proposal, now())
    assert (row.granted_by, row.confirmed_by, row.scope) == (one, two, "total")
    assert verbs("proposal", proposal.pk) == ["proposal.made", "proposal.confirmed"]
    assert JournalEntry.objects.get(verb="delegation.granted").details["word_of"] == str(word.word_of.pk)
    assert told(word.word_of.user) == ["delegation.granted"]


def test_two_parts_that_make_the_whole_take_two_operators(word: Word) -> None:
    clerk = operator()
    grant(clerk, word)
    proposal = grant(clerk, replace(word, scope=Scope.DISCUSSIONS))
    assert isinstance(proposal, GrantProposal)
    assert services.confirm_proposal(operator(), proposal, now()).scope == "total"


@pytest.mark.parametrize("state", ["confirmed", "rejected"])
def test_a_proposal_is_decided_once(word: Word, state: str) -> None:
    one, two = operator(), operator()
    proposal = grant(one, replace(word, scope=Scope.TOTAL))
    assert isinstance(proposal, GrantProposal)
    if state == "confirmed":
        services.confirm_proposal(two, proposal, now())
    else:
        services.reject_proposal(one, proposal, now())
    proposal.refresh_from_db()
    assert proposal.state == state
    with refused(409, "déjà été traitée"):
        services.confirm_proposal(two, proposal, now())
    with refused(409, "déjà été traitée"):
        services.reject_proposal(two, proposal, now())


def test_nobody_serves_themselves(word: Word) -> None:
    own = someone()
    User.objects.filter(pk=own.user_id).update(is_superuser=True, is_staff=True)
    clerk = User.objects.get(pk=own.user_id)
    with refused(403, "Personne ne se donne une délégation"):
        grant(clerk, replace(word, holder=own))
    with refused(403, "Personne ne se nomme référent"):
        services.appoint_referent(clerk, word.account.structure, own, now())
    proposal = GrantProposalFactory(holder=own)
    with refused(403, "Personne ne se donne une délégation"):
        services.confirm_proposal(clerk, proposal, now())


def test_nobody_is_served_on_the_word_of_a_referent_whom_they_appointed(word: Word) -> None:
    """By another operator, who means well."""
    own = someone()
    clerk = operator_with(own)
    term = services.appoint_referent(clerk, word.account.structure, someone(), now())
    with refused(400, "C’est .* qui a nommé ce référent", "word_of"):
        grant(operator(), replace(word, holder=own, word_of=term.account))
    assert grant(operator(), replace(word, holder=own)), "on another referent's word"


def test_who_has_left_the_service_centre_is_no_second_operator(word: Word) -> None:
    proposer = operator()
    proposal = grant(proposer, replace(word, scope=Scope.TOTAL))
    assert isinstance(proposal, GrantProposal)
    for change in ({"is_active": False}, {"is_staff": False}):
        User.objects.filter(pk=proposer.pk).update(**{"is_active": True, "is_staff": True} | change)
        with refused(409, "n’est plus au centre de service"):
            services.confirm_proposal(operator(), GrantProposal.objects.get(pk=proposal.pk), now())
    User.objects.filter(pk=proposer.pk).update(is_active=True, is_staff=True)
    assert services.confirm_proposal(operator(), GrantProposal.objects.get(pk=proposal.pk), now())


def test_a_sign_in_linked_to_its_holder_since_it_was_proposed_confirms_nothing(word: Word) -> None:
    proposer = operator()
    holder = someone()
    proposal = grant(proposer, replace(word, holder=holder, scope=Scope.TOTAL))
    assert isinstance(proposal, GrantProposal)
    Account.objects.filter(pk=holder.pk).update(user=proposer)
    with refused(403, "Personne ne se donne une délégation"):
        services.confirm_proposal(operator(), GrantProposal.objects.get(pk=proposal.pk), now())


def test_a_word_that_no_longer_holds_confirms_nothing(word: Word) -> None:
    proposal = GrantProposalFactory()
    term = proposal.word_of.referent_terms.get()
    clerk = operator()
    services.end_referent(clerk, term, "Départ.", now())
    with refused(400, "n’est pas référent", "word_of"):
        services.confirm_proposal(clerk, proposal, now())


WRONG: dict[str, tuple[Callable[[Word], Word], int, str, str]] = {
    "a structure holds": (
        lambda w: replace(w, holder=StructureFactory(open_account=True).account), 400, "donnée à une personne", "holder"
    ),
    "on their own account": (lambda w: replace(w, account=w.holder), 400, "sur son propre compte", "holder"),
    "an end that has passed": (lambda w: replace(w, until=now()), 400, "La fin doit venir après", "until"),
    "closed": (lambda w: replace(w, account=StructureFactory(closed=True).account), 409, "est fermé", ""),
    "who left": (
        lambda w: replace(w, holder=someone(account__state=AccountState.CLOSED)), 409, "ne figure plus", ""
    ),
    "the holder's own word": (lambda w: replace(w, word_of=w.holder), 400, "parler pour lui-même", "word_of"),
    "a stranger's word": (lambda w: replace(w, word_of=someone()), 400, "n’est pas référent", "word_of"),
    "a former referent's word": (
        lambda w: replace(w, word_of=ReferentFactory(structure=w.account.structure, ended=True).account),
        400, "n’est pas référent", "word_of",
    ),
    "another's word for a person": (lambda w: replace(w, account=someone()), 400, "donne sa parole", "word_of"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_not_granted(word: Word, what: str) -> None:
    clerk, (change, status, words, field) = operator(), WRONG[what]
    wrong = change(word)
    with refused(status, words, field):
        grant(clerk, wrong)


def test_what_is_held_already_is_not_granted_nor_shortened(word: Word) -> None:
    clerk = operator()
    DelegationFactory(holder=word.holder, account=word.account, dossier=True)
    with refused(409, "a déjà cette délégation", "scope"):
        grant(clerk, word)
    with refused(409, "ne peut pas finir avant", "until"):
        grant(clerk, replace(word, scope=Scope.TOTAL, until=later(days=3)))


def test_the_acts_are_for_operators_alone(word: Word) -> None:
    proposal, term = GrantProposalFactory(), ReferentFactory()
    row = DelegationFactory()
    case = AccessCase.objects.create(entry=JournalEntry.objects.first(), account=row.account, opened_by=row.holder.user)
    person = someone()
    fired = operator()
    User.objects.filter(pk=fired.pk).update(is_staff=False)
    for user in (person.user, UserFactory(is_staff=True), User.objects.get(pk=fired.pk), word.word_of.user):
        acts: list[Callable[[], object]] = [
            lambda user=user: grant(user, word),
            lambda user=user: services.confirm_proposal(user, proposal, now()),
            lambda user=user: services.reject_proposal(user, proposal, now()),
            lambda user=user: services.appoint_referent(user, word.account.structure, person, now()),
            lambda user=user: services.end_referent(user, term, "Départ.", now()),
            lambda user=user: services.close_case(user, case, "Rien à signaler.", now()),
        ]
        user.groups.clear()
        for act in acts:
            with refused(403, "[Ss]eul le centre de service"):
                act()


# --- What surprises ---------------------------------------------------------------------------------------------------


def test_who_reads_the_journal_says_that_an_access_surprises() -> None:
    row, clerk = DelegationFactory(), UserFactory(service_centre=True)
    overseers = [holder_of(row.account), referent_of(row.account.structure)]
    entry = JournalEntry.objects.get(object_kind="delegation", object_key=row.pk)
    for user in overseers:
        case = services.open_case(user, entry, " Je ne la connais pas. ", now())
        assert (case.account, case.note, case.closed_at) == (row.account, "Je ne la connais pas.", None)
        assert verbs("case", case.pk) == ["case.opened"]
        with refused(409, "Vous avez déjà signalé"):
            services.open_case(user, entry, "", now())
    assert told(clerk) == ["case.changed"] * 2
    worker = operator()
    with refused(400, "Dites pourquoi", "reason"):
        services.close_case(worker, case, " ", now())
    services.close_case(worker, case, "Elle remplace Hélène.", now())
    assert told(case.opened_by) == ["case.changed"]
    with refused(409, "déjà été traité"):
        services.close_case(worker, case, "Encore.", now())


def test_nobody_concludes_about_their_own_access() -> None:
    row, clerk = DelegationFactory(partial=True), operator()
    services.end_by_service_centre(clerk, row, "Fin de mission.", now())
    entry = JournalEntry.objects.get(verb="delegation.ended")
    case = services.open_case(referent_of(row.account.structure), entry, "", now())
    with refused(403, "son propre accès"):
        services.close_case(clerk, case, "Rien à signaler.", now())
    services.close_case(operator(), case, "Rien à signaler.", now())


def test_neither_of_the_two_who_granted_concludes_about_it(word: Word) -> None:
    proposer, second = operator(), operator()
    proposal = grant(proposer, replace(word, scope=Scope.TOTAL))
    assert isinstance(proposal, GrantProposal)
    services.confirm_proposal(second, proposal, now())
    for verb in ("proposal.made", "proposal.confirmed", "delegation.granted"):
        case = services.open_case(word.word_of.user, JournalEntry.objects.get(verb=verb), "", now())
        for clerk in (proposer, second):
            with refused(403, "son propre accès"):
                services.close_case(clerk, case, "Rien à signaler.", now())
        services.close_case(operator(), case, "Rien à signaler.", now())


def test_total_holders_of_a_persons_account_are_told_of_a_grant_too() -> None:
    row = DelegationFactory(on_a_person=True)
    asked = DelegationRequestFactory(account=row.account, partial=True)
    services.accept(row.account.user, asked, now())
    assert told(row.holder.user) == ["delegation.granted"]


def test_who_does_not_read_the_journal_opens_no_case() -> None:
    row = DelegationFactory()
    entry = JournalEntry.objects.get(object_kind="delegation", object_key=row.pk)
    nowhere = JournalEntry.objects.create(
        at=now(), ground=Ground.SYSTEM, verb="request.expired", object_kind="request", object_key="0"
    )
    partial = holder_of(row.account, partial=True)
    for user, what in ((partial, entry), (someone().user, entry), (operator(), entry), (row.holder.user, nowhere)):
        with refused(403, "Vous ne lisez pas le journal"):
            services.open_case(user, what, "", now())


# --- Spaces -----------------------------------------------------------------------------------------------------------


def test_opening_a_space_is_journalled_with_its_ground() -> None:
    row = DelegationFactory(partial=True)
    user, clerk, stranger = row.holder.user, operator(), someone().user
    asked = [
        (user, row.account, Space.DISCUSSIONS, "space.opened", Ground.DELEGATION, row.pk),
        (user, row.account, Space.DOSSIERS, "space.refused", Ground.OWN, None),
        (user, row.holder, Space.DOSSIERS, "space.opened", Ground.OWN, None),
        (stranger, row.account, Space.DISCUSSIONS, "space.refused", Ground.OWN, None),
        (clerk, row.account, Space.DISCUSSIONS, "space.refused", Ground.SERVICE_CENTRE, None),
    ]
    for who, account, space, verb, ground, delegation in asked:
        assert opens_space(who, account, space) == (verb == "space.opened")
        entry = JournalEntry.objects.latest("pk")
        assert (entry.verb, entry.ground, entry.delegation, entry.account) == (verb, ground, delegation, account)
        assert (entry.actor, entry.object_key) == (who, space)


def test_a_frozen_account_opens_and_a_closed_one_does_not() -> None:
    for state, opens in ((AccountState.FROZEN, True), (AccountState.CLOSED, False)):
        row = DelegationFactory(on_a_unit=True)
        Account.objects.filter(pk=row.account_id).update(state=state)
        assert opens_space(row.holder.user, row.account, Space.AGENDA) == opens


def test_a_request_that_waits_is_answered_by_the_grant() -> None:
    structure = StructureFactory(open_account=True)
    request = DelegationRequestFactory(account=structure.account)
    word = Word(
        request.requester,
        request.account,
        Scope.DOSSIER,
        None,
        Origin.SERVICE_CENTRE,
        referent_of(structure).account,
    )
    grant(operator(), word)
    request.refresh_from_db()
    assert (request.state, request.remaining) == ("pending", "discussions")
