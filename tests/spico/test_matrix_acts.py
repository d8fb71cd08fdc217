"""Act x person -> status. An act without a row fails, and so does a row without an act; what is refused wrote nothing.

An act is a method other than GET and HEAD that an address takes. Everybody sends the same body, which suits: whoever
may do it does it, so that a status that says no comes from the rule alone.
"""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse, HttpResponseNotFound
from django.urls import reverse
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import JournalEntry
from tests.emptying import KEPT
from tests.factories.accounts import PASSWORD
from tests.spico.matrix import (
    ASKER,
    ATTACHED,
    FORMER,
    HOLDER,
    NOBODY,
    OF_DISCUSSIONS,
    OF_DOSSIERS,
    PEOPLE,
    REFERENT,
    SIGN_IN,
    STAFF,
    STRANGER,
    SUPERUSER,
    House,
    named_routes,
)
from tests.spico.written import told_of, touched
from tests.workspace.files import pdf
from workspace.api.discussions import tag_of

EVERYBODY = [*PEOPLE, OF_DISCUSSIONS, OF_DOSSIERS, ASKER]
OUTSIDE = (ATTACHED, STRANGER, FORMER, REFERENT, STAFF, SUPERUSER, ASKER)
METHODS = ("POST", "PUT", "PATCH", "DELETE")
# A page leads whoever is not signed in to the sign-in: here a 401, as the API says it.
TO_SIGN_IN = 401
LED_ON, MADE = 302, 201
# Led on too, but nothing was done: there was nothing to do, or the page says why not.
NOTHING = 0
Row = dict[str, int]


def row(person: int, **others: int) -> Row:
    """Neither attachment, nor a delegation that ended, nor the role of referent, nor the administration does more than
    a stranger does, unless it is said."""
    return {NOBODY: TO_SIGN_IN} | dict.fromkeys((*OUTSIDE, HOLDER, OF_DISCUSSIONS, OF_DOSSIERS), person) | others


def in_space(does: int, no: int = 404, *, by_dossier: bool = False, by_discussions: bool = False) -> Row:
    """Done in a space of the account by whoever holds it, in whole or in part; for everybody else as if it were not."""
    parts = {OF_DOSSIERS: does if by_dossier else no, OF_DISCUSSIONS: does if by_discussions else no}
    return row(no) | parts | {HOLDER: does}


def of_dossiers(does: int = LED_ON, no: int = 404) -> Row:
    return in_space(does, no, by_dossier=True)


def of_discussions(does: int = LED_ON, no: int = 404) -> Row:
    return in_space(does, no, by_discussions=True)


def answered(does: int, holder: int | None = None, part: int = 403, **others: int) -> Row:
    """What those who answer for the account do, of a thing that the others do not see. `part`: who holds a part of it,
    who sees it too."""
    holder = does if holder is None else holder
    return row(404, **{REFERENT: does, HOLDER: holder, OF_DISCUSSIONS: part, OF_DOSSIERS: part}) | others


def of_the_request(does: int, no: int = 403) -> Row:
    """Whoever answers for the account gives what they hold; never the person who asks."""
    return answered(does, part=does, **{ASKER: no})


def own_request(done: int) -> Row:
    """Withdrawn by the one who made it, and by none of those who would answer."""
    return answered(403, **{ASKER: done})


