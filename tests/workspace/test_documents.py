"""Documents, through the pages: adding one, what comes back when it is refused, who reads it and with what headers."""

import os
import re
import stat
import zlib
from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account, JournalEntry
from accounts.states import AccountState
from delegations.errors import Refused
from delegations.models import Delegation
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from spico.web.uploads import MOST_WRITTEN
from tests.delegations.people import Cast, account_of, client_of, person, publish
from tests.factories import DelegationFactory
from tests.workspace.files import image, pdf, stream, written_pdf, zeros
from tests.workspace.making import a_document, a_dossier, acting
from workspace import files, store
from workspace.models import Document, Dossier, Entry
from workspace.services import documents
from workspace.services.circles import Told, add_members
from workspace.services.documents import add_document
from workspace.services.dossiers import archive_dossier
from workspace.tasks import check_documents

pytestmark = pytest.mark.django_db
TYPED = {
    "title": "Compte rendu d’hospitalisation",
    "text": "Sortie prévue jeudi.",
    "happened_on": "26/11/2020",
    "happened": "14:30",
    "confidentiality": "account",
}


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: Settings) -> Path:
    settings.DOCUMENTS_ROOT = tmp_path / "documents"
    return settings.DOCUMENTS_ROOT


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    return a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))


def add_url(account: Account, dossier: Dossier) -> str:
    return reverse("spaces:document_add", args=[account.pk, dossier.pk])


def url(account: Account, document: Document, dossier: Dossier | None = None) -> str:
    return reverse("spaces:document", args=[account.pk, (dossier or document.entry.dossier).pk, document.pk])


def typed(data: bytes | None, name: str = "compte-rendu.pdf", **changes: str) -> dict[str, object]:
    given: dict[str, object] = {**TYPED, **changes}
    return given if data is None else given | {"file": SimpleUploadedFile(name, data)}


def page_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def a_file_of(cast: Cast, dossier: Dossier, **more: object) -> Document:
    return a_document(acting(cast.total, cast.account, Space.DOSSIERS), dossier, **more)  # type: ignore[arg-type]


def read(client: Client, address: str) -> int:
    """The file to its end, as a browser does: what is left open would be a warning."""
    response = client.get(address)
    response.getvalue()
    return response.status_code


def stored(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


# --- Adding ----------------------------------------------------------------------------------------------------------


def test_a_document_is_an_entry_with_its_file(cast: Cast, dossier: Dossier, root: Path) -> None:
    client, data = cast.client("total"), pdf()
    assert 'enctype="multipart/form-data"' in page_of(client.get(add_url(cast.account, dossier)))
    response = client.post(add_url(cast.account, dossier), typed(data, "..\\CR \u202efdp.exe"), follow=True)
    document = Document.objects.get()
    assert (document.name, document.content_type, document.size) == ("CR fdp.exe.pdf", "application/pdf", len(data))
    assert (document.account, document.actor, document.ground) == (cast.account, cast.total, "delegation")
    entry = document.entry
    assert (entry.kind, entry.confidentiality, entry.dossier) == ("document", "account", dossier)
    assert entry.versions.get().title == "Compte rendu d’hospitalisation"
    [path] = stored(root)
    assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.name == str(document.key)
    page = page_of(response)
    assert url(cast.account, document) in page
    assert str(document.key) not in page
    written = JournalEntry.objects.get(verb="entry.written")
    assert (written.object_key, written.account, written.delegation) == (
        str(entry.pk),
        cast.account,
        document.delegation_id,
    )
    assert "CR" not in str(written.details)


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"MZ" + bytes(300), "compte-rendu.pdf", files.SENTENCES["unknown"]),
        (pdf()[:200], "compte-rendu.pdf", files.BROKEN),
        (
            written_pdf(stream(zlib.compress(zeros(3000)), b"[/FlateDecode /FlateDecode]")),
            "compte-rendu.pdf",
            files.HEAVY,
        ),
        (image("PNG", (10_000, 9_000), "1"), "radio.png", files.SENTENCES["pixels"]),
        (b"%PDF-" + bytes(21 * 1024 * 1024), "compte-rendu.pdf", files.TOO_BIG),
        (b"", "compte-rendu.pdf", files.EMPTY),
        (None, "", files.MISSING),
    ],
    ids=["program", "half", "bomb", "wall", "21 Mo", "empty", "none"],
)
def test_a_refused_file_loses_nothing_else(
    cast: Cast, dossier: Dossier, root: Path, data: bytes | None, name: str, sentence: str
) -> None:
    response = cast.client("total").post(add_url(cast.account, dossier), typed(data, name))
    assert response.status_code == 400
    page = page_of(response)
    assert page.count(sentence) == 2
    for kept in ("Compte rendu d’hospitalisation", "Sortie prévue jeudi.", "26/11/2020", "14:30"):
        assert kept in page
    assert re.search(r'value="account"[^>]*checked', page)
    assert not Document.objects.exists()
    assert not Entry.objects.exists()
    assert not stored(root)


