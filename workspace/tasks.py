"""What the clock does in the spaces: the files of documents compared with their rows, every night."""

import structlog
from celery import shared_task

from workspace import store

log = structlog.stdlib.get_logger("spico.workspace")


@shared_task
def check_documents() -> None:
    """Loud in the logs, with keys alone; `manage.py check_documents --contents` reads every file."""
    for fault in store.faults():
        log.error("documents_disagree", what=fault.what, key=fault.key)
