"""`python -m spico.embedded status|start|stop|env|purge`."""

from __future__ import annotations

import argparse
import os
import shlex
import sys

from spico.embedded import VARIABLES, ensure_services, services, stop_services, supervisor


def main() -> None:
    """Do the one thing that was asked."""
    parser = argparse.ArgumentParser(prog="python -m spico.embedded", description="Services embarqués de SPICO.")
    parser.add_argument("action", choices=ACTIONS)
    with services.in_plain_words():
        ACTIONS[parser.parse_args().action]()


def status() -> None:
    """Say how the services are."""
    say(*services.status())


def start() -> None:
    """Start what is not running and say where."""
    ensure_services()
    status()


def stop() -> None:
    """Stop everything of this home: the processes of `make run` first, then the services."""
    supervisor.stop_running()
    stop_services()
    say("SPICO et ses services embarqués sont arrêtés.")


def env() -> None:
    """Print what a shell needs to reach the services."""
    ensure_services()
    say(*(f"export {name}={shlex.quote(os.environ[name])}" for name in VARIABLES))


def purge() -> None:
    """Stop everything and delete the data."""
    supervisor.stop_running()
    services.purge()
    say("SPICO et ses services embarqués sont arrêtés, leurs données effacées.")


def say(*lines: str) -> None:
    """Write lines for the person at the keyboard."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))


ACTIONS = {"status": status, "start": start, "stop": stop, "env": env, "purge": purge}

if __name__ == "__main__":
    main()
