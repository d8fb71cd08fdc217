"""A file in the line of life of a dossier: kept with its entry or not at all, and who opened it is known."""

from datetime import datetime
from typing import BinaryIO
from uuid import uuid4

import structlog
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.journal import record_all
from delegations.errors import conflict
from spico.web.typography import NBSP
from workspace.acting import Acting
from workspace.files import check_file
from workspace.models import Confidentiality, Document, Dossier, Entry, EntryKind
from workspace.services.dossiers import check_open
from workspace.services.entries import write_entry
from workspace.store import kept, open_file

NOT_IN_ITS_PLACE = f"Ce fichier n’est plus à sa place{NBSP}: appelez le centre de service."
log = structlog.stdlib.get_logger("spico.documents")


def add_document(  # noqa: PLR0913, what an entry says, and its file
    acting: Acting,
    dossier: Dossier,
    *,
    title: str,
    text: str,
    happened_at: datetime,
    confidentiality: Confidentiality | str,
    file: UploadedFile,
) -> Entry:
    """The entry, its first version and its file at once; `Refused` names what does not suit. Not inside a transaction
    of the caller's: the file would outlive its rollback."""
    check_open(acting, dossier)
    checked = check_file(file)
    key = uuid4()
    with kept(key, file, checked.size), transaction.atomic():
        entry = write_entry(acting, dossier, EntryKind.DOCUMENT, title, text, happened_at, confidentiality)
        Document.objects.create(
            entry=entry,
            key=key,
            name=checked.name,
            content_type=checked.content_type,
            size=checked.size,
            sha256=checked.sha256,
            **acting.written(),
        )
    return entry


def open_document(acting: Acting, document: Document) -> BinaryIO:
    """`document`: found by `documents_in`."""
    try:
        file = open_file(document)
    except OSError as error:
        log.error("document_without_file", document=str(document.pk))
        raise conflict(NOT_IN_ITS_PLACE) from error
    with transaction.atomic():
        record_all([acting.told("document.opened", "document", document.pk, dossier=document.entry.dossier_id)])
    return file
