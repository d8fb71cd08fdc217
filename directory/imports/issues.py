"""Lines set aside and remarks, kept on disk until the run is written: a file may hold millions of bad lines."""

import json
import tempfile
from collections.abc import Iterator
from typing import IO

from directory.imports.files import RAW_LENGTH

KEPT = 100_000
IN_MEMORY = 1 << 20
REASON_LENGTH = 500


class IssueLog:
    """Counts every issue and keeps the first ones of them, in the order in which they were met."""

    def __init__(self) -> None:
        self.set_aside = 0
        self.warnings = 0
        self._spool: IO[str] = tempfile.SpooledTemporaryFile(  # noqa: SIM115, `close` gives it back
            IN_MEMORY, "w+", encoding="utf-8"
        )

    @property
    def are_cut(self) -> bool:
        return self.set_aside + self.warnings > KEPT

    def add(self, file: str, line: int | None, reason: str, raw: str, *, is_warning: bool = False) -> None:
        """Keep one issue. A NUL, that the database refuses, is shown as « ␀ »."""
        self.warnings += is_warning
        self.set_aside += not is_warning
        if not self.are_cut:
            kept = (file[:255], line, reason[:REASON_LENGTH], raw[:RAW_LENGTH].replace("\0", "␀"), is_warning)
            self._spool.write(json.dumps(kept) + "\n")

    def __iter__(self) -> Iterator[tuple[str, int | None, str, str, bool]]:
        self._spool.seek(0)
        for text in self._spool:
            file, line, reason, raw, is_warning = json.loads(text)
            yield file, line, reason, raw, is_warning

    def close(self) -> None:
        """Give the disk back."""
        self._spool.close()
