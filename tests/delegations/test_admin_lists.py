"""The lists of the service centre: what they show first, how they are found, the same number of queries for 20 rows."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import JournalEntry, User
from accounts.services import move_accounts
from accounts.states import ON_STRUCTURE_CLOSED
from delegations.admin.requests import with_answerers
from delegations.models import DelegationRequest, Orphan
from delegations.orphans import orphans
from delegations.services import end_by_service_centre, end_referent, open_case
from delegations.services.common import answerers
from tests.delegations.centre import APPOINT, GRANT, ROOT, as_user, listed, listed_operator
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

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(db: None) -> User:
    return listed_operator()


@pytest.fixture
def client(operator: User) -> Client:
    return as_user(operator)


def text_of(client: Client, path: str, **query: Any) -> str:
    response = client.get(ROOT + path, query)
    assert response.status_code == 200
    return unescape(response.content.decode()).replace("\N{NO-BREAK SPACE}", " ")


def an_orphan() -> None:
    referent = ReferentFactory()
    end_referent(listed_operator(), referent, "Départ.", timezone.now())


def a_case() -> None:
    row = DelegationFactory()
    entry = JournalEntry.objects.filter(account=row.account).order_by("pk")[:1].get()
    open_case(row.holder.user, entry, "Surprenant.", timezone.now())


def one_to_review() -> None:
    own = DelegationFactory()
    DelegationFactory(account=own.account, through=own, since=timezone.now() - timedelta(days=2))
    move_accounts([own.holder_id], ON_STRUCTURE_CLOSED, timezone.now())


LISTS: dict[str, Callable[[], object]] = {
    "delegation/": DelegationFactory,
    "delegation/?etat=terminees": lambda: DelegationFactory(ended=True),
    "delegationrequest/": lambda: DelegationRequestFactory(escalated=True, on_a_unit=True, claimed=True),
    "delegationrequest/?etat=toutes": lambda: DelegationRequestFactory(refused=True),
    "referent/": ReferentFactory,
    "grantproposal/": GrantProposalFactory,
    "accesscase/": a_case,
    "orphan/": an_orphan,
    "toreview/": one_to_review,
}


@pytest.mark.parametrize("path", LISTS)
def test_twenty_rows_cost_the_queries_of_one(client: Client, path: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            response = client.get(ROOT + path)
        assert response.status_code == 200
        assert response.context["cl"].result_count == made
        return len(found)

    LISTS[path]()
    made = 1
    queries()
    one = queries()
    for _ in range(19):
        LISTS[path]()
    made = 20
    assert queries() == one


def test_the_list_says_who_holds_what_and_begins_with_what_is_in_force(client: Client) -> None:
    row, ended = DelegationFactory(by_referent=True), DelegationFactory(ended=True)
    expired = DelegationFactory(expired=True)
    page = text_of(client, "delegation/")
    assert row.holder.name in page and row.account.name in page and f"{row.granted_by_account.name} (référent)" in page
    assert f"{ROOT}delegation/{row.pk}/fin/" in page and GRANT in page
    assert ended.holder.name not in page and expired.holder.name not in page
    past = text_of(client, "delegation/", etat="terminees")
    assert "retirée" in past and "arrivée à son terme" in past and row.holder.name not in past
    assert f"{ended.pk}/fin/" not in past
    everything = text_of(client, "delegation/", etat="toutes")
    assert row.holder.name in everything and ended.holder.name in everything
    assert row.holder.name in text_of(client, "delegation/", etat="n’importe quoi")


@pytest.mark.parametrize("path", ["delegation/", "referent/", "orphan/"])
def test_a_list_has_no_inline_style_nor_script(client: Client, path: str) -> None:
    """The policy of contents would refuse them."""
    page = text_of(client, path)
    assert "<style" not in page and " style=" not in page and " onclick=" not in page
    assert not re.search(r"<script(?![^>]* src=)", page)


def test_a_row_is_read_with_its_acts_and_nothing_to_type(client: Client) -> None:
    row = DelegationFactory(ended=True)
    page = text_of(client, f"delegation/{row.pk}/change/")
    assert "Elle a changé de service." in page and 'name="_save"' not in page and "/fin/" not in page
    assert "/fin/" in text_of(client, f"delegation/{DelegationFactory().pk}/change/")


def test_a_name_is_found_without_its_accents(client: Client) -> None:
    holder = ProfessionalFactory(signed_in=True, given_name="Bénédicte", family_name="Éychenne").account
    on = StructureFactory(open_account=True, name="Résidence de la Boralde")
    row, other = DelegationFactory(holder=holder, account=on.account), DelegationFactory()
    listed()
    for words in ("benedicte eychenne", "residence boralde", on.finess):
        page = text_of(client, "delegation/", q=words)
        assert row.holder.name in page and other.holder.name not in page
    assert row.holder.name not in text_of(client, "delegation/", q="personne d’ici")
    assert client.get(f"{ROOT}delegation/", {"q": "\0", "etat": "\0"}).status_code == 200


def test_the_queue_begins_with_the_oldest_that_nobody_answered(client: Client) -> None:
    old = DelegationRequestFactory(escalated=True, asked_at=timezone.now() - timedelta(days=9))
    DelegationFactory(account=old.account)
    recent = DelegationRequestFactory(escalated=True, on_a_unit=True, claimed=True)
    waiting, answered = DelegationRequestFactory(), DelegationRequestFactory(refused=True)
    page = text_of(client, "delegationrequest/")
    assert page.index(old.requester.name) < page.index(recent.requester.name)
    assert "Demandée il y a 9 jours : pas encore de réponse" in page
    assert "Demandée aujourd’hui : personne ne peut répondre" in page
    assert waiting.requester.name not in page and answered.requester.name not in page
    assert f"pris en charge par {recent.claimed_by.display_name}" in page
    assert f"{GRANT}?demande={recent.pk}" in page
    assert f"{APPOINT}?structure={recent.account.internalorganisation.structure.account_id}" in page
    pending = text_of(client, "delegationrequest/", etat="en-attente")
    assert pending.index(recent.requester.name) < pending.index(waiting.requester.name)
    done = text_of(client, "delegationrequest/", etat="traitees")
    assert answered.requester.name in done and ": refusée" in done and f"?demande={answered.pk}" not in done
    on_a_person = DelegationRequestFactory(escalated=True, on_a_person=True)
    page = text_of(client, f"delegationrequest/{on_a_person.pk}/change/")
    assert "Accorder" in page and "Nommer un référent" not in page


def test_who_could_answer_is_what_the_services_say(client: Client) -> None:
    """One row a situation, the column beside `answerers`, which decides who is told."""
    nobody = DelegationRequestFactory()
    by_holder = DelegationRequestFactory()
    DelegationFactory(account=by_holder.account, partial=True)
    of_another_part = DelegationRequestFactory(dossier=True)
    DelegationFactory(account=of_another_part.account, partial=True)
    of_this_part = DelegationRequestFactory(dossier=True)
    DelegationFactory(account=of_this_part.account, dossier=True)
    by_the_referent_above = DelegationRequestFactory(on_a_unit=True)
    ReferentFactory(structure=by_the_referent_above.account.internalorganisation.structure)
    themselves = DelegationRequestFactory()
    ReferentFactory(structure=themselves.account.structure, account=themselves.requester)
    past = DelegationRequestFactory()
    DelegationFactory(account=past.account, ended=True)
    ReferentFactory(structure=past.account.structure, ended=True)
    asleep = DelegationRequestFactory()
    holder = DelegationFactory(account=asleep.account).holder
    User.objects.filter(pk=holder.user_id).update(is_active=False)
    of_a_person = DelegationRequestFactory(on_a_person=True)
    unused = DelegationRequestFactory(account=ProfessionalFactory().account)
    at = timezone.now()
    found = {row.pk: row.is_answerable for row in with_answerers(DelegationRequest.objects.all(), at)}
    expected = {
        row.pk: bool(answerers(row.account, row.remaining, at, but=row.requester))
        for row in DelegationRequest.objects.told()
    }
    assert found == expected
    assert {pk for pk, able in found.items() if able} == {
        row.pk for row in (by_holder, of_this_part, by_the_referent_above, of_a_person)
    }
    assert {nobody.pk, of_another_part.pk, themselves.pk, past.pk, asleep.pk, unused.pk} < set(found)


def test_a_structure_without_anybody_is_listed_until_somebody_answers(client: Client, operator: User) -> None:
    answered = DelegationFactory()
    never, left = StructureFactory(), DelegationFactory()
    assert "0 comptes" in text_of(client, "orphan/")
    end_by_service_centre(operator, left, "Départ.", timezone.now())
    page = text_of(client, "orphan/")
    assert left.account.name in page and answered.account.name not in page and never.name not in page
    assert f"{APPOINT}?structure={left.account.pk}" in page
    assert [row.pk for row in Orphan.objects.filter(pk__in=orphans(timezone.now()))] == [left.account.pk]
    assert "Comptes sans répondant" in client.get("/administration/").content.decode()
    client.post(APPOINT, {"structure": left.account.pk, "personne": answered.holder.pk})
    listed()
    client.post(APPOINT, {"structure": left.account.pk, "personne": answered.holder.pk})
    assert left.account.name not in text_of(client, "orphan/").split('id="changelist"')[1]


def test_the_other_lists_begin_with_what_waits(client: Client) -> None:
    proposal, rejected = GrantProposalFactory(), GrantProposalFactory(rejected=True)
    page = text_of(client, "grantproposal/")
    assert proposal.holder.name in page and rejected.holder.name not in page and "/examiner/" in page
    assert rejected.holder.name in text_of(client, "grantproposal/", etat="all")
    assert "/examiner/" not in text_of(client, "grantproposal/", etat="rejected")
    here, gone = ReferentFactory(), ReferentFactory(ended=True)
    page = text_of(client, "referent/")
    assert here.account.name in page and gone.account.name not in page
    past = text_of(client, "referent/", etat="anciens")
    assert gone.account.name in past and "Départ en retraite." in past and f"referent/{gone.pk}/fin/" not in past
    assert here.account.name in text_of(client, "referent/", etat="tous")
    a_case()
    assert "Surprenant." in text_of(client, "accesscase/") and "/conclure/" in text_of(client, "accesscase/")
    assert "Surprenant." not in text_of(client, "accesscase/", etat="traites")
    assert "Surprenant." in text_of(client, "accesscase/", etat="tous")


def test_whoever_only_reads_sees_no_act(operator: User) -> None:
    reader = UserFactory(is_staff=True)
    reader.groups.clear()
    group = operator.groups.get()
    reader.user_permissions.set(group.permissions.filter(codename__startswith="view_"))
    row = DelegationFactory()
    for path in ("delegation/", f"delegation/{row.pk}/change/"):
        page = text_of(as_user(reader), path)
        assert row.holder.name in page and "/fin/" not in page and GRANT not in page


@pytest.mark.parametrize(
    "asked",
    [
        "delegation/?granted_by__password__startswith=m",
        "delegation/?holder__user__password__startswith=m",
        "delegationrequest/?asked_by__password__startswith=m",
        "referent/?appointed_by__password__startswith=m",
        "accesscase/?entry__actor__password__startswith=m",
    ],
)
def test_no_list_is_filtered_by_a_secret(client: Client, asked: str) -> None:
    assert client.get(ROOT + asked).status_code == 400


def test_an_account_of_a_unit_is_shown_with_its_name(client: Client) -> None:
    unit = InternalOrganisationFactory()
    DelegationRequestFactory(account=unit.account, escalated=True)
    assert unit.name in text_of(client, "delegationrequest/")
