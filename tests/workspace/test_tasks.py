"""The tasks of an account, through its pages: for me, for nobody, late, done; who takes, does, reopens; who is told."""

import re
import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, JournalEntry, Notification, OutgoingMail, User
from accounts.states import AccountState
from delegations.models import Delegation
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from tests.delegations.people import Cast, account_of, client_of, person, publish
from tests.factories.delegations import DelegationFactory
from tests.workspace.making import a_dossier, a_task, acting
from workspace.models import Task

pytestmark = pytest.mark.django_db
NBSP = "\N{NO-BREAK SPACE}"
ACTS = ["task_take", "task_done", "task_reopen", "task_cancel"]


@pytest.fixture
def colleague(cast: Cast) -> User:
    """Who holds dossiers, agenda and tasks of the same account."""
    found = person("Rémi", "Aubrespin")
    DelegationFactory(holder=account_of(found), account=cast.account, scope=Scope.DOSSIER)
    publish()
    return found


def door(account: Account, **asked: str) -> str:
    address = reverse("spaces:space", args=[account.pk, Space.TASKS])
    return address + ("?" + "&".join(f"{name}={value}" for name, value in asked.items()) if asked else "")


def at(route: str, account: Account, *keys: object) -> str:
    return reverse(f"spaces:{route}", args=[account.pk, *keys])


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def without_tokens(response: object) -> str:
    return re.sub(r"csrfmiddlewaretoken.*?>|X-CSRFToken.*?>", "", text(response))


def typed(**changes: object) -> dict[str, object]:
    given = {
        "title": "Rappeler le fournisseur",
        "due_on": "2026-12-01",
        "assignee": "",
        "notes": "Lit médicalisé.",
        "dossier": "",
    }
    return given | changes


def task_of(cast: Cast, **more: object) -> Task:
    return a_task(acting(cast.total, cast.account, Space.TASKS), **more)  # type: ignore[arg-type]


def counts(cast: Cast, user: User) -> dict[str, int]:
    lists = client_of(user).get(door(cast.account)).context["lists"]
    return {one["label"]: one["count"] for one in lists if one["count"] is not None}


def titles(cast: Cast, user: User, which: str) -> list[str]:
    return [line.task.title for line in client_of(user).get(door(cast.account, vue=which)).context["lines"]]


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


# --- The lists -------------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(cast: Cast, colleague: User) -> Cast:
    who = acting(cast.total, cast.account, Space.TASKS)
    today = timezone.localdate(who.at)
    for title, more in {
        "à moi": {"assignee": who.own, "due_on": today},
        "à moi, en retard": {"assignee": who.own, "due_on": today - timedelta(days=1)},
        "à Rémi": {"assignee": account_of(colleague), "due_on": today + timedelta(days=4)},
        "à personne": {"due_on": today + timedelta(days=3)},
        "à qui est parti": {"assignee": account_of(cast.former), "due_on": today + timedelta(days=5)},
        "à qui n’ouvre que les discussions": {"assignee": account_of(cast.partial)},
        "faite": {"done_at": who.at, "done_by_account": who.own, "due_on": today - timedelta(days=9)},
        "annulée": {"cancelled_at": who.at, "cancelled_by_account": who.own, "assignee": who.own},
    }.items():
        a_task(who, title=title, **more)
    return cast


def test_each_list_says_what_is_in_it_the_most_urgent_first(filled: Cast) -> None:
    free = ["à personne", "à qui est parti", "à qui n’ouvre que les discussions"]
    expected = {
        "moi": ["à moi, en retard", "à moi"],
        "libres": free,
        "retard": ["à moi, en retard"],
        "toutes": ["à moi, en retard", "à moi", "à personne", "à Rémi", *free[1:]],
        "faites": ["faite"],
        "annulees": ["annulée"],
    }
    assert {which: titles(filled, filled.total, which) for which in expected} == expected
    assert titles(filled, filled.total, "inconnue") == expected["moi"]
    assert counts(filled, filled.total) == {
        "Pour moi": 2, "Non attribuées": 3, "En retard": 1, "Toutes": 6, "Faites": 1,
    }  # fmt: skip


