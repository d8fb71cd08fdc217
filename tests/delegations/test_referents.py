"""Referents: appointed and ended by the service centre, for one structure; the role answers and opens no space."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission

from accounts.models import Account, User
from accounts.states import AccountState
from delegations import services
from delegations.access import accounts_referred_by, answers_for, requests_answerable_by
from delegations.errors import Refused
from delegations.explaining import REFERENT, explain
from delegations.models import DelegationRequest, Referent
from delegations.orphans import orphans
from delegations.scopes import Scope
from directory.models import InternalOrganisation, Structure
from tests.delegations.acting import holder_of, now, operator, refused, someone, told, verbs
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
def structure() -> Structure:
    found: Structure = StructureFactory(open_account=True)
    return found


def appoint(structure: Structure, person: Account) -> Referent:
    return services.appoint_referent(operator(), structure, person, now())


def test_a_referent_is_appointed_and_told_and_so_are_those_who_answer(structure: Structure) -> None:
    holder, person = holder_of(structure.account), someone()
    term = appoint(structure, person)
    assert (term.account, term.structure, term.period.upper) == (person, structure, None)
    assert verbs("referent", term.pk) == ["referent.appointed"]
    assert told(person.user) == told(holder) == ["referent.changed"]


def test_somebody_without_a_sign_in_may_be_appointed(structure: Structure) -> None:
    person = someone()
    Account.objects.filter(pk=person.pk).update(user=None)
    term = appoint(structure, Account.objects.get(pk=person.pk))
    services.end_referent(operator(), term, "Départ.", now())
    assert verbs("referent", term.pk) == ["referent.appointed", "referent.ended"]


def test_the_role_opens_no_space_and_the_explanation_says_so(structure: Structure) -> None:
    person = appoint(structure, someone()).account
    assert not any(answer.allowed for answer in answers_for(person.user, structure.account, now()).values())
    explained = explain(person.user, structure.account, now())
    assert (explained.missing, explained.may_ask) == (REFERENT, True)


def test_it_reaches_units_at_any_depth_at_the_moment_of_the_question(structure: Structure) -> None:
    pole = InternalOrganisationFactory(structure=structure)
    ward = InternalOrganisationFactory(structure=structure, parent=pole)
    elsewhere = StructureFactory(open_account=True)
    user = appoint(structure, someone()).account.user
    reached = accounts_referred_by(user, now())
    assert set(reached) == {structure.account, pole.account, ward.account}
    InternalOrganisation.objects.filter(pk=ward.pk).update(structure=elsewhere, parent=None)
    assert set(accounts_referred_by(user, now())) == {structure.account, pole.account}


def test_who_may_not_be_appointed(structure: Structure) -> None:
    clerk, person = operator(), ReferentFactory(structure=structure).account
    left, other, closed = someone(account__state="closed"), StructureFactory().account, StructureFactory(closed=True)
    with refused(400, "est une personne", "person"):
        services.appoint_referent(clerk, structure, other, now())
    with refused(409, "est déjà référent", "person"):
        services.appoint_referent(clerk, structure, person, now())
    with refused(409, "ne figure plus", "person"):
        services.appoint_referent(clerk, structure, left, now())
    with refused(409, "est fermé", "structure"):
        services.appoint_referent(clerk, closed, person, now())


def test_a_term_ends_with_a_reason_and_is_felt_at_once(structure: Structure) -> None:
    clerk, term = operator(), ReferentFactory(structure=structure)
    request = DelegationRequestFactory(account=structure.account)
    assert list(requests_answerable_by(term.account.user, now())) == [request]
    with refused(400, "Dites pourquoi", "reason"):
        services.end_referent(clerk, term, " ", now())
    services.end_referent(clerk, term, "Départ en retraite.", now())
    assert not requests_answerable_by(term.account.user, now()).exists()
    assert told(term.account.user) == ["referent.changed"]
    with refused(409, "n’est déjà plus référente"):
        services.end_referent(clerk, term, "Encore.", now())
    assert appoint(structure, term.account).pk != term.pk, "appointed again, it is a new row"


def test_when_nobody_is_left_the_service_centre_is_told_and_the_structure_is_an_orphan(structure: Structure) -> None:
    desk = UserFactory(service_centre=True)
    term, other = ReferentFactory(structure=structure), ReferentFactory(structure=structure)
    services.end_referent(operator(), term, "Départ.", now())
    assert told(desk) == []
    assert not orphans(now()).contains(structure.account)
    services.end_referent(operator(), other, "Départ.", now())
    assert told(desk) == ["delegation.service_centre"]
    assert orphans(now()).contains(structure.account)


def test_a_total_holder_saves_a_structure_from_being_an_orphan_and_a_partial_one_does_not(structure: Structure) -> None:
    ReferentFactory(structure=structure, ended=True)
    DelegationFactory(account=structure.account, partial=True)
    assert list(orphans(now())) == [structure.account]
    DelegationFactory(account=structure.account)
    assert list(orphans(now())) == []


def test_a_structure_for_which_nobody_ever_answered_is_no_orphan(structure: Structure) -> None:
    assert list(orphans(now())) == []


def test_a_unit_that_loses_its_last_answerer_is_named_to_the_service_centre(structure: Structure) -> None:
    centre = UserFactory(service_centre=True)
    unit = InternalOrganisationFactory(structure=structure, account__state=AccountState.OPEN)
    DelegationFactory(account=unit.account, ended=True)
    DelegationFactory(account=structure.account)
    term = ReferentFactory(structure=structure)
    services.end_referent(operator(), term, "Départ.", now())
    assert list(orphans(now())) == [unit.account]
    assert unit.name in centre.notifications.get().text


# --- Nobody serves themselves, not by a referent whom they appointed either ------------------------------------------


def appointed_by_the_asker(structure: Structure) -> tuple[User, DelegationRequest]:
    """An operator who is in the directory appoints a referent, then asks."""
    operator = ProfessionalFactory(signed_in=True).account
    operator.user.is_staff = True
    operator.user.save()
    operator.user.user_permissions.add(Permission.objects.get(codename="add_referent"))
    friend = ProfessionalFactory(signed_in=True).account
    services.appoint_referent(User.objects.get(pk=operator.user_id), structure, friend, now())
    request = services.request_delegation(operator.user, structure.account_id, Scope.TOTAL, "", now())
    return friend.user, request


def test_a_referent_does_not_answer_whoever_appointed_them(structure: Structure) -> None:
    friend, request = appointed_by_the_asker(structure)
    assert not requests_answerable_by(friend, now()).exists()
    with pytest.raises(Refused, match="vous a confié le rôle de référent"):
        services.accept(friend, request, now())
    request.refresh_from_db()
    assert request.escalated_at is not None, "nobody may answer: the service centre has it"


def test_a_referent_whom_somebody_else_appointed_answers(structure: Structure) -> None:
    _, request = appointed_by_the_asker(structure)
    other = ReferentFactory(structure=structure).account.user
    assert requests_answerable_by(other, now()).contains(request)
    assert services.accept(other, request, now()).holder == request.requester


def test_a_holder_who_is_also_such_a_referent_answers_as_a_holder(structure: Structure) -> None:
    friend, request = appointed_by_the_asker(structure)
    mine = DelegationFactory(holder=friend.account, account=structure.account)
    granted = services.accept(friend, request, now())
    assert granted.granted_through == mine


def test_a_referent_does_not_prolong_the_delegation_of_whoever_appointed_them(structure: Structure) -> None:
    friend, request = appointed_by_the_asker(structure)
    row = DelegationFactory(
        holder=request.requester, account=structure.account, until=now() + timedelta(days=5), partial=True
    )
    with pytest.raises(Refused):
        services.renew(friend, row, now() + timedelta(days=50), now())
