"""Handing work over to a queue that is there, that is dead, and that takes calls without saying a word."""

import socket
import time
from collections.abc import Callable, Iterator

import pytest
from celery import Celery, Task
from django.conf import settings as django_settings
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from spico.web import queue as module
from spico.web.queue import enqueue

pytestmark = pytest.mark.django_db


def task_on(port: int, patience: float | None = None) -> Task:
    """A task whose broker listens there, with the limits of the portal."""
    app = Celery("test_queue", broker=f"redis://127.0.0.1:{port}/0", set_as_current=False)
    app.conf.broker_connection_timeout = django_settings.CELERY_BROKER_CONNECTION_TIMEOUT
    options = dict(django_settings.CELERY_BROKER_TRANSPORT_OPTIONS)
    app.conf.broker_transport_options = options | ({"socket_timeout": patience} if patience else {})

    @app.task(name="tests.sweep")
    def sweep(*args: object) -> None:
        raise AssertionError("published, not run")

    return sweep


@pytest.fixture(autouse=True)
def every_queue_is_asked() -> None:
    """A port may serve two tests, one after the other."""
    module._Publish._left_alone_until.clear()


@pytest.fixture
def dead() -> Task:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return task_on(port)


@pytest.fixture
def mute() -> Iterator[Task]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield task_on(server.getsockname()[1], patience=0.3)


@pytest.fixture
def seconds_of(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> Callable[[Task], float]:
    """How long somebody waits at the end of an act that hands this task over."""

    def measure(task: Task) -> float:
        began = time.monotonic()
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            enqueue(task, 1)
        return time.monotonic() - began

    return measure


def test_a_dead_queue_breaks_nothing_and_is_left_alone(
    dead: Task, seconds_of: Callable[[Task], float], caplog: pytest.LogCaptureFixture
) -> None:
    assert sum(seconds_of(dead) for _ in range(5)) < 1
    lines = [record.msg for record in caplog.records if record.name == "spico.queue"]
    assert [(line["event"], line["task"]) for line in lines] == [("queue_does_not_answer", "tests.sweep")]


def test_a_mute_queue_is_waited_for_once(mute: Task, seconds_of: Callable[[Task], float]) -> None:
    assert 0.2 < seconds_of(mute) < 1.5
    assert sum(seconds_of(mute) for _ in range(5)) < 0.2


def test_nobody_waits_for_a_queue_longer_than_two_seconds() -> None:
    options = django_settings.CELERY_BROKER_TRANSPORT_OPTIONS
    assert max(options["socket_connect_timeout"], options["socket_timeout"]) <= 2
    # kombu tries again for ever without it.
    assert options["max_retries"] == 0


def test_it_is_asked_again_after_the_silence(
    mute: Task, seconds_of: Callable[[Task], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SILENCE_SECONDS", 0.0)
    assert seconds_of(mute) > 0.2
    assert seconds_of(mute) > 0.2


class Published:
    """A task that counts how often it is published."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.app = Celery("test_queue", broker="memory://", set_as_current=False)
        self.name = "tests.published"

    def apply_async(self, args: tuple[object, ...], **options: object) -> None:
        self.calls.append(args)


def test_in_one_act_the_same_work_is_handed_over_once(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    task = Published()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        enqueue(task)  # type: ignore[arg-type]
        with transaction.atomic():
            enqueue(task)  # type: ignore[arg-type]
        enqueue(task, 7)  # type: ignore[arg-type]
        assert not task.calls
    assert task.calls == [(), (7,)]


@pytest.mark.django_db(transaction=True)
def test_what_an_undone_part_asked_for_does_not_stand_for_what_is_asked_after_it() -> None:
    task = Published()
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            enqueue(task)  # type: ignore[arg-type]
            1 / 0  # noqa: B018
        enqueue(task)  # type: ignore[arg-type]
    assert task.calls == [()]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue(task)  # type: ignore[arg-type]
        1 / 0  # noqa: B018
    assert task.calls == [()]


@pytest.mark.django_db(transaction=True)
def test_what_is_asked_in_an_open_part_survives_another_part_undone() -> None:
    task = Published()
    with transaction.atomic():
        with transaction.atomic():
            enqueue(task)  # type: ignore[arg-type]
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            enqueue(task)  # type: ignore[arg-type]
            1 / 0  # noqa: B018
    assert task.calls == [()]
