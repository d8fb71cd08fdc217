"""Route x person -> status. A route without a row fails, and so does a row without a route. What is done there by
other methods than GET has its own table, in `test_matrix_acts`."""

import pytest
from django.contrib import admin
from django.http import FileResponse
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from tests.spico.matrix import (
    ATTACHED,
    FORMER,
    HOLDER,
    NOBODY,
    PEOPLE,
    REFERENT,
    SIGN_IN,
    STAFF,
    STRANGER,
    SUPERUSER,
    House,
    named_routes,
)


def row(nobody: int, person: int, staff: int | None = None, **others: int) -> dict[str, int]:
    """An attached person gets what a stranger gets, and so does who once held a delegation: neither opens anything.

    `holder` (of everything on the structure's account), `referent` and `superuser` are told where they differ.
    """
    staff = person if staff is None else staff
    plain = {NOBODY: nobody, ATTACHED: person, STRANGER: person, FORMER: person, HOLDER: person, REFERENT: person}
    return plain | {STAFF: staff, SUPERUSER: staff} | others


def answering(nobody: int, person: int, answers: int) -> dict[str, int]:
    """What only those who answer for the account see."""
    return row(nobody, person, holder=answers, referent=answers)


PAGE = row(nobody=SIGN_IN, person=200)
PUBLIC = row(nobody=200, person=200)
TO_THE_FORM = row(nobody=SIGN_IN, person=302)
BELOW = row(nobody=SIGN_IN, person=404, holder=200)
API = row(nobody=401, person=200)
API_ACT = row(nobody=401, person=405)
ADMIN = row(nobody=SIGN_IN, person=SIGN_IN, staff=200)

MATRIX: dict[str, dict[str, int]] = {
    "pages:home": PAGE,
    "pages:my_account": PAGE,
    "pages:legal": PUBLIC,
    "pages:accessibility": PUBLIC,
    "pages:privacy": PUBLIC,
    "pages:sources": PUBLIC,
    "pages:components": PAGE,
    "pages:error": row(nobody=SIGN_IN, person=404),
    "accounts:sign_in": row(nobody=200, person=302),
    # Acts are POST; somebody who comes back to their address by GET is led to the page that has the form.
    "accounts:sign_out": row(nobody=302, person=302),
    "accounts:theme": TO_THE_FORM,
    "accounts:password": PAGE,
    "accounts:tokens": PAGE,
    "accounts:token_create": TO_THE_FORM,
    # Another person's token: the same answer as for one that does not exist, superuser included.
    "accounts:token_revoke": row(nobody=SIGN_IN, person=404),
    "accounts:notifications": PAGE,
    # Another person's notification, as another person's token.
    "accounts:notification": row(nobody=SIGN_IN, person=404),
    "accounts:notifications_read": TO_THE_FORM,
    "directory:search": PAGE,
    "directory:communes": PAGE,
    "directory:outline": PAGE,
    "directory:structure": PAGE,
    "directory:people": PAGE,
    "directory:unit": PAGE,
    "directory:unit_people": PAGE,
    "directory:professional": PAGE,
    "delegations:ask": PAGE,
    "delegations:requests": PAGE,
    # A request between other people: as if it were not. Its acts lead back to its page.
    "delegations:request": answering(SIGN_IN, 404, 200),
    "delegations:claim": TO_THE_FORM,
    "delegations:accept": TO_THE_FORM,
    "delegations:refuse": TO_THE_FORM,
    "delegations:withdraw": TO_THE_FORM,
    "delegations:index": PAGE,
    # A delegation of somebody else: as if it were not, but for those who answer for the account. What they may not do
    # to it is a sentence.
    "delegations:delegation": answering(SIGN_IN, 404, 200),
    "delegations:end": row(nobody=SIGN_IN, person=404, holder=403, referent=200),
    "delegations:renew": answering(SIGN_IN, 404, 200),
    "delegations:reduce": row(nobody=SIGN_IN, person=404, holder=403, referent=200),
    "delegations:keep": TO_THE_FORM,
    "delegations:ask_renewal": TO_THE_FORM,
    # Whoever asks is told why; who has access is for those who answer.
    "delegations:access": PAGE,
    "delegations:who": answering(SIGN_IN, 403, 200),
    # One's own journal at least; an entry of another account is not there.
    "delegations:journal": PAGE,
    "delegations:journal_export": PAGE,
    "delegations:surprise": answering(SIGN_IN, 404, 200),
    "spaces:index": PAGE,
    # The product in one line: neither attachment, nor the role of referent, nor the administration opens a space.
    "spaces:space": row(nobody=SIGN_IN, person=403, holder=200),
    # Below the door, what is not open does not exist; acts lead back to their page.
    # A dossier: nobody but who acts in an account of its circle. From the directory, nobody comes without an account.
    "spaces:dossiers_search": row(nobody=SIGN_IN, person=404, holder=302),
    "spaces:dossier_add": BELOW,
    "spaces:dossier": BELOW,
    "spaces:dossier_print": BELOW,
    "spaces:dossier_identity": BELOW,
    "spaces:dossier_archive": TO_THE_FORM,
    "spaces:dossier_restore": TO_THE_FORM,
    "spaces:circle_join": row(nobody=SIGN_IN, person=404),
    "spaces:circle": BELOW,
    "spaces:circle_add": BELOW,
    "spaces:circle_inform": BELOW,
    "spaces:circle_remove": BELOW,
    "spaces:entry_add": BELOW,
    "spaces:entry": BELOW,
    "spaces:entry_correct": BELOW,
    "spaces:document_add": BELOW,
    "spaces:document": BELOW,
    "spaces:event_add": BELOW,
    "spaces:event": BELOW,
    "spaces:event_change": BELOW,
    "spaces:event_cancel": BELOW,
    "spaces:feeds": BELOW,
    "spaces:feed_create": TO_THE_FORM,
    "spaces:feed_revoke": BELOW,
    # For programs: nobody signs in there, and an unknown secret is nothing to anybody.
    "feeds:agenda": row(nobody=404, person=404),
    "spaces:task_add": BELOW,
    "spaces:task": BELOW,
    "spaces:task_change": BELOW,
    "spaces:task_take": TO_THE_FORM,
    "spaces:task_done": TO_THE_FORM,
    "spaces:task_reopen": TO_THE_FORM,
    "spaces:task_cancel": TO_THE_FORM,
    # Where a notification leads, and « Écrire » without saying to whom.
    "spaces:conversation_mine": row(nobody=SIGN_IN, person=404, holder=302),
    "spaces:write_to": row(nobody=SIGN_IN, person=404),
    "spaces:conversation_begin": BELOW,
    "spaces:conversations_search": BELOW,
    "spaces:conversation": BELOW,
    "spaces:messages_after": BELOW,
    "spaces:conversation_title": BELOW,
    "spaces:conversation_dossier": BELOW,
    "spaces:participants": BELOW,
    "spaces:participant_remove": TO_THE_FORM,
    "spaces:conversation_leave": TO_THE_FORM,
    "spaces:conversation_mute": TO_THE_FORM,
    "spaces:conversation_read": TO_THE_FORM,
    "spaces:conversation_archive": TO_THE_FORM,
    "spaces:take_out": TO_THE_FORM,
    "api:directory": API,
    "api:structure": API,
    "api:structure_people": API,
    "api:unit": API,
    "api:unit_people": API,
    "api:professional": API,
    "api:problem": API,
    "api:schema": API,
    "api:docs": PAGE,
    "api:delegation_requests": API,
    # Rows between other people: as if they were not.
    "api:delegation_request": answering(401, 404, 200),
    "api:delegation_request_accept": API_ACT,
    "api:delegation_request_refuse": API_ACT,
    "api:delegation_request_withdraw": API_ACT,
    "api:delegation_request_claim": API_ACT,
    "api:delegations": API,
    "api:delegation": answering(401, 404, 200),
    "api:delegation_revoke": API_ACT,
    "api:delegation_renew": API_ACT,
    "api:delegation_reduce": API_ACT,
    "api:delegation_keep": API_ACT,
    "api:delegation_ask_renewal": API_ACT,
    "api:delegation_brought_in": answering(401, 404, 200),
    "api:delegation_take_out": API_ACT,
    # Whoever is listed may be asked about; a journal is for whoever answers for the account, superusers included.
    "api:account_access": API,
    "api:account_journal": answering(401, 403, 200),
    # The spaces by the API, as by the pages: a no at the door, nothing below it.
    **dict.fromkeys(
        ("api:dossiers", "api:agenda", "api:tasks", "api:discussions"), row(nobody=401, person=403, holder=200)
    ),
    **{
        f"api:{name}": row(nobody=401, person=404, holder=200)
        for name in (
            *("dossier", "circle", "entries", "entry", "entry_versions", "document", "event", "agenda_links", "task"),
            *("conversation", "messages", "participants"),
        )
    },
    **{
        f"api:{name}": row(nobody=401, person=404, holder=405)
        for name in (
            *("dossier_archive", "dossier_restore", "circle_inform", "circle_remove", "document_add"),
            *("event_cancel", "task_take", "task_done", "task_reopen", "task_cancel", "participant_remove"),
            *("conversation_leave", "conversation_read", "conversation_mute", "conversation_archive"),
            *("conversation_dossier", "agenda_link_revoke"),
        )
    },
    **dict.fromkeys(("api:dossiers_search", "api:conversations_search"), row(nobody=401, person=403, holder=405)),
    "healthz": PUBLIC,
    "readyz": PUBLIC,
}


