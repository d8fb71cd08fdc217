"""The tasks of an account, through its pages: who adds, changes, takes, does, reopens; who is told."""

import re
import uuid
from datetime import date

import pytest

from accounts.models import Account, JournalEntry, Notification, OutgoingMail, User
from accounts.states import AccountState
from delegations.scopes import Scope, Space
from tests.delegations.people import Cast, account_of, client_of, person, publish
from tests.factories.delegations import DelegationFactory
from tests.workspace.making import a_dossier, acting
from tests.workspace.task_pages import ACTS, at, door, task_of, text, titles, typed
from workspace.models import Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(cast: Cast) -> User:
    """Who holds dossiers, agenda and tasks of the same account."""
    found = person("Rémi", "Aubrespin")
    DelegationFactory(holder=account_of(found), account=cast.account, scope=Scope.DOSSIER)
    publish()
    return found


# --- Adding and changing ---------------------------------------------------------------------------------------------


def test_a_task_says_what_was_typed_and_in_whose_name(cast: Cast, colleague: User) -> None:
    mine = account_of(colleague)
    response = cast.client("total").post(
        at("task_add", cast.account), typed(assignee=str(mine.pk), title=" Rappeler\x00 le\n fournisseur "), follow=True
    )
    task, page = Task.objects.get(), text(response)
    assert (task.title, task.due_on, task.assignee) == ("Rappeler le fournisseur", date(2026, 12, 1), mine)
    assert "EHPAD Les Genêts du Causse, par Hélène Vaysserat" in page
    assert "Rémi Aubrespin" in page
    assert "Rappeler" not in page.split("</title>")[0]
    entry = JournalEntry.objects.get(verb="task.created")
    assert (entry.object_key, entry.account, entry.details) == (str(task.pk), cast.account, {})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": " \u202e "}, "Dites ce qu’il y a à faire."),
        ({"title": "x" * 151}, "150 caractères au plus."),
        ({"notes": "x" * 5001}, "5000 caractères au plus."),
        ({"due_on": "demain"}, "Écrivez une date, comme 31/03/2027."),
        ({"due_on": "1899-12-31"}, "Choisissez une date entre 2000 et 2199."),
        ({"dossier": str(uuid.uuid4())}, "Choisissez un dossier de la liste."),
        ({"assignee": str(uuid.uuid4())}, "Choisissez une personne de la liste"),
        ({"assignee": "moi"}, "Choisissez une personne de la liste"),
    ],
)
def test_what_does_not_suit_is_said_and_nothing_typed_is_lost(
    cast: Cast, changes: dict[str, object], sentence: str
) -> None:
    given = {"title": "Rappeler le fournisseur", "notes": "Lit médicalisé."} | changes
    response = cast.client("total").post(at("task_add", cast.account), typed(**given))
    page = text(response)
    assert response.status_code == 400
    assert sentence in page
    assert "Lit médicalisé." in page or "notes" in changes
    assert not Task.objects.exists()


def test_a_name_is_written_and_never_read_as_code(cast: Cast) -> None:
    strange = person("Éva", "<b>L’Huillier & fils</b>")
    DelegationFactory(holder=account_of(strange), account=cast.account)
    given = typed(assignee=str(account_of(strange).pk), title="")
    page = text(cast.client("total").post(at("task_add", cast.account), given))
    assert f'<option value="{account_of(strange).pk}" selected>Éva &lt;b&gt;L’Huillier &amp; fils' in page
    assert "<b>L’Huillier" not in page


@pytest.mark.parametrize("who", ["partial", "former", "referent", "attached", "stranger"])
def test_a_task_is_given_to_nobody_who_may_not_act_there(cast: Cast, who: str) -> None:
    other = account_of(getattr(cast, who))
    client = cast.client("total")
    assert f'value="{other.pk}"' not in text(client.get(at("task_add", cast.account)))
    assert client.post(at("task_add", cast.account), typed(assignee=str(other.pk))).status_code == 400
    assert not Task.objects.exists()
    assert not Notification.objects.filter(kind="workspace.task").exists()


