"""Referents: appointed and ended by the service centre, for one structure; the role answers and opens no space."""

import pytest

from accounts.models import Account
from delegations import services
from delegations.access import accounts_referred_by, answers_for, requests_answerable_by
from delegations.explaining import REFERENT, explain
from delegations.models import Referent
from delegations.orphans import orphans
from directory.models import InternalOrganisation, Structure
from tests.delegations.acting import holder_of, now, operator, refused, someone, told, verbs
from tests.factories import (
    DelegationFactory,
    DelegationRequestFactory,
    InternalOrganisationFactory,
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
    assert not orphans(now()).contains(structure)
    services.end_referent(operator(), other, "Départ.", now())
    assert told(desk) == ["delegation.service_centre"]
    assert orphans(now()).contains(structure)


def test_a_total_holder_saves_a_structure_from_being_an_orphan_and_a_partial_one_does_not(structure: Structure) -> None:
    ReferentFactory(structure=structure, ended=True)
    DelegationFactory(account=structure.account, partial=True)
    assert list(orphans(now())) == [structure]
    DelegationFactory(account=structure.account)
    assert list(orphans(now())) == []


def test_a_structure_for_which_nobody_ever_answered_is_no_orphan(structure: Structure) -> None:
    assert list(orphans(now())) == []
