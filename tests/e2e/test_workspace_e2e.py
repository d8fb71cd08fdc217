"""The spaces in a real browser: what each scope opens, every kind of page, the keyboard alone, no scripts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.states import AccountState
from delegations.models import Delegation
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from tests.delegations.people import Cast, account_of, make_cast, person, publish
from tests.e2e.conftest import Open, fits_the_screen, is_fine
from tests.e2e.test_delegations_e2e import statuses
from tests.factories import InternalOrganisationFactory
from tests.factories.delegations import DelegationFactory, ago
from tests.workspace.files import pdf
from tests.workspace.making import a_conversation, a_dossier, a_task, acting, an_event
from workspace.models import Confidentiality, Conversation, Document, Dossier, Entry, EntryKind, Event, Task
from workspace.services.documents import add_document
from workspace.services.entries import correct_entry, write_entry
from workspace.services.feeds import create_feed
from workspace.services.participants import archive

PATIENT = "Cazalbou"
DOORS = {"dossiers": Space.DOSSIERS, "agenda": Space.AGENDA, "taches": Space.TASKS, "discussions": Space.DISCUSSIONS}


@dataclass
class House:
    """An account in which something of each kind was written by `total`; `dossier` holds that scope alone."""

    cast: Cast
    by_dossier: User
    dossier: Dossier
    entry: Entry
    document: Document
    event: Event
    task: Task
    conversation: Conversation

    @property
    def here(self) -> str:
        return f"/espaces/{self.cast.account.pk}/"

    def user(self, name: str) -> User:
        return self.by_dossier if name == "dossier" else getattr(self.cast, name)

    @property
    def below(self) -> dict[str, list[str]]:
        """Addresses of what stands in each space."""
        dossier = f"{self.here}dossiers/{self.dossier.pk}/"
        return {
            "dossiers": [
                dossier,
                f"{dossier}cercle/",
                f"{dossier}entrees/{self.entry.pk}/",
                f"{dossier}documents/{self.document.pk}/",
                f"{dossier}imprimer/",
            ],
            "agenda": [f"{self.here}agenda/{self.event.pk}/", f"{self.here}agenda/lien/"],
            "taches": [f"{self.here}taches/{self.task.pk}/"],
            "discussions": [
                f"{self.here}discussions/{self.conversation.pk}/",
                f"{self.here}discussions/{self.conversation.pk}/participants/",
                f"{self.here}discussions/{self.conversation.pk}/messages/?apres=0",
            ],
        }


@pytest.fixture
def house(db: None) -> House:
    cast = make_cast()
    cast.all()
    by_dossier = person("Nadège", "Combettes")
    DelegationFactory(holder=account_of(by_dossier), account=cast.account, scope=Scope.DOSSIER)
    publish()
    at = ago(minutes=9)
    who = {space: acting(cast.total, cast.account, space, at) for space in Space}
    writing = who[Space.DOSSIERS]
    dossier = a_dossier(writing, account_of(cast.stranger), family_name=PATIENT)
    said = ("Poids", "46,2 kg ce matin.", at - timedelta(days=1))
    entry = write_entry(writing, dossier, EntryKind.OBSERVATION, *said, Confidentiality.CIRCLE)
    correct_entry(writing, entry, 1, "Poids", "46,4 kg ce matin.", said[2], Confidentiality.CIRCLE)
    file = SimpleUploadedFile("bilan.pdf", pdf(), "application/pdf")
    words = {"title": "Bilan", "text": "", "happened_at": at, "confidentiality": Confidentiality.ACCOUNT}
    document = add_document(writing, dossier, file=file, **words).document
    event = an_event(who[Space.AGENDA], dossier=dossier)
    a_task(who[Space.TASKS], "Rappeler la pharmacie", due_on=at.date() - timedelta(days=2))
    task = a_task(who[Space.TASKS], dossier=dossier, assignee=account_of(cast.total))
    talk = a_conversation(who[Space.DISCUSSIONS], account_of(cast.stranger))
    return House(cast, by_dossier, dossier, entry, document, event, task, talk)


OPENED = {
    "attached": [],
    "partial": ["discussions"],
    "dossier": ["dossiers", "agenda", "taches"],
    "total": ["dossiers", "agenda", "taches", "discussions"],
}


@pytest.mark.parametrize("name", OPENED)
def test_a_scope_opens_its_spaces_and_nothing_else(open_page: Open, house: House, name: str) -> None:
    """Doors say no with a reason, and nothing exists below them; the counts and the tabs say the same."""
    page = open_page("/espaces/", house.user(name))
    named = page.locator(".panel", has=page.get_by_role("heading", name=house.cast.account.name))
    expect(named).to_have_count(1 if OPENED[name] else 0)
    if OPENED[name]:
        expect(named.locator(".spaces li:not(.shut)")).to_have_count(len(OPENED[name]))
    found, live = statuses(page, "**/espaces/**"), page.url.removesuffix("/espaces/")
    for door in DOORS:
        page.goto(f"{live}{house.here}{door}/")
        is_open = door in OPENED[name]
        assert found.pop() == (200 if is_open else 403)
        if is_open:
            expect(page.get_by_label("Compte au nom duquel vous agissez")).to_contain_text(house.cast.account.name)
        for path in house.below[door]:
            assert page.request.get(live + path).status == (200 if is_open else 404), path
    assert PATIENT not in page.title()
    if "dossiers" in OPENED[name]:
        page.goto(f"{live}{house.here}dossiers/")
        page.get_by_label("Chercher un dossier").fill(PATIENT.lower())
        page.get_by_role("main").get_by_role("button", name="Chercher").click()
        expect(page.get_by_role("link", name=PATIENT)).to_have_count(1)
        assert PATIENT.lower() not in page.url.lower()


def test_a_link_to_an_agenda_opens_it_for_as_long_as_the_scope(open_page: Open, house: House) -> None:
    _, secret = create_feed(acting(house.by_dossier, house.cast.account, Space.AGENDA))
    page = open_page("/", scripts=False)
    address = page.url.split("/connexion")[0].rstrip("/") + f"/agenda/{secret}.ics"
    given = page.request.get(address)
    assert given.status == 200
    assert "BEGIN:VEVENT" in given.text()
    assert PATIENT not in given.text()
    held = Delegation.objects.get(holder=account_of(house.by_dossier))
    end_delegation(house.cast.referent, held, "Départ.", timezone.now())
    assert page.request.get(address).status == 404


# --- Every kind of page --------------------------------------------------------------------------------------------


@pytest.fixture
def visiting(open_page: Open, house: House) -> Iterator[tuple[Page, str]]:
    page = open_page("/espaces/", house.cast.total)
    is_fine(page)
    statuses(page, "**/espaces/**")
    yield page, page.url.removesuffix("/espaces/")


def test_the_pages_of_dossiers_are_fine(visiting: tuple[Page, str], house: House) -> None:
    page, live = visiting
    dossier = house.below["dossiers"][0]
    paths = [
        f"{house.here}dossiers/",
        f"{house.here}dossiers/?liste=archives",
        *house.below["dossiers"][:3],
        f"{dossier}?filtrer=oui",
        f"{dossier}imprimer/",
        f"{dossier}cercle/ajouter/",
        f"{dossier}documents/ajouter/",
        f"{dossier}entrees/{house.entry.pk}/corriger/",
    ]
    for path in paths:
        page.goto(live + path)
        is_fine(page)
    writing = f"dossiers/{house.dossier.pk}/ecrire/event/"
    for path, button in (("dossiers/nouveau/", "Créer le dossier"), (writing, "Écrire dans le dossier")):
        page.goto(live + house.here + path)
        page.get_by_role("button", name=button).click()
        expect(page.locator(".field-error").first).to_be_visible()
        is_fine(page)


def test_the_pages_of_agenda_tasks_and_discussions_are_fine(visiting: tuple[Page, str], house: House) -> None:
    page, live = visiting
    here, talk = house.here, f"{house.here}discussions/{house.conversation.pk}/"
    writing = acting(house.cast.total, house.cast.account, Space.DISCUSSIONS)
    put_away = a_conversation(writing, account_of(house.cast.stranger), title="Congés d’été")
    archive(writing, put_away.participants.get(member=house.cast.account), is_archived=True)
    paths = [
        f"{here}agenda/",
        f"{here}agenda/?vue=liste",
        f"{here}agenda/{house.event.pk}/",
        f"{here}agenda/lien/",
        f"{here}taches/",
        f"{here}taches/?vue=annulees",
        f"{here}taches/{house.task.pk}/",
        f"{here}discussions/",
        f"{here}discussions/?liste=archivees",
        talk,
        f"{talk}participants/",
        f"{talk}dossier/",
    ]
    for path in paths:
        page.goto(live + path)
        # So that a list of another name, which shows another one, is not taken for it.
        expect(page.get_by_role("link", name="Congés d’été")).to_have_count(1 if path.endswith("archivees") else 0)
        is_fine(page)
    for path, button in (("agenda/nouveau/", "Ajouter à l’agenda"), ("discussions/ecrire/", "Envoyer")):
        page.goto(live + here + path)
        page.get_by_role("button", name=button).click()
        expect(page.locator(".field-error").first).to_be_visible()
        is_fine(page)


def test_the_pages_of_ones_own_account_are_fine(open_page: Open, house: House) -> None:
    own = account_of(house.cast.stranger)
    page = open_page(f"/espaces/{own.pk}/discussions/{house.conversation.pk}/", house.cast.stranger)
    is_fine(page)
    page.goto(page.url.split("discussions")[0] + f"dossiers/{house.dossier.pk}/")
    is_fine(page)
    expect(page.locator(".acting")).to_have_count(0)


# --- Two accounts at once --------------------------------------------------------------------------------------------


def test_two_tabs_in_two_accounts_never_mix(open_page: Open, house: House) -> None:
    """One session. Forms are opened in turn, then filled in and sent in the other order: each writes in its account,
    says so, and finds there what it wrote alone."""
    user, first = house.cast.total, house.cast.account
    second = InternalOrganisationFactory(account__state=AccountState.OPEN, name="Unité des Tilleuls").account
    DelegationFactory(holder=account_of(user), account=second)
    publish()
    pages = [open_page("/espaces/", user)]
    pages.append(pages[0].context.new_page())
    live, tabs = pages[0].url.removesuffix("/espaces/"), list(zip(pages, (first, second), strict=True))

    for door, label, button in (
        ("taches/nouvelle/", "À faire", "Ajouter la tâche"),
        ("agenda/nouveau/", "Titre", "Ajouter à l’agenda"),
    ):
        for page, account in tabs:
            page.goto(f"{live}/espaces/{account.pk}/{door}")
        for page, account in tabs:
            page.get_by_label(label, exact=True).fill(f"Pour {account.name}")
        for page, account in reversed(tabs):
            page.get_by_role("button", name=button).click()
            expect(page.get_by_role("heading", level=1)).to_contain_text(f"Pour {account.name}")
            expect(page.get_by_label("Compte au nom duquel vous agissez")).to_contain_text(account.name)
    for model in (Task, Event):
        made = model.objects.filter(title__startswith="Pour ").select_related("account")
        assert {(row.title, row.account) for row in made} == {(f"Pour {one.name}", one) for one in (first, second)}

    # What one tab did is not what the other shows, not even when it comes back.
    for page, account in tabs:
        page.go_back()
        page.goto(f"{live}/espaces/{account.pk}/taches/?vue=libres")
        other = second if account == first else first
        expect(page.get_by_role("link", name=f"Pour {account.name}")).to_be_visible()
        expect(page.get_by_text(f"Pour {other.name}")).to_have_count(0)


# --- Other ways to use them -----------------------------------------------------------------------------------------


FOCUSED_IS = """name => {
    const here = document.activeElement;
    return (here.labels?.[0] || here).textContent.includes(name);
}"""


def tab_to(page: Page, name: str) -> None:
    """With the keyboard alone: at most sixty steps away."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED_IS, name):
            return
    pytest.fail(f"The keyboard does not reach « {name} ».")


