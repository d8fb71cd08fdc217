"""PostgreSQL and Valkey for development and tests, started when no URL is given.

Nothing here imports Django: settings call `ensure_services()` before Django knows its database.
The modules behind it are imported only when a service is needed, so that a process that was given
both URLs pays nothing and needs neither `psutil` nor the packages that carry the binaries.
"""

from __future__ import annotations

import os

__all__ = ["ensure_services", "stop_services"]

VARIABLES = ("DATABASE_URL", "REDIS_URL")


def ensure_services() -> None:
    """Set `DATABASE_URL` and `REDIS_URL`, starting the embedded service behind each one not given.

    Safe to call from many processes at once. Ends the process with a sentence in French when a
    service cannot be had: whoever typed the command is the one who can act on it.
    """
    wanted = [variable for variable in VARIABLES if not os.environ.get(variable)]
    if not wanted:
        return
    from spico.embedded import services  # noqa: PLC0415

    with services.in_plain_words():
        os.environ.update(services.urls(wanted))


def stop_services() -> None:
    """Stop the embedded services of this home, started by whomever; nothing happens if none runs."""
    from spico.embedded import services  # noqa: PLC0415

    with services.in_plain_words():
        services.stop()
