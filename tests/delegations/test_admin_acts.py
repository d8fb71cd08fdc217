"""Each act of the service centre: it works, signs the journal, tells people."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.grounds import Ground
from accounts.models import JournalEntry
from accounts.states import AccountState
from delegations.dates import end_of
from delegations.models import Delegation, GrantProposal, Origin, Referent
from delegations.scopes import Scope
from tests.delegations.centre import (
    APPOINT,
    GRANT,
    ROOT,
    Cast,
    a_case,
    as_user,
    counts,
    last_entry,
    listed,
    make_cast,
    told,
)
from tests.factories import (
    DelegationFactory,
    DelegationRequestFactory,
    GrantProposalFactory,
    InternalOrganisationFactory,
    ProfessionalFactory,
    ReferentFactory,
    StructureFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made_cast(shared: DjangoDbBlocker) -> Cast:
    with shared.unblock():
        return make_cast()


def granted(cast: Cast) -> Delegation:
    return Delegation.objects.get(holder=cast.holder, account=cast.account)


# --- Granting ---------------------------------------------------------------------------------------------------------


def test_a_part_is_granted_at_once_and_signed(cast: Cast) -> None:
    day = timezone.localdate() + timedelta(days=200)
    response = cast.client.post(GRANT, cast.words(until=f"{day:%d/%m/%Y}", origin="registration"), follow=True)
    row = granted(cast)
    assert (row.scope, row.origin, row.granted_ground) == (Scope.DOSSIER, Origin.REGISTRATION, Ground.SERVICE_CENTRE)
    assert (row.granted_by, row.period.upper) == (cast.operator, end_of(day))
    assert f"La délégation de {cast.holder} sur {cast.account} est accordée" in response.content.decode()
    entry = last_entry()
    assert (entry.verb, entry.ground, entry.actor) == ("delegation.granted", Ground.SERVICE_CENTRE, cast.operator)
    assert any("vous est accordée" in text for text in told(cast.holder.user))
    assert any("a accordé une délégation" in text for text in told(cast.referent.account.user))


def test_of_two_people_of_nearly_the_same_name_the_operator_says_which(cast: Cast) -> None:
    other = ProfessionalFactory(given_name="Noe", family_name="Peyrouton", rpps="99912345678")
    asked = DelegationRequestFactory(requester=cast.holder, account=cast.account, scope=Scope.DOSSIER)
    listed()
    page = cast.client.get(f"{GRANT}?demande={asked.pk}", follow=True).content.decode()
    assert page.count('name="person"') == 2
    assert "RPPS …5678" in page
    before = counts()
    refusals = {"": 409, str(other.account_id): 400, "Peyrouton": 400}
    for person, status in refusals.items():
        assert cast.client.post(GRANT, cast.words(person=person)).status_code == status
    assert counts() == before
    assert cast.client.post(GRANT, cast.words(person=str(cast.holder.pk))).status_code == 302
    asked.refresh_from_db()
    assert (granted(cast).holder, asked.state) == (cast.holder, "accepted")


def test_who_confirms_is_not_asked_again_which_person_is_meant(cast: Cast) -> None:
    ProfessionalFactory(given_name="Noe", family_name="Peyrouton")
    listed()
    assert cast.client.post(GRANT, cast.words(scope="total", person=str(cast.holder.pk))).status_code == 302
    proposal = GrantProposal.objects.get()
    as_user(cast.second).post(f"{ROOT}grantproposal/{proposal.pk}/confirmer/")
    assert granted(cast).scope == Scope.TOTAL


def test_everything_waits_for_a_second_operator(cast: Cast) -> None:
    response = cast.client.post(GRANT, cast.words(scope="total"), follow=True)
    assert "une seconde personne du centre doit confirmer" in response.content.decode()
    assert not Delegation.objects.exists()
    proposal = GrantProposal.objects.get()
    assert last_entry().verb == "proposal.made"
    assert told(cast.second) and not told(cast.operator)
    examine, confirm = f"{ROOT}grantproposal/{proposal.pk}/examiner/", f"{ROOT}grantproposal/{proposal.pk}/confirmer/"
    page = cast.client.get(examine).content.decode()
    assert "Vous ne pouvez pas la confirmer" in page and "une autre personne que celle qui l’a proposée" in page
    assert confirm not in page
    before = counts()
    refused = cast.client.post(confirm)
    assert refused.status_code == 403 and "une autre personne" in refused.content.decode()
    assert counts() == before
    second = as_user(cast.second)
    assert confirm in second.get(examine).content.decode()
    assert second.post(confirm).status_code == 302
    row = granted(cast)
    assert (row.scope, row.granted_by, row.confirmed_by) == (Scope.TOTAL, cast.operator, cast.second)
    assert JournalEntry.objects.get(verb="proposal.confirmed").actor == cast.second
    assert second.post(confirm).status_code == 409
    assert second.post(examine).status_code == second.get(confirm).status_code == 302


def test_two_parts_make_a_whole_in_two_steps(cast: Cast) -> None:
    cast.client.post(GRANT, cast.words())
    cast.client.post(GRANT, cast.words(scope="discussions"))
    assert granted(cast).scope == Scope.DOSSIER
    proposal = GrantProposal.objects.get()
    again = cast.client.post(GRANT, cast.words(scope="discussions"))
    assert again.status_code == 409 and "attend déjà d’être confirmée" in again.content.decode()
    as_user(cast.second).post(f"{ROOT}grantproposal/{proposal.pk}/confirmer/")
    assert Delegation.objects.in_force(timezone.now() + timedelta(seconds=1)).get().scope == Scope.TOTAL


def test_a_proposal_is_set_aside_by_either(cast: Cast) -> None:
    proposal = GrantProposalFactory(proposed_by=cast.operator)
    reject = f"{ROOT}grantproposal/{proposal.pk}/ecarter/"
    assert cast.client.post(reject).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by, last_entry().verb) == ("rejected", cast.operator, "proposal.rejected")
    assert cast.client.post(reject).status_code == 409


def test_a_proposal_falls_with_the_word_that_it_rests_on(cast: Cast) -> None:
    cast.client.post(GRANT, cast.words(scope="total"))
    cast.client.post(f"{ROOT}referent/{cast.referent.pk}/fin/", {"reason": "Départ."})
    response = as_user(cast.second).post(f"{ROOT}grantproposal/{GrantProposal.objects.get().pk}/confirmer/")
    assert response.status_code == 400 and "n’est pas référent" in response.content.decode()
    assert not Delegation.objects.exists()


def test_the_account_of_a_person_opens_on_that_persons_word(cast: Cast) -> None:
    owner = ProfessionalFactory(signed_in=True).account
    listed()
    page = cast.client.get(GRANT, {"compte": owner.pk, "personne": cast.holder.pk}).content.decode()
    assert f'value="{owner.pk}"' in page
    cast.client.post(GRANT, cast.words(compte=owner.pk, word_of=owner.pk))
    assert Delegation.objects.get().account == owner


def test_the_referent_of_the_structure_speaks_for_its_units(cast: Cast) -> None:
    unit = InternalOrganisationFactory(structure=cast.referent.structure, account__state=AccountState.OPEN)
    listed()
    cast.client.post(GRANT, cast.words(compte=unit.account.pk))
    assert Delegation.objects.get().account == unit.account


WRONG: dict[str, tuple[dict[str, object], int, str]] = {
    "no scope": ({"scope": ""}, 400, "Choisissez un périmètre"),
    "a scope that does not exist": ({"scope": "admin"}, 400, "Ce périmètre n’existe pas"),
    "an end in the past": ({"until": "12/03/2020"}, 400, "La fin doit venir après"),
    "not a date": ({"until": "bientôt"}, 400, "Écrivez une date"),
    "an origin that does not exist": ({"origin": "resource_team"}, 400, "Cette origine n’existe pas"),
    "nobody’s word": ({"word_of": ""}, 400, "Dites qui vous l’a demandé"),
    "a stranger’s word": ({"word_of": str(uuid4())}, 400, "ne peut pas donner sa parole"),
    "an account that does not exist": ({"compte": str(uuid4())}, 400, "n’est pas dans l’annuaire"),
    "not an account": ({"personne": "\0' OR 1=1"}, 400, "n’est pas dans l’annuaire"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_does_not_suit_is_said_and_nothing_typed_is_lost(cast: Cast, what: str) -> None:
    changes, status, sentence = WRONG[what]
    words = {"until": "31/12/2099", "scope": "discussions"} | changes
    before = counts()
    response = cast.client.post(GRANT, cast.words(**words))
    page = response.content.decode()
    assert response.status_code == status and sentence in page
    assert counts() == before
    if "compte" not in changes and "personne" not in changes:
        assert f'value="{words["until"]}"' in page
        assert f'value="{cast.holder.pk}"' in page


def test_what_is_held_already_is_not_granted_twice_nor_shortened(cast: Cast) -> None:
    cast.client.post(GRANT, cast.words())
    again = cast.client.post(GRANT, cast.words())
    assert again.status_code == 409 and "a déjà cette délégation" in again.content.decode()
    shorter = cast.client.post(GRANT, cast.words(scope="discussions", until="31/12/2098"))
    assert shorter.status_code == 409 and "ne peut pas finir avant" in shorter.content.decode()
    assert not GrantProposal.objects.exists()


def test_nothing_begins_on_a_closed_account(cast: Cast) -> None:
    closed = StructureFactory(closed=True)
    referent = ReferentFactory(structure=closed)
    listed()
    words = cast.words(compte=closed.account.pk, word_of=referent.account.pk)
    response = cast.client.post(GRANT, words)
    assert response.status_code == 409 and "est fermé" in response.content.decode()


def test_without_a_referent_the_page_says_to_appoint_one(cast: Cast) -> None:
    structure = StructureFactory(open_account=True)
    listed()
    page = cast.client.get(GRANT, {"compte": structure.account.pk, "personne": cast.holder.pk}).content.decode()
    assert "aucun référent en fonction" in page
    assert f"{APPOINT}?structure={structure.account.pk}" in page


def test_accounts_are_found_by_name_or_number_and_chosen(cast: Cast) -> None:
    page = cast.client.get(GRANT, {"compte_q": cast.referent.structure.finess, "personne_q": "noe peyrouton"})
    text = page.content.decode()
    assert f'value="{cast.account.pk}"' in text and f'value="{cast.holder.pk}"' in text
    assert "<select" not in text
    hostile = cast.client.get(GRANT, {"compte_q": "\0" + "x" * 5000, "personne_q": "'; DROP"})
    assert hostile.status_code == 200 and "Rien ne correspond" in hostile.content.decode()


# --- Ending, appointing, concluding -----------------------------------------------------------------------------------


def test_a_delegation_ends_with_a_reason(cast: Cast) -> None:
    row = DelegationFactory()
    end = f"{ROOT}delegation/{row.pk}/fin/"
    assert "plus personne ne répondra" in cast.client.get(end).content.decode()
    before = counts()
    assert cast.client.post(end, {"reason": " "}).status_code == 400
    long = cast.client.post(end, {"reason": "x" * 501})
    assert long.status_code == 400 and "x" * 501 in long.content.decode()
    assert counts() == before
    assert cast.client.post(end, {"reason": "Elle a quitté la structure."}).status_code == 302
    row.refresh_from_db()
    assert (row.ended_by, row.ended_ground, row.ended_reason) == (
        cast.operator,
        Ground.SERVICE_CENTRE,
        "Elle a quitté la structure.",
    )
    assert last_entry().verb == "delegation.ended" and last_entry().ground == Ground.SERVICE_CENTRE
    assert any("Le centre de service" in text for text in told(row.holder.user))
    again = cast.client.post(end, {"reason": "Encore."})
    assert again.status_code == 409 and "Encore." in again.content.decode()


def test_a_referent_is_appointed_then_ended(cast: Cast) -> None:
    structure = StructureFactory(open_account=True)
    listed()
    choice = {"structure": structure.account.pk, "personne": cast.holder.pk}
    assert "Nommer référent" in cast.client.get(APPOINT, choice).content.decode()
    assert cast.client.post(APPOINT, choice).status_code == 302
    referent = Referent.objects.get(structure=structure)
    assert (last_entry().verb, last_entry().ground) == ("referent.appointed", Ground.SERVICE_CENTRE)
    assert any("Le rôle de référent" in text for text in told(cast.holder.user))
    assert cast.client.post(APPOINT, choice).status_code == 409
    end = f"{ROOT}referent/{referent.pk}/fin/"
    assert "plus personne ne répondra" in cast.client.get(end).content.decode()
    assert cast.client.post(end, {"reason": ""}).status_code == 400
    assert cast.client.post(end, {"reason": "Départ."}).status_code == 302
    assert JournalEntry.objects.filter(verb="referent.ended", actor=cast.operator).count() == 1
    assert any("Vous n’êtes plus référent" in text for text in told(cast.holder.user))
    assert cast.client.post(end, {"reason": "Départ."}).status_code == 409


@pytest.mark.parametrize("changes", [{"structure": ""}, {"personne": "x"}, {"swap": True}])
def test_a_referent_is_a_person_for_a_structure(cast: Cast, changes: dict[str, Any]) -> None:
    choice = {"structure": cast.account.pk, "personne": cast.holder.pk} | changes
    if choice.pop("swap", False):
        choice = {"structure": cast.holder.pk, "personne": cast.account.pk}
    before = counts()
    assert cast.client.post(APPOINT, choice).status_code == 400
    assert counts() == before


def test_a_surprising_access_is_concluded(cast: Cast) -> None:
    case = a_case()
    close = f"{ROOT}accesscase/{case.pk}/conclure/"
    assert "Je ne connais pas cette personne." in cast.client.get(close).content.decode()
    assert cast.client.post(close, {"reason": ""}).status_code == 400
    assert cast.client.post(close, {"reason": "Accès légitime."}).status_code == 302
    case.refresh_from_db()
    assert (case.closed_by, case.conclusion) == (cast.operator, "Accès légitime.")
    assert (last_entry().verb, last_entry().ground) == ("case.closed", Ground.SERVICE_CENTRE)
    assert any("Accès légitime." in text for text in told(case.opened_by))
    assert cast.client.post(close, {"reason": "Encore."}).status_code == 409


def test_a_waiting_request_leads_to_a_grant_already_filled(cast: Cast) -> None:
    asked = DelegationRequestFactory(account=cast.account, requester=cast.holder, partial=True, escalated=True)
    response = cast.client.get(GRANT, {"demande": asked.pk}, follow=True)
    page = response.content.decode()
    assert f'value="{cast.holder.pk}"' in page and f'value="{cast.account.pk}"' in page
    assert re.search(r'value="discussions"[^>]* checked', page)
    cast.client.post(GRANT, cast.words(scope="discussions"))
    asked.refresh_from_db()
    assert (asked.state, asked.decided_ground) == ("accepted", Ground.SERVICE_CENTRE)
    for wrong in (asked.pk, 10**30, "²", "-1", ""):
        assert cast.client.get(GRANT, {"demande": wrong}).status_code == 404