def test_of_two_who_change_it_the_second_reads_the_first_and_keeps_their_text(cast: Cast) -> None:
    task = task_of(cast)
    client, address = cast.client("total"), at("task_change", cast.account, task.pk)
    assert client.post(address, typed(version=1, title="Le premier")).status_code == 302
    response = client.post(address, typed(version=1, title="Le second"))
    page = text(response)
    assert response.status_code == 409
    assert 'value="Le second"' in page
    assert "<strong>Le premier</strong>" in page
    again = re.search(r'name="version" value="(\d+)"', page)
    assert again
    assert client.post(address, typed(version=again[1], title="Le second")).status_code == 302
    assert (Task.objects.get().title, Task.objects.get().version) == ("Le second", 3)


def test_a_hidden_dossier_is_not_named_and_survives_a_change(cast: Cast) -> None:
    hidden = a_dossier(acting(cast.stranger, account_of(cast.stranger), Space.DOSSIERS))
    task, client = task_of(cast, dossier=hidden), cast.client("total")
    address = at("task_change", cast.account, task.pk)
    for page in (text(client.get(address)), text(client.get(at("task", cast.account, task.pk)))):
        assert "Cazalbou" not in page
        assert str(hidden.pk) not in page
    client.post(address, typed(version=1, dossier="garder"))
    assert Task.objects.get().dossier == hidden


def test_a_dossier_of_the_account_is_offered_and_shown(cast: Cast) -> None:
    dossier = a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))
    page = text(cast.client("total").post(at("task_add", cast.account), typed(dossier=str(dossier.pk)), follow=True))
    assert f"/dossiers/{dossier.pk}/" in page


# --- Who is told -----------------------------------------------------------------------------------------------------


def test_whoever_gets_a_task_is_told_without_a_word_of_it(cast: Cast, colleague: User) -> None:
    dossier = a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))
    given = typed(assignee=str(account_of(colleague).pk), title="Odile Cazalbou", dossier=str(dossier.pk))
    cast.client("total").post(at("task_add", cast.account), given)
    told = Notification.objects.get(kind="workspace.task")
    assert told.recipient == colleague
    assert told.text == "Hélène Vaysserat vous attribue une tâche, au nom d’EHPAD Les Genêts du Causse."
    assert told.path == at("task", cast.account, Task.objects.get().pk)
    assert client_of(colleague).get(told.path).status_code == 200
    assert not OutgoingMail.objects.exclude(recipient=colleague).exists()


def test_nobody_is_told_of_what_they_give_themselves(cast: Cast) -> None:
    cast.client("total").post(at("task_add", cast.account), typed(assignee=str(account_of(cast.total).pk)))
    assert Task.objects.get().assignee == account_of(cast.total)
    assert not Notification.objects.filter(kind="workspace.task").exists()


def test_a_change_tells_only_a_new_assignee(cast: Cast, colleague: User) -> None:
    task, client = task_of(cast), cast.client("total")
    address, theirs = at("task_change", cast.account, task.pk), str(account_of(colleague).pk)
    client.post(address, typed(version=1, assignee=theirs))
    client.post(address, typed(version=2, assignee=theirs, title="Autre titre"))
    assert Notification.objects.filter(kind="workspace.task", recipient=colleague).count() == 1


# --- Taking, doing, reopening, cancelling ----------------------------------------------------------------------------


def test_taken_by_whoever_presses_first(cast: Cast, colleague: User) -> None:
    task = task_of(cast)
    address = at("task_take", cast.account, task.pk)
    assert client_of(colleague).post(address, {"version": "1"}).status_code == 302
    assert client_of(colleague).post(address, {"version": "1"}).status_code == 302
    late = cast.client("total").post(address, {"version": "1"})
    assert late.status_code == 409
    task.refresh_from_db()
    assert (task.assignee, task.version) == (account_of(colleague), 2)
    assert JournalEntry.objects.filter(verb="task.changed").count() == 1
    assert not Notification.objects.filter(kind="workspace.task").exists()


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "²"])
def test_taking_without_having_read_it_takes_nothing(cast: Cast, version: str) -> None:
    task = task_of(cast)
    assert cast.client("total").post(at("task_take", cast.account, task.pk), {"version": version}).status_code == 409
    assert Task.objects.get().assignee is None


