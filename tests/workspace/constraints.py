"""What the database refuses of the four spaces, for the table of `tests.constraints`.

A trigger that every authored row carries has an act for each model: « name (model) », « name (model, why) ».
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.grounds import Ground
from accounts.models import Account
from accounts.states import AccountState
from delegations.models import Delegation
from delegations.periods import period
from delegations.scopes import Space
from tests.delegations.people import publish
from tests.factories import DelegationFactory, ProfessionalFactory, StructureFactory
from tests.workspace.making import a_dossier, acting
from workspace.models import (
    CalendarFeed,
    CircleMember,
    Document,
    Dossier,
    DossierMark,
    Entry,
    EntryVersion,
    Event,
    IdentityChange,
    Task,
)

# The models whose every constraint and trigger has a row here.
MODELS: tuple[type[models.Model], ...] = (
    *(Event, CalendarFeed, Task),
    *(Dossier, IdentityChange, CircleMember, DossierMark, Entry, EntryVersion, Document),
)
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
    """By the database alone: Django itself would refuse first, for what points to it."""
    type(row)._default_manager.filter(pk=row.pk)._raw_delete("default")  # type: ignore[attr-defined]


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


def _sent_twice(make: Callable[..., Any]) -> Callable[[], object]:
    def act() -> object:
        first = make()
        return make(**own(first.account), client_key=first.client_key)

    return act


AGENDA: Rows = {
    "event_says_on_what_ground": lambda: _event(**_unsaid_ground()),
    "event_ends_after_it_begins": lambda: _event(ends_at=timezone.now() - timedelta(days=1)),
    "event_has_a_kind_and_a_title": lambda: _event(kind="fete"),
    "event_sent_once": _sent_twice(_event),
    "event_cancelled_by_whom": lambda: _event(cancelled_at=timezone.now()),
    "feed_once_for_a_person_and_account": _two_feeds,
    "feed_digest_is_sha256": lambda: _feed(digest=bytes(31)),
}
TASKS: Rows = {
    "task_says_on_what_ground": lambda: _task(**_unsaid_ground()),
    "task_has_a_title": lambda: _task(title=""),
    "task_sent_once": _sent_twice(_task),
    "task_done_by_whom": lambda: _task(done_at=timezone.now()),
    "task_cancelled_by_whom": lambda: _task(cancelled_at=timezone.now()),
}


# --- Dossiers ---------------------------------------------------------------------------------------------------------


def _shared() -> Dossier:
    """By somebody in their own account."""
    person: Account = ProfessionalFactory(signed_in=True).account
    publish()
    return a_dossier(acting(person.user, person, Space.DOSSIERS))


def _dossier(**changes: object) -> Dossier:
    """Shared with the account of its author, as the database asks."""
    author = {} if "actor" in changes else own()
    given = {"family_name": "Cazalbou", "given_names": "Odile", "birth_date": date(1938, 4, 2), "sex": "F"}
    with transaction.atomic():
        made: Dossier = Dossier.objects.create(**given | author | changes)
        who = {name: getattr(made, name) for name in AUTHOR}
        CircleMember.objects.create(dossier=made, member=made.account, **_since(made.created_at), **who)
    return made


AUTHOR = ("actor", "actor_account", "account", "ground", "delegation", "created_at")
TOLD = {"informed_how": "oral", "informed_on": date(2026, 11, 2)}
NOT_YET = {"informed_how": "emergency", "informed_on": None}
TOLD_ONCE = "l’information du patient ne change plus"


def _since(at: datetime) -> dict[str, Any]:
    return {"period": period(at, None), **TOLD}


def _member(**changes: object) -> CircleMember:
    author = own() | {name: changes[name] for name in AUTHOR if name in changes}
    given = {"member": ProfessionalFactory(signed_in=True).account, **_since(author["created_at"]), **author}
    dossier = changes.pop("dossier", None) or _shared()
    made: CircleMember = CircleMember.objects.create(**{"dossier": dossier} | given | changes)
    return made


def _identity(**changes: object) -> IdentityChange:
    given = {"family_name": "Cazalbou", "given_names": "Odile", "birth_date": date(1938, 4, 2), "sex": "F"}
    author = {} if "actor" in changes else own()
    dossier = changes.pop("dossier", None) or _shared()
    made: IdentityChange = IdentityChange.objects.create(
        **{"dossier": dossier, "version": 1} | given | author | changes
    )
    return made


def _entry(**changes: object) -> Entry:
    author = {} if "actor" in changes else own()
    given = {"kind": "observation", "confidentiality": "circle", "happened_at": timezone.now()}
    made: Entry = Entry.objects.create(**{"dossier": _shared()} | given | author | changes)
    return made


def _version(**changes: object) -> EntryVersion:
    author = {} if "actor" in changes else own()
    entry = changes.pop("entry", None) or _entry()
    given = {
        "entry": entry,
        "number": 1,
        "title": "Passage",
        "confidentiality": "circle",
        "happened_at": timezone.now(),
    }
    made: EntryVersion = EntryVersion.objects.create(**given | author | changes)
    return made


def _document(**changes: object) -> Document:
    author = {} if "actor" in changes else own()
    given = {"name": "a.pdf", "content_type": "application/pdf", "size": 1, "sha256": "0" * 64}
    made: Document = Document.objects.create(**{"entry": _entry(kind="document")} | given | author | changes)
    return made


def _twice(make: Callable[..., models.Model], *same: str) -> Callable[[], object]:
    """A second row that says the same of `same`."""

    def act() -> object:
        first = make()
        return make(**{name: getattr(first, name) for name in same})

    return act


def _two_marks() -> None:
    dossier = _shared()
    for _ in range(2):
        DossierMark.objects.create(dossier=dossier, account=dossier.account, user=dossier.actor, read_at=timezone.now())


def _left_alone() -> None:
    dossier = _shared()
    row = dossier.circle.get()
    out = {"ended_by": dossier.actor, "ended_by_account": dossier.account, "ended_for": dossier.account}
    with transaction.atomic():
        update(row, period=period(row.period.lower, timezone.now()), ended_kind="left", **out)


def _brings_in_their_own() -> None:
    held = DelegationFactory()
    publish()
    dossier = a_dossier(acting(held.holder.user, held.account, Space.DOSSIERS))
    author = by(held)
    CircleMember.objects.create(dossier=dossier, member=held.holder, **_since(author["created_at"]), **author)


def _nobody_in_it() -> None:
    with transaction.atomic():
        _alone = {"family_name": "Cazalbou", "given_names": "Odile", "birth_date": date(1938, 4, 2), "sex": "F"}
        Dossier.objects.create(**_alone, **own())


def _leaves_twice() -> None:
    dossier = _shared()
    row = _member(dossier=dossier)
    out = {"ended_by": row.actor, "ended_by_account": row.actor_account, "ended_for": row.account}
    update(row, period=period(row.period.lower, timezone.now()), ended_kind="left", **out)
    update(row, ended_kind="removed")


def _told_while_it_leaves() -> None:
    dossier = _shared()
    row = _member(dossier=dossier, **NOT_YET)
    out = {"ended_by": row.actor, "ended_by_account": row.actor_account, "ended_for": row.account}
    said = {"informed_how": "oral", "informed_on": timezone.localdate()}
    update(row, period=period(row.period.lower, timezone.now()), ended_kind="left", **out, **said)


DOSSIERS: Rows = {
    "dossier_says_on_what_ground": lambda: _dossier(**_unsaid_ground()),
    "dossier_names_its_patient": lambda: _dossier(family_name=""),
    "dossier_sex_is_known": lambda: _dossier(sex="X"),
    "dossier_ins_has_its_form": lambda: _dossier(ins="12"),
    "dossier_archived_by_whom": lambda: _dossier(archived_at=timezone.now()),
    "identitychange_says_on_what_ground": lambda: _identity(**_unsaid_ground()),
    "identity_changed_once_a_version": _twice(_identity, "dossier"),
    "circlemember_says_on_what_ground": lambda: _member(**_unsaid_ground()),
    "circle_member_once_at_a_time": _twice(_member, "dossier", "member"),
    "circle_member_since_it_was_added": lambda: _member(period=period(timezone.now() - timedelta(days=1), None)),
    "circle_member_left_and_how": lambda: update(_member(), ended_kind="left"),
    "circle_member_patient_was_told": lambda: _member(informed_on=None),
    "dossier_mark_once": _two_marks,
    "entry_says_on_what_ground": lambda: _entry(**_unsaid_ground()),
    "entry_sent_once": _sent_twice(_entry),
    "entry_kind_is_known": lambda: _entry(kind="rumeur"),
    "entryversion_says_on_what_ground": lambda: _version(**_unsaid_ground()),
    "entry_version_once": _twice(_version, "entry"),
    "entry_version_has_a_title": lambda: _version(title=""),
    "document_says_on_what_ground": lambda: _document(**_unsaid_ground()),
    "document_is_of_a_kind_and_size": lambda: _document(size=20 * 1024 * 1024 + 1),
}
OF_DOSSIERS: Refusals = {
    **authored_refusals("dossier", _dossier, out_of_scope="partial"),
    **authored_refusals("identitychange", _identity, out_of_scope="partial"),
    **authored_refusals("circlemember", _member, out_of_scope="partial"),
    **authored_refusals("entry", _entry, out_of_scope="partial"),
    **authored_refusals("entryversion", _version, out_of_scope="partial"),
    **authored_refusals("document", _document, out_of_scope="partial"),
    "circle_is_never_empty (dossier)": (_nobody_in_it, "jamais vide"),
    "circle_is_never_empty (circlemember)": (_left_alone, "jamais vide"),
    "brings_in_fairly (circlemember)": (_brings_in_their_own, "personne ne fait entrer son propre compte"),
    "brings_in_fairly (circlemember, listed)": (
        lambda: _member(member=ProfessionalFactory().account),
        "n’utilise pas SPICO",
    ),
    "member_only_leaves (circlemember)": (_leaves_twice, "ne change plus"),
    "patient_told_once (circlemember)": (lambda: update(_member(), informed_how="written"), TOLD_ONCE),
    "patient_told_once (circlemember, another day)": (
        lambda: update(_member(), informed_on=date(2026, 11, 3)),
        TOLD_ONCE,
    ),
    "patient_told_once (circlemember, put off again)": (lambda: update(_member(), **NOT_YET), TOLD_ONCE),
    "patient_told_once (circlemember, while it leaves)": (_told_while_it_leaves, TOLD_ONCE),
    "patient_told_once (circlemember, before it was added)": (
        lambda: update(_member(**NOT_YET), informed_how="oral", informed_on=date(2020, 11, 2)),
        "le jour de l’ajout au cercle, ou après",
    ),
}

BROKEN: Rows = {**AGENDA, **TASKS, **DOSSIERS}
# Triggers: name -> (an act that it refuses, a part of its sentence).
REFUSED: Refusals = {
    **authored_refusals("event", _event, out_of_scope="partial"),
    **authored_refusals("task", _task, out_of_scope="partial"),
    **OF_DOSSIERS,
}
