from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from knox.crypto import hash_token
from pytest_django.fixtures import Settings

from accounts.models import ApiToken, User
from accounts.tokens import TokenRefused, create_token, find_token, revoke_token, tokens_of
from tests.factories import UserFactory

PAGE = "/mon-compte/jetons/"
CREATE = "/mon-compte/jetons/creer/"


@pytest.fixture
def owner(db: None, client: Client) -> User:
    person = UserFactory()
    client.force_login(person)
    return person


def test_a_token_is_told_once_and_only_its_digest_is_kept(client: Client, owner: User) -> None:
    response = client.post(CREATE, {"name": "Logiciel métier"})
    token = ApiToken.objects.get()
    key = response.context["key"]
    assert key in response.content.decode()
    assert token.digest == hash_token(key)
    assert "no-store" in response["Cache-Control"]
    later = client.get(PAGE)
    assert "Logiciel métier" in later.content.decode()
    assert key not in later.content.decode()
    assert key not in str(dict(client.session))


def test_a_token_reads_unless_writing_was_asked_and_ends_after_90_days(client: Client, owner: User) -> None:
    client.post(CREATE, {"name": "lecture"})
    client.post(CREATE, {"name": "écriture", "may_write": "on"})
    assert dict(ApiToken.objects.values_list("name", "may_write")) == {"lecture": False, "écriture": True}
    token = ApiToken.objects.filter(name="lecture").get()
    assert token.expiry - token.created < timedelta(days=90, seconds=1)
    assert token.expiry - token.created > timedelta(days=89, hours=23)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Donnez un nom à ce jeton"),
        ("   ", "Donnez un nom à ce jeton"),
        ("a" * 81, "80 caractères au plus"),
        ("\0", "nul"),
    ],
)
def test_a_name_that_does_not_do_is_refused_with_a_sentence(
    client: Client, owner: User, name: str, sentence: str
) -> None:
    response = client.post(CREATE, {"name": name})
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not ApiToken.objects.exists()


def test_the_same_form_sent_twice_makes_one_token(client: Client, owner: User) -> None:
    client.post(CREATE, {"name": "Export"})
    again = client.post(CREATE, {"name": "export"})
    assert "Vous avez déjà un jeton de ce nom." in again.content.decode()
    assert ApiToken.objects.count() == 1


def test_two_people_may_use_the_same_name(owner: User) -> None:
    create_token(owner, "export")
    create_token(UserFactory(), "export")
    assert [row.name for row in tokens_of(owner)] == ["export"]


@pytest.mark.parametrize("name", ["", " ", "a" * 81])
def test_the_service_refuses_what_the_form_would(owner: User, name: str) -> None:
    with pytest.raises(TokenRefused):
        create_token(owner, name)


def test_revoking_asks_first_then_it_is_gone(client: Client, owner: User) -> None:
    token, _ = create_token(owner, "export")
    address = f"{PAGE}{token.handle}/revoquer/"
    assert "Révoquer le jeton" in client.get(address).content.decode()
    assert ApiToken.objects.count() == 1
    assert client.post(address).url == PAGE
    assert not ApiToken.objects.exists()
    assert client.post(address).status_code == 404


def test_the_token_of_another_is_not_there(client: Client, owner: User) -> None:
    other = UserFactory()
    token, _ = create_token(other, "secret de Polichinelle")
    address = f"{PAGE}{token.handle}/revoquer/"
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    assert "Polichinelle" not in client.get(PAGE).content.decode()
    assert find_token(owner, token.handle) is None
    assert not revoke_token(owner, token.handle)
    assert ApiToken.objects.count() == 1


def test_an_ended_token_stays_in_the_list_and_says_so(client: Client, owner: User) -> None:
    create_token(owner, "export")
    with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
        client.force_login(owner)
        assert tokens_of(owner)[0].is_expired
        assert "Fini" in client.get(PAGE).content.decode()


def test_an_act_opened_as_a_page_leads_to_its_page(client: Client, owner: User) -> None:
    assert client.get(CREATE).url == PAGE
    assert client.delete(CREATE).status_code == 405


def test_the_command_prints_the_token_alone(owner: User) -> None:
    out = StringIO()
    call_command("api_token", owner.username, "--name", "essai", "--write", stdout=out)
    token = ApiToken.objects.get()
    assert token.digest == hash_token(out.getvalue().strip())
    assert out.getvalue().count("\n") == 1
    assert (token.name, token.may_write) == ("essai", True)


def test_the_command_without_name_may_be_run_again(owner: User) -> None:
    for _ in range(2):
        call_command("api_token", owner.username, stdout=StringIO())
    assert ApiToken.objects.filter(user=owner, may_write=False).count() == 2


@pytest.mark.parametrize(
    ("is_demo", "arguments", "sentence"),
    [
        (False, ["{}"], "En production"),
        (True, ["inconnu"], "n’existe pas"),
        (True, ["{}", "--name", "a" * 81], "80 caractères"),
    ],
)
def test_the_command_refuses_with_a_sentence(
    owner: User, settings: Settings, is_demo: bool, arguments: list[str], sentence: str
) -> None:
    settings.IS_DEMO_ALLOWED = is_demo
    with pytest.raises(CommandError, match=sentence) as refusal:
        call_command("api_token", *(argument.format(owner.username) for argument in arguments))
    assert refusal.value.returncode == 1
    assert not ApiToken.objects.exists()
