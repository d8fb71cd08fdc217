"""The directory in a real browser: searched, ticked, filtered by the map, opened, with and without JavaScript."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from directory.models import Commune, Structure
from directory.search.projection import refresh
from tests.e2e.conftest import Open, axe_finds_nothing, fits_the_screen
from tests.factories import AttachmentFactory, InternalOrganisationFactory, ProfessionalFactory, StructureFactory

SEARCH = "/annuaire/"


@pytest.fixture
def region(nurse: User) -> Structure:
    """A small region: an EHPAD in Aveyron with a unit and people, a hospital in Haute-Garonne, a closed clinic."""
    espalion, toulouse = Commune.objects.get(pk="12096"), Commune.objects.get(pk="31555")
    ehpad = StructureFactory(
        finess="12D000017",
        name="EHPAD Les Genêts du Causse",
        category_id="500",
        commune=espalion,
        city="ESPALION",
        postal_code="12500",
        department_id="12",
        phone="0536490017",
    )
    StructureFactory(
        finess="31D000012", name="CHU de la Garonne", category_id="101", commune=toulouse, department_id="31"
    )
    StructureFactory(finess="12D000025", name="Clinique du Viaur", commune=espalion, department_id="12", closed=True)
    top = InternalOrganisationFactory(structure=ehpad, name="Pôle hébergement")
    InternalOrganisationFactory(structure=ehpad, parent=top, name="Unité des Tilleuls")
    AttachmentFactory(professional=nurse.account.professional, internal_organisation=top)
    for number in range(25):
        person = ProfessionalFactory(given_name="Paulin", family_name=f"Estorgues-{number:02d}", profession_id="70")
        AttachmentFactory(professional=person, structure=ehpad)
    for kind in ("structure", "unit", "professional"):
        refresh(kind)
    return ehpad


def search_for(page: Page, text: str) -> None:
    page.get_by_label("Nom, commune, numéro FINESS ou RPPS").fill(text)


def click_on_the_map(page: Page, department: str) -> None:
    """Where its count is written: the middle of its box may lie in a neighbour."""
    place = page.locator(f"#n-{department}").bounding_box()
    assert place
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)


def test_answers_come_while_typing(open_page: Open, nurse: User, region: Structure) -> None:
    page = open_page(SEARCH, nurse)
    search_for(page, "genets du cau")
    expect(page.get_by_role("heading", name="1 résultat")).to_be_visible()
    expect(page).to_have_url(re.compile(r"q=genets"))
    page.get_by_role("link", name="EHPAD Les Genêts du Causse").click()
    expect(page.get_by_role("heading", level=1, name="EHPAD Les Genêts du Causse")).to_be_visible()
    expect(page.get_by_text("Vous y êtes rattachée, sans accès")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_kinds_are_ticked_with_the_count_they_would_give(
    open_page: Open, nurse: User, region: Structure, scripts: bool
) -> None:
    page = open_page(f"{SEARCH}?q=estorgues&kind=structure", nurse, scripts=scripts)
    professionals = page.get_by_role("checkbox", name=re.compile("Professionnels 25"))
    expect(page.get_by_role("checkbox", name=re.compile("Établissements 0"))).to_be_checked()
    expect(professionals).not_to_be_checked()
    professionals.check()
    if not scripts:
        page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("heading", name="25 résultats")).to_be_visible()
    page.get_by_role("link", name="Plus de résultats").click()
    expect(page.get_by_role("heading", level=3)).to_have_count(25 if scripts else 5)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_map_filters_and_the_address_can_be_shared(
    open_page: Open, nurse: User, region: Structure, scripts: bool
) -> None:
    page = open_page(SEARCH, nurse, scripts=scripts)
    expect(page.get_by_role("heading", name="2 résultats")).to_be_visible()
    click_on_the_map(page, "31")
    expect(page.get_by_role("heading", name="1 résultat en Haute-Garonne")).to_be_visible()
    shared = open_page("/" + page.url.split("/", 3)[3], nurse, scripts=scripts)
    expect(shared.get_by_role("link", name="CHU de la Garonne")).to_be_visible()
    page.get_by_role("link", name="Haute-Garonne : enlever ce filtre").click()
    expect(page.get_by_role("heading", name="2 résultats")).to_be_visible()


def test_the_map_answers_to_the_keyboard(open_page: Open, nurse: User, region: Structure) -> None:
    page = open_page(SEARCH, nurse)
    page.get_by_role("link", name="Aveyron : 1 résultat").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 résultat en Aveyron")).to_be_visible()
    expect(page.get_by_role("link", name="Aveyron : 1 résultat")).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_commune_is_found_by_its_postal_code(open_page: Open, nurse: User, region: Structure, scripts: bool) -> None:
    page = open_page(SEARCH, nurse, scripts=scripts)
    page.get_by_label("Commune", exact=True).fill("31000")
    page.get_by_role("button", name="Appliquer les filtres").click()
    expect(page.get_by_role("link", name="Toulouse : enlever ce filtre")).to_be_visible()
    expect(page.get_by_role("heading", name="1 résultat")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_closed_structure_is_found_only_when_asked_for(
    open_page: Open, nurse: User, region: Structure, scripts: bool
) -> None:
    page = open_page(f"{SEARCH}?q=viaur", nurse, scripts=scripts)
    expect(page.get_by_role("heading", name="Aucun établissement ne correspond")).to_be_visible()
    page.get_by_role("checkbox", name="Aussi ce qui a fermé").check()
    if not scripts:
        page.get_by_role("button", name="Appliquer les filtres").click()
    page.get_by_role("link", name="Clinique du Viaur").click()
    expect(page.get_by_text("Cet établissement a fermé.")).to_be_visible()


def test_other_kinds_are_a_way_on(open_page: Open, nurse: User, region: Structure) -> None:
    page = open_page(f"{SEARCH}?q=tilleuls", nurse, scripts=False)
    expect(page.get_by_role("heading", name="Aucun établissement ne correspond")).to_be_visible()
    page.get_by_role("link", name="Unités et services : 1 résultat").click()
    expect(page.get_by_role("link", name="Unité des Tilleuls")).to_be_visible()


def test_the_nearest_spelling_is_offered_and_labelled(open_page: Open, nurse: User, region: Structure) -> None:
    page = open_page(f"{SEARCH}?q=garone", nurse)
    expect(page.get_by_role("heading", name="1 résultat, orthographe approchée")).to_be_visible()
    expect(page.get_by_role("link", name="CHU de la Garonne")).to_be_visible()


@pytest.mark.parametrize(("narrow", "dark"), [(False, False), (True, True)])
def test_every_page_of_the_directory_passes_axe(
    open_page: Open, nurse: User, region: Structure, narrow: bool, dark: bool
) -> None:
    unit = region.internal_organisations.get(name="Pôle hébergement")
    pages = [
        SEARCH,
        f"{SEARCH}?q=genets&kind=structure&kind=unit&kind=professional&department=12",
        f"{SEARCH}?q=garone",
        f"{SEARCH}?q=rien+du+tout",
        f"{SEARCH}?town=nullepart",
        region.get_absolute_url(),
        reverse("directory:people", args=[region.finess]),
        unit.get_absolute_url(),
        nurse.account.professional.get_absolute_url(),
        "/annuaire/structures/12D000025/",
    ]
    page = open_page(SEARCH, nurse, narrow=narrow, dark=dark)
    for path in pages:
        page.goto(page.url.split("/annuaire")[0] + path)
        axe_finds_nothing(page)
        fits_the_screen(page)
