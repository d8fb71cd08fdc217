"""Living with delegations in a real browser: every page on a desk and on a phone, light and dark, 403 included."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from delegations.dates import end_of
from delegations.models import Delegation
from delegations.scopes import Scope
from tests.delegations.people import Cast, account_of, make_cast, person, publish
from tests.e2e.conftest import NARROW, Open, is_fine
from tests.e2e.test_delegations_e2e import statuses
from tests.factories.delegations import DelegationFactory, DelegationRequestFactory, ReferentFactory, ago


@pytest.fixture
def cast(db: None) -> Cast:
    """With something to show on each page: an end that comes, scopes that no longer serve, a past."""
    made = make_cast()
    soon = end_of(timezone.localdate() + timedelta(days=9))
    DelegationFactory(holder=account_of(person("Nadège", "Combettes")), account=made.account, until=soon)
    DelegationFactory(account=made.account, since=ago(days=300), by_referent=True)
    DelegationRequestFactory(account=made.account, accepted=True)
    made.all()
    DelegationFactory(holder=account_of(made.total), account=account_of(made.stranger), scope=Scope.DOSSIER)
    unused = DelegationFactory(holder=account_of(made.total), since=ago(days=300))
    # Somebody else answers there: the last to answer would be warned first.
    ReferentFactory(structure=unused.account.structure)
    publish()
    return made


def open_all(page: Page, paths: list[str]) -> list[int]:
    """Their statuses. The browser, which would complain of a no in its console, takes each page for a good one."""
    found = statuses(page, "**/*")
    live = page.url.split("/", 3)
    for path in paths:
        page.goto("/".join([*live[:3], path.lstrip("/")]))
        is_fine(page)
    assert len(found) == len(paths)
    return found


def of(name: str, row: Delegation) -> str:
    return f"/delegations/{row.pk}/{name}"


def test_the_pages_of_a_holder_are_fine(open_page: Open, cast: Cast) -> None:
    other = Delegation.objects.get(holder__name="Nadège Combettes")
    mine = cast.delegation_of("total")
    page = open_page("/delegations/", cast.total)
    page.get_by_text("Passées", exact=False).first.click()
    is_fine(page)
    found = open_all(
        page,
        [
            "/delegations/?liste=passees",
            *(of(name, mine) for name in ("", "mettre-fin/", "prolonger/", "reduire/")),
            *(of(name, other) for name in ("", "mettre-fin/", "prolonger/", "reduire/")),
            f"/delegations/acces/{cast.account.pk}/",
            f"/delegations/acces/{cast.account.pk}/qui/",
            f"/delegations/acces/{cast.account.pk}/qui/?jour=2026-02-30",
            "/espaces/",
            f"/espaces/{cast.account.pk}/agenda/",
            f"/espaces/{account_of(cast.stranger).pk}/discussions/",
        ],
    )
    # Nobody prolongs their own; a total holder prolongs a colleague's, and does not end it.
    assert found == [200, *(200, 200, 403, 200), *(200, 403, 200, 403), *(200, 200, 400), *(200, 200, 403)]


def test_the_pages_of_the_journal_are_fine(open_page: Open, cast: Cast) -> None:
    page = open_page("/delegations/journal/", cast.referent)
    page.get_by_role("link", name="Cela me surprend").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cet accès vous surprend\N{NARROW NO-BREAK SPACE}?")
    is_fine(page)
    page.get_by_role("button", name="Prévenir le centre de service").click()
    expect(page.get_by_text("Signalé", exact=True)).to_have_count(1)
    paths = ["/delegations/journal/", "/delegations/journal/?du=hier", "/delegations/journal/?acte=case.closed"]
    assert open_all(page, paths) == [200, 400, 200]
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.goto(page.url.split("?")[0])
    cut = "cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth).length"
    assert page.locator("tbody td, tbody th").evaluate_all(cut) == 0


@pytest.mark.parametrize("name", ["attached", "partial", "former", "staff"])
def test_the_pages_that_say_no_are_fine(open_page: Open, cast: Cast, name: str) -> None:
    user: User = getattr(cast, name)
    page = open_page("/delegations/", user)
    is_fine(page)
    paths = [
        f"/delegations/acces/{cast.account.pk}/",
        f"/delegations/acces/{cast.account.pk}/qui/",
        f"/espaces/{cast.account.pk}/dossiers/",
        "/espaces/",
        "/delegations/journal/",
    ]
    assert open_all(page, paths) == [200, 200 if name == "partial" else 403, 403, 200, 200]


@pytest.mark.parametrize("scripts", [True, False])
def test_what_no_longer_serves_is_given_back_in_one_click(open_page: Open, cast: Cast, scripts: bool) -> None:
    page = open_page("/delegations/", cast.total, scripts=scripts)
    page.get_by_role("button", name="Rendre").click()
    expect(page.get_by_text("Vous avez rendu votre délégation")).to_be_visible()
    expect(page.get_by_role("button", name="Rendre")).to_have_count(0)


def test_who_had_access_at_a_past_moment_is_chosen_in_the_page(open_page: Open, cast: Cast) -> None:
    page = open_page(f"/delegations/acces/{cast.account.pk}/qui/", cast.referent)
    expect(page.get_by_role("link", name="Hélène Vaysserat")).to_be_visible()
    page.get_by_label("Le", exact=True).fill("12/03/2026")
    page.get_by_label("À", exact=True).fill("10:00")
    page.get_by_role("button", name="Afficher").click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("Le 12\xa0mars\xa02026 à 10\xa0h\xa000")
    expect(page.get_by_role("link", name="Hélène Vaysserat")).to_have_count(0)


def test_the_journal_is_taken_away_as_a_file(open_page: Open, cast: Cast) -> None:
    page = open_page("/delegations/journal/", cast.total)
    with page.expect_download() as download:
        page.get_by_role("link", name="Exporter (CSV)").click()
    assert download.value.suggested_filename.startswith("journal-spico-")


def test_each_cell_of_my_spaces_leads_to_its_own_space(open_page: Open, cast: Cast) -> None:
    """The whole cell is the link, and nothing beyond it."""
    page = open_page("/espaces/", cast.partial)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    cut = "cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth).length"
    assert page.locator(".spaces li").evaluate_all(cut) == 0
    page.get_by_role("heading", level=1).click()
    expect(page).to_have_url(re.compile("/espaces/$"))
    page.locator(".spaces li", has_text="Tâches").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tâches")
