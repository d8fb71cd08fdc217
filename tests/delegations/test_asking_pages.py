"""« Demander une délégation »: where the button stands, what the page says, what it refuses."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Account
from accounts.states import AccountState
from delegations.models import DelegationRequest
from delegations.models.requests import LONGEST_MESSAGE
from tests.delegations.pages import Cast, listed, make_cast, text_of
from tests.factories import AttachmentFactory, InternalOrganisationFactory, StructureFactory
from tests.factories.delegations import DelegationFactory, DelegationRequestFactory

ASK = "/delegations/demander/"


@pytest.fixture(scope="module")
def made_cast(shared: DjangoDbBlocker) -> Cast:
    with shared.unblock():
        return make_cast()


def button(account: Account) -> str:
    return f'href="{ASK}?compte={account.pk}"'


def ask(client: Client, named: object, status: int, **data: str) -> str:
    response = client.post(f"{ASK}?compte={named}", {"scope": "total", "message": "", **data})
    assert response.status_code == status, response.content.decode()
    return response.content.decode()


# --- The button ---------------------------------------------------------------------------------------------------


def test_the_button_is_on_the_page_of_each_thing_that_has_an_account(cast: Cast) -> None:
    client = cast.client("asker")
    for thing in (cast.hospital, cast.unit, cast.stranger):
        assert button(thing.account) in text_of(client, thing.get_absolute_url())


def test_on_ones_own_page_the_button_leads_to_where_one_works_not_to_ones_own_account(cast: Cast) -> None:
    shown = text_of(cast.client("attached"), cast.attached.get_absolute_url())
    assert f'href="{ASK}"' in shown
    assert button(cast.attached.account) not in shown
    assert f'href="{ASK}"' not in text_of(cast.client("asker"), cast.attached.get_absolute_url())


@pytest.mark.parametrize("name", ["superuser", "staff"])
def test_who_is_not_listed_is_offered_nothing(cast: Cast, name: str) -> None:
    shown = text_of(cast.client(name), cast.hospital.get_absolute_url())
    assert "Être rattaché ne donne aucun accès" in shown
    assert ASK not in shown


def test_a_request_that_waits_stands_in_the_place_of_the_button(cast: Cast) -> None:
    waiting = DelegationRequestFactory(requester=cast.asker.account, account=cast.account)
    shown = text_of(cast.client("asker"), cast.hospital.get_absolute_url())
    assert button(cast.account) not in shown
    assert f'href="/delegations/demandes/{waiting.pk}/"' in shown
    assert f"/delegations/demandes/{waiting.pk}/" not in text_of(
        cast.client("attached"), cast.hospital.get_absolute_url()
    )


def test_who_holds_everything_is_told_so_and_who_holds_a_part_may_ask_the_rest(cast: Cast) -> None:
    whole = text_of(cast.client("total"), cast.hospital.get_absolute_url())
    assert "Une délégation totale vous ouvre ce compte." in whole
    assert button(cast.account) not in whole
    part = text_of(cast.client("partial"), cast.hospital.get_absolute_url())
    assert "Une délégation «\xa0Discussions\xa0»" in part
    assert button(cast.account) in part


def test_a_closed_account_is_not_asked_for(cast: Cast) -> None:
    Account.objects.filter(pk=cast.account.pk).update(state=AccountState.CLOSED)
    assert button(cast.account) not in text_of(cast.client("asker"), cast.hospital.get_absolute_url())


@pytest.mark.parametrize("path", ["/", "/mon-compte/", ASK])
def test_each_place_where_i_work_has_its_button(cast: Cast, path: str) -> None:
    shown = text_of(cast.client("attached"), path)
    assert button(cast.account) in shown
    assert "Rattachée, sans accès" in shown
    DelegationFactory(holder=cast.attached.account, account=cast.account)
    shown = text_of(cast.client("attached"), path)
    assert button(cast.account) not in shown
    assert "Délégation\xa0: Total" in shown


def test_places_ask_as_many_queries_for_one_as_for_twenty(cast: Cast) -> None:
    client = cast.client("attached")

    def count(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            text_of(client, path)
        return len(captured)

    paths = ["/", "/mon-compte/", ASK]
    few = [count(path) for path in paths]
    for _ in range(20):
        AttachmentFactory(professional=cast.attached, internal_organisation=InternalOrganisationFactory())
    assert [count(path) for path in paths] == few


def test_without_places_the_directory_is_one_click_away(cast: Cast) -> None:
    shown = text_of(cast.client("stranger"), ASK)
    assert "Aucun rattachement n’est connu" in shown
    assert 'href="/annuaire/"' in shown


# --- The page -----------------------------------------------------------------------------------------------------


def test_the_page_says_whom_it_is_about_and_that_attachment_opens_nothing(cast: Cast) -> None:
    shown = text_of(cast.client("attached"), f"{ASK}?compte={cast.account.pk}")
    assert "CH de la Boralde" in shown
    assert "même là où vous travaillez" in shown
    assert shown.count('name="scope"') == 3
    assert shown.count("spaces-mini") == 3
    assert "même là où vous travaillez" not in text_of(cast.client("stranger"), f"{ASK}?compte={cast.account.pk}")


def test_what_is_already_open_cannot_be_asked_again(cast: Cast) -> None:
    shown = text_of(cast.client("partial"), f"{ASK}?compte={cast.account.pk}")
    assert 'value="discussions" disabled' in shown
    assert "Déjà ouvert pour vous." in shown


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("total", "Par votre délégation"),
        ("superuser", "n’est lié à aucune fiche"),
        ("staff", "n’est lié à aucune fiche"),
    ],
)
def test_who_has_nothing_to_ask_reads_why(cast: Cast, name: str, sentence: str) -> None:
    shown = text_of(cast.client(name), f"{ASK}?compte={cast.account.pk}")
    assert sentence in shown
    assert "<form" in shown
    assert 'name="scope"' not in shown


def test_ones_own_account_and_a_waiting_request_are_said(cast: Cast) -> None:
    own = text_of(cast.client("asker"), f"{ASK}?compte={cast.asker.account_id}")
    assert "C’est votre propre compte." in own
    waiting = DelegationRequestFactory(requester=cast.asker.account, account=cast.account)
    shown = text_of(cast.client("asker"), f"{ASK}?compte={cast.account.pk}")
    assert f'href="/delegations/demandes/{waiting.pk}/"' in shown
    assert 'name="scope"' not in shown


@pytest.mark.parametrize("named", ["rien", "1", "00000000-0000-0000-0000-000000000000"])
def test_what_does_not_exist_is_not_found(cast: Cast, named: str) -> None:
    client = cast.client("asker")
    assert client.get(f"{ASK}?compte={named}").status_code == 404
    ask(client, named, 404)
    assert not DelegationRequest.objects.exists()


def test_an_account_that_the_directory_does_not_list_does_not_exist(cast: Cast) -> None:
    unlisted = StructureFactory(open_account=True)
    client = cast.client("asker")
    assert client.get(f"{ASK}?compte={unlisted.account_id}").status_code == 404
    ask(client, unlisted.account_id, 404)
    listed()
    assert client.get(f"{ASK}?compte={unlisted.account_id}").status_code == 200


def test_nobody_signs_in_first(cast: Cast, client: Client) -> None:
    assert client.get(f"{ASK}?compte={cast.account.pk}").url.startswith("/connexion/?next=")
    assert client.post(ASK, {"scope": "total"}).url.startswith("/connexion/?next=")


# --- Asking -------------------------------------------------------------------------------------------------------


def test_a_request_is_sent_and_shown(cast: Cast) -> None:
    client = cast.client("asker")
    response = client.post(
        f"{ASK}?compte={cast.account.pk}", {"scope": "dossier", "message": " Bonjour. "}, follow=True
    )
    made = DelegationRequest.objects.get()
    assert (made.requester, made.account, made.scope) == (cast.asker.account, cast.account, "dossier")
    assert made.message == "Bonjour."
    assert response.redirect_chain == [(reverse("delegations:request", args=[made.pk]), 302)]
    assert "Votre demande est envoyée." in response.content.decode()


def refused(cast: Cast, name: str, status: int, sentence: str, account: object = None, **data: str) -> str:
    before = DelegationRequest.objects.count()
    shown = ask(cast.client(name), account or cast.account.pk, status, **data)
    assert sentence in shown
    assert DelegationRequest.objects.count() == before
    return shown


def test_a_request_to_oneself_is_refused(cast: Cast) -> None:
    refused(cast, "asker", 400, "il n’y a rien à demander", cast.asker.account_id)


def test_a_request_to_a_closed_account_is_refused(cast: Cast) -> None:
    Account.objects.filter(pk=cast.account.pk).update(state=AccountState.CLOSED)
    shown = refused(cast, "asker", 409, "est fermé", message="Je commence lundi.")
    assert "Je commence lundi." in shown


def test_a_second_open_request_is_refused(cast: Cast) -> None:
    DelegationRequestFactory(requester=cast.asker.account, account=cast.account)
    shown = refused(cast, "asker", 409, "Vous avez déjà une demande en attente", message="Encore moi.")
    assert "Encore moi." in shown
    assert 'value="total" checked' in shown


def test_what_is_open_already_is_refused(cast: Cast) -> None:
    refused(cast, "partial", 409, "déjà ouvert avec ce périmètre", scope="discussions")


@pytest.mark.parametrize("name", ["superuser", "staff"])
def test_who_is_not_listed_asks_nothing(cast: Cast, name: str) -> None:
    refused(cast, name, 403, "n’est lié à aucune fiche")


@pytest.mark.parametrize(
    ("scope", "sentence"), [("tout", "Ce périmètre n’existe pas."), ("", "Choisissez un périmètre.")]
)
def test_a_scope_that_does_not_exist_is_refused(cast: Cast, scope: str, sentence: str) -> None:
    shown = refused(cast, "asker", 400, sentence, scope=scope, message="Je commence lundi.")
    assert "Je commence lundi." in shown


def test_a_message_too_long_is_refused_and_kept(cast: Cast) -> None:
    long = "é" * (LONGEST_MESSAGE + 1)
    assert long in refused(cast, "asker", 400, "Raccourcissez le message", message=long)


def test_an_account_from_another_field_is_not_read(cast: Cast) -> None:
    ask(cast.client("asker"), "", 404, compte=str(cast.account.pk), account=str(uuid4()))
    assert not DelegationRequest.objects.exists()
