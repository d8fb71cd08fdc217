"""The lists of tasks: for me, for nobody, late, done; and who may not see them."""

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from delegations.models import Delegation
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from tests.delegations.people import Cast, account_of, client_of, person, publish
from tests.factories.delegations import DelegationFactory
from tests.workspace.making import a_task, acting
from tests.workspace.task_pages import ACTS, at, door, task_of, text, titles, typed
from workspace.models import Task

pytestmark = pytest.mark.django_db
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def colleague(cast: Cast) -> User:
    """Who holds dossiers, agenda and tasks of the same account."""
    found = person("Rémi", "Aubrespin")
    DelegationFactory(holder=account_of(found), account=cast.account, scope=Scope.DOSSIER)
    publish()
    return found


def without_tokens(response: object) -> str:
    return re.sub(r"csrfmiddlewaretoken.*?>|X-CSRFToken.*?>", "", text(response))


def counts(cast: Cast, user: User) -> dict[str, int]:
    lists = client_of(user).get(door(cast.account)).context["lists"]
    return {one["label"]: one["count"] for one in lists if one["count"] is not None}


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
