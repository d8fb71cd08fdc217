"""Answering: whoever may, answers, and the first answer wins; nobody gives more than they hold (rules 5 and 7)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.grounds import Ground
from accounts.models import Account, JournalEntry, User
from accounts.states import AccountState
from delegations import services
from delegations.access import may_open
from delegations.models import Delegation, DelegationRequest, Origin, Referent, RequestState
from delegations.querysets import RequestTransitions
from delegations.scopes import Scope, Space
from delegations.services.service_centre import Word
from tests.delegations.acting import holder_of, later, now, operator, referent_of, refused, someone, told, verbs
from tests.factories import (
    DelegationFactory,
    DelegationRequestFactory,
    InternalOrganisationFactory,
    StructureFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
REASON = "L’équipe est complète."


@pytest.fixture
def account() -> Account:
    found: Account = StructureFactory(open_account=True).account
    return found


@pytest.fixture
def request_(account: Account) -> DelegationRequest:
    found: DelegationRequest = DelegationRequestFactory(account=account)
    return found


def granters(account: Account) -> dict[str, Callable[[], User]]:
    return {"holder": lambda: holder_of(account), "referent": lambda: referent_of(account.structure)}


@pytest.mark.parametrize(("who", "ground"), [("holder", Ground.DELEGATION), ("referent", Ground.REFERENT)])
def test_a_holder_or_a_referent_accepts(request_: DelegationRequest, who: str, ground: Ground) -> None:
    user = granters(request_.account)[who]()
    delegation = services.accept(user, request_, now())
    request_.refresh_from_db()
    assert (request_.state, request_.decided_by, request_.decided_ground) == ("accepted", user, ground)
    assert (delegation.holder, delegation.account, delegation.scope) == (request_.requester, request_.account, "total")
    assert (delegation.granted_by, delegation.granted_by_account) == (user, user.account)
    assert (delegation.origin, delegation.request, delegation.granted_ground) == (Origin.REQUEST, request_, ground)
    assert (delegation.granted_through is not None) == (who == "holder")
    assert verbs("request", request_.pk) == ["request.made", "request.accepted"]
    assert verbs("delegation", delegation.pk) == ["delegation.granted"]
    entry = JournalEntry.objects.get(object_kind="delegation", object_key=delegation.pk)
    assert (entry.actor, entry.actor_account, entry.ground) == (user, user.account, ground)
    assert entry.delegation == (delegation.granted_through.pk if delegation.granted_through else None)
    assert told(request_.asked_by) == ["delegation.granted"]
    assert may_open(request_.asked_by, request_.account, Space.DOSSIERS, now())


def test_the_owner_of_a_pp_account_answers_and_no_holder_does() -> None:
    request = DelegationRequestFactory(on_a_person=True)
    other = holder_of(request.account)
    for act in answers(other, request):
        with refused(403, "Vous ne pouvez pas répondre"):
            act()
    delegation = services.accept(request.account.user, request, now())
    assert delegation.granted_ground == Ground.OWN


def answers(user: User, request: DelegationRequest) -> list[Callable[[], object]]:
    return [
        lambda: services.accept(user, request, now()),
        lambda: services.refuse(user, request, REASON, now()),
        lambda: services.claim(user, request, now()),
    ]


def test_a_referent_answers_for_units_at_any_depth_and_for_no_other_structure() -> None:
    unit = InternalOrganisationFactory(account__state=AccountState.OPEN)
    ward = InternalOrganisationFactory(structure=unit.structure, parent=unit, account__state=AccountState.OPEN)
    here, elsewhere = referent_of(unit.structure), referent_of(StructureFactory(open_account=True))
    request = DelegationRequestFactory(account=ward.account)
    with refused(403, "Vous ne pouvez pas répondre"):
        services.accept(elsewhere, request, now())
    assert services.accept(here, request, now()).granted_ground == Ground.REFERENT


def test_a_delegation_on_the_structure_or_on_a_child_answers_nothing_for_the_unit() -> None:
    unit = InternalOrganisationFactory(account__state=AccountState.OPEN)
    ward = InternalOrganisationFactory(structure=unit.structure, parent=unit, account__state=AccountState.OPEN)
    request = DelegationRequestFactory(account=unit.account)
    for user in (holder_of(unit.structure.account), holder_of(ward.account)):
        for act in answers(user, request):
            with refused(403, "Vous ne pouvez pas répondre"):
                act()


def test_who_may_not_answer(request_: DelegationRequest) -> None:
    account = request_.account
    inactive = holder_of(account)
    User.objects.filter(pk=inactive.pk).update(is_active=False)
    nobodies = [
        someone().user,
        operator(),
        UserFactory(is_superuser=True, is_staff=True),
        holder_of(account, ended=True),
        holder_of(account, expired=True),
        User.objects.get(pk=inactive.pk),
    ]
    for user in nobodies:
        for act in answers(user, request_):
            with refused(403, "Vous ne pouvez pas répondre"):
                act()


def test_nobody_answers_for_themselves(account: Account) -> None:
    own = DelegationFactory(account=account, partial=True).holder
    request = DelegationRequestFactory(account=account, requester=own, remaining=Scope.DOSSIER)
    referent = referent_of(account.structure)
    own_request = DelegationRequestFactory(account=account, requester=referent.account)
    for user, row in ((own.user, request), (referent, own_request)):
        for act in answers(user, row):
            with refused(403, "Personne ne répond à sa propre demande"):
                act()


def test_losing_the_right_between_the_page_and_the_click(request_: DelegationRequest) -> None:
    held = DelegationFactory(account=request_.account)
    services.end_delegation(held.holder.user, held, "", now())
    for act in answers(held.holder.user, request_):
        with refused(403, "il faut tenir une délégation"):
            act()


@pytest.mark.parametrize("who", ["holder", "referent"])
def test_losing_the_right_while_the_answer_waits_for_its_turn(request_: DelegationRequest, who: str) -> None:
    """The moment of the answer was read before; what was taken away meanwhile counts no more."""
    user, clicked, ended = granters(request_.account)[who](), now(), later(seconds=1)
    if who == "holder":
        services.end_delegation(user, Delegation.objects.get(holder__user=user), "", ended)
    else:
        services.end_referent(operator(), Referent.objects.get(account__user=user), "Départ.", ended)
    for act in (
        lambda: services.accept(user, request_, clicked),
        lambda: services.refuse(user, request_, REASON, clicked),
        lambda: services.claim(user, request_, clicked),
    ):
        with refused(403, "il faut tenir une délégation"):
            act()


# --- A part -----------------------------------------------------------------------------------------------------------


def test_granting_a_part_leaves_the_rest_open_and_the_two_make_the_whole(request_: DelegationRequest) -> None:
    first = services.accept(holder_of(request_.account, partial=True), request_, now())
    request_.refresh_from_db()
    assert (first.scope, request_.state, request_.remaining) == ("discussions", "pending", "dossier")
    assert verbs("request", request_.pk)[-1] == "request.accepted_in_part"
    second = services.accept(holder_of(request_.account, dossier=True), request_, now())
    request_.refresh_from_db()
    first.refresh_from_db()
    assert (second.scope, second.replaces, request_.state) == ("total", first, "accepted")
    assert (first.ended_kind, first.period.upper) == ("replaced", second.period.lower)


def test_who_holds_everything_may_give_a_part(request_: DelegationRequest) -> None:
    assert services.accept(holder_of(request_.account), request_, now(), "dossier").scope == "dossier"
    request_.refresh_from_db()
    assert request_.remaining == "discussions"


def test_the_rest_may_be_refused(request_: DelegationRequest) -> None:
    holder = holder_of(request_.account)
    services.accept(holder, request_, now(), "dossier")
    services.refuse(holder, request_, REASON, now())
    request_.refresh_from_db()
    assert request_.state == "refused"
    assert Delegation.objects.in_force(now()).filter(holder=request_.requester).count() == 1


def test_nobody_gives_more_than_is_asked_or_than_they_hold(account: Account) -> None:
    asked, whole = DelegationRequestFactory(account=account, partial=True), DelegationRequestFactory(account=account)
    total, talks, files = holder_of(account), holder_of(account, partial=True), holder_of(account, dossier=True)
    with refused(400, "C’est plus que ce qui est demandé", "scope"):
        services.accept(total, asked, now(), "total")
    with refused(400, "Ce périmètre n’existe pas", "scope"):
        services.accept(total, asked, now(), "tout")
    with refused(400, "plus que votre propre délégation", "scope"):
        services.accept(talks, whole, now(), "total")
    with refused(403, "dépasse votre délégation"):
        services.accept(files, asked, now())
    with refused(403, "dépasse votre délégation"):
        services.refuse(files, asked, REASON, now())


def test_nobody_gives_longer_than_they_hold(request_: DelegationRequest) -> None:
    mine = later(days=30)
    holder = holder_of(request_.account, until=mine)
    for until in (None, mine + timedelta(microseconds=1)):
        with refused(400, "plus longtemps que votre propre délégation", "until"):
            services.accept(holder, request_, now(), "", until)
    with refused(400, "La fin doit venir après", "until"):
        services.accept(holder, request_, at := now(), "", at)
    assert services.accept(holder, request_, now(), "", mine).period.upper == mine


def test_a_referent_gives_any_scope_without_end(request_: DelegationRequest) -> None:
    assert services.accept(referent_of(request_.account.structure), request_, now()).period.upper is None


def test_a_wider_grant_never_shortens_what_is_held(account: Account) -> None:
    until = later(days=30)
    asker = DelegationFactory(account=account, partial=True, until=until).holder
    request = DelegationRequestFactory(account=account, requester=asker, remaining=Scope.DOSSIER)
    total, files = holder_of(account), holder_of(account, dossier=True)
    with refused(409, "la nouvelle ne peut pas finir avant", "until"):
        services.accept(total, request, now(), "", until - timedelta(days=1))
    with refused(409, "que vous ne pouvez pas prolonger", "until"):
        services.accept(files, request, now())
    assert services.accept(files, request, now(), "", until).scope == "total"


# --- Refusing and claiming ------------------------------------------------------------------------------------------


def test_a_refusal_says_why_and_the_others_are_told(request_: DelegationRequest) -> None:
    one, other = holder_of(request_.account), holder_of(request_.account, partial=True)
    services.refuse(one, request_, f"  {REASON} ", now())
    request_.refresh_from_db()
    assert (request_.state, request_.reason, request_.decided_by) == ("refused", REASON, one)
    assert told(request_.asked_by) == told(other) == ["delegation.answered"]
    assert told(one) == []
    assert verbs("request", request_.pk) == ["request.made", "request.refused"]
    assert JournalEntry.objects.filter(details__icontains="complète").count() == 0


@pytest.mark.parametrize(
    ("reason", "words"), [("  \0", "Dites pourquoi"), ("\u200b\u202e", "Dites pourquoi"), ("x" * 501, "Raccourcissez")]
)
def test_a_refusal_without_a_fair_reason(request_: DelegationRequest, reason: str, words: str) -> None:
    holder = holder_of(request_.account)
    with refused(400, words, "reason"):
        services.refuse(holder, request_, reason, now())


def test_claiming_binds_nobody(request_: DelegationRequest) -> None:
    one, other = holder_of(request_.account), holder_of(request_.account)
    services.claim(one, request_, now())
    services.claim(other, request_, now())
    request_.refresh_from_db()
    assert (request_.claimed_by, request_.state) == (other, "pending")
    assert services.accept(one, request_, now()).granted_by == one
    assert verbs("request", request_.pk)[1:3] == ["request.claimed"] * 2


# --- Every act from every state ---------------------------------------------------------------------------------------

Act = Callable[[User, DelegationRequest], object]
# Who does it, and what.
ACTS: dict[str, tuple[Callable[[DelegationRequest], User], Act]] = {
    "accept": (lambda row: holder_of(row.account), lambda user, row: services.accept(user, row, now())),
    "part": (lambda row: holder_of(row.account, partial=True), lambda user, row: services.accept(user, row, now())),
    "refuse": (lambda row: holder_of(row.account), lambda user, row: services.refuse(user, row, REASON, now())),
    "claim": (lambda row: holder_of(row.account), lambda user, row: services.claim(user, row, now())),
    "withdraw": (lambda row: row.asked_by, lambda user, row: services.withdraw(user, row, now())),
}
ALREADY = {
    "accepted": "a déjà été acceptée",
    "refused": "a déjà été refusée",
    "withdrawn": "a été retirée",
    "expired": "a expiré sans réponse",
}


def test_the_table_of_moves_starts_from_pending_alone() -> None:
    assert set(RequestTransitions.TABLE) == {*ACTS, "expire"}
    assert {target for _, target in RequestTransitions.TABLE.values()} == set(RequestState.values)
    assert all(sources == {"pending"} for sources, _ in RequestTransitions.TABLE.values())


@pytest.mark.parametrize("state", RequestState)
@pytest.mark.parametrize("act", ACTS)
def test_every_act_from_every_state(account: Account, act: str, state: RequestState) -> None:
    row = DelegationRequestFactory(account=account, **({} if state == RequestState.PENDING else {state.value: True}))
    who, do = ACTS[act]
    user = who(row)
    if state == RequestState.PENDING:
        do(user, row)
        row.refresh_from_db()
        assert row.state == RequestTransitions.TABLE[act][1]
    else:
        with refused(409, ALREADY[state]):
            do(user, row)


def test_what_waits_is_answered_by_a_grant_through_another_door(account: Account) -> None:
    request = DelegationRequestFactory(account=account, partial=True)
    referent, clerk = referent_of(account.structure), operator()
    word = Word(request.requester, account, Scope.DISCUSSIONS, None, Origin.SERVICE_CENTRE, referent.account)
    services.grant_by_service_centre(clerk, word, now())
    request.refresh_from_db()
    assert (request.state, request.decided_by, request.decided_ground) == ("accepted", clerk, Ground.SERVICE_CENTRE)
