from typing import Any

import pytest

from directory.api.outline import Choice, Field, objects, operations

ANIMAL = {"type": "object", "properties": {"name": {"type": "string", "description": "Nom."}}}


def field_of(described: dict[str, Any]) -> Field:
    component = {"type": "object", "properties": {"one": described}}
    ((only,),) = (found.fields for found in objects({"components": {"schemas": {"Box": component}}}))
    return only


@pytest.mark.parametrize(
    ("described", "words", "holds"),
    [
        ({"type": "string"}, "texte", ""),
        ({"type": "integer"}, "nombre entier", ""),
        ({"type": ["integer", "null"]}, "nombre entier, ou nul", ""),
        ({"type": ["string", "null"], "format": "date"}, "date (AAAA-MM-JJ), ou nul", ""),
        ({"type": "number", "format": "double"}, "nombre", ""),
        ({"const": "none"}, "toujours «\u00a0none\u00a0»", ""),
        ({"type": "string", "format": "binary"}, "fichier", ""),
        ({"type": "array", "items": {}}, "liste de valeurs", ""),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Animal"}}, "liste d’objets", "Animal"),
        ({"allOf": [{"$ref": "#/components/schemas/Animal"}]}, "objet", "Animal"),
        ({"oneOf": [{"$ref": "#/components/schemas/Animal"}, {"type": "null"}]}, "objet, ou nul", "Animal"),
        ({"$ref": "#/components/schemas/StateEnum"}, "texte", ""),
        (
            {"oneOf": [{"$ref": "#/components/schemas/StateEnum"}, {"$ref": "#/components/schemas/NullEnum"}]},
            "texte, ou nul",
            "",
        ),
    ],
)
def test_a_type_is_said_in_words(described: dict[str, Any], words: str, holds: str) -> None:
    found = field_of(described)

    assert (found.type, found.holds) == (words, holds)


def test_the_words_of_a_list_are_told_apart_from_its_description() -> None:
    found = field_of({"type": "string", "description": "État.\n\n* `open` - ouvert\n* `closed` - fermé"})

    assert found.description == "État."
    assert found.choices == (Choice("open", "ouvert"), Choice("closed", "fermé"))


def test_lists_of_words_are_no_objects() -> None:
    enum = {"type": "string", "enum": ["a"]}

    assert [found.name for found in objects({"components": {"schemas": {"E": enum, "Animal": ANIMAL}}})] == ["Animal"]


def test_an_operation_with_something_to_fill_in_its_path_is_not_tried_on_the_page() -> None:
    def described(path: str) -> dict[str, Any]:
        answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Animal"}}}}
        operation = {"operationId": "a", "summary": "A", "description": "A.", "responses": {"200": answer}}
        return {"paths": {path: {"get": operation}}}

    assert operations(described("/a/"))[0].is_tried_here
    assert not operations(described("/a/{id}/"))[0].is_tried_here
    assert operations(described("/a/"))[0].gives == "Animal"


def test_what_is_sent_is_told_with_its_operation_alone() -> None:
    def content(name: str) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}

    operation = {"operationId": "a", "summary": "A", "description": "A.", "responses": {"201": content("Animal")}}
    sent = {**ANIMAL, "properties": ANIMAL["properties"] | {"age": {"type": "integer"}}, "required": ["name"]}
    described = {
        "paths": {"/a/": {"post": {**operation, "requestBody": content("AnimalBody")}}},
        "components": {"schemas": {"Animal": ANIMAL, "AnimalBody": sent}},
    }

    (told,) = operations(described)

    assert (told.method, told.success, told.gives) == ("POST", "201", "Animal")
    assert [(field.name, field.where) for field in told.body] == [("name", "obligatoire"), ("age", "facultatif")]
    assert not told.is_tried_here
    assert [found.name for found in objects(described)] == ["Animal"]