# Those of the service centre have no account of their own.
NO_ACCOUNT = {STAFF: 403, SUPERUSER: 403}
EVERY_PERSON = row(LED_ON)
ACTS: dict[str, Row] = {
    # --- One's own affairs -------------------------------------------------------------------------------------------
    # Whoever is signed in already is led home.
    "POST accounts:sign_in": row(NOTHING, **{NOBODY: LED_ON}),
    "PUT accounts:sign_in": row(NOTHING, **{NOBODY: 200}),
    "POST accounts:sign_out": row(NOTHING, **{NOBODY: NOTHING}),
    "POST accounts:theme": EVERY_PERSON,
    "POST accounts:password": EVERY_PERSON,
    "PUT accounts:password": row(200),
    "POST accounts:token_create": row(200),
    "POST accounts:token_revoke": row(404),
    "POST accounts:notifications_read": row(NOTHING),
    # --- Delegations -------------------------------------------------------------------------------------------------
    "POST delegations:ask": row(LED_ON) | NO_ACCOUNT,
    "POST delegations:claim": of_the_request(LED_ON),
    # Everything, on this page: a part of it is not to be given by whoever holds a part.
    "POST delegations:accept": of_the_request(LED_ON) | {OF_DISCUSSIONS: 400, OF_DOSSIERS: 400},
    "POST delegations:refuse": of_the_request(LED_ON),
    "POST delegations:withdraw": own_request(LED_ON),
    "POST delegations:end": answered(LED_ON, holder=403),
    "POST delegations:renew": answered(LED_ON),
    "POST delegations:reduce": answered(LED_ON, holder=403),
    "POST delegations:keep": answered(LED_ON),
    "POST delegations:ask_renewal": row(404) | {HOLDER: LED_ON},
    "POST delegations:surprise": answered(LED_ON, part=404),
    "POST api:delegation_requests": row(MADE) | NO_ACCOUNT,
    "POST api:delegation_request_accept": of_the_request(200),
    "POST api:delegation_request_refuse": of_the_request(200),
    "POST api:delegation_request_withdraw": own_request(200),
    "POST api:delegation_request_claim": of_the_request(200),
    "POST api:delegation_revoke": answered(200, holder=403),
    "POST api:delegation_renew": answered(200),
    "POST api:delegation_reduce": answered(200, holder=403),
    "POST api:delegation_keep": answered(200),
    "POST api:delegation_ask_renewal": row(404) | {HOLDER: 200},
    # --- The spaces, by their pages ----------------------------------------------------------------------------------
    "POST spaces:dossiers_search": of_dossiers(200),
    "POST spaces:conversations_search": of_discussions(200),
    **{
        f"POST spaces:{name}": of_dossiers()
        for name in (
            *("dossier_add", "dossier_identity", "dossier_archive", "dossier_restore"),
            *("circle_add", "circle_inform", "circle_remove", "entry_add", "document_add"),
            *("event_add", "event_change", "event_cancel"),
            *("task_add", "task_change", "task_take", "task_done", "task_reopen", "task_cancel"),
        )
    },
    # Of one's account alone, whoever of it wrote; a link to an agenda, of the person who made it.
    "POST spaces:entry_correct": of_dossiers(),
    "POST spaces:feed_create": of_dossiers(200),
    "POST spaces:feed_revoke": in_space(LED_ON),
    **{
        f"POST spaces:{name}": of_discussions()
        for name in (
            *("conversation_begin", "conversation", "conversation_title", "participants", "participant_remove"),
            *("conversation_leave", "conversation_mute", "conversation_archive"),
        )
    },
    "POST spaces:conversation_read": of_discussions(204),
    "POST spaces:conversation_dossier": in_space(LED_ON) | {OF_DISCUSSIONS: 403},
    # Of a delegation in force: the referent only takes out after revoking it. Only into a circle was anybody brought.
    "POST spaces:take_out": answered(NOTHING, holder=LED_ON, part=NOTHING, **{OF_DOSSIERS: LED_ON}),
    # --- The spaces, by the API: at a door a no is 403 with its reason -----------------------------------------------
    **{
        f"POST api:{name}": of_dossiers(does, 403)
        for name, does in (("dossiers", MADE), ("dossiers_search", 200), ("agenda", MADE), ("tasks", MADE))
    },
    **{f"POST api:{name}": of_dossiers(MADE) for name in ("entries", "document_add", "agenda_links")},
    "POST api:agenda_link_revoke": in_space(200),
    **{
        f"POST api:{name}": of_dossiers(200)
        for name in (
            *("dossier_archive", "dossier_restore", "circle", "circle_inform", "circle_remove", "event_cancel"),
            *("task_take", "task_done", "task_reopen", "task_cancel"),
        )
    },
    **{f"PATCH api:{name}": of_dossiers(200) for name in ("dossier", "entry", "event", "task")},
    "POST api:discussions": of_discussions(MADE, 403),
    "POST api:conversations_search": of_discussions(200, 403),
    "POST api:messages": of_discussions(MADE),
    "PATCH api:conversation": of_discussions(200),
    "POST api:conversation_dossier": in_space(200) | {OF_DISCUSSIONS: 403},
    # As by the pages: who may act there and has nobody to take out is told so.
    "POST api:delegation_take_out": answered(403, holder=200, part=409, **{OF_DOSSIERS: 200}),
    **{
        f"POST api:{name}": of_discussions(200)
        for name in (
            *("participants", "participant_remove", "conversation_leave", "conversation_read"),
            *("conversation_mute", "conversation_archive"),
        )
    },
}
# These draw a page, or an answer, and may write nothing: a search, or a form whose body a PUT does not carry.
LOOKS = {
    *("POST spaces:dossiers_search", "POST spaces:conversations_search"),
    *("POST api:dossiers_search", "POST api:conversations_search"),
    *("PUT accounts:password", "PUT accounts:sign_in"),
}


