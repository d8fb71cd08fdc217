import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.forms import WRONG
from accounts.models import User
from accounts.states import AccountState
from tests.factories import ProfessionalFactory, UserFactory
from tests.factories.accounts import PASSWORD

DOOR = "/connexion/"


@pytest.fixture
def person(db: None) -> User:
    return UserFactory(username="soline")


def sign_in(client: Client, username: str, password: str, **more: str) -> HttpResponse:
    return client.post(DOOR, {"username": username, "password": password, **more})


def test_the_right_password_opens_the_home_page(client: Client, person: User) -> None:
    response = sign_in(client, "soline", PASSWORD)
    assert response.url == reverse("pages:home")
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("username", ["soline", "personne-de-ce-nom"])
def test_one_sentence_refuses_and_does_not_say_which_is_wrong(client: Client, person: User, username: str) -> None:
    page = sign_in(client, username, "faux").content.decode()
    assert WRONG in page
    assert f'value="{username}"' in page
    assert "faux" not in page
    assert "sessionid" not in client.cookies


def test_an_inactive_person_is_refused_with_the_same_sentence(client: Client, person: User) -> None:
    User.objects.update(is_active=False)
    assert WRONG in sign_in(client, "soline", PASSWORD).content.decode()


def test_each_empty_field_says_what_to_write(client: Client, db: None) -> None:
    page = sign_in(client, "", "").content.decode()
    assert "Indiquez votre identifiant." in page
    assert "Indiquez votre mot de passe." in page
    assert 'href="#id_username"' in page


@pytest.mark.parametrize("typed", ["\0", "a" * 10_000, "%s{{7*7}}", "🩺", "' or 1=1 --"])
@pytest.mark.parametrize("is_counted", [True, False])
def test_whatever_is_typed_gets_a_page(
    client: Client, person: User, typed: str, is_counted: bool, settings: Settings
) -> None:
    """Counting failures writes the name that was typed, which has its limits."""
    settings.AXES_ENABLED = is_counted
    assert sign_in(client, typed, typed).status_code == 200


def test_next_leads_back_to_where_the_person_was_going(client: Client, person: User) -> None:
    asked = client.get("/mon-compte/jetons/")
    assert asked.url == f"{DOOR}?next=/mon-compte/jetons/"
    assert 'name="next" value="/mon-compte/jetons/"' in client.get(asked.url).content.decode()
    assert sign_in(client, "soline", PASSWORD, next="/mon-compte/jetons/").url == "/mon-compte/jetons/"


@pytest.mark.parametrize("elsewhere", ["https://ailleurs.example/", "//ailleurs.example", "javascript:alert(1)"])
def test_next_never_leaves_the_portal(client: Client, person: User, elsewhere: str) -> None:
    assert sign_in(client, "soline", PASSWORD, next=elsewhere).url == reverse("pages:home")


def test_who_is_signed_in_already_goes_home(client: Client, person: User) -> None:
    client.force_login(person)
    assert client.get(DOOR).url == reverse("pages:home")


def test_a_fragment_of_an_ended_session_reloads_its_page(client: Client, db: None) -> None:
    response = client.get(f"{DOOR}?next=/annuaire/", headers={"HX-Request": "true"})
    assert response["HX-Refresh"] == "true"
    assert not response.content


def test_ten_failures_close_the_door_for_a_quarter_of_an_hour(client: Client, person: User, settings: Settings) -> None:
    settings.AXES_ENABLED = True
    for _ in range(9):
        assert sign_in(client, "soline", "faux").status_code == 200
    response = sign_in(client, "soline", "faux")
    assert response.status_code == 429
    assert response["Retry-After"] == "900"
    assert "15 minutes" in response.content.decode()
    assert sign_in(client, "soline", PASSWORD).status_code == 429
    assert sign_in(client, UserFactory().username, PASSWORD).status_code == 302


def test_signing_out_is_a_post(client: Client, person: User) -> None:
    client.force_login(person)
    assert client.get("/deconnexion/").url == DOOR
    assert client.get("/").status_code == 200
    response = client.post("/deconnexion/", follow=True)
    assert response.request["PATH_INFO"] == DOOR
    assert "Votre session est fermée." in response.content.decode()
    assert client.get("/").status_code == 302


def test_signing_out_twice_asks_nothing_more(client: Client, db: None) -> None:
    assert client.post("/deconnexion/").url == DOOR


def test_demo_logins_show_only_where_the_demo_is_allowed(client: Client, db: None, settings: Settings) -> None:
    settings.DEMO_LOGINS = [("kine", "Masseur-kinésithérapeute")]
    settings.DEMO_PASSWORD = "spico-demo"
    settings.IS_DEMO_ALLOWED = True
    assert "spico-demo" in client.get(DOOR).content.decode()
    settings.IS_DEMO_ALLOWED = False
    page = client.get(DOOR).content.decode()
    assert "spico-demo" not in page
    assert "kine" not in page


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (AccountState.LISTED, AccountState.OPEN),
        (AccountState.OPEN, AccountState.OPEN),
        (AccountState.CLOSED, AccountState.CLOSED),
    ],
)
def test_who_signs_in_uses_spico_from_then_on(
    client: Client, person: User, before: AccountState, after: AccountState
) -> None:
    account = ProfessionalFactory(account__user=person, account__state=before).account
    sign_in(client, person.username, PASSWORD)
    account.refresh_from_db()
    assert account.state == after
