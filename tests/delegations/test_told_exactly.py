"""What is told of an access says no more, and no less, than what is: what is missing, what ended, what goes on."""

import pytest
from django.utils import timezone

from accounts.models import Account, Notification, User
from accounts.states import AccountState
from delegations import services
from delegations.explaining import explain
from delegations.journal_reading import Asked, read_entries, tell_entries
from delegations.models import Delegation
from delegations.scopes import Scope, Space
from tests.delegations.acting import holder_of, later, now, referent_of, someone
from tests.delegations.pages import as_user, listed, text_of
from tests.factories import DelegationFactory, DelegationRequestFactory, StructureFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    found: Account = StructureFactory(open_account=True, name="EHPAD Les Genêts").account
    return found


def because(user: User, account: Account) -> dict[Space, str]:
    told = explain(user, account, timezone.now())
    return {one.space: one.because.replace("\N{NO-BREAK SPACE}", " ") for one in told.spaces}


def test_a_frozen_account_says_why_nothing_can_be_asked(account: Account) -> None:
    partial, stranger = holder_of(account, partial=True), someone().user
    Account.objects.filter(pk=account.pk).update(state=AccountState.FROZEN)
    account.refresh_from_db()
    for user in (partial, stranger):
        told = because(user, account)
        assert told[Space.AGENDA].endswith("Ce compte est gelé : aucune délégation n’y commence.")
        listed()
        shown = text_of(as_user(user), f"/delegations/demander/?compte={account.pk}")
        assert "Ce compte est gelé" in shown
    assert "gelé" not in because(partial, account)[Space.DISCUSSIONS]


def test_a_request_that_waits_explains_the_spaces_that_it_asks_for(account: Account) -> None:
    row = DelegationRequestFactory(account=account, partial=True)
    told = because(row.asked_by, account)
    assert told[Space.DISCUSSIONS].endswith("attend une réponse.")
    assert told[Space.AGENDA] == "Votre demande en attente s’arrête au périmètre « Discussions »."


def about(account: Account, reader: User) -> list[tuple[str, str]]:
    """Acts and what they are about, the oldest first."""
    entries = read_entries(Asked([account.pk]), None, 50)
    return [
        (one.entry.verb, one.about.replace("\N{NO-BREAK SPACE}", " ")) for one in tell_entries(reader, entries, now())
    ][::-1]


def test_the_journal_tells_a_reduction_from_a_grant(account: Account) -> None:
    reader, row = referent_of(account.structure), DelegationFactory(account=account)
    services.reduce_delegation(row.holder.user, row, Scope.DOSSIER, now())
    ended, granted = about(account, reader)[-2:]
    assert (ended[0], granted[0]) == ("delegation.ended", "delegation.granted")
    assert ended[1].endswith(", réduite")
    assert granted[1].endswith(", sans date de fin : ce qui reste d’une délégation réduite")


def test_the_journal_tells_a_renewal_from_a_new_delegation(account: Account) -> None:
    reader, row = referent_of(account.structure), DelegationFactory(account=account, until=later(days=9))
    services.renew(reader, row, None, now())
    ended, granted = about(account, reader)[-2:]
    assert ended[1].endswith(", remplacée")
    assert granted[1].endswith(", sans date de fin : la suite de la précédente, prolongée ou élargie")
    assert ":" not in about(account, reader)[0][1]


def path_told(user: User) -> str:
    return Notification.objects.filter(recipient=user).order_by("-pk")[:1].get().path


def test_who_is_told_of_a_delegation_is_led_to_it_and_to_its_reason(account: Account) -> None:
    referent, request = referent_of(account.structure), DelegationRequestFactory(account=account)
    row = services.accept(referent, request, now())
    holder, overseer = row.holder.user, holder_of(account)
    assert path_told(holder) == f"/delegations/{row.pk}/"
    services.end_delegation(referent, row, "Elle a changé de service.", now())
    listed()
    for user in (holder, overseer):
        assert path_told(user) == f"/delegations/{row.pk}/"
        assert "Elle a changé de service." in text_of(as_user(user), path_told(user))


def test_names_are_led_to_as_french_does(account: Account) -> None:
    row = DelegationFactory(account=account)
    listed()
    stranger = as_user(someone().user)
    assert "sur le compte d’<a" in text_of(stranger, f"/delegations/demander/?compte={account.pk}")
    assert "au nom d’<strong>EHPAD Les Genêts</strong>" in text_of(
        as_user(row.holder.user), f"/delegations/{row.pk}/mettre-fin/"
    )


# --- One click, and who is left --------------------------------------------------------------------------------------


def unused(account: Account) -> Delegation:
    row: Delegation = DelegationFactory(account=account, since=later(days=-200))
    return row


def test_one_click_of_a_list_warns_the_last_to_answer_first(account: Account) -> None:
    row = unused(account)
    listed()
    client = as_user(row.holder.user)
    assert 'name="directly"' in text_of(client, "/delegations/")
    for address, data in (("mettre-fin", {}), ("reduire", {"scope": "dossier"})):
        page = f"/delegations/{row.pk}/{address}/"
        response = client.post(page, {"directly": "1", **data})
        assert (response.status_code, response.headers["Location"]) == (302, page)
        row.refresh_from_db()
        assert not row.ended_kind
        assert "Plus personne ne répondra" in text_of(client, page)
    assert client.post(f"/delegations/{row.pk}/reduire/", {"scope": "dossier"}).status_code == 302
    row.refresh_from_db()
    assert row.ended_kind == "reduced"


def test_one_click_is_enough_when_others_answer(account: Account) -> None:
    row = unused(account)
    referent_of(account.structure)
    client = as_user(row.holder.user)
    assert client.post(f"/delegations/{row.pk}/mettre-fin/", {"directly": "1"}).status_code == 302
    row.refresh_from_db()
    assert row.ended_kind == "given_up"


def test_reducing_without_a_choice_asks_for_one(account: Account) -> None:
    row = unused(account)
    client = as_user(row.holder.user)
    shown = client.post(f"/delegations/{row.pk}/reduire/").content.decode()
    assert "Choisissez ce qui reste ouvert." in shown
    assert "n’existe pas" not in shown


def test_what_ended_the_day_it_began_says_one_day(account: Account) -> None:
    row = DelegationFactory(account=account, since=now())
    services.end_delegation(row.holder.user, row, "", now())
    listed()
    shown = text_of(as_user(row.holder.user), f"/delegations/{row.pk}/")
    assert "<dd>Le\N{NO-BREAK SPACE}" in shown or "<dd>Le " in shown
