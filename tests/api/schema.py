"""Compares an answer with what the schema says of its address."""

import copy
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.urls import resolve
from jsonschema import Draft202012Validator, FormatChecker
from rest_framework.test import APIClient

from directory.api.documentation import schema


@cache
def strict_components() -> dict[str, Any]:
    """The described objects, which may hold nothing else than what is described."""
    components = copy.deepcopy(schema()["components"])
    for described in components["schemas"].values():
        if "properties" in described:
            described["additionalProperties"] = False
    return components


def described_operation(path: str, method: str = "get") -> dict[str, Any]:
    route = "/" + resolve(path).route.replace("^", "").replace("$", "")
    for described, methods in schema()["paths"].items():
        if _shape(described) == _shape(route) and method in methods:
            operation: dict[str, Any] = methods[method]
            return operation
    raise AssertionError(f"The schema says nothing of {method} {route}.")


def _shape(path: str) -> list[str]:
    """The words of a route, whatever the way its variables are written."""
    return ["?" if part[:1] in "{<(" else part for part in path.strip("/").split("/")]


def check_against_schema(response: HttpResponse, path: str, method: str = "get") -> Any:
    """The answer, once everything in it is as described, with nothing more."""
    answers = described_operation(path, method)["responses"]
    media_type = response.headers["Content-Type"]
    described = answers[str(response.status_code)]["content"][media_type]["schema"]
    whole = {**described, "components": strict_components()}
    body = response.json()  # type: ignore[attr-defined]
    errors = list(Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(body))
    assert not errors, "\n".join(f"{error.json_path}: {error.message}" for error in errors)
    return body


def read(api: APIClient, path: str) -> Any:
    """A good answer of `/api/v1/`, as described."""
    response = api.get(f"/api/v1/{path}")
    assert response.status_code == 200, response.content
    return check_against_schema(response, f"/api/v1/{path.partition('?')[0]}")
