"""The schema as the page of documentation shows it: operations, with what they take, then what they answer with."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

WORDS = {
    "string": "texte",
    "integer": "nombre entier",
    "number": "nombre",
    "boolean": "vrai ou faux",
    "date": "date (AAAA-MM-JJ)",
    "date-time": "date et heure",
    "uri": "adresse",
    "uuid": "identifiant (UUID)",
    "binary": "fichier",
    "object": "objet",
}
CHOICE = re.compile(r"^\* `(?P<value>.*)` - (?P<meaning>.*)$", re.MULTILINE)
ANYTHING = "valeur libre"
LISTS = {
    "texte": "liste de textes",
    "nombre entier": "liste de nombres entiers",
    "objet": "liste d’objets",
    "identifiant (UUID)": "liste d’identifiants (UUID)",
    ANYTHING: "liste de valeurs",
}
Schema = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    value: str
    meaning: str


@dataclass(frozen=True)
class Field:
    """`holds`: the object that it is, or is a list of. `where`: in the path, or if it may be left out; or neither."""

    name: str
    type: str
    description: str
    holds: str = ""
    choices: tuple[Choice, ...] = ()
    where: str = ""


@dataclass(frozen=True)
class Operation:
    """`body`: what is sent to it. `success`: the status of its good answer, an object of which `gives` is the name."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    success: str
    gives: str
    refusals: tuple[tuple[str, str], ...]

    @property
    def is_tried_here(self) -> bool:
        """A form needs no script when it only reads, and nothing of its address is to be filled in."""
        return self.method == "GET" and "{" not in self.path


@dataclass(frozen=True)
class Object:
    name: str
    fields: tuple[Field, ...]


def operations(schema: Schema) -> list[Operation]:
    return [
        _operation(schema, method, path, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def objects(schema: Schema) -> list[Object]:
    """Lists of words and what is sent have no section of their own: they are told where they are used."""
    components: dict[str, Schema] = schema["components"]["schemas"]
    sent = {_sent(operation) for methods in schema.get("paths", {}).values() for operation in methods.values()}
    return [
        Object(name, tuple(_fields(component["properties"].items())))
        for name, component in components.items()
        if "properties" in component and name not in sent
    ]


def _operation(schema: Schema, method: str, path: str, operation: Schema) -> Operation:
    answers = dict(operation["responses"])
    success = next(status for status in answers if status.startswith("2"))
    found = _contents(answers.pop(success))
    parameters = operation.get("parameters", [])
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation["description"],
        parameters=tuple(_parameter(parameter) for parameter in parameters),
        body=tuple(_body(schema, _sent(operation))),
        success=success,
        gives=_reference(found),
        refusals=tuple((status, answer["description"]) for status, answer in answers.items()),
    )


def _contents(answer: Schema) -> Schema:
    content: Schema = next(iter(answer["content"].values()))["schema"]
    return content


def _sent(operation: Schema) -> str:
    """The name of what is sent to it; nothing is sent to most."""
    body = operation.get("requestBody")
    return _reference(_contents(body)) if body else ""


def _body(schema: Schema, name: str) -> Iterator[Field]:
    sent: Schema = schema["components"]["schemas"][name] if name else {"properties": {}}
    for field, described in sent["properties"].items():
        yield _field(field, described, "obligatoire" if field in sent.get("required", []) else "facultatif")


def _parameter(parameter: Schema) -> Field:
    where = "dans le chemin" if parameter["in"] == "path" else "facultatif"
    described = {"description": parameter.get("description", ""), **parameter["schema"]}
    return _field(parameter["name"], described, where)


def _fields(properties: Iterable[tuple[str, Schema]]) -> Iterator[Field]:
    for name, described in properties:
        yield _field(name, described)


def _field(name: str, described: Schema, where: str = "") -> Field:
    text = described.get("description", "")
    told = "\n".join([text, described.get("items", {}).get("description", "")])
    return Field(
        name=name,
        type=_type(described),
        description=CHOICE.sub("", text).strip(),
        holds=_reference(described),
        choices=tuple(Choice(found["value"], found["meaning"]) for found in CHOICE.finditer(told)),
        where=where,
    )


def _type(described: Schema) -> str:
    """In words: « texte », « liste de textes », « objet, ou nul »."""
    if "const" in described:
        return f"toujours «\u00a0{described['const']}\u00a0»"
    several = [one for one in _kinds(described) if one != "null"]
    words = " ou ".join(dict.fromkeys(several)) or ANYTHING
    return f"{words}, ou nul" if "null" in _kinds(described) else words


def _kinds(described: Schema) -> list[str]:
    if described.get("type") == "array":
        return [LISTS[_type(described["items"])]]
    if parts := described.get("oneOf") or described.get("allOf"):
        return [kind for part in parts for kind in _kinds(part)]
    if described.get("$ref", "").endswith("/NullEnum"):
        return ["null"]
    if "$ref" in described:
        return ["texte" if described["$ref"].endswith("Enum") else "objet"]
    types = described.get("type", [])
    names: list[str] = types if isinstance(types, list) else [types]
    return ["null" if name == "null" else WORDS.get(described.get("format", ""), WORDS[name]) for name in names]


def _reference(described: Schema) -> str:
    """The object that it names, at whatever depth; lists of words are not objects."""
    inner = [described, described.get("items", {}), *described.get("oneOf", []), *described.get("allOf", [])]
    names = (part["$ref"].rpartition("/")[2] for part in inner if "$ref" in part)
    return next((name for name in names if not name.endswith("Enum")), "")