def test_pour_moi_is_each_ones_own(filled: Cast, colleague: User) -> None:
    assert titles(filled, colleague, "moi") == ["à Rémi"]


def test_who_may_act_there_no_more_is_shown_so_and_the_task_waits_for_somebody(filled: Cast, colleague: User) -> None:
    assert "Rémi Aubrespin n’agit plus ici" not in text(filled.client("total").get(door(filled.account, vue="toutes")))
    delegation = Delegation.objects.get(holder=account_of(colleague), account=filled.account)
    end_delegation(filled.referent, delegation, "Départ.", timezone.now())
    client = filled.client("total")
    assert "Rémi Aubrespin n’agit plus ici" in text(client.get(door(filled.account, vue="libres")))
    assert counts(filled, filled.total)["Non attribuées"] == 4
    task = Task.objects.get(title="à Rémi")
    assert "compte parmi les non attribuées" in text(client.get(at("task", filled.account, task.pk)))
    page = text(client.get(at("task_change", filled.account, task.pk)))
    assert "Personne (Rémi Aubrespin n’agit plus ici)" in page
    assert client.post(at("task_take", filled.account, task.pk), {"version": "1"}).status_code == 302
    assert counts(filled, filled.total)["Non attribuées"] == 3


def test_late_and_today_are_words(filled: Cast) -> None:
    page = text(filled.client("total").get(door(filled.account, vue="moi")))
    assert f"En retard{NBSP}: " in page
    assert "Aujourd’hui" in page
    assert f"En retard{NBSP}: " not in text(filled.client("total").get(door(filled.account, vue="faites")))


def test_the_tasks_of_another_account_stay_there(filled: Cast) -> None:
    own = account_of(filled.total)
    for which in ("moi", "libres", "retard", "toutes", "faites", "annulees"):
        response = filled.client("total").get(door(own, vue=which))
        assert response.context["lines"] == []


@pytest.mark.parametrize("which", ["toutes", "faites"])
def test_as_many_queries_for_1_and_for_20(
    cast: Cast, which: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client, seen_counts = cast.client("total"), []
    for rows in (1, 19):
        for rank in range(rows):
            other = person("Zoé", f"Collègue{rows}{rank}")
            DelegationFactory(holder=account_of(other), account=cast.account)
            who = acting(other, cast.account, Space.TASKS)
            more = {"done_at": who.at, "done_by_account": who.own} if which == "faites" else {"assignee": who.own}
            a_task(who, **more)
        publish()
        with django_assert_max_num_queries(25) as seen:
            assert len(client.get(door(cast.account, vue=which)).context["lines"]) == (1 if rows == 1 else 20)
        seen_counts.append(len(seen))
    assert seen_counts[0] == seen_counts[1]


# --- Who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["partial", "former", "referent", "attached", "stranger", "staff", "superuser"])
def test_who_may_not_enter_meets_the_page_of_what_does_not_exist(cast: Cast, who: str) -> None:
    task, client = task_of(cast), cast.client(who)
    missing = client.get(at("task", cast.account, uuid.uuid4()))
    for route in ("task", "task_change"):
        found = client.get(at(route, cast.account, task.pk))
        assert (found.status_code, without_tokens(found)) == (404, without_tokens(missing))
    for route in [*ACTS, "task_change"]:
        assert client.post(at(route, cast.account, task.pk), typed(version=1)).status_code == 404
    assert client.post(at("task_add", cast.account), typed()).status_code == 404
    assert Task.objects.get().version == 1


def test_a_task_of_another_account_is_not_reached_through_ones_own(cast: Cast) -> None:
    task, own, client = task_of(cast), account_of(cast.total), cast.client("total")
    for route in [*ACTS, "task_change"]:
        assert client.post(at(route, own, task.pk), typed(version=1)).status_code == 404
    assert client.get(at("task", own, task.pk)).status_code == 404
    assert Task.objects.get().version == 1


def test_an_act_is_a_post(cast: Cast) -> None:
    task, client = task_of(cast), cast.client("total")
    for route in ACTS:
        assert client.get(at(route, cast.account, task.pk))["Location"] == at("task", cast.account, task.pk)
        assert client.put(at(route, cast.account, task.pk)).status_code == 405
    assert Task.objects.get().version == 1
