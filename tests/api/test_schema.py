from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from rest_framework.test import APIClient

from delegations.api.urls import urlpatterns as delegations_api
from directory.api import outline
from directory.api.documentation import schema
from directory.api.urls import urlpatterns as directory_api
from workspace.api.urls import urlpatterns as workspace_api

UNDESCRIBED = {"schema", "docs"}
# Two operations at one address: the second has a name of its own.
SECOND = {
    "delegation_request_create",
    *("dossier_create", "dossier_change", "circle_add", "entry_create", "entry_change"),
    *("event_create", "event_change", "task_create", "task_change"),
    *("conversation_begin", "conversation_title", "message_send", "participant_add"),
    "agenda_link_create",
}


def read_yaml(text: str | bytes) -> Any:
    """By the C library, ten times as fast; it makes nothing but plain values either."""
    return yaml.load(text, yaml.CSafeLoader)


def descriptions(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every property and parameter with what is said of it."""
    for name, component in schema()["components"]["schemas"].items():
        for field, described in component.get("properties", {}).items():
            yield f"{name}.{field}", described.get("description", "")
    for route, operation in operations():
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                yield f"{route}?{parameter['name']}", parameter.get("description", "")


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for route, methods in schema()["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {route}", operation


def test_the_schema_is_valid_and_made_without_a_warning(db: None) -> None:
    GENERATOR_STATS.reset()
    out = StringIO()
    call_command("spectacular", "--fail-on-warn", stdout=out, stderr=StringIO())

    validate_schema(read_yaml(out.getvalue()))
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache


def test_every_route_is_described(db: None) -> None:
    described = {operation.id for operation in outline.operations(schema())}

    routes = {pattern.name for pattern in [*directory_api, *delegations_api, *workspace_api]}
    assert described == (routes - UNDESCRIBED) | SECOND
    assert all(path.startswith("/api/v1/") for path in schema()["paths"])
    assert "api" in get_resolver().namespace_dict


def test_every_field_and_every_parameter_is_explained() -> None:
    silent = [name for name, text in descriptions(schema()) if not text.strip()]

    assert not silent


def test_the_schema_says_nothing_in_english() -> None:
    words = {"the", "where", "row", "every", "only", "this", "with", "from"}
    told = [text for _, text in descriptions(schema())]
    told += [component.get("description", "") for component in schema()["components"]["schemas"].values()]

    assert not [text for text in told if words & set(text.lower().split())]


def test_an_attachment_promises_that_it_opens_nothing() -> None:
    access = schema()["components"]["schemas"]["Attachment"]["properties"]["access"]

    assert access["const"] == "none"
    assert "ne donne accès à rien" in access["description"]


def test_every_answer_but_the_good_one_is_a_problem() -> None:
    for route, operation in operations():
        for status, answer in operation["responses"].items():
            (media_type,) = answer["content"]
            is_file = route.endswith("/documents/{document}/")
            given = "application/octet-stream" if is_file else "application/json"
            expected = given if status.startswith("2") else "application/problem+json"
            assert media_type == expected, route
        assert {"401", "429"} <= set(operation["responses"])
        assert len({"200", "201"} & set(operation["responses"])) == 1


def test_whatever_is_sent_is_described_and_may_be_refused() -> None:
    acts = {route: operation for route, operation in operations() if route.startswith("post ")}

    assert acts
    for route, operation in acts.items():
        expected = "multipart/form-data" if route.endswith("/documents/") else "application/json"
        assert {"400", "403", "409"} <= set(operation["responses"])
        if body := operation.get("requestBody"):
            assert list(body["content"]) == [expected]


def test_the_schema_is_read_as_json_or_yaml(api: APIClient) -> None:
    as_json = api.get("/api/v1/schema/")
    as_yaml = api.get("/api/v1/schema/", HTTP_ACCEPT="application/vnd.oai.openapi")

    assert as_json.headers["Content-Type"].startswith("application/json")
    assert as_json.json() == schema() == read_yaml(as_yaml.content)


def test_the_schema_names_both_ways_of_saying_who_one_is() -> None:
    schemes = schema()["components"]["securitySchemes"]

    assert schemes["jeton"] | {"description": ""} == {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "",
    }
    assert schemes["session"]["name"] == "sessionid"


def test_the_documentation_shows_every_operation_object_and_error(api: APIClient) -> None:
    page = api.get("/api/v1/docs/").content.decode()

    for operation in outline.operations(schema()):
        assert operation.path in page
        assert operation.summary in page
        assert f"<code>{operation.method} {operation.path}</code>" in page
        for field in operation.body:
            assert f"<code>{field.name}</code>" in page
    for described in outline.objects(schema()):
        assert f'id="objet-{described.name}"' in page
        for field in described.fields:
            assert f"<code>{field.name}</code>" in page
    for status in (400, 401, 403, 404, 405, 406, 409, 413, 415, 429, 500):
        assert f'id="erreur-{status}"' in page


def test_the_links_of_the_documentation_lead_somewhere(api: APIClient) -> None:
    page = api.get("/api/v1/docs/").content.decode()
    wanted = {part.partition('"')[0] for part in page.split('href="#')[1:]}

    assert {name for name in wanted if f'id="{name}"' not in page} == set()


def test_the_documentation_has_nothing_that_the_policy_refuses(api: APIClient) -> None:
    response = api.get("/api/v1/docs/")
    page = response.content.decode()

    assert "style=" not in page
    assert "<style" not in page
    assert "<script>" not in page
    assert "unsafe" not in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_documentation_is_only_read(client: Client, user: Any, method: str) -> None:
    client.force_login(user)

    assert getattr(client, method)("/api/v1/docs/").status_code == 405
