from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts.journal.heads import export_head
from accounts.journal.sealing import seal


@shared_task
def seal_journal() -> None:
    """Every second. While another sealer is at work, there is nothing to do."""
    seal(timezone.now())


@shared_task
def export_journal_head() -> None:
    """Every day, to a file out of reach of the database's owner."""
    export_head(Path(settings.JOURNAL_HEAD_FILE), timezone.now())