def test_done_twice_changes_nothing_the_second_time(cast: Cast, colleague: User) -> None:
    task = task_of(cast)
    address = at("task_done", cast.account, task.pk)
    assert client_of(colleague).post(address).status_code == 302
    task.refresh_from_db()
    before = (task.done_at, task.done_by_account, task.version)
    assert cast.client("total").post(address).status_code == 302
    task.refresh_from_db()
    assert (task.done_at, task.done_by_account, task.version) == before
    assert task.done_by_account == account_of(colleague)
    assert JournalEntry.objects.filter(verb="task.done").count() == 1
    assert "Faite par" in text(cast.client("total").get(at("task", cast.account, task.pk)))


def test_done_from_a_list_leads_back_to_it(cast: Cast) -> None:
    task = task_of(cast)
    response = cast.client("total").post(at("task_done", cast.account, task.pk), {"vue": "libres"})
    assert response["Location"] == door(cast.account, vue="libres")
    elsewhere = cast.client("total").post(at("task_reopen", cast.account, task.pk), {"vue": "https://ailleurs.example"})
    assert elsewhere["Location"] == at("task", cast.account, task.pk)


def test_reopened_it_is_to_do_again(cast: Cast) -> None:
    task, client = task_of(cast), cast.client("total")
    for close in ("task_done", "task_cancel"):
        assert client.post(at(close, cast.account, task.pk)).status_code == 302
        for _ in range(2):
            assert client.post(at("task_reopen", cast.account, task.pk)).status_code == 302
        task.refresh_from_db()
        assert (task.done_at, task.done_by_account, task.cancelled_at, task.cancelled_by_account) == (None,) * 4
    assert JournalEntry.objects.filter(verb="task.reopened").count() == 2


def test_cancelled_it_stays_and_is_neither_done_nor_changed(cast: Cast) -> None:
    task, client = task_of(cast), cast.client("total")
    for _ in range(2):
        assert client.post(at("task_cancel", cast.account, task.pk)).status_code == 302
    assert JournalEntry.objects.filter(verb="task.cancelled").count() == 1
    assert client.post(at("task_done", cast.account, task.pk)).status_code == 409
    assert client.post(at("task_take", cast.account, task.pk), {"version": "2"}).status_code == 409
    refused = client.post(at("task_change", cast.account, task.pk), typed(version=2))
    assert (refused.status_code, "rouvrez-la" in text(refused)) == (409, True)
    assert titles(cast, cast.total, "annulees") == [task.title]
    assert titles(cast, cast.total, "toutes") == []


def test_what_is_done_is_not_cancelled(cast: Cast) -> None:
    task, client = task_of(cast), cast.client("total")
    client.post(at("task_done", cast.account, task.pk))
    assert client.post(at("task_cancel", cast.account, task.pk)).status_code == 409
    assert Task.objects.get().cancelled_at is None


def test_a_frozen_account_is_read_and_nothing_changes(cast: Cast) -> None:
    task, client = task_of(cast), cast.client("total")
    Account.objects.filter(pk=cast.account.pk).update(state=AccountState.FROZEN)
    assert "Je m’en occupe" not in text(client.get(at("task", cast.account, task.pk)))
    for route in ACTS:
        answer = client.post(at(route, cast.account, task.pk), {"version": "1"})
        assert (answer.status_code, "est gelé" in text(answer)) == (409, True)
    assert client.get(at("task_add", cast.account)).status_code == 409
    assert client.post(at("task_change", cast.account, task.pk), typed(version=1)).status_code == 409
    assert Task.objects.get().version == 1
