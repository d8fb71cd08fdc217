"""Telling open pages that a message is there: published after commit, and never a reason for an act to fail."""

import json
from functools import cache
from uuid import UUID

import redis
import structlog
from django.conf import settings
from django.db import transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

CHANNEL = "spico:messages"
log = structlog.stdlib.get_logger("spico.live")


def announce(conversation: UUID, message: int) -> None:
    """To be called in the transaction that wrote the message."""
    transaction.on_commit(lambda: _publish(conversation, message), robust=True)


@cache
def _client() -> "redis.Redis[bytes]":
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1, retry=Retry(NoBackoff(), 0)
    )


def _publish(conversation: UUID, message: int) -> None:
    try:
        _client().publish(CHANNEL, json.dumps({"conversation": str(conversation), "message": message}))
    except (redis.RedisError, OSError) as error:
        log.warning("live_does_not_answer", error=type(error).__name__)
