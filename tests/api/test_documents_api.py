"""A document added by the API: the same rule, service, checks and sentences as by its page; then read where it says."""

import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Account, JournalEntry
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from tests.api.conftest import Token, check_problem
from tests.api.documents import MEGABYTE, SAID, address, check_nothing_was_kept, form, send, signed_in
from tests.api.schema import check_against_schema
from tests.delegations.people import Cast, account_of, person
from tests.factories import DelegationFactory
from tests.workspace.files import image, pdf
from tests.workspace.making import a_document, a_dossier, acting
from workspace.models import Document, Dossier
from workspace.services.circles import Told, add_members
from workspace.services.entries import write_entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: Settings) -> Path:
    settings.DOCUMENTS_ROOT = tmp_path / "documents"
    return settings.DOCUMENTS_ROOT


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    return a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))


@pytest.fixture
def api(cast: Cast) -> APIClient:
    return signed_in(cast.total)


def send_parts(client: APIClient, path: str, *parts: tuple[str, bytes]) -> HttpResponse:
    """Written by hand, byte by byte: each part has its own `Content-Disposition`."""
    told = b"".join(b"--x\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % (w.encode(), d) for w, d in parts)
    answer: HttpResponse = client.generic("POST", path, told + b"--x--\r\n", "multipart/form-data; boundary=x")
    return answer


# --- Adding, then reading --------------------------------------------------------------------------------------------


def test_a_document_is_added_in_the_name_of_the_account(cast: Cast, dossier: Dossier, api: APIClient) -> None:
    data, path = pdf(), address(cast.account, dossier)
    response = send(api, path, form(data))
    assert response.status_code == 201
    told = check_against_schema(response, path, "post")
    document = Document.objects.get()
    entry = document.entry
    assert (told["id"], told["document"], told["kind"], told["version"]) == (
        str(entry.pk),
        str(document.pk),
        "document",
        1,
    )
    assert {name: told[name] for name in ("title", "text", "confidentiality")} == {
        name: SAID[name] for name in ("title", "text", "confidentiality")
    }
    assert told["author"]["account"] == str(cast.account.pk)
    assert (told["author"]["actor_name"], told["author"]["ground"]) == ("Hélène Vaysserat", "delegation")
    assert (document.account, document.actor, document.ground) == (cast.account, cast.total, "delegation")
    assert (document.content_type, document.size, entry.dossier) == ("application/pdf", len(data), dossier)
    written = JournalEntry.objects.get(verb="entry.written")
    assert (written.object_key, written.account, written.actor) == (str(entry.pk), cast.account, cast.total)
    assert written.delegation == document.delegation_id
    assert "hospitalisation" not in str(written.details)
    assert not JournalEntry.objects.filter(verb="document.opened").exists()


def test_the_answer_says_where_the_entry_and_its_file_are(cast: Cast, dossier: Dossier, api: APIClient) -> None:
    data = pdf()
    response = send(api, address(cast.account, dossier), form(data))
    told = response.json()  # type: ignore[attr-defined]
    root = f"http://testserver/api/v1/accounts/{cast.account.pk}/dossiers/{dossier.pk}/"
    assert response["Location"] == f"{root}entries/{told['id']}/"
    assert response["ETag"] == '"1"'
    assert told["document_url"] == f"{root}documents/{told['document']}/"
    entry = api.get(response["Location"])
    assert check_against_schema(entry, urlsplit(response["Location"]).path) == told
    listed = api.get(f"{root}entries/?kind=document").json()["results"]
    assert listed == [told]
    file = api.get(told["document_url"], headers={"Accept": "*/*"})
    assert file.getvalue() == data
    assert file["Content-Disposition"] == 'attachment; filename="compte-rendu.pdf"'
    assert JournalEntry.objects.get(verb="document.opened").object_key == told["document"]


def test_an_entry_without_a_file_has_no_address_of_one(cast: Cast, dossier: Dossier, api: APIClient) -> None:
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    entry = write_entry(who, dossier, "event", "Chute", "Sans gravité.", who.at, "circle")
    path = f"/api/v1/accounts/{cast.account.pk}/dossiers/{dossier.pk}/entries/{entry.pk}/"
    told = check_against_schema(api.get(path), path)
    assert (told["document"], told["document_url"]) == (None, None)


def test_what_is_said_of_a_document_is_corrected_as_an_entry_is(cast: Cast, dossier: Dossier, api: APIClient) -> None:
    made = send(api, address(cast.account, dossier))
    where, changed = made["Location"], {name: SAID[name] for name in ("happened_at", "confidentiality")}
    changed |= {"title": "Courrier de sortie"}
    check_problem(api.patch(where, changed, format="json"), 428, "precondition-required")
    response = api.patch(where, changed, format="json", headers={"If-Match": made["ETag"]})
    told, before = response.json(), made.json()  # type: ignore[attr-defined]
    assert (told["title"], told["text"], told["version"]) == ("Courrier de sortie", "", 2)
    assert (told["document"], told["document_url"]) == (before["document"], before["document_url"])
    late = api.patch(where, changed, format="json", headers={"If-Match": made["ETag"]})
    check_problem(late, 412, "precondition-failed")


def test_only_a_title_a_date_and_a_file_are_needed(cast: Cast, dossier: Dossier, api: APIClient) -> None:
    response = send(api, address(cast.account, dossier), form(image(), "plaie.png", text=None, confidentiality=None))
    assert response.status_code == 201
    told = response.json()  # type: ignore[attr-defined]
    assert (told["text"], told["confidentiality"]) == ("", "circle")
    assert send(api, address(cast.account, dossier), form(image("JPEG"), "plaie.jpg", text="")).status_code == 201


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\\\..\\\\CR.pdf", "CR.pdf"),
        ("CR \u202efdp.exe", "CR fdp.exe.pdf"),
        ("\u200f\u2067.pdf", "document.pdf"),
        ("bilan.png", "bilan.pdf"),
    ],
)
def test_a_name_loses_what_may_harm(cast: Cast, dossier: Dossier, api: APIClient, name: str, kept: str) -> None:
    parts = [(f'name="{key}"', value.encode()) for key, value in SAID.items()]
    response = send_parts(api, address(cast.account, dossier), *parts, (f'name="file"; filename="{name}"', pdf()))
    assert response.status_code == 201
    assert Document.objects.get().name == kept


