"""What the database refuses of a space, said as a sentence: who comes second in a race is never shown an error."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, transaction

from delegations.errors import conflict

P = ParamSpec("P")
T = TypeVar("T")
SENT_ONCE = {"message_sent_once", "entry_sent_once", "event_sent_once", "task_sent_once"}
SAID = {
    "participant_once_at_a_time": "Ce compte participe déjà à la conversation.",
    "circle_member_once_at_a_time": "Ce compte est déjà dans le cercle de soins.",
}
OF_TRIGGERS = {
    "written_from_ones_own_account",
    "written_for_a_living_account",
    "written_by_a_delegation_in_force",
    "brings_in_nobody_of_theirs",
    "brings_in_an_open_account",
    "message_of_a_participant",
    "participant_only_leaves",
    "title_of_a_solicitation_stays",
    "circle_is_never_empty",
    "circle_member_only_leaves",
    "circle_member_patient_told_once",
    "circle_member_patient_told_afterwards",
}


def as_refused(service: Callable[P, T]) -> Callable[P, T]:
    """The service runs in one transaction. It runs again when the same thing was being sent: it then finds the first.

    Sentences are those of the triggers, written for people."""

    @wraps(service)
    def told(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with transaction.atomic():
                return service(*args, **kwargs)
        except IntegrityError as error:
            name = _constraint(error)
            if name not in SENT_ONCE:
                raise _refusal(error, name) from error
        with transaction.atomic():
            return service(*args, **kwargs)

    return told


def _constraint(error: IntegrityError) -> str:
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""


def _refusal(error: IntegrityError, name: str) -> Exception:
    if name in SAID:
        return conflict(SAID[name])
    if name in OF_TRIGGERS:
        return conflict(str(error.__cause__.diag.message_primary))  # type: ignore[union-attr]
    return error
