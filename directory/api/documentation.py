"""The schema of the API, and the pages that explain it."""

from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from directory.api import outline
from spico.web.api import ApiView, answers
from spico.web.problems import PROBLEM_TYPES


@cache
def schema() -> dict[str, Any]:
    """The same for everybody, and made once: it depends on the code alone."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    return dict(generator.get_schema(request=None, public=True))  # type: ignore[no-untyped-call]


class SchemaView(ApiView):
    """OpenAPI, in JSON unless YAML is asked for. Reading it takes nothing from the budget of the directory."""

    renderer_classes = [OpenApiJsonRenderer2, OpenApiYamlRenderer]
    throttle_classes = []

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(schema())


class ProblemTypeSerializer(serializers.Serializer):
    type = serializers.CharField(source="uri", help_text="Ce que porte « type » dans une erreur.")
    title = serializers.CharField(help_text="Nom de cette sorte d’erreur.")
    advice = serializers.CharField(help_text="Ce qu’il faut faire.")


class ProblemTypeView(ApiView):
    """Where the `type` of a problem leads."""

    throttle_classes = []

    @extend_schema(
        operation_id="problem",
        summary="Une sorte d’erreur",
        description="Ce que veut dire le « type » d’une erreur, et ce qu’il faut faire.",
        responses=answers(ProblemTypeSerializer, 404),
        tags=["erreurs"],
    )
    def get(self, request: Request, name: str) -> Response:
        for known in PROBLEM_TYPES.values():
            if known.name == name:
                return Response(ProblemTypeSerializer(known).data)
        raise Http404


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The schema in French, for a person; made here, without any script (decision 0005)."""
    described = schema()
    context = {
        "description": described["info"]["description"],
        "operations": outline.operations(described),
        "objects": outline.objects(described),
        "problems": PROBLEM_TYPES,
    }
    return render(request, "api/docs.html", context)
