"""A real headless Chromium: found or installed, never skipped. Pages are served by Django's live server."""

import os
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from spico.embedded.chromium import find_or_install
from tests.factories import ProfessionalFactory

# Playwright runs its own event loop in the thread of the test, which Django takes for an asynchronous view.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 375, "height": 800}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    return {"executable_path": str(find_or_install()), "args": QUIET, "headless": True}


@pytest.fixture
def nurse(db: None) -> User:
    person = ProfessionalFactory(signed_in=True, given_name="Bénédicte", family_name="Lagarrousse", profession_id="60")
    return person.account.user


def signed_in(context: BrowserContext, live_server: LiveServer, user: User) -> None:
    """The session that a sign-in makes; the sign-in page has its own test."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.PasswordBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key or "", "url": live_server.url}]
    )


Open = Callable[..., Page]
# htmx says so when a newer search replaces one that was under way.
REPLACED = ("htmx:sendAbort", "htmx:afterRequest")
# The browser says so where a test has cut the network.
CUT = ("Failed to load resource: net::ERR_INTERNET_DISCONNECTED", "Failed to load resource: net::ERR_FAILED")


def _is_a_complaint(message: ConsoleMessage) -> bool:
    return message.type == "error" and not message.text.startswith((*REPLACED, *CUT))


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[Open]:
    """`open_page("/annuaire/", user=…, scripts=False, narrow=True, dark=True)`.

    An error in the console fails the test when it ends: a refused script or style is one.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_it(
        path: str, user: User | None = None, scripts: bool = True, narrow: bool = False, dark: bool = False
    ) -> Page:
        context = browser.new_context(
            java_script_enabled=scripts,
            viewport=NARROW if narrow else WIDE,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            locale="fr-FR",
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        if user:
            signed_in(context, live_server, user)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if _is_a_complaint(message) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(live_server.url + path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not complaints, complaints


# Nothing is loaded once more for axe: no rule of these pages asks for it.
AXE = """([context, rules]) => axe.run(
    context ? {exclude: document.querySelectorAll(context)} : document,
    {resultTypes: ['violations'], preload: false, ...rules},
).then(told => told.violations)"""
COLOURS = ["color-contrast", "link-in-text-block"]


def axe_finds_nothing(page: Page, alike: str = "") -> None:
    """Every rule of axe, best practices included. Its script stays in the page; only faults come back.

    `alike`: a selector of parts that are drawn as others of the page are, whose colours are not looked at too: most of
    the time of a long page.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    runs: list[tuple[str, object]] = [("", {})]
    if alike:
        runs = [("", {"rules": {name: {"enabled": False} for name in COLOURS}}), (alike, {"runOnly": COLOURS})]
    found = [fault for run in runs for fault in page.evaluate(AXE, run)]
    assert not found, AxeResults({"violations": found, "url": page.url}).generate_report()


def fits_the_screen(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


# What depends on the width does not depend on the colours: two of the four ways to show a page find as much.
SHOWN = [("light", WIDE), ("dark", NARROW)]


def is_fine(page: Page) -> None:
    """On a desk in light colours, on a phone in dark ones."""
    for scheme, size in SHOWN:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        axe_finds_nothing(page)
        fits_the_screen(page)
