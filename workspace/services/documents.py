"""A file in the line of life of a dossier: kept with its entry or not at all, and who opened it is known."""

from datetime import datetime
from typing import BinaryIO
from uuid import UUID, uuid4

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
from workspace.services.sending import OTHERWISE
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
    client_key: UUID | None = None,
) -> Entry:
    """The entry, its first version and its file at once; `Refused` names what does not suit. The same key sent twice
    answers with the first. Not inside a transaction of the caller's: the file would outlive its rollback."""
    check_open(acting, dossier)
    checked = check_file(file)
    key = uuid4()
    try:
        with kept(key, file, checked.size), transaction.atomic():
            entry = write_entry(
                acting, dossier, EntryKind.DOCUMENT, title, text, happened_at, confidentiality, client_key
            )
            if already := Document.objects.filter(entry=entry).first():
                raise _AlreadyThereError(already)
            Document.objects.create(
                entry=entry,
                key=key,
                name=checked.name,
                content_type=checked.content_type,
                size=checked.size,
                sha256=checked.sha256,
                **acting.written(),
            )
    except _AlreadyThereError as there:
        if there.document.sha256 != checked.sha256:
            raise conflict(OTHERWISE) from there
        return there.document.entry
    return entry


class _AlreadyThereError(Exception):
    """The same sending came before: its file is the one that stays."""

    def __init__(self, document: Document) -> None:
        super().__init__(str(document.pk))
        self.document = document


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
