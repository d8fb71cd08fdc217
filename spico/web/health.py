"""Two answers for whoever watches the portal: is the process alive, and may it be sent visitors.

Both are public. They say « ok » or one of the fixed reasons below, never a host, a version or the text of an error.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from http import HTTPStatus

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, ProgrammingError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

OK = "ok"
SILENT = "pas de réponse en une seconde"
UNREACHABLE = "injoignable"
UNKNOWN = "inconnu"
PENDING = "migrations à appliquer"
PATIENCE = 1.0


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this process answers; asks nothing of anybody, so that a database outage restarts no web server."""
    return JsonResponse({"status": OK})


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether visitors may come: database, migrations and queue, all asked at once, within about a second."""
    answers = answers_of(
        {"database": check_database, "queue": check_queue},
        unanswered={"database": SILENT, "migrations": UNKNOWN, "queue": SILENT},
    )
    is_ready = all(answer == OK for answer in answers.values())
    status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    body = {"status": OK if is_ready else "indisponible", **answers}
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


Check = Callable[[], dict[str, str]]


def answers_of(checks: dict[str, Check], unanswered: dict[str, str]) -> dict[str, str]:
    """Run the checks side by side; what has not answered in time is left behind, its own limits end it.

    Threads, because a name server or a firewall that swallows packets holds a call for longer than any time limit
    that PostgreSQL's library accepts.
    """
    answers = dict(unanswered)
    threads = [threading.Thread(target=lambda run=run: answers.update(run()), daemon=True) for run in checks.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return dict(answers)


def check_database() -> dict[str, str]:
    """Ask the database on a connection of its own, and compare its migrations with those of the code."""
    probe = connection.copy()
    options = {name: value for name, value in probe.settings_dict["OPTIONS"].items() if name != "pool"}
    probe.settings_dict["OPTIONS"] = options | {"connect_timeout": 2}
    try:
        return {"database": OK, "migrations": OK if has_every_migration(probe) else PENDING}
    except ProgrammingError:  # the table of migrations is not there yet
        return {"database": OK, "migrations": PENDING}
    except Error:
        return {"database": UNREACHABLE}
    finally:
        probe.close()


def has_every_migration(database: BaseDatabaseWrapper) -> bool:
    """Whether the database has had every migration of the code, or those that a squashed one replaces.

    Django's own executor would ask through the thread's connection, which knows no time limit.
    """
    with database.cursor() as cursor:
        cursor.execute("SET statement_timeout = 1000")
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    return all(name in applied or (replaced and replaced <= applied) for name, replaced in known_migrations().items())


@cache
def known_migrations() -> dict[tuple[str, str], set[tuple[str, str]]]:
    """The migrations of the code, read once a process, with those that each replaces."""
    loader = MigrationLoader(None)
    return {name: set(loader.disk_migrations[name].replaces) for name in loader.graph.nodes}


def check_queue() -> dict[str, str]:
    """Ask the broker of the tasks."""
    limits = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE, "retry": Retry(NoBackoff(), 0)}
    try:
        with redis.Redis.from_url(settings.CELERY_BROKER_URL, **limits) as client:
            client.ping()
    except (redis.RedisError, ValueError):
        return {"queue": UNREACHABLE}
    return {"queue": OK}
