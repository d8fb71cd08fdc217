import re

import pytest

from accounts.models import User
from tests.e2e.conftest import Open, axe_finds_nothing, fits_the_screen

DOCS = "/api/v1/docs/"
# A hundred panels are of three sorts: all those that have a form are looked at, and one in seven of the others.
ALIKE = "section.panel:not(:nth-of-type(7n + 1), :has(form))"


@pytest.mark.parametrize(("narrow", "dark"), [(False, False), (True, True)])
def test_the_documentation_of_the_api_is_whole_under_the_policy(
    open_page: Open, nurse: User, narrow: bool, dark: bool
) -> None:
    page = open_page(DOCS, user=nurse, narrow=narrow, dark=dark)

    page.get_by_role("heading", name="API de SPICO").wait_for()
    for form in page.get_by_text("Essayer", exact=True).all():
        form.click()
    axe_finds_nothing(page, ALIKE)
    fits_the_screen(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_search_of_the_api_is_tried_from_its_documentation(open_page: Open, nurse: User, scripts: bool) -> None:
    page = open_page(DOCS, user=nurse, scripts=scripts)
    # An answer in JSON names no icon, so the browser asks for the one of last century.
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))

    search = page.get_by_role("region", name="Chercher dans l’annuaire")
    search.get_by_text("Essayer", exact=True).click()
    search.get_by_label("q", exact=True).fill("lagarrousse")
    search.get_by_label("Professionnel", exact=True).check()
    search.get_by_role("button", name="Voir la réponse").click()

    page.wait_for_url(re.compile(r"/api/v1/directory/\?q=lagarrousse&kind=professional"))
    assert '"count_is_exact"' in page.content()
