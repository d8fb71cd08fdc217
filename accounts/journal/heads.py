"""The head of the chain leaves the database every day: without it, whoever owns the database could cut the tail."""

import json
import os
from datetime import datetime
from pathlib import Path

from accounts.journal.verification import Head, head


class HeadUnreadable(Exception):
    """Its text is a French sentence."""


def export_head(path: Path, at: datetime) -> Head | None:
    """Append one JSON line to the file; None while nothing is sealed. `OSError` when the folder refuses."""
    last = head()
    if last is None:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"number": last.number, "hash": last.hash, "exported_at": at.isoformat()}) + "\n"
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(file, line.encode())
        os.fsync(file)
    finally:
        os.close(file)
    return last


def read_head(path: Path) -> Head:
    """The newest head of such a file."""
    try:
        last = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()][-1]
        told = json.loads(last)
        return Head(int(told["number"]), str(told["hash"]))
    except (OSError, IndexError, ValueError, KeyError, TypeError) as error:
        raise HeadUnreadable(f"« {path} » ne se lit pas comme un export de la tête du journal.") from error
