"""The one subscription of the process: Redis says at once what the next second would find anyway."""

import asyncio
import json
from collections.abc import Callable
from uuid import UUID

import redis.asyncio as redis
import structlog
from django.conf import settings

from workspace.live import CHANNEL

AGAIN_AFTER, ASKED_EVERY = 5.0, 15
log = structlog.stdlib.get_logger("spico.streams")


async def listen(wake: Callable[[UUID], None]) -> None:
    """Until cancelled. While Redis is away, new messages are found by the look of every second."""
    while True:
        try:
            await _listen(wake)
        except (redis.RedisError, OSError) as error:
            log.warning("live_does_not_answer", error=type(error).__name__)
        await asyncio.sleep(AGAIN_AFTER)


async def _listen(wake: Callable[[UUID], None]) -> None:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, health_check_interval=ASKED_EVERY)
    async with client, client.pubsub(ignore_subscribe_messages=True) as subscription:
        await subscription.subscribe(CHANNEL)
        while True:
            # A silence of this length is broken by a question, so that a server gone mute is noticed.
            told = await subscription.get_message(timeout=ASKED_EVERY)
            if told is not None and (conversation := _named(told["data"])):
                wake(conversation)


def _named(text: bytes) -> UUID | None:
    try:
        return UUID(json.loads(text)["conversation"])
    except (ValueError, KeyError, TypeError):
        return None
