"""Handing work to Celery once the act is committed. A queue that does not answer loses nothing and breaks nothing:
the rows wait in the database, and the planned sweep does the work later."""

import time
from dataclasses import dataclass
from typing import Any, ClassVar

import structlog
from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

SILENCE_SECONDS = 5.0
log = structlog.stdlib.get_logger("spico.queue")


def enqueue(task: Task, *args: Any) -> None:
    """Publish the task after commit; never raises then. For work that a planned sweep would do as well, later.

    Asked several times in one transaction, it is published once.
    """
    publish = _Publish(task, args)
    if not publish.is_registered():
        transaction.on_commit(publish, robust=True)


@dataclass(frozen=True)
class _Publish:
    task: Task
    args: tuple[Any, ...]

    # By address, for the whole process: once a broker has not answered, nobody waits for it for a few seconds.
    _left_alone_until: ClassVar[dict[str, float]] = {}

    def is_registered(self) -> bool:
        """By this transaction, in the parts of it that are still open: what a finished part asked for is left aside,
        since inside the transaction of a test it is an act of its own."""
        connection = transaction.get_connection()
        alive = set(connection.savepoint_ids)
        return any(other == self and set(parts) <= alive for parts, other, _ in connection.run_on_commit)

    def __call__(self) -> None:
        broker = str(self.task.app.conf.broker_url)
        if time.monotonic() < self._left_alone_until.get(broker, 0.0):
            return
        try:
            self.task.apply_async(self.args, retry=False, ignore_result=True)
        except (OperationalError, OSError) as error:
            self._left_alone_until[broker] = time.monotonic() + SILENCE_SECONDS
            log.warning("queue_does_not_answer", task=self.task.name, error=type(error).__name__)
