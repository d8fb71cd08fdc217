"""What the service centre reads before it acts: what waits, which person, which unit, and what it typed."""

import pytest

from accounts.models import Account
from delegations.models import GrantProposal
from delegations.scopes import Scope
from delegations.services import grant_by_service_centre
from delegations.services.service_centre import Word
from tests.delegations.acting import now
from tests.delegations.centre import LIST, ROOT, Cast, as_user, listed, make_cast
from tests.factories import (
    AttachmentFactory,
    InternalOrganisationFactory,
    ProfessionalFactory,
    ReferentFactory,
    UserFactory,
)
from tests.factories.delegations import DelegationFactory, DelegationRequestFactory

pytestmark = pytest.mark.django_db
HOME = "/administration/"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def shown(cast: Cast, path: str) -> str:
    response = cast.client.get(path)
    assert response.status_code == 200
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def test_the_home_of_the_administration_counts_what_waits(cast: Cast) -> None:
    DelegationRequestFactory(escalated=True)
    DelegationRequestFactory()
    ReferentFactory(ended=True)
    page = shown(cast, HOME)
    for words in ("1 demande sans réponse", "0 délégation à confirmer", "0 accès signalé", "1 compte sans répondant"):
        assert words in page
    assert f'href="{ROOT}delegationrequest/"' in page
    assert "Actions récentes" not in page


def test_the_home_counts_nothing_for_whoever_reads_no_list(db: None) -> None:
    nobody = UserFactory(is_staff=True)
    nobody.groups.clear()
    page = as_user(nobody).get(HOME).content.decode()
    assert "À traiter" not in page


def propose(cast: Cast, holder: Account) -> GrantProposal:
    word = Word(holder, cast.account, Scope.TOTAL, None, "service_centre", cast.referent.account, person=holder.pk)
    made = grant_by_service_centre(cast.operator, word, now())
    assert isinstance(made, GrantProposal)
    return made


def test_a_second_operator_reads_which_person_and_which_account(cast: Cast) -> None:
    nurse = ProfessionalFactory(signed_in=True, given_name="Bénédicte", family_name="Lagarrousse", rpps="99912341234")
    AttachmentFactory(professional=nurse, structure=cast.referent.structure)
    ProfessionalFactory(given_name="Bénédicte", family_name="Lagarrousse", rpps="99912345678")
    listed()
    page = as_user(cast.second).get(f"{ROOT}grantproposal/{propose(cast, nurse.account).pk}/examiner/")
    told = page.content.decode()
    assert "RPPS …1234" in told
    assert cast.referent.structure.city in told


def test_units_of_the_same_name_are_told_apart_in_the_lists(cast: Cast) -> None:
    for name in ("EHPAD Les Genêts", "EHPAD Les Orchis"):
        unit = InternalOrganisationFactory(name="Unité protégée", structure__name=name, account__state="open")
        DelegationFactory(account=unit.account)
        DelegationRequestFactory(account=unit.account, escalated=True)
    for lists in ("delegation/", "delegationrequest/"):
        page = shown(cast, ROOT + lists)
        for name in ("EHPAD Les Genêts", "EHPAD Les Orchis"):
            assert f'<span class="act-detail">{name}</span>' in page


def test_what_is_missing_says_who_will_read_it(cast: Cast) -> None:
    page = cast.client.post(f"{ROOT}referent/{cast.referent.pk}/fin/", {"reason": ""}).content.decode()
    assert "ce motif reste dans l’historique" in page
    assert "la personne lira" not in page


def test_a_list_to_correct_comes_back_as_it_was_typed(cast: Cast) -> None:
    typed = "délégataire;compte;périmètre;référent\n123;456;total;789\n"
    preview = cast.client.post(LIST, {"text": typed, "origin": "registration"})
    assert 'name="correct"' in preview.content.decode()
    again = cast.client.post(LIST, {"text": typed, "origin": "registration", "correct": "1"})
    assert again.status_code == 200
    form = again.context["form"]
    assert (form["text"].value(), form["origin"].value()) == (typed, "registration")
    assert "123;456;total;789" in again.content.decode()


def test_lists_of_accounts_have_their_own_title(cast: Cast) -> None:
    page = shown(cast, "/administration/accounts/journalentry/")
    assert "Sélectionnez" not in page
    assert "<h1>" in page


def test_what_is_over_is_told_without_a_form(cast: Cast) -> None:
    delegation, referent = DelegationFactory(ended=True), ReferentFactory(ended=True)
    for path in (f"delegation/{delegation.pk}/fin/", f"referent/{referent.pk}/fin/"):
        page = shown(cast, ROOT + path)
        assert "déjà" in page
        assert 'name="reason"' not in page
    assert 'name="reason"' in shown(cast, f"{ROOT}referent/{cast.referent.pk}/fin/")


def test_delegations_are_filtered_by_the_ground_of_their_granter(cast: Cast) -> None:
    by_referent = DelegationFactory(by_referent=True, holder=cast.holder)
    other = DelegationFactory()
    page = shown(cast, f"{ROOT}delegation/?granted_ground__exact=referent")
    assert "Par titre de qui l’a accordée" in " ".join(page.split())
    assert by_referent.holder.name in page
    assert other.holder.name not in page
