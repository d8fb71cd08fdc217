"""The bell and the list in a real browser: light and dark, wide and narrow, without JavaScript."""

import pytest
from playwright.sync_api import expect

from accounts.models import Notification, User
from tests.accounts.telling import told
from tests.e2e.conftest import Open, is_fine

LONG = (
    "EHPAD Les Genêts du Causse et de la vallée du Lot : Maëlle Vaysserat demande une délégation totale sur ce compte."
)


@pytest.fixture
def busy(user: User) -> User:
    for number in range(31):
        told(user, text=LONG if number % 3 else f"Votre demande n° {number} a reçu une réponse.")
    for number in range(70):
        told(user, text=f"Une délégation prend fin bientôt, n° {number}.", path="")
    return user


def test_the_list_is_fine(open_page: Open, busy: User) -> None:
    page = open_page("/notifications/", busy)
    expect(page.get_by_role("heading", level=1)).to_have_text("Notifications")
    expect(page.get_by_role("link", name="101 notifications non lues")).to_be_visible()
    expect(page.locator(".bell .count")).to_have_text("99+")
    is_fine(page)


def test_an_empty_list_is_fine(open_page: Open, user: User) -> None:
    page = open_page("/notifications/", user)
    expect(page.get_by_role("link", name="Notifications : aucune non lue")).to_be_visible()
    is_fine(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no_scripts"])
def test_one_is_opened_then_all_are_marked(open_page: Open, user: User, scripts: bool) -> None:
    told(user, text="Une première phrase.", path="/annuaire/")
    told(user, text="Une seconde phrase.", path="/annuaire/")
    page = open_page("/", user, scripts=scripts, narrow=True)
    page.get_by_role("link", name="2 notifications non lues").click()
    page.get_by_role("link", name="Une première phrase.").click()
    page.wait_for_url("**/annuaire/")
    page.get_by_role("link", name="1 notification non lue").click()
    page.get_by_role("button", name="Tout marquer comme lu").click()
    expect(page.get_by_text("Tout est marqué comme lu.")).to_be_visible()
    expect(page.get_by_text("Non lue", exact=True)).to_have_count(0)
    assert not Notification.objects.filter(read_at=None).exists()
