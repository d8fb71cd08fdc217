"""What the database refuses of the four spaces, for the table of `tests.constraints`.

A trigger that every authored row carries has an act for each model: « name (model) », « name (model, why) ».
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.grounds import Ground
from accounts.models import Account
from accounts.states import AccountState
from delegations.models import Delegation
from tests.factories import DelegationFactory, ProfessionalFactory, StructureFactory
from workspace.models import CalendarFeed, Event, Task

# The models whose every constraint and trigger has a row here.
MODELS: tuple[type[models.Model], ...] = (Event, CalendarFeed, Task)
Rows = dict[str, Callable[[], object]]
Refusals = dict[str, tuple[Callable[[], object], str]]
Make = Callable[..., models.Model]


def own(account: Account | None = None) -> dict[str, Any]:
    """The author's columns of somebody who writes in their own account."""
    person: Account = account or ProfessionalFactory(signed_in=True).account
    return {
        "actor": person.user,
        "actor_account": person,
        "account": person,
        "ground": Ground.OWN,
        "delegation": None,
        "created_at": timezone.now(),
    }


def by(delegation: Delegation, holder: Account | None = None) -> dict[str, Any]:
    """Those of somebody who writes by a delegation, be it not theirs."""
    for_another = {"account": delegation.account, "ground": Ground.DELEGATION, "delegation": delegation}
    return own(holder or delegation.holder) | for_another


def _frozen() -> dict[str, Any]:
    held = DelegationFactory(on_a_unit=True)
    Account.objects.filter(pk=held.account_id).update(state=AccountState.FROZEN)
    return by(held)


def _elsewhere() -> dict[str, Any]:
    return by(DelegationFactory()) | {"account": StructureFactory(open_account=True).account}


def update(row: models.Model, **values: object) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**values)


def delete(row: models.Model) -> None:
    type(row)._default_manager.filter(pk=row.pk).delete()


NOT_IN_FORCE = "Seule une délégation en vigueur"


def authored_refusals(model: str, make: Make, *, out_of_scope: str) -> Refusals:
    """What `authored_triggers` refuses of one model. `make` takes the author's columns; `out_of_scope`: a trait of
    `DelegationFactory` that does not open its space."""
    return {
        f"written_fairly ({model}, from another’s account)": (
            lambda: make(**own() | {"actor_account": ProfessionalFactory(signed_in=True).account}),
            "Chacun écrit depuis son propre compte",
        ),
        f"written_fairly ({model}, frozen)": (lambda: make(**_frozen()), "Rien de nouveau ne commence"),
        f"written_fairly ({model}, of somebody else)": (
            lambda: make(**by(DelegationFactory(), ProfessionalFactory(signed_in=True).account)),
            NOT_IN_FORCE,
        ),
        f"written_fairly ({model}, elsewhere)": (lambda: make(**_elsewhere()), NOT_IN_FORCE),
        f"written_fairly ({model}, ended)": (lambda: make(**by(DelegationFactory(ended=True))), NOT_IN_FORCE),
        f"written_fairly ({model}, out of scope)": (
            lambda: make(**by(DelegationFactory(**{out_of_scope: True}))),
            NOT_IN_FORCE,
        ),
        f"author_stays ({model})": (
            lambda: update(make(**own()), created_at=timezone.now() - timedelta(days=1)),
            "Cannot update",
        ),
        f"stays ({model})": (lambda: delete(make(**own())), "Cannot delete"),
    }


# --- Agenda and tasks ------------------------------------------------------------------------------------------------


def _event(**changes: object) -> Event:
    start = timezone.now()
    given = {"kind": "visit", "title": "Visite", "starts_at": start, "ends_at": start + timedelta(hours=1)}
    event: Event = Event.objects.create(**given | ({} if "actor" in changes else own()) | changes)
    return event


def _task(**changes: object) -> Task:
    task: Task = Task.objects.create(**{"title": "Commander"} | ({} if "actor" in changes else own()) | changes)
    return task


def _feed(**changes: object) -> CalendarFeed:
    person = ProfessionalFactory(signed_in=True).account
    given = {"user": person.user, "account": person, "digest": bytes(32)}
    return CalendarFeed.objects.create(**given | changes)


def _two_feeds() -> None:
    first = _feed()
    _feed(user=first.user, account=first.account, digest=bytes([1]) * 32)


def _unsaid_ground() -> dict[str, Any]:
    return own() | {"account": StructureFactory(open_account=True).account}


AGENDA: Rows = {
    "event_says_on_what_ground": lambda: _event(**_unsaid_ground()),
    "event_ends_after_it_begins": lambda: _event(ends_at=timezone.now() - timedelta(days=1)),
    "event_has_a_kind_and_a_title": lambda: _event(kind="fete"),
    "event_cancelled_by_whom": lambda: _event(cancelled_at=timezone.now()),
    "feed_once_for_a_person_and_account": _two_feeds,
    "feed_digest_is_sha256": lambda: _feed(digest=bytes(31)),
}
TASKS: Rows = {
    "task_says_on_what_ground": lambda: _task(**_unsaid_ground()),
    "task_has_a_title": lambda: _task(title=""),
    "task_done_by_whom": lambda: _task(done_at=timezone.now()),
    "task_cancelled_by_whom": lambda: _task(cancelled_at=timezone.now()),
}

BROKEN: Rows = {**AGENDA, **TASKS}
# Triggers: name -> (an act that it refuses, a part of its sentence).
REFUSED: Refusals = {
    **authored_refusals("event", _event, out_of_scope="partial"),
    **authored_refusals("task", _task, out_of_scope="partial"),
}