# --- What is sent ----------------------------------------------------------------------------------------------------

PATIENT = {"family_name": "Roumégous", "given_names": "Léonce", "birth_date": "1931-02-03", "sex": "M"}
TOLD = {"informed_how": "oral", "informed_on": "2020-11-26"}
FACT = {"title": "Chute", "text": "Sans gravité.", "confidentiality": "circle"}
ON_PAGES = {"happened_on": "26/11/2020", "happened": "10:00"}
BY_API = {"happened_at": "2020-11-26T10:00:00+01:00"}
EVENT = {"kind": "visit", "title": "Visite", "place": "", "notes": "", "dossier": ""}
HOURS = {"starts_on": "2026-12-01", "starts": "14:00", "ends_on": "", "ends": "15:30"}
MOMENTS = {"starts_at": "2026-12-01T14:00:00+01:00", "ends_at": "2026-12-01T15:30:00+01:00"}
REASON = {"reason": "Fin du remplacement."}
LATER = "2099-03-31"
JOURNAL = {"accounts_journalentry", "accounts_journalqueue"}
Body = dict[str, Any]


def key() -> Body:
    return {"client_key": str(uuid.uuid4())}


def told_now() -> Body:
    """Never before the account was added."""
    return {"informed_how": "written", "informed_on": timezone.localdate().isoformat()}


def on_pages(house: House) -> dict[str, Body]:
    outside, talk = str(house.outside.pk), house.talk
    signing = {"username": house.holder.username, "password": PASSWORD}
    password = {"old_password": PASSWORD} | dict.fromkeys(("new_password1", "new_password2"), "trois loutres grises")
    return {
        "accounts:sign_in": signing,
        "accounts:theme": {"theme": "dark"},
        "accounts:password": password,
        "accounts:token_create": {"name": "export"},
        "accounts:notifications_read": {"until": "1"},
        "delegations:ask": {"scope": "total", "message": ""},
        "delegations:accept": {"answer": "total"},
        "delegations:refuse": REASON,
        "delegations:end": REASON,
        "delegations:renew": {"until": "31/03/2099"},
        "delegations:reduce": {"scope": "dossier"},
        "spaces:feed_create": {"replace": "1"},
        "spaces:dossiers_search": {"q": "cazalbou"},
        "spaces:dossier_add": PATIENT | TOLD,
        "spaces:dossier_identity": PATIENT | {"version": "1"},
        "spaces:circle_add": TOLD | {"to": outside},
        "spaces:circle_inform": told_now(),
        "spaces:entry_add": FACT | ON_PAGES,
        "spaces:entry_correct": FACT | ON_PAGES | {"number": "1"},
        "spaces:event_add": EVENT | HOURS,
        "spaces:event_change": EVENT | HOURS | {"version": str(house.event.version)},
        "spaces:task_add": {"title": "Commander"},
        "spaces:task_change": {"title": "Commander", "version": str(house.task.version)},
        "spaces:task_take": {"version": str(house.task.version)},
        "spaces:conversation_begin": {"title": "Avis", "to": outside, "text": "Bonjour."} | key(),
        "spaces:conversations_search": {"q": "relais"},
        "spaces:conversation": {"text": "Bien reçu."} | key(),
        "spaces:conversation_title": {"title": "Autre", "seen": talk.title},
        "spaces:conversation_dossier": {"dossier": str(house.dossier.pk)},
        "spaces:participants": {"to": outside, "before": "oui"},
        "spaces:conversation_mute": {"on": "1"},
        "spaces:conversation_archive": {"on": "1"},
        "spaces:conversation_read": {"upto": str(talk.last_message_id)},
        "spaces:document_add": FACT | ON_PAGES,
    }


