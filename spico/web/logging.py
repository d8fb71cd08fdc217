"""Structured logs that say what happened and never to whom.

SPICO's own code logs through structlog, with names and values it chose. Everything else that logs (Django, Celery,
axes…) puts paths, search terms, names and addresses into its sentences: of those only the sentence's pattern is
kept, without what was filled in, and the place in the code that it came from.
"""

from __future__ import annotations

import logging
import re
import sys
import time
import traceback
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from celery.signals import setup_logging
from django.http import HttpRequest, HttpResponse
from structlog.typing import EventDict, Processor

REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
WITHHELD = "(message retenu)"
# What Celery says of a task besides its arguments, its result and its error, which may hold anything.
TASK_FIELDS = {"id": "task_id", "name": "task", "runtime": "seconds"}


def logging_config(json: bool) -> dict[str, Any]:
    """The value of `settings.LOGGING`; sets structlog up on the way.

    With `json`, an exception is its type and the places it went through: its text often quotes the data that it
    stumbled on. The console of a developer, who works on invented people, shows the text too.
    """
    structlog.configure(
        processors=[*common(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*common(), withhold],
        "use_get_message": False,
        "pass_foreign_args": True,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering(json)],
    }
    quiet = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "filters": {"exceptions": {"()": OnlyExceptions}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            # Django's own handlers mail whole requests to the administrators and print paths.
            "django": {**quiet, "level": "INFO"},
            # The line of RequestIdMiddleware already says every status; what is left are exceptions.
            "django.request": {**quiet, "level": "ERROR", "filters": ["exceptions"]},
            "django.server": {**quiet, "level": "ERROR"},
            # The journal is sealed every second: a task that starts and ends well is not told.
            **{
                name: {**quiet, "level": "WARNING"}
                for name in ("celery.beat", "celery.worker.strategy", "celery.app.trace")
            },
        },
    }


class OnlyExceptions(logging.Filter):
    """Lets through the records that carry an exception."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether there is one."""
        return bool(record.exc_info)


def common() -> list[Processor]:
    """What every line carries, whoever wrote it."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def rendering(json: bool) -> list[Processor]:
    """From the fields of a line to its text."""
    if json:
        return [name_exception, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, sort_keys=False
        )
    ]


def withhold(logger: Any, method: str, event: EventDict) -> EventDict:
    """Keep of a foreign record what cannot hold anybody's data."""
    record: logging.LogRecord = event["_record"]
    arguments = event.pop("positional_args", None)
    # A sentence without anything to fill in may have been filled in before.
    event["event"] = event["event"] if arguments else WITHHELD
    event["origin"] = f"{record.module}.{record.funcName}:{record.lineno}"
    if isinstance(arguments, dict):
        event.update({field: arguments[key] for key, field in TASK_FIELDS.items() if key in arguments})
    if record.name.startswith("django.security"):
        # What a client sent wrong: the name of the logger says what, its exception only quotes it.
        event.pop("exc_info", None)
    if hasattr(record, "status_code"):
        event["status"] = record.status_code
    return event


def name_exception(logger: Any, method: str, event: EventDict) -> EventDict:
    """Replace an exception by the types and the places of its chain, without texts and variables."""
    error = event.pop("exc_info", None)
    error = sys.exc_info() if error is True else error
    error = error[1] if isinstance(error, tuple) else error
    event.pop("stack_info", None)
    if isinstance(error, BaseException):
        event["exception"] = [described(link) for link in chain(error)]
    return event


def chain(error: BaseException) -> list[BaseException]:
    """An exception and those it was raised from, as Python would print them, the last one first."""
    links = [error]
    while (cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__)) is not None:
        if cause in links:
            break
        links.append(cause)
        error = cause
    return links


def described(error: BaseException) -> dict[str, Any]:
    """One exception: its type, and file, line and function of each frame."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


@setup_logging.connect
def keep_our_logging(**_: object) -> None:
    """Being connected is what keeps Celery from replacing the handlers above by its own."""


class RequestIdMiddleware:
    """Gives every request a number, found in its answer and in every line logged on its way, and logs one line.

    The number of a proxy is taken over if it looks like one. The line names the route, never the path.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Number the request, answer it, log it."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            log_request(request, response, time.perf_counter() - started)
        response.headers["X-Request-ID"] = request_id
        return response


def log_request(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Write the line of one request; those of a probe that is content are for debugging only."""
    match = request.resolver_match
    is_probe = match is not None and match.func.__module__ == "spico.web.health"
    level = logging.DEBUG if is_probe and response.status_code < 400 else logging.INFO
    structlog.stdlib.get_logger("spico.request").log(
        level,
        "request",
        method=request.method if request.method in METHODS else "other",
        route=match.view_name if match else None,
        status=response.status_code,
        duration_ms=round(seconds * 1000, 1),
    )