# --- Who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", Scope)
def test_each_scope_adds_or_finds_nothing(cast: Cast, dossier: Dossier, root: Path, scope: Scope) -> None:
    holder = person()
    DelegationFactory(holder=account_of(holder), account=cast.account, scope=scope)
    response = send(signed_in(holder), address(cast.account, dossier))
    if scope == Scope.DISCUSSIONS:
        check_problem(response, 404, "not-found")
        check_nothing_was_kept(root)
        assert JournalEntry.objects.filter(verb="space.refused", actor=holder).exists()
    else:
        assert response.status_code == 201


def test_ones_own_account_needs_no_delegation(cast: Cast) -> None:
    own = account_of(cast.stranger)
    mine = a_dossier(acting(cast.stranger, own, Space.DOSSIERS))
    response = send(signed_in(cast.stranger), address(own, mine))
    assert response.status_code == 201
    assert response.json()["author"]["ground"] == "own"  # type: ignore[attr-defined]


@pytest.mark.parametrize("who", ["partial", "former", "referent", "attached", "stranger", "staff", "superuser"])
def test_what_is_hidden_is_as_what_does_not_exist(cast: Cast, dossier: Dossier, root: Path, who: str) -> None:
    user = getattr(cast, who)
    client = signed_in(user)
    accounts = [cast.account] + ([account_of(user)] if hasattr(user, "account") else [])
    for account in accounts:
        # A sound file, one that lies, and none: nobody learns anything from what is refused first.
        for sent in (form(), form(b"MZ"), {}):
            hidden = send(client, address(account, dossier), sent)
            nothing = send(client, address(account, uuid.uuid4()), sent)
            told, absent = check_problem(hidden, 404, "not-found"), check_problem(nothing, 404, "not-found")
            assert told | {"instance": ""} == absent | {"instance": ""}
    check_nothing_was_kept(root)


