"""Asking: from one's own PP account, to an account that may be asked for, once at a time (rule 7)."""

from uuid import uuid4

import pytest

from accounts.grounds import Ground
from accounts.models import Account, JournalEntry, User
from accounts.states import PERMITS, AccountState
from delegations import services
from delegations.models import DelegationRequest
from delegations.scopes import Scope
from tests.delegations.acting import holder_of, later, now, operator, refused, someone, told, verbs
from tests.factories import (
    DelegationFactory,
    DelegationRequestFactory,
    InternalOrganisationFactory,
    ProfessionalFactory,
    ReferentFactory,
    StructureFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    found: Account = StructureFactory(open_account=True).account
    return found


def ask(user: User, account: Account, scope: str = "total", message: str = "") -> DelegationRequest:
    return services.request_delegation(user, account.pk, scope, message, now())


def test_a_request_is_kept_journalled_and_told_to_whoever_may_answer(account: Account) -> None:
    asker, holder = someone(), holder_of(account, partial=True)
    elsewhere = holder_of(StructureFactory(open_account=True).account)
    request = ask(asker.user, account, "total", "  Je remplace Hélène.\0 ")
    assert (request.requester, request.account, request.asked_by) == (asker, account, asker.user)
    assert (request.scope, request.remaining, request.state) == ("total", "total", "pending")
    assert request.message == "Je remplace Hélène."
    assert verbs("request", request.pk) == ["request.made"]
    entry = JournalEntry.objects.get(object_kind="request")
    assert (entry.actor, entry.actor_account, entry.account, entry.ground) == (asker.user, asker, account, Ground.OWN)
    assert entry.details == {"scope": "total"}, "the message is not copied into the journal"
    assert told(holder) == ["delegation.requested"]
    assert told(elsewhere) == []
    assert request.escalated_at is None


@pytest.mark.parametrize("kind", ["structure", "unit", "person"])
def test_one_asks_of_a_structure_of_a_unit_and_of_a_person(kind: str) -> None:
    owners = {
        "structure": lambda: StructureFactory(open_account=True),
        "unit": lambda: InternalOrganisationFactory(account__state=AccountState.OPEN),
        "person": lambda: ProfessionalFactory(signed_in=True),
    }
    account = owners[kind]().account
    assert ask(someone().user, account).account == account
    if kind == "person":
        assert told(account.user) == ["delegation.requested"]


def test_when_nobody_can_answer_the_service_centre_has_it_at_once_and_the_asker_knows(account: Account) -> None:
    clerk, asker = UserFactory(service_centre=True), someone()
    DelegationFactory(account=account, expired=True)
    ReferentFactory(structure=account.structure, ended=True)
    request = ask(asker.user, account)
    assert request.escalated_at is not None
    assert verbs("request", request.pk) == ["request.made", "request.escalated"]
    assert told(asker.user) == ["delegation.answered"]
    assert told(clerk) == ["delegation.service_centre"]


@pytest.mark.parametrize("why", ["no sign-in", "cut sign-in"])
def test_an_owner_who_cannot_sign_in_cannot_answer(why: str) -> None:
    owner = ProfessionalFactory(signed_in=why == "cut sign-in")
    User.objects.filter(account=owner.account).update(is_active=False)
    assert ask(someone().user, owner.account).escalated_at is not None


def test_a_holder_of_nothing_that_is_asked_is_not_told(account: Account) -> None:
    other = holder_of(account, dossier=True)
    assert ask(someone().user, account, "discussions").escalated_at is not None
    assert told(other) == []


def test_who_holds_a_part_asks_for_the_rest(account: Account) -> None:
    asker = DelegationFactory(account=account, partial=True).holder
    request = ask(asker.user, account)
    assert (request.scope, request.remaining) == (Scope.TOTAL, Scope.DOSSIER)


def test_after_an_answer_asking_again_is_a_new_row(account: Account) -> None:
    former = DelegationRequestFactory(account=account, refused=True)
    request = ask(former.requester.user, account)
    assert request.pk != former.pk
    former.refresh_from_db()
    assert former.state == "refused"


def test_after_an_end_one_asks_again(account: Account) -> None:
    assert ask(DelegationFactory(account=account, ended=True).holder.user, account).remaining == "total"


def test_what_is_refused(account: Account) -> None:
    asker = someone()
    with refused(400, "Votre propre compte vous est déjà ouvert"):
        ask(asker.user, asker)
    with refused(400, "Ce périmètre n’existe pas", "scope"):
        ask(asker.user, account, "tout")
    with refused(400, "Raccourcissez le message", "message"):
        ask(asker.user, account, "total", "x" * 1001)
    with refused(400, "Ce compte n’existe pas", "account"):
        services.request_delegation(asker.user, uuid4(), "total", "", now())
    ask(asker.user, account, "discussions")
    with refused(409, "déjà une demande en attente"):
        ask(asker.user, account, "dossier")


@pytest.mark.parametrize(("held", "asked"), [("total", "total"), ("total", "dossier"), ("discussions", "discussions")])
def test_what_is_open_already_is_not_asked_for(account: Account, held: str, asked: str) -> None:
    until = later(days=20)
    asker = DelegationFactory(account=account, scope=held, until=until).holder
    with refused(409, "vous est déjà ouvert avec ce périmètre, jusqu’au", "scope"):
        ask(asker.user, account, asked)


def test_who_is_not_listed_asks_nothing(account: Account) -> None:
    cut = someone()
    User.objects.filter(account=cut).update(is_active=False)
    left = someone(account__state=AccountState.CLOSED)
    for user in (operator(), UserFactory(is_superuser=True), User.objects.get(account=cut), left.user):
        with refused(403, "n’est lié à aucune fiche"):
            ask(user, account)


@pytest.mark.parametrize("state", AccountState)
def test_each_state_of_an_account_says_whether_it_may_be_asked_for(state: AccountState) -> None:
    unit, asker = InternalOrganisationFactory(account__state=state), someone()
    if PERMITS[state].requested:
        assert ask(asker.user, unit.account).state == "pending"
    else:
        with refused(409, "rien de nouveau n’y commence"):
            ask(asker.user, unit.account)


# --- Withdrawing ------------------------------------------------------------------------------------------------------


def test_the_asker_withdraws_and_it_stays_as_history(account: Account) -> None:
    request = DelegationRequestFactory(account=account)
    services.withdraw(request.asked_by, request, now())
    request.refresh_from_db()
    assert (request.state, request.decided_by, request.decided_ground) == ("withdrawn", request.asked_by, Ground.OWN)
    assert verbs("request", request.pk) == ["request.made", "request.withdrawn"]


def test_nobody_else_withdraws_it(account: Account) -> None:
    request = DelegationRequestFactory(account=account)
    for user in (holder_of(account), operator(), someone().user):
        with refused(403, "Seule la personne qui a fait la demande"):
            services.withdraw(user, request, now())
