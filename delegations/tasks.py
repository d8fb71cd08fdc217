"""What the clock does: reminders, expiries, notices of ends, the nightly comparison with the journal."""

import structlog
from celery import shared_task
from django.utils import timezone

from delegations import checking, reminders

log = structlog.stdlib.get_logger("spico.delegations")


@shared_task
def remind() -> None:
    reminders.run(timezone.now())


@shared_task
def check_grants() -> None:
    """Loud in the logs, with keys alone; `manage.py check_grants` tells the rest."""
    for fault in checking.faults():
        log.error("grants_disagree", what=fault.what, key=fault.key)
