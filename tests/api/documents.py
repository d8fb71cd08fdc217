"""A document as the API takes it."""

import uuid
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from rest_framework.test import APIClient

from accounts.models import Account, JournalEntry, User
from tests.workspace.files import pdf
from workspace.models import Document, Dossier, Entry

SAID = {
    "title": "Compte rendu d’hospitalisation",
    "text": "Sortie prévue jeudi.",
    "happened_at": "2020-11-26T14:30:00+01:00",
    "confidentiality": "account",
}
MEGABYTE = 1024 * 1024


def signed_in(user: User, **options: bool) -> APIClient:
    client = APIClient(**options)
    client.force_login(user)
    return client


def address(account: Account, dossier: Dossier | uuid.UUID) -> str:
    key = dossier.pk if isinstance(dossier, Dossier) else dossier
    return f"/api/v1/accounts/{account.pk}/dossiers/{key}/documents/"


def form(data: bytes | None = None, name: str = "compte-rendu.pdf", **changes: Any) -> dict[str, Any]:
    """What is sent; a value given as None is left out."""
    file = {"file": SimpleUploadedFile(name, pdf() if data is None else data)}
    return {key: value for key, value in (file | SAID | changes).items() if value is not None}


def send(client: APIClient, path: str, sent: Any = None, **headers: str) -> HttpResponse:
    body = form() if sent is None else sent
    answer: HttpResponse = client.post(path, body, format="multipart", **headers)  # type: ignore[arg-type]
    return answer


def check_nothing_was_kept(root: Path) -> None:
    assert not Document.objects.exists()
    assert not Entry.objects.exists()
    assert not JournalEntry.objects.filter(verb="entry.written").exists()
    assert not [path for path in root.rglob("*") if path.is_file()]