def by_api(house: House) -> dict[str, Body]:
    outside = [str(house.outside.pk)]
    return {
        "api:delegation_requests": {"account": str(house.unit.account_id), "scope": "total"},
        "api:delegation_request_refuse": REASON,
        "api:delegation_revoke": REASON,
        "api:delegation_renew": {"until": LATER},
        "api:delegation_reduce": {"scope": "dossier"},
        "api:dossiers": PATIENT | TOLD,
        "api:dossiers_search": {"q": "cazalbou"},
        "api:dossier": PATIENT,
        "api:circle": TOLD | {"to": outside},
        "api:circle_inform": told_now(),
        "api:entries": FACT | BY_API | {"kind": "event"},
        "api:entry": FACT | BY_API,
        "api:document_add": FACT | BY_API,
        "api:agenda": EVENT | MOMENTS | {"dossier": None},
        "api:event": EVENT | MOMENTS | {"dossier": None},
        "api:tasks": {"title": "Commander"},
        "api:task": {"title": "Commander"},
        "api:discussions": {"title": "Avis", "to": outside, "text": "Bonjour."} | key(),
        "api:conversations_search": {"q": "relais"},
        "api:conversation": {"title": "Autre"},
        "api:conversation_dossier": {"dossier": str(house.dossier.pk)},
        "api:agenda_links": {"replace": True},
        "api:delegation_take_out": {"member": None},
        "api:messages": {"text": "Bien reçu."} | key(),
        "api:participants": {"to": outside, "see_what_came_before": True},
        "api:conversation_mute": {"on": True},
        "api:conversation_archive": {"on": True},
    }


def send(house: House, name: str, act: str) -> HttpResponse:
    method, route = act.split()
    client, address = house.client(name), house.address(route)
    if route == "delegations:ask":
        address += f"?compte={house.unit.account_id}"
    body: Body = {**on_pages(house), **by_api(house)}.get(route, {})
    if route.endswith(":document_add"):
        return client.post(address, body | {"file": SimpleUploadedFile("compte-rendu.pdf", pdf())})
    if route.startswith("api:"):
        seen = tag_of(house.talk.title) if route == "api:conversation" else "1"
        headers = {"If-Match": f'"{seen}"'} if method == "PATCH" else {}
        return client.generic(method, address, json.dumps(body), "application/json", headers=headers)
    return client.post(address, body) if method == "POST" else client.generic(method, address)


# --- What was written ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def house(shared: DjangoDbBlocker) -> House:
    with shared.unblock():
        made = House()
        made.sign_in()
    return made


@pytest.fixture(scope="module")
def tables(house: House, shared: DjangoDbBlocker) -> list[str]:
    """But those of sessions, of what is counted before anybody is known, and of lists that are never written."""
    apart = {*KEPT, "django_session", "axes_accessattempt", "axes_accesslog", "axes_accessfailurelog"}
    with shared.unblock():
        return [name for name in connection.introspection.table_names() if name not in apart]


@pytest.fixture(scope="module")
def told(house: House, tables: list[str], shared: DjangoDbBlocker) -> dict[str, tuple[int, int]]:
    """What they say before anybody does anything; each act is undone."""
    with shared.unblock():
        return told_of(tables)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def status_of(response: HttpResponse) -> int:
    leads = response.status_code == SIGN_IN and response["Location"].startswith(f"{reverse(settings.LOGIN_URL)}?")
    return TO_SIGN_IN if leads else response.status_code


@pytest.fixture(autouse=True)
def bare_404(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of what is answered here; drawing its page, which other tests look at, would take a third of the time."""
    monkeypatch.setattr("spico.urls.handler404", lambda request, exception: HttpResponseNotFound())


# --- The table -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_act_has_a_row(house: House) -> None:
    """What an address takes is what it answers 405 to neither whoever holds everything nor whoever is not signed in."""
    assert {
        f"{method} {route}" for route in named_routes() for method in METHODS if takes(house, method, route)
    } == set(ACTS)


def takes(house: House, method: str, route: str) -> bool:
    with undone():
        return all(
            house.client(name).generic(method, house.address(route)).status_code != 405 for name in (HOLDER, NOBODY)
        )


@pytest.mark.django_db
@pytest.mark.parametrize("act", ACTS)
def test_each_person_does_what_the_table_says(act: str, house: House, told: dict[str, tuple[int, int]]) -> None:
    found = {}
    for name in EVERYBODY:
        before = touched()
        last = JournalEntry.objects.latest("pk").pk
        with undone():
            response = send(house, name, act)
            found[name] = status_of(response)
            # Those alone that were written to are read: the others say what they said.
            after = told_of([table for table, times in touched().items() if table in told and times != before[table]])
            written = {table for table in after if after[table] != told[table]}
            verbs = set(JournalEntry.objects.filter(pk__gt=last).values_list("verb", flat=True))
        if found[name] >= 400:
            assert written <= JOURNAL, (name, found[name])
            assert verbs <= {"space.refused"}, name
        elif not written and found[name] == LED_ON:
            found[name] = NOTHING
        elif act not in LOOKS:
            assert written, (name, found[name])
    assert found == ACTS[act]
