"""The pages of tasks, and what they say."""

from django.urls import reverse

from accounts.models import Account, User
from delegations.scopes import Space
from tests.delegations.people import Cast, client_of
from tests.workspace.making import a_task, acting
from workspace.models import Task

ACTS = ["task_take", "task_done", "task_reopen", "task_cancel"]


def door(account: Account, **asked: str) -> str:
    address = reverse("spaces:space", args=[account.pk, Space.TASKS])
    return address + ("?" + "&".join(f"{name}={value}" for name, value in asked.items()) if asked else "")


def at(route: str, account: Account, *keys: object) -> str:
    return reverse(f"spaces:{route}", args=[account.pk, *keys])


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


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


def titles(cast: Cast, user: User, which: str) -> list[str]:
    return [line.task.title for line in client_of(user).get(door(cast.account, vue=which)).context["lines"]]
