"""Two browsers on one conversation: what one writes reaches the other, whatever happens to the network or the right."""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account, User
from accounts.states import AccountState
from delegations.models import Delegation
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from spico.embedded.home import PROJECT_ROOT
from spico.embedded.processes import free_port
from spico.embedded.supervisor import answers
from tests.delegations.people import account_of, person, publish
from tests.e2e.conftest import Open, axe_finds_nothing, signed_in
from tests.factories import DelegationFactory, InternalOrganisationFactory
from tests.workspace.making import a_conversation, acting
from workspace.access import participation_or_404
from workspace.models import Conversation, Message, ReadMark
from workspace.services.messages import send_message

# The two seconds that are promised, and as many for a machine that runs other tests.
SOON = 4_000
Refused = Callable[[str, User], Page]
OFFLINE = "Vous êtes hors connexion\u00a0: votre message est gardé ici."


@pytest.fixture(scope="module")
def live_process(live_server: LiveServer) -> Iterator[str]:
    """The process of the streams, on the database of the tests; with pages open, it stops as soon as it is told to."""
    port, database = free_port(), str(connection.settings_dict["NAME"])
    address = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{database}"
    told = {"DATABASE_URL": address, "LIVE_ORIGINS": live_server.url, "DJANGO_SETTINGS_MODULE": "spico.settings.test"}
    words = ["granian", "--interface", "asgi", "spico.asgi:application", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", *words, "--workers", "1", "--no-ws", "--log-level", "error"],
        cwd=PROJECT_ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("COV_")} | told,
    )
    try:
        deadline = time.monotonic() + 30
        while not answers(port):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class Talk:
    """Between a person and a unit, in which a colleague has the discussions."""

    me: User
    one: User
    mine: Account
    unit: Account
    delegation: Delegation
    conversation: Conversation

    def path(self, account: Account) -> str:
        return reverse("spaces:conversation", args=[account.pk, self.conversation.pk])

    def send(self, user: User, account: Account, text: str) -> Message:
        who = acting(user, account, Space.DISCUSSIONS)
        return send_message(who, participation_or_404(who, self.conversation.pk), text, uuid.uuid4())


@pytest.fixture
def talk(db: None) -> Talk:
    me, one = person("Rémi", "Aubrespin"), person("Hélène", "Vaysserat")
    unit = InternalOrganisationFactory(account__state=AccountState.OPEN, name="Unité des Tilleuls").account
    delegation = DelegationFactory(holder=account_of(one), account=unit, scope=Scope.DISCUSSIONS)
    publish()
    mine = account_of(me)
    return Talk(me, one, mine, unit, delegation, a_conversation(acting(me, mine, Space.DISCUSSIONS), unit))


@pytest.fixture
def listened(settings: Settings, live_process: str) -> None:
    settings.LIVE_URL = live_process


@pytest.fixture
def refused_page(browser: Browser, live_server: LiveServer) -> Iterator[Refused]:
    """`open_page` for what the portal refuses, which the console reports as an error."""
    contexts: list[BrowserContext] = []

    def open_it(path: str, user: User) -> Page:
        contexts.append(browser.new_context(locale="fr-FR"))
        signed_in(contexts[-1], live_server, user)
        page = contexts[-1].new_page()
        page.goto(live_server.url + path)
        return page

    yield open_it
    for context in contexts:
        context.close()


def says(page: Page, text: str) -> None:
    """Soon, and once."""
    expect(page.locator("#messages .said").filter(has_text=text)).to_have_count(1, timeout=SOON)


def write(page: Page, text: str) -> None:
    page.get_by_label("Répondre").fill(text)


def is_listening(page: Page) -> None:
    expect(page.locator("#messages[data-listening]")).to_be_attached()


def test_a_message_passes_without_reloading_and_is_sent_once(open_page: Open, talk: Talk, listened: None) -> None:
    mine, theirs = open_page(talk.path(talk.mine), talk.me), open_page(talk.path(talk.unit), talk.one)
    asked: list[str] = []
    for page in (mine, theirs):
        is_listening(page)
        page.on("request", lambda request: asked.append(request.url) if "apres=" in request.url else None)
    write(mine, "Qui passe demain ?")
    mine.get_by_role("button", name="Envoyer").dblclick()
    for page in (mine, theirs):
        says(page, "Qui passe demain ?")
    expect(mine.get_by_label("Répondre")).to_have_value("")
    write(theirs, "Moi, à neuf heures.")
    theirs.get_by_role("button", name="Envoyer").click()
    says(mine, "Moi, à neuf heures.")
    expect(mine.locator("#messages li").last).to_contain_text("Unité des Tilleuls, écrit par Hélène Vaysserat")
    assert Message.objects.count() == 3
    assert not asked
    last = Message.objects.latest("pk").pk
    deadline = time.monotonic() + 10
    while ReadMark.objects.get(user=talk.me).message_id < last:
        assert time.monotonic() < deadline
        mine.wait_for_timeout(100)
    axe_finds_nothing(mine)


