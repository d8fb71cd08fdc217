"""Handing work to Celery once the act is committed. A queue that does not answer loses nothing and breaks nothing:
the rows wait in the database, and the planned sweep does the work later."""

import time
from functools import partial
from typing import ClassVar

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

SILENCE_SECONDS = 5.0
log = structlog.stdlib.get_logger("spico.queue")


class _Broker:
    """Once the broker has not answered it is left alone for a few seconds, so that nobody waits at every act."""

    left_alone_until: ClassVar[float] = 0.0

    @classmethod
    def publish(cls, task: str) -> None:
        if time.monotonic() < cls.left_alone_until:
            return
        try:
            if current_app.conf.task_always_eager:
                current_app.tasks[task].delay()
            else:
                current_app.send_task(task, retry=False, ignore_result=True)
        except (OperationalError, OSError) as error:
            cls.left_alone_until = time.monotonic() + SILENCE_SECONDS
            log.warning("queue_does_not_answer", task=task, error=type(error).__name__)


def enqueue(task: str) -> None:
    """After commit, once however often it is asked for in one transaction would be better, but twice is harmless:
    every task of ours looks for what waits."""
    transaction.on_commit(partial(_Broker.publish, task), robust=True)