def test_a_heavy_file_tells_no_more(cast: Cast, dossier: Dossier, root: Path) -> None:
    for key in (dossier, uuid.uuid4()):
        heavy = form(bytes(22 * MEGABYTE))
        check_problem(send(signed_in(cast.stranger), address(cast.account, key), heavy), 404, "not-found")
    check_nothing_was_kept(root)


def test_a_dossier_of_another_circle_is_not_there(cast: Cast, api: APIClient, root: Path) -> None:
    theirs = a_dossier(acting(cast.stranger, account_of(cast.stranger), Space.DOSSIERS))
    check_problem(send(api, address(cast.account, theirs)), 404, "not-found")
    check_problem(send(api, address(account_of(cast.stranger), theirs)), 404, "not-found")
    unlisted = Account(pk=uuid.uuid4())
    check_problem(send(api, address(unlisted, theirs)), 404, "not-found")
    check_nothing_was_kept(root)


def test_revoked_is_felt_at_the_next_request(cast: Cast, dossier: Dossier, api: APIClient) -> None:
    assert send(api, address(cast.account, dossier)).status_code == 201
    end_delegation(cast.referent, cast.delegation_of("total"), "Départ.", timezone.now())
    check_problem(send(api, address(cast.account, dossier)), 404, "not-found")
    assert Document.objects.count() == 1


def test_a_document_for_its_account_alone_is_not_told_to_the_circle(cast: Cast, dossier: Dossier) -> None:
    who, theirs = acting(cast.total, cast.account, Space.DOSSIERS), account_of(cast.stranger)
    add_members(who, dossier, [theirs.pk], Told("oral", timezone.localdate()))
    shared, own = (a_document(who, dossier, confidentiality=one) for one in ("circle", "account"))
    client = signed_in(cast.stranger)
    root = f"/api/v1/accounts/{theirs.pk}/dossiers/{dossier.pk}/"
    [told] = client.get(f"{root}entries/").json()["results"]
    # Its address is that of the account which reads, not of the one that wrote.
    assert told["document_url"] == f"http://testserver{root}documents/{shared.pk}/"
    check_problem(client.get(f"{root}entries/{own.entry_id}/"), 404, "not-found")
    check_problem(client.get(f"{root}documents/{own.pk}/", headers={"Accept": "*/*"}), 404, "not-found")
    assert send(client, address(theirs, dossier)).status_code == 201


# --- Token and session -----------------------------------------------------------------------------------------------


def test_a_token_that_may_write_adds_a_document(
    cast: Cast, dossier: Dossier, bare: APIClient, token_of: Token, root: Path
) -> None:
    path = address(cast.account, dossier)
    check_problem(send(bare, path), 401, "authentication-required")
    only_reads = check_problem(send(bare, path, HTTP_AUTHORIZATION=token_of(cast.total)), 403, "forbidden")
    assert only_reads["detail"] == "Ce jeton ne permet que la lecture."
    check_nothing_was_kept(root)
    authorization = token_of(cast.total, may_write=True)
    assert send(bare, path, HTTP_AUTHORIZATION=authorization).status_code == 201
    stranger = token_of(cast.stranger, may_write=True)
    check_problem(send(bare, path, HTTP_AUTHORIZATION=stranger), 404, "not-found")


def test_a_session_adds_with_its_csrf_token_alone(cast: Cast, dossier: Dossier, root: Path) -> None:
    client = signed_in(cast.total, enforce_csrf_checks=True)
    path = address(cast.account, dossier)
    check_problem(send(client, path), 403, "forbidden")
    check_nothing_was_kept(root)
    client.cookies["csrftoken"] = "a" * 32
    assert send(client, path, HTTP_X_CSRFTOKEN="a" * 32).status_code == 201


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_one_only_adds_there(cast: Cast, dossier: Dossier, api: APIClient, method: str) -> None:
    response = getattr(api, method)(address(cast.account, dossier))
    check_problem(response, 405, "method-not-allowed")
    assert response["Allow"] == "POST"