def test_an_entry_is_written_with_the_keyboard_alone(open_page: Open, house: House) -> None:
    page = open_page(house.below["dossiers"][0], house.by_dossier)
    tab_to(page, "Écrire une observation")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Titre")).to_be_visible()
    tab_to(page, "Titre")
    page.keyboard.type("Bonne nuit")
    tab_to(page, "Texte")
    page.keyboard.type("A dormi sans se lever.")
    tab_to(page, "Écrire dans le dossier")
    page.keyboard.press("Enter")
    expect(page.get_by_text("C’est écrit dans le dossier.")).to_be_visible()
    expect(page.get_by_text(f"{house.cast.account.name}, par Nadège Combettes")).to_be_visible()


def test_without_scripts_one_reads_writes_and_ticks_off(open_page: Open, house: House) -> None:
    page = open_page(f"{house.here}discussions/{house.conversation.pk}/", house.cast.total, scripts=False, narrow=True)
    page.get_by_label("Répondre").fill("Nous passerons demain.")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_text("Nous passerons demain.")).to_have_count(1)
    page.goto(page.url.split("discussions")[0] + "taches/")
    page.get_by_role("button", name="C’est fait").first.click()
    expect(page.get_by_role("link", name="Faites 1")).to_be_visible()
    fits_the_screen(page)
