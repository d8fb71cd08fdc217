"""What somebody typed without a space keeps to the width of each page, on a desk and on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from delegations.scopes import Space
from tests.delegations.people import Cast, account_of, make_cast
from tests.e2e.conftest import NARROW, WIDE, Open, fits_the_screen
from tests.workspace.making import a_conversation, a_dossier, a_task, acting, an_event
from workspace.services.entries import write_entry

LONG = "X" * 100


def keeps_to_its_width(page: Page) -> None:
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        fits_the_screen(page)


@pytest.fixture
def addresses(db: None) -> tuple[Cast, list[str]]:
    cast = make_cast()
    cast.all()
    who = {space: acting(cast.total, cast.account, space) for space in Space}
    in_dossiers = who[Space.DOSSIERS]
    dossier = a_dossier(in_dossiers, family_name=LONG, given_names=LONG)
    entry = write_entry(in_dossiers, dossier, "event", LONG, LONG * 3, in_dossiers.at, "circle")
    event = an_event(who[Space.AGENDA], LONG, place=LONG, notes=LONG)
    task = a_task(who[Space.TASKS], LONG, notes=LONG)
    talk = a_conversation(who[Space.DISCUSSIONS], account_of(cast.stranger), title=LONG, text=LONG * 3)

    def at(name: str, *keys: object) -> str:
        return reverse(f"spaces:{name}", args=[cast.account.pk, *keys])

    return cast, [
        *(at("space", space) for space in Space),
        *(at(name, dossier.pk) for name in ("dossier", "dossier_print", "circle", "dossier_identity")),
        at("entry", dossier.pk, entry.pk),
        *(at(name, event.pk) for name in ("event", "event_change", "event_cancel")),
        *(at(name, task.pk) for name in ("task", "task_change")),
        *(at(name, talk.pk) for name in ("conversation", "participants", "conversation_title")),
    ]


def test_no_page_grows_wider_than_the_screen(open_page: Open, addresses: tuple[Cast, list[str]]) -> None:
    cast, paths = addresses
    page = open_page(paths[0], cast.total)
    root = page.url.partition("/espaces/")[0]
    wide = []
    for path in paths:
        page.goto(root + path)
        try:
            keeps_to_its_width(page)
        except AssertionError:
            wide.append(path.split("/", 3)[3])
    assert not wide
