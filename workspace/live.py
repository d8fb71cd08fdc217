"""Telling open pages that a message is there: published after commit, and never a reason for an act to fail."""

import json
import time
from functools import cache
from urllib.parse import urlsplit
from uuid import UUID

import redis
import structlog
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from redis.backoff import NoBackoff
from redis.retry import Retry

CHANNEL = "spico:messages"
SILENCE_SECONDS = 5.0
log = structlog.stdlib.get_logger("spico.live")
# By address, for the whole process: once Redis has not answered, nobody waits for it for a few seconds.
_left_alone_until: dict[str, float] = {}


def announce(conversation: UUID, message: int) -> None:
    """To be called in the transaction that wrote the message. What is not told is found a second later."""
    transaction.on_commit(lambda: _publish(conversation, message), robust=True)


@cache
def _client(address: str) -> redis.Redis:
    return redis.Redis.from_url(address, socket_connect_timeout=1, socket_timeout=1, retry=Retry(NoBackoff(), 0))


def _publish(conversation: UUID, message: int) -> None:
    address = settings.REDIS_URL
    if time.monotonic() < _left_alone_until.get(address, 0.0):
        return
    try:
        _client(address).publish(CHANNEL, json.dumps({"conversation": str(conversation), "message": message}))
    except (redis.RedisError, OSError) as error:
        _left_alone_until[address] = time.monotonic() + SILENCE_SECONDS
        log.warning("live_does_not_answer", error=type(error).__name__)


# --- What a page needs to listen ------------------------------------------------------------------------------------


def stream_url(request: HttpRequest, account: UUID, conversation: UUID) -> str:
    """Where this page listens; empty where no process serves streams, and the page asks by itself."""
    where = _where(request)
    return f"{where.rstrip('/')}/direct/espaces/{account}/discussions/{conversation}/" if where else ""


def let_listen(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page may reach the streams, if they have another origin than its own."""
    where = urlsplit(_where(request))
    if where.netloc:
        response._csp_update = {"connect-src": [f"{where.scheme}://{where.netloc}"]}  # type: ignore[attr-defined]
    return response


def _where(request: HttpRequest) -> str:
    if settings.LIVE_URL or not settings.LIVE_PORT:
        return str(settings.LIVE_URL)
    host = split_domain_port(request.get_host())[0]
    return f"{request.scheme}://{host}:{settings.LIVE_PORT}"