def test_every_route_has_a_row() -> None:
    assert set(named_routes()) == set(MATRIX)


@pytest.fixture(scope="module")
def house(shared: DjangoDbBlocker) -> House:
    with shared.unblock():
        made = House()
        made.sign_in()
    return made


@pytest.mark.django_db
@pytest.mark.parametrize("route", MATRIX)
def test_each_person_gets_what_the_table_says(route: str, house: House) -> None:
    found = {}
    for name in PEOPLE:
        response = house.client(name).get(house.address(route))
        found[name] = response.status_code
        if isinstance(response, FileResponse):
            # Whoever reads a file to its end closes it.
            response.getvalue()
    assert found == MATRIX[route]


@pytest.mark.django_db
@pytest.mark.parametrize("name", PEOPLE)
def test_only_the_service_centre_reads_the_administration(name: str, house: House) -> None:
    client = house.client(name)
    models = [f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in admin.site._registry]
    found = {route: client.get(reverse(route)).status_code for route in ["admin:index", *models]}
    ours = ("admin:accounts_", "admin:delegations_", "admin:directory_")
    hidden = {route for route in models if not route.startswith(ours)}
    hidden.add("admin:directory_searchentry_changelist")
    assert found == {route: 403 if name == STAFF and route in hidden else ADMIN[name] for route in found}


@pytest.mark.django_db
@pytest.mark.parametrize("name", [STAFF, SUPERUSER])
def test_nothing_is_edited_by_hand_in_the_administration(name: str, house: House) -> None:
    client = house.client(name)
    for model in admin.site._registry:
        if model._meta.app_label in ("accounts", "delegations", "directory"):
            add = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
            assert client.get(add).status_code == 403
            assert client.post(add, {}).status_code == 403
