"""Route x person -> status. A route without a row fails, and so does a row without a route."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.contrib import admin
from django.http import FileResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import JournalEntry, User
from accounts.tokens import create_token
from delegations.scopes import Space
from directory.models import InternalOrganisation, Professional, Structure
from directory.search import publish
from tests.accounts.telling import told
from tests.factories import (
    AttachmentFactory,
    DelegationFactory,
    DelegationRequestFactory,
    InternalOrganisationFactory,
    ProfessionalFactory,
    ReferentFactory,
    UserFactory,
)
from tests.workspace.making import a_conversation, a_document, a_dossier, a_task, acting, an_event
from workspace.services.entries import write_entry
from workspace.services.feeds import create_feed

SIGN_IN = 302
NOBODY, ATTACHED, STRANGER, FORMER, HOLDER, REFERENT, STAFF, SUPERUSER = PEOPLE = [
    "nobody",
    "attached",
    "stranger",
    "former_holder",
    "holder",
    "referent",
    "service_centre",
    "superuser",
]


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
    "delegations:renew": answering(SIGN_IN, 404, 403),
    "delegations:reduce": row(nobody=SIGN_IN, person=404, holder=403, referent=200),
    "delegations:keep": TO_THE_FORM,
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
            *("dossier", "circle", "entries", "entry", "document", "event", "task"),
            *("conversation", "messages", "participants"),
        )
    },
    **{
        f"api:{name}": row(nobody=401, person=404, holder=405)
        for name in (
            *("dossier_archive", "dossier_restore", "circle_remove", "document_add", "event_cancel"),
            *("task_take", "task_done", "task_reopen", "task_cancel", "participant_remove"),
            *("conversation_leave", "conversation_read", "conversation_mute", "conversation_archive"),
        )
    },
    **dict.fromkeys(("api:dossiers_search", "api:conversations_search"), row(nobody=401, person=403, holder=405)),
    "healthz": PUBLIC,
    "readyz": PUBLIC,
}
Place = dict[str, object]


def named_routes(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from named_routes(pattern, f"{pattern.namespace}:" if pattern.namespace else namespace)
        elif isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern.pattern} has no name, so no row can speak of it"
            yield f"{namespace}{pattern.name}"


def test_every_route_has_a_row() -> None:
    assert set(named_routes()) == set(MATRIX)


@pytest.fixture(scope="module")
def unit(shared: DjangoDbBlocker) -> InternalOrganisation:
    with shared.unblock():
        made: InternalOrganisation = InternalOrganisationFactory(structure__open_account=True)
    return made


@pytest.fixture(scope="module")
def people(shared: DjangoDbBlocker, unit: InternalOrganisation) -> dict[str, User | None]:
    with shared.unblock():
        return _people(unit)


def _people(unit: InternalOrganisation) -> dict[str, User | None]:
    attached: Professional = ProfessionalFactory(signed_in=True)
    AttachmentFactory(professional=attached, structure=unit.structure)
    AttachmentFactory(professional=attached, internal_organisation=unit)
    return {
        NOBODY: None,
        ATTACHED: attached.account.user,
        STRANGER: ProfessionalFactory(signed_in=True).account.user,
        FORMER: DelegationFactory(account=unit.structure.account, ended=True).holder.user,
        HOLDER: DelegationFactory(account=unit.structure.account).holder.user,
        REFERENT: ReferentFactory(structure=unit.structure).account.user,
        STAFF: UserFactory(service_centre=True),
        SUPERUSER: UserFactory(is_staff=True, is_superuser=True),
    }


@pytest.fixture(scope="module")
def address(
    shared: DjangoDbBlocker, unit: InternalOrganisation, people: dict[str, User | None]
) -> Callable[[str], str]:
    with shared.unblock():
        return _address(unit, people)


def _address(unit: InternalOrganisation, people: dict[str, User | None]) -> Callable[[str], str]:
    somebody: Professional = ProfessionalFactory(signed_in=True)
    token, _ = create_token(somebody.account.user, "export")
    notification = told(somebody.account.user)
    structure: Structure = unit.structure
    places: Place = {"finess": structure.finess, "code": 418, "name": "not-found", "handle": token.handle}
    publish("structure", structure.finess, label=structure.name, account=structure.account, at=date(2026, 11, 23))
    places["account"] = structure.account_id
    held = DelegationFactory(account=structure.account)
    asked = DelegationRequestFactory(account=structure.account)
    entry = JournalEntry.objects.filter(account=structure.account).earliest("pk")
    keys = {"accounts:notification": notification.pk, "delegations:surprise": entry.pk}
    places["space"] = "dossiers"
    holder = people[HOLDER]
    assert holder
    at_work = acting(holder, structure.account, Space.DOSSIERS)
    dossier = a_dossier(at_work)
    written = write_entry(at_work, dossier, "observation", "Passage", "Rien à signaler.", at_work.at, "circle")
    places |= {"dossier": dossier.pk, "entry": written.pk, "kind": "observation", "member": dossier.circle.get().pk}
    places["row"] = 1
    places["document"] = a_document(at_work, dossier).pk
    places["event"] = an_event(acting(holder, structure.account, Space.AGENDA)).pk
    places["task"] = a_task(acting(holder, structure.account, Space.TASKS)).pk
    places["feed"] = create_feed(acting(holder, structure.account, Space.AGENDA))[0].pk
    places["secret"] = "x" * 43
    places["conversation"] = a_conversation(acting(holder, structure.account, Space.DISCUSSIONS)).pk

    def find(route: str) -> str:
        asks = "request" in route or route.partition(":")[2] in ("claim", "accept", "refuse", "withdraw")
        row = asked if asks else held if "delegation" in route else unit if "unit" in route else somebody
        places["pk"] = keys.get(route, row.pk)
        return reverse(route, kwargs={name: places[name] for name in _arguments(route)})

    return find


def _arguments(route: str) -> set[str]:
    resolver = get_resolver()
    if ":" in route:
        namespace, route = route.split(":")
        resolver = resolver.namespace_dict[namespace][1]
    return {name for options in resolver.reverse_dict.getlist(route) for name in options[0][0][1]}


@pytest.mark.django_db
@pytest.mark.parametrize("route", MATRIX)
def test_each_person_gets_what_the_table_says(
    route: str, people: dict[str, User | None], address: Callable[[str], str]
) -> None:
    found = {}
    for name, user in people.items():
        client = Client()
        if user:
            client.force_login(user)
        response = client.get(address(route))
        found[name] = response.status_code
        if isinstance(response, FileResponse):
            # Whoever reads a file to its end closes it.
            response.getvalue()
    assert found == MATRIX[route]


@pytest.mark.django_db
@pytest.mark.parametrize("name", PEOPLE)
def test_only_the_service_centre_reads_the_administration(name: str, people: dict[str, User | None]) -> None:
    client = Client()
    if user := people[name]:
        client.force_login(user)
    models = [f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in admin.site._registry]
    found = {route: client.get(reverse(route)).status_code for route in ["admin:index", *models]}
    ours = ("admin:accounts_", "admin:delegations_", "admin:directory_")
    hidden = {route for route in models if not route.startswith(ours)}
    hidden.add("admin:directory_searchentry_changelist")
    assert found == {route: 403 if name == STAFF and route in hidden else ADMIN[name] for route in found}


@pytest.mark.django_db
@pytest.mark.parametrize("name", [STAFF, SUPERUSER])
def test_nothing_is_edited_by_hand_in_the_administration(name: str, people: dict[str, User | None]) -> None:
    client = Client()
    client.force_login(people[name])  # type: ignore[arg-type]
    for model in admin.site._registry:
        if model._meta.app_label in ("accounts", "delegations", "directory"):
            add = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
            assert client.get(add).status_code == 403
            assert client.post(add, {}).status_code == 403