def test_the_network_is_cut_and_comes_back(open_page: Open, talk: Talk, listened: None) -> None:
    page = open_page(talk.path(talk.mine), talk.me)
    write(page, "Écrit avant de recharger.")
    page.reload()
    expect(page.get_by_label("Répondre")).to_have_value("Écrit avant de recharger.")
    is_listening(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#etat")).to_have_text(OFFLINE)
    expect(page.get_by_label("Répondre")).to_have_value("Écrit avant de recharger.")
    talk.send(talk.one, talk.unit, "Pendant la coupure, un.")
    talk.send(talk.one, talk.unit, "Pendant la coupure, deux.")
    page.context.set_offline(False)
    for text in ("Pendant la coupure, un.", "Pendant la coupure, deux."):
        says(page, text)
    assert Message.objects.filter(actor=talk.me).count() == 1
    # The answer to the first sending is lost on the way: the second is the same message.
    page.route(f"**{talk.path(talk.mine)}", lambda route: (route.fetch(), route.abort()), times=1)
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#etat")).to_contain_text("il ne partira qu’une fois")
    expect(page.get_by_label("Répondre")).to_have_value("Écrit avant de recharger.")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_label("Répondre")).to_have_value("")
    says(page, "Écrit avant de recharger.")
    page.wait_for_timeout(500)
    says(page, "Écrit avant de recharger.")
    assert Message.objects.filter(actor=talk.me).count() == 2
    numbers = page.locator("#messages li[id]").evaluate_all("rows => rows.map((row) => Number(row.id.slice(2)))")
    assert numbers == sorted(Message.objects.values_list("pk", flat=True))


def test_a_revocation_closes_the_page_and_says_why(open_page: Open, talk: Talk, listened: None) -> None:
    page = open_page(talk.path(talk.unit), talk.one)
    is_listening(page)
    write(page, "Je n’ai pas fini ma phra")
    end_delegation(talk.one, talk.delegation, "", timezone.now())
    talk.send(talk.me, talk.mine, "Après la fin.")
    expect(page.locator("#etat")).to_contain_text(
        "Les discussions de ce compte ne vous sont plus ouvertes.", timeout=SOON
    )
    expect(page.locator("#etat")).to_contain_text("a pris fin")
    expect(page.get_by_role("button", name="Envoyer")).to_be_disabled()
    expect(page.get_by_label("Répondre")).to_have_value("Je n’ai pas fini ma phra")
    expect(page.get_by_text("Après la fin.")).to_have_count(0)
    axe_finds_nothing(page)


def test_without_a_process_of_streams_the_page_asks(open_page: Open, talk: Talk) -> None:
    page = open_page(talk.path(talk.unit), talk.one)
    talk.send(talk.me, talk.mine, "Sans direct.")
    expect(page.get_by_text("Sans direct.")).to_have_count(1, timeout=SOON)
    write(page, "Gardé, puis oublié.")
    kept = "Object.keys(localStorage).filter((name) => name.startsWith('spico:draft:')).length"
    assert page.evaluate(kept) == 1
    page.locator("details.menu summary.me").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_text("Votre session est fermée.")).to_be_visible()
    assert page.evaluate(kept) == 0


def test_without_streams_a_revocation_says_why_too(refused_page: Refused, talk: Talk) -> None:
    page = refused_page(talk.path(talk.unit), talk.one)
    write(page, "Je n’ai pas fini.")
    end_delegation(talk.one, talk.delegation, "", timezone.now())
    expect(page.locator("#etat")).to_contain_text("a pris fin", timeout=SOON)
    expect(page.get_by_role("button", name="Envoyer")).to_be_disabled()
    expect(page.get_by_label("Répondre")).to_have_value("Je n’ai pas fini.")


def test_the_first_message_is_kept_until_it_leaves_and_leaves_once(open_page: Open, talk: Talk) -> None:
    path = f"{reverse('spaces:conversation_begin', args=[talk.mine.pk])}?a={talk.unit.pk}"
    page = open_page(path, talk.me)

    def stands() -> None:
        expect(page.get_by_label("Titre")).to_have_value("Sortie lundi")
        expect(page.get_by_label("Message")).to_have_value("Écrit avant de recharger.")

    page.get_by_label("Titre").fill("Sortie lundi")
    page.get_by_label("Message").fill("Écrit avant de recharger.")
    page.reload()
    stands()
    page.context.set_offline(True)
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#etat")).to_have_text(OFFLINE)
    stands()
    axe_finds_nothing(page)
    page.context.set_offline(False)
    expect(page.locator("#etat")).to_contain_text("de nouveau en ligne")
    # The answer is lost on the way, then the page is loaded again: it is the same message still.
    page.route(f"**{path.partition('?')[0]}*", lambda route: (route.fetch(), route.abort()), times=1)
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#etat")).to_contain_text("il ne partira qu’une fois")
    page.reload()
    stands()
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#h-fil")).to_have_text("Sortie lundi")
    assert Conversation.objects.filter(title="Sortie lundi").count() == 1
    page.goto(f"{page.url.partition('/espaces/')[0]}{path}")
    expect(page.get_by_label("Message")).to_have_value("")


def test_what_the_portal_refuses_of_a_first_message_is_said_and_kept(refused_page: Refused, talk: Talk) -> None:
    page = refused_page(reverse("spaces:conversation_begin", args=[talk.mine.pk]), talk.me)
    page.get_by_label("Titre").fill("Sortie lundi")
    page.get_by_label("Message").fill("À personne encore.")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#destinataires .field-error")).to_be_visible()
    expect(page.get_by_label("Message")).to_have_value("À personne encore.")
    assert Conversation.objects.count() == 1
