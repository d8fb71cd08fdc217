"""Opens FHIR files: a resource, a Bundle, or a folder of them. A large Bundle is never held whole in memory."""

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import ijson

from directory.imports.errors import ImportRefused
from directory.imports.fhir import Json

HELD_WHOLE = 4 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """A resource, its file and its rank in the Bundle; or what `problem` says of the file or of the entry."""

    file: str
    rank: int | None
    resource: Json = field(default_factory=dict)
    problem: str = ""
    raw: str = ""


def json_files(path: Path) -> list[Path]:
    """The files to read, in the order of their names; anything in a folder but *.json is passed over."""
    if not path.is_dir():
        if path.stat().st_size == 0:
            raise ImportRefused(f"Le fichier « {path.name} » est vide.")
        return [path]
    files = sorted(file for file in path.rglob("*.json") if file.is_file())
    if not files:
        raise ImportRefused(f"Le dossier « {path} » ne contient aucun fichier .json.")
    return files


class FhirFile:
    """One file. `is_bundle` is known once it has been read."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self.is_bundle = False

    def resources(self) -> Iterator[Found]:
        """What the file holds, in its order; what follows a syntax error is lost, what comes before is not."""
        try:
            yield from self._streamed() if self.path.stat().st_size > HELD_WHOLE else self._whole()
        except OSError:
            yield Found(self.name, None, problem="fichier illisible : vérifiez les droits d’accès")
        except RecursionError:
            yield Found(self.name, None, problem="JSON illisible : imbrication trop profonde")
        except (ijson.JSONError, ValueError) as error:
            yield Found(self.name, None, problem=f"JSON illisible : {error}"[:200])

    def _whole(self) -> Iterator[Found]:
        content = json.loads(self.path.read_bytes().decode("utf-8-sig"))
        if not isinstance(content, dict) or not isinstance(content.get("resourceType"), str):
            yield Found(self.name, None, problem="ce JSON n’est pas une ressource FHIR", raw=excerpt(content))
        elif content["resourceType"] == "Bundle":
            self.is_bundle = True
            entries = content.get("entry")
            for rank, entry in enumerate(entries if isinstance(entries, list) else [], start=1):
                yield self._entry(rank, entry)
        else:
            yield Found(self.name, None, content)

    def _streamed(self) -> Iterator[Found]:
        with self.path.open("rb") as file:
            if file.read(3) != codecs.BOM_UTF8:
                file.seek(0)
            for rank, entry in enumerate(bundle_entries(file), start=1):
                self.is_bundle = True
                yield self._entry(rank, entry)
        if not self.is_bundle:
            yield Found(self.name, None, problem="ce JSON n’est pas un Bundle FHIR")

    def _entry(self, rank: int, entry: object) -> Found:
        if entry is OVERSIZED:
            return Found(self.name, rank, problem="entrée démesurée ou trop imbriquée")
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
            return Found(self.name, rank, resource)
        return Found(self.name, rank, problem="cette entrée n’est pas une ressource FHIR", raw=excerpt(entry))


def bundle_entries(file: BinaryIO) -> Iterator[object]:
    """The objects of the top-level `entry` list, one at a time; OVERSIZED stands for one too deep or too long.

    Built here from bare events: ijson's own builder keeps the path to each, which a million nested brackets turn
    into gigabytes.
    """
    depth, key, builder = 0, "", None
    for event, value in ijson.basic_parse(file, use_float=True):
        if event == "map_key" and depth == 1:
            key = value
        depth += DEPTH.get(event, 0)
        if builder is None and key == "entry" and depth == ENTRY_DEPTH and event == "start_map":
            builder = _Builder()
        if builder is not None:
            builder.event(event, value)
            if depth < ENTRY_DEPTH:
                yield builder.result
                builder = None


DEPTH = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}
ENTRY_DEPTH = 3
DEEPEST = 64
LONGEST = 50_000
OVERSIZED = object()


class _Builder:
    """Puts one entry together from its events, unless it grows out of all measure."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._keys: list[str] = []
        self._events = 0
        self.result: object = None

    def event(self, event: str, value: Any) -> None:
        self._events += 1
        if self.result is OVERSIZED or self._events > LONGEST or len(self._stack) > DEEPEST:
            self.result = OVERSIZED
            self._stack.clear()
        elif event == "map_key":
            self._keys.append(value)
        elif event in ("end_map", "end_array"):
            self._stack.pop()
        elif event == "start_map":
            self._open({})
        elif event == "start_array":
            self._open([])
        else:
            self._put(value)

    def _open(self, container: Any) -> None:
        self._put(container)
        self._stack.append(container)

    def _put(self, value: Any) -> None:
        if not self._stack:
            self.result = value
        elif isinstance(self._stack[-1], dict):
            self._stack[-1][self._keys.pop()] = value
        else:
            self._stack[-1].append(value)


def excerpt(content: object) -> str:
    """The beginning of a JSON value, as it is shown to whoever looks into a refusal."""
    try:
        return str(content)[:2000]
    except RecursionError:
        return "(imbrication trop profonde pour être montrée)"
