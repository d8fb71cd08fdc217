"""How a patient was informed, said after an emergency: by the keyboard, without scripts, on a desk and a phone."""

import pytest
from django.urls import reverse
from django.utils import timezone

from delegations.scopes import Space
from spico.web.typography import NBSP, french_date
from tests.delegations.people import Cast, account_of, make_cast
from tests.e2e.conftest import Open, is_fine
from tests.workspace.making import a_dossier, acting
from workspace.services.circles import Told, add_members

SAY = "Dire comment le patient a été informé"


@pytest.fixture
def circle(db: None) -> tuple[Cast, str]:
    """Its address; one account was brought in by an emergency."""
    cast = make_cast()
    cast.all()
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    dossier = a_dossier(who)
    add_members(who, dossier, [account_of(cast.stranger).pk], Told("emergency", None))
    return cast, reverse("spaces:circle", args=[cast.account.pk, dossier.pk])


def test_both_pages_are_fine(open_page: Open, circle: tuple[Cast, str]) -> None:
    cast, address = circle
    page = open_page(address, cast.total)
    is_fine(page)
    page.get_by_role("link", name=SAY).click()
    is_fine(page)


def test_it_is_said_by_the_keyboard_and_without_scripts(open_page: Open, circle: tuple[Cast, str]) -> None:
    cast, address = circle
    page = open_page(address, cast.total, scripts=False)
    page.get_by_role("link", name=SAY).press("Enter")
    page.get_by_label("Comment le patient").focus()
    page.keyboard.press("p")  # « Par écrit »
    page.keyboard.press("Tab")
    page.keyboard.type(timezone.localdate().strftime("%d/%m/%Y"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")
    told = page.get_by_role("listitem").filter(has_text="Rémi Aubrespin").inner_text()
    assert f"patient informé par écrit le {french_date(timezone.localdate())}" in told.replace("\u202f", NBSP)
    assert page.get_by_text("Patient pas encore informé").count() == 0
