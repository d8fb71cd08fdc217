"""What the API refuses of a document: what lies, what is missing, what is too large; nothing is kept of it."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.parsers import MultiPartParser
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.states import AccountState
from delegations.scopes import Space
from tests.api.conftest import Token, check_problem
from tests.api.documents import MEGABYTE, SAID, address, check_nothing_was_kept, form, send, signed_in
from tests.delegations.people import Cast, publish
from tests.workspace.files import archive, image, pdf
from tests.workspace.making import a_dossier, acting
from workspace import files
from workspace.api import documents, dossier_bodies
from workspace.models import Document, Dossier
from workspace.services.dossiers import archive_dossier

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


# --- What does not suit ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"MZ" + bytes(300), "compte-rendu.pdf", files.SENTENCES["unknown"]),
        (archive(), "compte-rendu.pdf", files.SENTENCES["unknown"]),
        (b"<script>alert(1)</script>", "plaie.png", files.SENTENCES["unknown"]),
        (pdf()[:200], "compte-rendu.pdf", files.BROKEN),
        (pdf() + archive(), "compte-rendu.pdf", files.SENTENCES["two_in_one"]),
        (image("PNG", (10_000, 9_000), "1"), "radio.png", files.SENTENCES["pixels"]),
        (b"", "compte-rendu.pdf", files.EMPTY),
    ],
    ids=["program", "archive", "script", "half", "two in one", "wall", "empty"],
)
def test_a_file_that_lies_is_refused_in_the_words_of_the_page(
    cast: Cast, dossier: Dossier, api: APIClient, root: Path, data: bytes, name: str, sentence: str
) -> None:
    told = check_problem(send(api, address(cast.account, dossier), form(data, name)), 400, "invalid-request")
    assert told["detail"] == sentence
    assert told["errors"] == [{"field": "file", "message": sentence}]
    check_nothing_was_kept(root)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"file": None}, "file"),
        ({"file": "compte-rendu.pdf"}, "file"),
        ({"title": None}, "title"),
        ({"title": " \u202e "}, "title"),
        ({"title": "x" * 151}, "title"),
        ({"text": "x" * 20_001}, "text"),
        ({"happened_at": None}, "happened_at"),
        ({"happened_at": "demain"}, "happened_at"),
        ({"happened_at": "2090-01-01T10:00:00+01:00"}, "happened_at"),
        ({"happened_at": "1812-01-01T10:00:00+01:00"}, "happened_at"),
        ({"confidentiality": "everybody"}, "confidentiality"),
        # Left empty is not left out: nobody shows to a whole circle what they forgot to choose for.
        ({"confidentiality": ""}, "confidentiality"),
        ({"kind": "observation"}, "kind"),
        ({"titre": "Compte rendu"}, "titre"),
    ],
)
def test_what_does_not_suit_is_named(
    cast: Cast, dossier: Dossier, api: APIClient, root: Path, wrong: dict[str, Any], field: str
) -> None:
    told = check_problem(send(api, address(cast.account, dossier), form(**wrong)), 400, "invalid-request")
    assert [error["field"] for error in told["errors"]] == [field]
    check_nothing_was_kept(root)


@pytest.mark.parametrize(
    ("place", "sent", "field"),
    [
        ("dossiers/{}/entries/", SAID | {"kind": "event", "happened_at": "1812-01-01T10:00:00Z"}, "happened_at"),
        ("agenda/", {"starts_at": "1812-01-01T10:00:00Z", "ends_at": "1812-01-01T11:00:00Z"}, "starts_at"),
        ("agenda/", {"starts_at": "2026-12-01T10:00:00Z", "ends_at": "2026-12-01T09:00:00Z"}, "ends_at"),
        ("agenda/", {"starts_at": "2026-12-01T10:00:00Z", "ends_at": "2027-12-01T09:00:00Z"}, "ends_at"),
    ],
)
def test_a_moment_is_named_as_its_caller_wrote_it(
    cast: Cast, dossier: Dossier, api: APIClient, place: str, sent: dict[str, str], field: str
) -> None:
    """Forms ask a day and an hour, which the API does not know."""
    path = f"/api/v1/accounts/{cast.account.pk}/{place.format(dossier.pk)}"
    whole = sent if "dossiers" in place else sent | {"kind": "visit", "title": "Visite"}
    told = check_problem(api.post(path, whole, format="json"), 400, "invalid-request")
    assert [error["field"] for error in told["errors"]] == [field]


def test_what_is_missing_is_said_as_on_the_page(cast: Cast, dossier: Dossier, api: APIClient) -> None:
    path = address(cast.account, dossier)
    for response in (send(api, path, {}), api.generic("POST", path, b"", "")):
        told = check_problem(response, 400, "invalid-request")
        assert {error["field"] for error in told["errors"]} == {"file", "title", "happened_at"}
        assert {"field": "file", "message": files.MISSING} in told["errors"]


def test_a_value_is_given_once(cast: Cast, dossier: Dossier, api: APIClient, root: Path) -> None:
    sent = form(confidentiality=["account", "circle"])
    told = check_problem(send(api, address(cast.account, dossier), sent), 400, "invalid-request")
    assert told["errors"] == [{"field": "confidentiality", "message": dossier_bodies.GIVEN_TWICE}]
    two = form() | {"other": SimpleUploadedFile("b.pdf", pdf())}
    told = check_problem(send(api, address(cast.account, dossier), two), 400, "invalid-request")
    assert told["detail"] == documents.ONE_FILE
    check_nothing_was_kept(root)


def test_what_is_no_form_is_refused_in_words(cast: Cast, dossier: Dossier, api: APIClient, root: Path) -> None:
    path = address(cast.account, dossier)
    told = check_problem(api.post(path, SAID, format="json"), 415, "unsupported-media-type")
    assert told["detail"] == documents.NOT_A_FORM
    for media_type in ("multipart/form-data", "multipart/form-data; boundary=" + "x" * 202):
        told = check_problem(api.generic("POST", path, b"--x", media_type), 400, "invalid-request")
        assert told["detail"] == documents.UNREADABLE_FORM
    check_nothing_was_kept(root)


def test_nothing_is_added_to_an_archived_dossier_nor_for_a_frozen_account(
    cast: Cast, dossier: Dossier, api: APIClient, root: Path
) -> None:
    archive_dossier(acting(cast.total, cast.account, Space.DOSSIERS), dossier)
    # The state of the dossier is told before what was sent is read, as on the page.
    for sent in (form(), {}):
        check_problem(send(api, address(cast.account, dossier), sent), 409, "conflict")
    Dossier.objects.update(archived_at=None, archived_by_account=None, archived_for=None)
    Account.objects.filter(pk=cast.account.pk).update(state=AccountState.FROZEN)
    publish()
    check_problem(send(api, address(cast.account, dossier)), 409, "conflict")
    check_nothing_was_kept(root)


# --- Size ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [files.MOST_BYTES + 1, 23 * MEGABYTE])
def test_a_file_beyond_the_limit_is_too_large(
    cast: Cast, dossier: Dossier, api: APIClient, root: Path, size: int
) -> None:
    sent = form(b"%PDF-" + bytes(size - 5))
    told = check_problem(send(api, address(cast.account, dossier), sent), 413, "content-too-large")
    assert told["detail"] == files.TOO_BIG
    assert told["errors"] == [{"field": "file", "message": files.TOO_BIG}]
    check_nothing_was_kept(root)


def test_a_file_of_the_limit_is_read(cast: Cast, dossier: Dossier, api: APIClient) -> None:
    """Its content is then what is refused; one of several megabytes that is sound is added."""
    path, data = address(cast.account, dossier), pdf()
    full = b"%PDF-" + bytes(files.MOST_BYTES - 5)
    assert check_problem(send(api, path, form(full)), 400, "invalid-request")["detail"] == files.BROKEN
    comment = b"%" + b" " * (3 * MEGABYTE) + b"\n"
    large = data[:9] + data[9:] + comment + data[data.rindex(b"startxref") :]
    assert send(api, path, form(large)).status_code == 201
    assert Document.objects.get().size == len(large)


def test_words_of_megabytes_are_too_long(cast: Cast, dossier: Dossier, api: APIClient, root: Path) -> None:
    sent = form(text="x" * (3 * MEGABYTE))
    told = check_problem(send(api, address(cast.account, dossier), sent), 413, "content-too-large")
    assert "errors" not in told
    check_nothing_was_kept(root)


def test_by_token_the_rule_answers_before_a_byte_is_read(
    cast: Cast, dossier: Dossier, bare: APIClient, token_of: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object, **__: object) -> None:
        raise AssertionError("read")

    monkeypatch.setattr(MultiPartParser, "parse", read)
    path, heavy = address(cast.account, dossier), form(bytes(22 * MEGABYTE))
    check_problem(send(bare, path, heavy), 401, "authentication-required")
    only_reads, stranger = token_of(cast.total), token_of(cast.stranger, may_write=True)
    check_problem(send(bare, path, HTTP_AUTHORIZATION=only_reads), 403, "forbidden")
    check_problem(send(bare, path, HTTP_AUTHORIZATION=stranger), 404, "not-found")
    authorization = token_of(cast.total, may_write=True)
    check_problem(
        send(bare, path, form(bytes(22 * MEGABYTE)), HTTP_AUTHORIZATION=authorization), 413, "content-too-large"
    )