def test_of_a_file_of_gigabytes_the_disk_sees_little(
    cast: Cast, dossier: Dossier, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spico.web.uploads.MOST_WRITTEN", 3 * 1024 * 1024)
    seen: list[int] = []

    def look(file: SimpleUploadedFile) -> None:
        seen.extend([file.size or 0, Path(file.temporary_file_path()).stat().st_size])  # type: ignore[attr-defined]
        raise Refused(files.TOO_BIG, field="file")

    monkeypatch.setattr(documents, "check_file", look)
    response = cast.client("total").post(add_url(cast.account, dossier), typed(bytes(9 * 1024 * 1024)))
    assert response.status_code == 400
    whole, written = seen
    assert whole == 9 * 1024 * 1024
    assert written < 4 * 1024 * 1024
    assert files.MOST_BYTES < MOST_WRITTEN


def test_a_form_that_comes_back_says_that_its_file_is_to_be_chosen_again(cast: Cast, dossier: Dossier) -> None:
    response = cast.client("total").post(add_url(cast.account, dossier), typed(pdf(), happened_on="demain"))
    assert response.status_code == 400
    assert "Choisissez de nouveau votre fichier" in page_of(response)
    future = typed(pdf(), happened_on="01/01/2090")
    response = cast.client("total").post(add_url(cast.account, dossier), future)
    assert response.status_code == 400
    assert "La date du fait est entre 1900 et aujourd’hui" in page_of(response)
    assert "Choisissez de nouveau votre fichier" in page_of(response)


def test_two_files_at_once_are_no_fault_of_the_server(cast: Cast, dossier: Dossier) -> None:
    two = typed(pdf()) | {"other": SimpleUploadedFile("b.pdf", pdf())}
    assert cast.client("total").post(add_url(cast.account, dossier), two).status_code == 400
    assert not Document.objects.exists()


def test_nothing_is_added_to_an_archived_dossier_nor_for_a_frozen_account(
    cast: Cast, dossier: Dossier, root: Path
) -> None:
    archive_dossier(acting(cast.total, cast.account, Space.DOSSIERS), dossier)
    assert cast.client("total").post(add_url(cast.account, dossier), typed(pdf())).status_code == 409
    Dossier.objects.update(archived_at=None, archived_by_account=None, archived_for=None)
    Account.objects.filter(pk=cast.account.pk).update(state=AccountState.FROZEN)
    assert cast.client("total").post(add_url(cast.account, dossier), typed(pdf())).status_code == 409
    assert not Document.objects.exists()
    assert not stored(root)


def test_a_file_leaves_with_the_transaction_that_did_not_come_to_its_end(
    cast: Cast, dossier: Dossier, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []

    def fails(**_: object) -> None:
        seen.extend(stored(root))
        raise RuntimeError("the power went")

    monkeypatch.setattr(Document.objects, "create", fails)
    with pytest.raises(RuntimeError):
        add_document(
            acting(cast.total, cast.account, Space.DOSSIERS),
            dossier,
            title="Compte rendu",
            text="",
            happened_at=timezone.now(),
            confidentiality="circle",
            file=SimpleUploadedFile("a.pdf", pdf()),
        )
    assert len(seen) == 1
    assert not stored(root)
    assert not Entry.objects.exists()


# --- Reading ---------------------------------------------------------------------------------------------------------


def test_a_pdf_is_saved_and_runs_nothing(cast: Cast, dossier: Dossier) -> None:
    data = pdf()
    document = a_file_of(cast, dossier, data=data, name='été "1"; filename=x.pdf')
    response = cast.client("total").get(url(cast.account, document))
    assert b"".join(response) == data
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Length"] == str(len(data))
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''%C3%A9t%C3%A9%20%221%22%3B%20filename%3Dx.pdf"
    )
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"
    opened = JournalEntry.objects.get(verb="document.opened")
    assert (opened.object_kind, opened.object_key, opened.account) == ("document", str(document.pk), cast.account)
    assert opened.actor == cast.total
    assert "été" not in str(opened.details)


def test_an_image_is_shown(cast: Cast, dossier: Dossier) -> None:
    document = a_file_of(cast, dossier, data=image(), name="plaie.png", content_type="image/png")
    response = cast.client("total").get(url(cast.account, document))
    assert b"".join(response) == image()
    assert response["Content-Disposition"] == 'inline; filename="plaie.png"'
    assert response["Content-Type"] == "image/png"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_head_tells_the_size_and_sends_nothing(cast: Cast, dossier: Dossier) -> None:
    document = a_file_of(cast, dossier)
    response = cast.client("total").head(url(cast.account, document))
    assert (response.status_code, response["Content-Length"], response.getvalue()) == (200, str(document.size), b"")
    assert cast.client("total").post(url(cast.account, document)).status_code == 405


@pytest.mark.parametrize("who", ["partial", "former", "referent", "attached", "stranger", "staff", "superuser"])
def test_whoever_may_not_enter_finds_no_file(cast: Cast, dossier: Dossier, who: str) -> None:
    document = a_file_of(cast, dossier)
    client = cast.client(who)
    nothing = client.get(url(cast.account, document).replace(str(document.pk), str(uuid4())))
    found = client.get(url(cast.account, document))
    assert (found.status_code, nothing.status_code) == (404, 404)
    assert _page_without_chance(found) == _page_without_chance(nothing)
    assert client.post(add_url(cast.account, dossier), typed(pdf())).status_code == 404
    assert not JournalEntry.objects.filter(verb="document.opened").exists()


def _page_without_chance(response: object) -> str:
    return re.sub(r"csrf[^>]*>|X-CSRFToken[^>]*>|[0-9a-f-]{36}", "", page_of(response))


def test_a_holder_of_the_scope_dossier_reads_it_until_the_delegation_ends(cast: Cast, dossier: Dossier) -> None:
    document, holder = a_file_of(cast, dossier), person("Odon", "Lacassagne")
    held = DelegationFactory(holder=account_of(holder), account=cast.account, scope=Scope.DOSSIER)
    publish()
    client = client_of(holder)
    assert read(client, url(cast.account, document)) == 200
    end_delegation(holder, Delegation.objects.get(pk=held.pk), "Je pars.", timezone.now())
    assert client.get(url(cast.account, document)).status_code == 404


def test_another_account_of_the_circle_reads_what_is_for_the_circle(cast: Cast, dossier: Dossier) -> None:
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    stranger = account_of(cast.stranger)
    shared, own = a_file_of(cast, dossier), a_file_of(cast, dossier, confidentiality="account")
    client = cast.client("stranger")
    assert client.get(url(stranger, shared)).status_code == 404
    add_members(who, dossier, [stranger.pk], Told("oral", timezone.localdate()))
    assert read(client, url(stranger, shared)) == 200
    assert client.get(url(stranger, own)).status_code == 404
    # Nor through the account in whose name it was written.
    assert client.get(url(cast.account, own)).status_code == 404
    assert read(cast.client("total"), url(cast.account, own)) == 200


def test_the_address_of_a_document_holds_in_its_own_dossier_and_account_alone(cast: Cast, dossier: Dossier) -> None:
    document = a_file_of(cast, dossier)
    other = a_dossier(acting(cast.total, cast.account, Space.DOSSIERS), family_name="Delrieu")
    mine = account_of(cast.total)
    client = cast.client("total")
    assert client.get(url(cast.account, document, other)).status_code == 404
    assert client.get(url(mine, document)).status_code == 404
    for part in (document.key, document.entry_id):
        assert client.get(url(cast.account, document).replace(str(document.pk), str(part))).status_code == 404
    assert Client().get(url(cast.account, document)).status_code == 302


def test_a_file_that_is_gone_is_a_sentence_and_no_opening(cast: Cast, dossier: Dossier) -> None:
    document = a_file_of(cast, dossier)
    store.path_of(document.key).unlink()
    response = cast.client("total").get(url(cast.account, document))
    assert response.status_code == 409
    assert "appelez le centre de service" in page_of(response)
    assert not JournalEntry.objects.filter(verb="document.opened").exists()


# --- The store -------------------------------------------------------------------------------------------------------


def _old(path: Path) -> None:
    then = (timezone.now() - timedelta(hours=2)).timestamp()
    os.utime(path, (then, then))


def test_each_night_files_and_rows_are_compared(
    cast: Cast, dossier: Dossier, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    call_command("check_documents", stdout=(out := StringIO()))
    assert "disent la même chose" in out.getvalue()
    sound, gone, cut, changed = (a_file_of(cast, dossier, data=b"%PDF-1.7") for _ in range(4))
    store.path_of(gone.key).unlink()
    store.path_of(cut.key).write_bytes(b"%PDF")
    store.path_of(changed.key).write_bytes(b"%PDF-9.9")
    orphan, young, part = uuid4(), uuid4(), uuid4()
    for key in (orphan, young, part):
        with store.kept(key, ContentFile(b"x"), 1):
            pass
    _old(store.path_of(orphan))
    left = store.path_of(part).rename(store.path_of(part).with_suffix(store.PART))
    _old(left)
    found = {(fault.what, fault.key) for fault in store.faults()}
    assert found == {
        (store.MISSING, str(gone.pk)),
        (store.CHANGED, str(cut.pk)),
        (store.UNKNOWN, str(orphan)),
        (store.UNKNOWN, left.name),
    }
    assert (store.CHANGED, str(changed.pk)) in {(fault.what, fault.key) for fault in store.faults(contents=True)}
    with pytest.raises(CommandError, match="5"):
        call_command("check_documents", "--contents", stderr=(said := StringIO()))
    assert str(gone.pk) in said.getvalue()
    assert str(sound.pk) not in said.getvalue()
    check_documents()
    assert str(gone.pk) in caplog.text
    assert "compte-rendu" not in caplog.text


def test_a_file_takes_no_place_that_is_taken(root: Path) -> None:
    key = uuid4()
    with store.kept(key, ContentFile(b"one"), 3):
        assert store.path_of(key).read_bytes() == b"one"
    with pytest.raises(RuntimeError), transaction.atomic(), store.kept(uuid4(), ContentFile(b"two"), 3):
        raise RuntimeError
    assert stored(root) == [store.path_of(key)]
