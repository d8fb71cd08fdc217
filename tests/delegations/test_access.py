"""The rule, case by case: what opens, what does not, who is seen by whom, and what the explanation says of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.grounds import Ground
from accounts.models import Account, AccountKind, User
from accounts.states import PERMITS, AccountState
from delegations import access, services
from delegations.abilities import of_requests
from delegations.errors import Refused
from delegations.explaining import CLOSED, NONE, OWN, explain
from delegations.models import Delegation, DelegationRequest
from delegations.scopes import (
    DETAIL,
    OPENS,
    PARTS,
    Scope,
    Space,
    common,
    holds,
    of_parts,
    parts,
    scopes_beyond,
    scopes_opening,
    scopes_within,
    union,
    without,
)
from delegations.services.common import NOT_LISTED
from directory.models import Structure
from tests.delegations.acting import holder_of, later, now, operator, referent_of, someone
from tests.factories import (
    AttachmentFactory,
    DelegationFactory,
    DelegationRequestFactory,
    InternalOrganisationFactory,
    ProfessionalFactory,
    StructureFactory,
    UserFactory,
)
from tests.soak import examples

pytestmark = pytest.mark.django_db
MATRIX = {
    Scope.TOTAL: {Space.DOSSIERS: True, Space.AGENDA: True, Space.TASKS: True, Space.DISCUSSIONS: True},
    Scope.DOSSIER: {Space.DOSSIERS: True, Space.AGENDA: True, Space.TASKS: True, Space.DISCUSSIONS: False},
    Scope.DISCUSSIONS: {Space.DOSSIERS: False, Space.AGENDA: False, Space.TASKS: False, Space.DISCUSSIONS: True},
}


@pytest.fixture
def structure() -> Structure:
    found: Structure = StructureFactory(open_account=True)
    return found


def opens(user: User, account: Account) -> set[Space]:
    """By the question on one account, which the list must answer alike."""
    at, found = now(), set()
    for space in Space:
        if access.may_open(user, account, space, at):
            found.add(space)
        assert access.accounts_open_to(user, space, at).filter(pk=account.pk).exists() == (space in found)
        assert (account in access.open_accounts(user, space, at)) == (space in found)
    explained = explain(user, account, at)
    assert {one.space for one in explained.spaces if one.allowed} == found
    assert explained.allowed == bool(found)
    return found


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("space", Space)
def test_scope_by_space(scope: Scope, space: Space, structure: Structure) -> None:
    user = holder_of(structure.account, scope=scope)
    assert (space in opens(user, structure.account)) == MATRIX[scope][space]


def test_the_matrix_is_whole() -> None:
    assert set(MATRIX) == set(Scope) == set(OPENS) == set(DETAIL)
    assert all(set(row) == set(Space) for row in MATRIX.values())


NOBODIES: dict[str, Callable[[Structure], User]] = {
    "stranger": lambda structure: someone().user,
    "attached": lambda structure: (
        AttachmentFactory(
            professional=ProfessionalFactory(signed_in=True), structure=structure
        ).professional.account.user
    ),
    "referent": referent_of,
    "former holder": lambda structure: holder_of(structure.account, ended=True),
    "expired holder": lambda structure: holder_of(structure.account, expired=True),
    "holder of a unit": lambda structure: holder_of(InternalOrganisationFactory(structure=structure).account),
    "holder of another structure": lambda structure: holder_of(StructureFactory(open_account=True).account),
    "service centre": lambda structure: operator(),
    "superuser": lambda structure: UserFactory(is_superuser=True, is_staff=True),
    "who asks": lambda structure: DelegationRequestFactory(account=structure.account).asked_by,
}


@pytest.mark.parametrize("who", NOBODIES)
def test_nothing_but_a_delegation_in_force_on_this_account_opens_it(structure: Structure, who: str) -> None:
    user = NOBODIES[who](structure)
    assert opens(user, structure.account) == set()
    assert not access.accounts_entered_by(user, now()).contains(structure.account)


def test_a_delegation_on_the_structure_opens_no_unit(structure: Structure) -> None:
    unit = InternalOrganisationFactory(structure=structure, account__state=AccountState.OPEN)
    user = holder_of(structure.account)
    assert opens(user, unit.account) == set()
    assert access.power_over(user, unit.account, someone(), now()) is None


def test_a_user_who_is_not_kept_opens_nothing(structure: Structure) -> None:
    nobody = User(username="personne")
    at = now()
    assert not access.accounts_open_to(nobody, Space.AGENDA, at).exists()
    assert access.open_accounts(nobody, Space.AGENDA, at) == []
    assert not access.may_open(nobody, structure.account, Space.AGENDA, at)
    assert not any(answer.allowed for answer in access.answers_for(nobody, structure.account, at).values())
    for rows in (
        access.requests_answerable_by(nobody, at),
        access.requests_visible_to(nobody, at),
        access.delegations_visible_to(nobody, at),
        access.accounts_overseen_by(nobody, at),
        access.accounts_referred_by(nobody, at),
    ):
        assert not rows.exists()


def test_in_force_is_decided_at_the_very_moment(structure: Structure) -> None:
    begins, ends = now() - timedelta(hours=2), now() - timedelta(hours=1)
    row = DelegationFactory(account=structure.account, since=begins, until=ends)
    tick = timedelta(microseconds=1)
    for at, expected in ((begins - tick, False), (begins, True), (ends - tick, True), (ends, False)):
        assert access.may_open(row.holder.user, structure.account, Space.AGENDA, at) == expected
        assert access.is_in_force(row, at) == expected
        assert list(access.who_has_access(structure.account, at)) == ([row] if expected else [])


def test_who_had_access_is_told_of_any_past_moment(structure: Structure) -> None:
    since = now() - timedelta(days=30)
    row = DelegationFactory(account=structure.account, since=since, until=later(days=10), partial=True)
    wider = services.accept(
        referent_of(structure), DelegationRequestFactory(account=structure.account, requester=row.holder), now()
    )
    services.end_delegation(row.holder.user, wider, "", now())
    told = {
        since - timedelta(days=1): [],
        since + timedelta(days=1): [(row.pk, Scope.DISCUSSIONS)],
        wider.period.lower: [(wider.pk, Scope.TOTAL)],
        now(): [],
    }
    for at, rows in told.items():
        assert [(found.pk, found.scope) for found in access.who_has_access(structure.account.pk, at)] == rows


# --- States of an account: every act from each ------------------------------------------------------------------------


@pytest.mark.parametrize("state", AccountState)
@pytest.mark.parametrize("act", ["open", "request", "grant", "renew"])
def test_each_act_in_each_state_of_the_account(state: AccountState, act: str) -> None:
    unit = InternalOrganisationFactory(account__state=AccountState.OPEN)
    held = DelegationFactory(account=unit.account, until=later(days=5), partial=True)
    request = DelegationRequestFactory(account=unit.account)
    referent, asker = referent_of(unit.structure), someone()
    Account.objects.filter(pk=unit.account_id).update(state=state)
    account, permits = Account.objects.get(pk=unit.account_id), PERMITS[state]
    if act == "open":
        assert access.may_open(held.holder.user, account, Space.DISCUSSIONS, now()) == permits.opens
        assert (explain(asker.user, account, now()).missing == CLOSED) == (not permits.opens)
        return
    acts: dict[str, tuple[Callable[[], object], bool]] = {
        "request": (
            lambda: services.request_delegation(asker.user, account.pk, "total", "", now()),
            permits.requested,
        ),
        "grant": (lambda: services.accept(referent, request, now()), permits.granted),
        "renew": (lambda: services.renew(referent, held, later(days=50), now()), permits.granted),
    }
    do, allowed = acts[act]
    if allowed:
        do()
        return
    with pytest.raises(Refused) as refusal:
        do()
    assert refusal.value.status in (403, 409)


# --- Who sees what ----------------------------------------------------------------------------------------------------


def test_a_request_is_seen_by_who_asks_and_by_who_may_answer(structure: Structure) -> None:
    account = structure.account
    row = DelegationRequestFactory(account=account, partial=True)
    files = holder_of(account, dossier=True)
    able = [holder_of(account), holder_of(account, partial=True), referent_of(structure)]
    blind = [files, someone().user, operator(), holder_of(account, ended=True)]
    for user in [*able, row.asked_by]:
        assert list(access.requests_visible_to(user, now())) == [row]
    for user in blind:
        assert list(access.requests_visible_to(user, now())) == []
    assert [list(access.requests_answerable_by(user, now())) for user in able] == [[row]] * 3
    assert list(access.requests_answerable_by(row.asked_by, now())) == []
    services.refuse(able[0], row, "L’équipe est complète.", now())
    assert list(access.requests_visible_to(files, now())) == [row], "answered, it is history for all who answer there"


def test_what_may_be_done_with_a_request_is_said_alike_to_list_and_to_service(structure: Structure) -> None:
    account, until = structure.account, later(days=9)
    row = DelegationRequestFactory(account=account)
    rows = DelegationRequest.objects.told().filter(pk=row.pk)
    part = of_requests(holder_of(account, partial=True, until=until), rows, now())[row.pk]
    assert (part.accept, part.until, part.ground, part.answer) == ([Scope.DISCUSSIONS], until, Ground.DELEGATION, True)
    whole = of_requests(referent_of(structure), rows, now())[row.pk]
    assert (whole.accept, whole.until, whole.withdraw) == (list(Scope), None, False)
    own = of_requests(row.asked_by, rows, now())[row.pk]
    assert (own.accept, own.withdraw, own.answer) == ([], True, False)
    services.withdraw(row.asked_by, row, now())
    done = of_requests(row.asked_by, rows.all(), now())[row.pk]
    assert (done.withdraw, done.answer) == (False, False)


def test_delegations_are_seen_by_who_holds_them_and_who_answers(structure: Structure) -> None:
    row = DelegationFactory(account=structure.account, ended=True)
    seeing = [row.holder.user, holder_of(structure.account, partial=True), referent_of(structure)]
    for user in seeing:
        assert access.delegations_visible_to(user, now()).contains(row)
    for user in (someone().user, operator(), holder_of(structure.account, expired=True)):
        assert not access.delegations_visible_to(user, now()).contains(row)


def test_on_the_account_of_a_person_the_owner_and_a_total_holder_see_them() -> None:
    row = DelegationFactory(on_a_person=True, partial=True)
    total = holder_of(row.account)
    assert access.delegations_visible_to(row.account.user, now()).contains(row)
    assert access.delegations_visible_to(total, now()).contains(row)
    assert not access.accounts_answered_by(total, now()).contains(row.account)
    assert row.account.kind == AccountKind.PP


def test_the_journal_is_read_by_owner_referent_and_total_holder(structure: Structure) -> None:
    account = structure.account
    for user in (holder_of(account), referent_of(structure)):
        assert access.accounts_overseen_by(user, now()).contains(account)
    partial, own = holder_of(account, partial=True), someone()
    assert not access.accounts_overseen_by(partial, now()).contains(account)
    assert list(access.accounts_overseen_by(own.user, now())) == [own]


# --- What the explanation says ----------------------------------------------------------------------------------------


def said(user: User, account: Account) -> str:
    return explain(user, account, now()).missing.replace("\N{NO-BREAK SPACE}", " ")


def test_each_missing_thing_has_its_sentence(structure: Structure) -> None:
    account = structure.account
    attached = AttachmentFactory(professional=ProfessionalFactory(signed_in=True, civility="MME"), structure=structure)
    unit = InternalOrganisationFactory(structure=structure)
    man = AttachmentFactory(
        professional=ProfessionalFactory(signed_in=True, civility="M"), structure=None, internal_organisation=unit
    )
    assert said(attached.professional.account.user, account) == (
        "Vous êtes rattachée, et être rattaché ne donne aucun accès."
    )
    assert said(man.professional.account.user, account) == "Vous êtes rattaché, et être rattaché ne donne aucun accès."
    assert said(someone().user, account) == NONE
    assert said(operator(), account) == NOT_LISTED.replace("\N{NO-BREAK SPACE}", " ")
    assert said(holder_of(account, partial=True), account).startswith("Votre délégation s’arrête au périmètre")
    assert said(holder_of(account, ended=True), account).startswith("Votre délégation a pris fin le")
    assert said(DelegationRequestFactory(account=account).asked_by, account).endswith("attend une réponse.")
    closed = StructureFactory(closed=True).account
    assert said(someone().user, closed) == CLOSED.replace("\N{NO-BREAK SPACE}", " ")


def test_an_attached_person_whose_delegation_ended_reads_both(structure: Structure) -> None:
    person = ProfessionalFactory(signed_in=True)
    AttachmentFactory(professional=person, structure=structure)
    DelegationFactory(holder=person.account, account=structure.account, ended=True)
    sentence = said(person.account.user, structure.account)
    assert "a pris fin" in sentence
    assert "ne donne aucun accès" in sentence


def test_what_is_open_says_through_which_delegation_and_granted_by_whom(structure: Structure) -> None:
    row = DelegationFactory(account=structure.account, by_referent=True, until=later(days=30))
    explained = explain(row.holder.user, structure.account, now())
    assert (explained.missing, explained.may_ask, explained.delegation) == ("", False, row)
    for one in explained.spaces:
        assert one.delegation == row
        assert f"{row.granted_by_account.name} (référent)" in one.because
        assert "jusqu’au" in one.because
    own = explain(row.holder.user, row.holder, now())
    assert {one.because for one in own.spaces} == {OWN}
    by_centre = DelegationFactory(account=structure.account)
    assert "le centre de service" in explain(by_centre.holder.user, by_centre.account, now()).of("agenda").because


def test_who_may_ask(structure: Structure) -> None:
    account = structure.account
    asked = DelegationRequestFactory(account=account)
    assert explain(someone().user, account, now()).may_ask
    assert explain(holder_of(account, partial=True), account, now()).may_ask
    assert not explain(asked.asked_by, account, now()).may_ask
    assert explain(asked.asked_by, account, now()).pending == asked
    assert not explain(operator(), account, now()).may_ask


# --- The algebra of scopes --------------------------------------------------------------------------------------------

maybe = st.one_of(st.none(), st.sampled_from(list(Scope)))


@pytest.mark.soak
@examples(50)
@given(maybe, maybe)
def test_scopes_are_the_sets_of_their_spaces(one: Scope | None, other: Scope | None) -> None:
    spaces = {None: frozenset(), **OPENS}
    assert spaces[union(one, other)] == spaces[one] | spaces[other]
    assert spaces[common(one, other)] == spaces[one] & spaces[other]
    assert spaces[without(one, other)] == spaces[one] - spaces[other]
    assert of_parts(parts(one)) == one
    if other:
        assert holds(one, other) == (spaces[other] <= spaces[one])
        assert (other in scopes_within(one)) == holds(one, other)
        assert (one in scopes_beyond(other)) == (one is not None and holds(one, other))


def test_each_space_is_opened_by_the_scopes_that_hold_it() -> None:
    for space in Space:
        assert set(scopes_opening(space)) == {scope for scope in Scope if space in OPENS[scope]}
    assert set(PARTS) == set(Scope)
    assert Delegation._meta.get_field("scope").choices == Scope.choices
