import pytest
from django.test import Client

from accounts.models import User
from tests.factories import ProfessionalFactory, UserFactory
from tests.factories.accounts import PASSWORD

PAGE = "/mon-compte/"
NEW = "un-tout-autre-secret"


@pytest.fixture
def person(db: None, client: Client) -> User:
    person = ProfessionalFactory(signed_in=True, given_name="Soline", family_name="Carbonnac").account.user
    client.force_login(person)
    return person


def test_the_page_says_who_i_am_and_leads_to_my_listing(client: Client, person: User) -> None:
    page = client.get(PAGE).content.decode()
    assert "Soline Carbonnac" in page
    assert person.username in page
    assert person.account.professional.get_absolute_url() in page


def test_without_a_listing_the_page_says_so(client: Client, db: None) -> None:
    client.force_login(UserFactory())
    assert "Aucune fiche n’est liée à cet identifiant." in client.get(PAGE).content.decode()


@pytest.mark.parametrize(("theme", "attribute"), [("dark", 'data-bs-theme="dark"'), ("light", 'data-bs-theme="light"')])
def test_the_chosen_appearance_is_on_every_page(client: Client, person: User, theme: str, attribute: str) -> None:
    page = client.post("/mon-compte/apparence/", {"theme": theme}, follow=True).content.decode()
    assert "L’apparence est enregistrée." in page
    assert f'<html lang="fr" {attribute}>' in page
    assert f'<html lang="fr" {attribute}>' in client.get("/mentions-legales/").content.decode()


def test_appearance_returns_to_that_of_the_device(client: Client, person: User) -> None:
    User.objects.update(theme="dark")
    page = client.post("/mon-compte/apparence/", {"theme": ""}, follow=True).content.decode()
    assert '<html lang="fr">' in page


@pytest.mark.parametrize("theme", ["fuchsia", "\0", "a" * 10_000])
def test_an_unknown_appearance_changes_nothing(client: Client, person: User, theme: str) -> None:
    page = client.post("/mon-compte/apparence/", {"theme": theme}, follow=True).content.decode()
    assert "Cette apparence n’existe pas" in page
    person.refresh_from_db()
    assert person.theme == ""


def test_the_password_changes_and_other_devices_are_signed_out(client: Client, person: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(person)
    data = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    response = client.post("/mon-compte/mot-de-passe/", data, follow=True)
    assert "Le mot de passe est changé." in response.content.decode()
    assert elsewhere.get("/").status_code == 302
    assert Client().login(username=person.username, password=NEW)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("faux", NEW, NEW), "Ce n’est pas votre mot de passe actuel."),
        ((PASSWORD, NEW, NEW + "x"), "Les deux nouveaux mots de passe diffèrent."),
        ((PASSWORD, "court", "court"), "12"),
        ((PASSWORD, "", ""), "Remplissez ce champ."),
    ],
)
def test_a_password_that_does_not_do_is_refused(
    client: Client, person: User, typed: tuple[str, str, str], sentence: str
) -> None:
    data = dict(zip(["old_password", "new_password1", "new_password2"], typed, strict=True))
    page = client.post("/mon-compte/mot-de-passe/", data).content.decode()
    assert sentence in page
    assert Client().login(username=person.username, password=PASSWORD)


def test_the_menu_shows_the_administration_to_the_service_centre_alone(
    client: Client, person: User, service_centre: User
) -> None:
    assert "/administration/" not in client.get(PAGE).content.decode()
    client.force_login(service_centre)
    assert "/administration/" in client.get(PAGE).content.decode()
