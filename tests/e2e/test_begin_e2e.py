"""The first message of a conversation, as its script sends it: nothing is tried that the page knows to be missing."""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from delegations.scopes import Space
from tests.delegations.people import account_of, person, publish
from tests.e2e.conftest import Open, signed_in
from tests.e2e.test_delegations_e2e import statuses
from tests.workspace.making import a_conversation, acting
from workspace.models import Conversation, Message


@pytest.mark.parametrize("scripts", [True, False])
def test_what_is_missing_is_asked_for_once_and_complains_of_nothing(open_page: Open, scripts: bool) -> None:
    user, other = person("Rémi", "Aubrespin"), person("Hélène", "Vaysserat")
    publish()
    begin = reverse("spaces:conversation_begin", args=[account_of(user).pk])
    page = open_page(f"{begin}?a={account_of(other).pk}", user, scripts=scripts)
    answers = statuses(page, f"**{begin}*")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method) if begin in request.url else None)
    page.get_by_label("Titre").fill("Sortie lundi")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("link", name="Message : Écrivez un message.")).to_be_visible()
    expect(page.get_by_label("Titre")).to_have_value("Sortie lundi")
    assert (answers, asked) == ([400], ["POST"])
    page.get_by_label("Message").fill("Bonjour.")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#h-fil")).to_have_text("Sortie lundi")
    assert Conversation.objects.count() == 1


def test_what_is_too_long_to_be_read_at_all_is_told_and_kept(browser: Browser, live_server: LiveServer) -> None:
    user, other = person("Rémi", "Aubrespin"), person("Hélène", "Vaysserat")
    publish()
    who = acting(user, account_of(user), Space.DISCUSSIONS)
    talk = a_conversation(who, account_of(other))
    context = browser.new_context(locale="fr-FR")
    signed_in(context, live_server, user)
    page = context.new_page()
    page.goto(live_server.url + reverse("spaces:conversation", args=[who.account.pk, talk.pk]))
    field = page.get_by_label("Répondre")
    field.evaluate("(field) => { field.value = 'é'.repeat(600_000); }")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#etat")).to_contain_text("bien trop long")
    assert field.evaluate("(field) => field.value.length") == 600_000
    assert Message.objects.count() == 1
    context.close()
