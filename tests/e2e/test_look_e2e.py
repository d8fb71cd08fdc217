"""The common pages in a real browser: signed in by hand, light and dark, wide and narrow, without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.tokens import create_token
from tests.e2e.conftest import Open, axe_finds_nothing, is_fine
from tests.factories import AttachmentFactory, StructureFactory, UserFactory
from tests.factories.accounts import PASSWORD

TEXTS = ["/mentions-legales/", "/accessibilite/", "/donnees-personnelles/", "/sources/"]
MINE = ["/", "/mon-compte/", "/mon-compte/jetons/", "/mon-compte/mot-de-passe/", "/composants/"]
ERRORS = [400, 403, 404, 429, 500]


def sign_in(page: Page, username: str, password: str) -> None:
    page.get_by_label("Identifiant").fill(username)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter").click()


@pytest.fixture
def settled(user: User) -> User:
    """With a place of work and a token, so that their pages have something to show."""
    AttachmentFactory(professional=user.account.professional, structure=StructureFactory())
    create_token(user, "Logiciel métier", may_write=True)
    return user


@pytest.mark.parametrize("path", ["/connexion/", *TEXTS])
def test_public_pages_are_fine(open_page: Open, db: None, path: str) -> None:
    is_fine(open_page(path))


@pytest.mark.parametrize("path", MINE)
def test_pages_behind_sign_in_are_fine(open_page: Open, settled: User, path: str) -> None:
    is_fine(open_page(path, settled))


@pytest.mark.parametrize("code", ERRORS)
def test_error_pages_are_fine(open_page: Open, live_server: LiveServer, user: User, code: int) -> None:
    def as_a_page(route: Route) -> None:
        route.fulfill(response=route.fetch(), status=200)

    page = open_page("/mentions-legales/", user)
    page.route("**/composants/erreur/**", as_a_page)
    page.goto(f"{live_server.url}/composants/erreur/{code}/")
    expect(page.get_by_text(f"Erreur {code}")).to_be_visible()
    is_fine(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_person_signs_in_goes_where_they_were_going_and_leaves(open_page: Open, db: None, scripts: bool) -> None:
    UserFactory(username="soline", first_name="Soline", last_name="Carbonnac")
    page = open_page("/mon-compte/jetons/", scripts=scripts)
    expect(page).to_have_url(re.compile(r"/connexion/\?next="))
    sign_in(page, "soline", "faux")
    expect(page.get_by_role("alert")).to_contain_text("n’est pas le bon")
    expect(page.get_by_label("Identifiant")).to_have_value("soline")
    sign_in(page, "soline", PASSWORD)
    expect(page.get_by_role("heading", level=1, name="Jetons d’API")).to_be_visible()
    page.locator("details.menu > summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_text("Votre session est fermée.")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_token_is_made_copied_and_revoked(open_page: Open, user: User, scripts: bool) -> None:
    page = open_page("/mon-compte/jetons/", user, scripts=scripts)
    page.get_by_label("Nom du jeton").fill("Export")
    page.get_by_role("button", name="Créer le jeton").click()
    expect(page.get_by_label("Jeton", exact=True)).to_have_value(re.compile(r"^[0-9a-f]{64}$"))
    expect(page.get_by_role("button", name="Copier le jeton")).to_have_count(1 if scripts else 0)
    page.get_by_role("link", name="Révoquer le jeton Export").click()
    page.get_by_role("button", name="Révoquer le jeton").click()
    expect(page.get_by_text("Aucun jeton")).to_be_visible()


def test_the_chosen_appearance_wins_over_the_device(open_page: Open, user: User) -> None:
    page = open_page("/mon-compte/", user)
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("label", has_text="Sombre").click()
    page.get_by_role("button", name="Enregistrer l’apparence").click()
    expect(page.get_by_text("L’apparence est enregistrée.")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_the_keyboard_reaches_the_page_first_then_closes_the_menu(open_page: Open, user: User) -> None:
    page = open_page("/", user)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    menu = page.locator("details.menu")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    axe_finds_nothing(page)
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()


def test_the_search_of_the_header_leads_to_the_directory(open_page: Open, user: User) -> None:
    page = open_page("/mon-compte/", user, scripts=False)
    page.get_by_label("Chercher dans l’annuaire").fill("gériatrie")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/annuaire/\?q=g%C3%A9riatrie"))


def test_targets_of_a_phone_are_large(open_page: Open, settled: User) -> None:
    """44 pixels, but for a link inside a sentence."""
    page = open_page("/", settled, narrow=True)
    small = page.evaluate(
        """[...document.querySelectorAll("a, button, summary")]
            .filter((e) => e.checkVisibility() && !e.closest(".skip") && !e.classList.contains("stretched"))
            .filter((e) => e.getBoundingClientRect().height < 43.5)
            .map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert small == []
