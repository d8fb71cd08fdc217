"""Tells the person at the keyboard how far the reading is."""

from typing import Protocol

from rich import progress as rich_progress
from rich.console import Console


class Progress(Protocol):
    """Where the engine and the readers say what they are doing."""

    def start(self, what: str, total: int) -> None: ...

    def advance_to(self, done: int) -> None: ...

    def say(self, what: str) -> None: ...

    def stop(self) -> None: ...


class NoProgress:
    """Nobody watches."""

    def start(self, what: str, total: int) -> None: ...

    def advance_to(self, done: int) -> None: ...

    def say(self, what: str) -> None: ...

    def stop(self) -> None: ...


class Bar:
    """A bar on a terminal, in bytes read, then a spinner while the database writes."""

    def __init__(self, console: Console) -> None:
        self._bar = rich_progress.Progress(
            rich_progress.SpinnerColumn(),
            rich_progress.TextColumn("{task.description}"),
            rich_progress.BarColumn(),
            rich_progress.TaskProgressColumn(),
            rich_progress.TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task: rich_progress.TaskID | None = None

    def start(self, what: str, total: int) -> None:
        self._show(what, total)

    def advance_to(self, done: int) -> None:
        if self._task is not None:
            self._bar.update(self._task, completed=done)

    def say(self, what: str) -> None:
        self._show(what, None)

    def _show(self, what: str, total: int | None) -> None:
        """One line, whatever came before."""
        self._bar.start()
        for task in self._bar.task_ids:
            self._bar.remove_task(task)
        self._task = self._bar.add_task(what, total=total)

    def stop(self) -> None:
        self._bar.stop()
