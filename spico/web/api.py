"""What every endpoint shares: headers, pages of results, and how both are described in the schema."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.reverse import reverse
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from spico.web.problems import MEDIA_TYPE, PROBLEM_TYPES, Refusal
from spico.web.typography import NBSP

PAGE_SIZE = 20
LARGEST_PAGE = 100
FURTHEST_PAGE = 9999
WHOLE_NUMBER: dict[str, Any] = {
    "invalid": "Indiquez un nombre entier.",
    "max_string_length": "Indiquez un nombre entier.",
    "min_value": "Indiquez au moins {min_value}.",
    "max_value": "Indiquez au plus {max_value}.",
}
# Nine digits: what stands for any number, of a row as of a structure.
SOME = "987654321"
# No body of ours comes near; a longer one is not read.
LARGEST_BODY = 65_536
NOT_AN_OBJECT = "Le corps de la demande est un objet JSON, entre accolades."
UNEXPECTED = "Cette valeur n’est pas attendue ici."
MISSING = "Cette valeur manque."
TEXT: dict[str, Any] = {"required": MISSING, "null": MISSING, "blank": MISSING, "invalid": "Écrivez un texte."}
DESCRIBED = {200: "Trouvé.", 201: "Créé."}
Parameters = TypeVar("Parameters", bound=serializers.Serializer)


class ApiView(APIView):
    """Only reads, unless a view says otherwise. What it answers is for one person, and is not kept on the way."""

    http_method_names = ["get", "head"]

    @property
    def default_response_headers(self) -> dict[str, str]:
        return super().default_response_headers | {
            "Cache-Control": "private, no-store",
            "Vary": "Authorization, Cookie",
        }

    def read(self, parameters: type[Parameters]) -> Parameters:
        """The parameters of the address, checked; a value that cannot be is a 400 that names it."""
        return self._checked(parameters, self.request.query_params)

    def sent(self, body: type[Parameters]) -> Parameters:
        """What was sent, checked; a value that cannot be, or that is not expected, is a 400 that names it."""
        if int(self.request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            raise Refusal(413, PROBLEM_TYPES[413].detail)
        if not isinstance(self.request.data, dict):
            raise Refusal(400, NOT_AN_OBJECT)
        return self._checked(body, self.request.data)

    def _checked(self, described: type[Parameters], data: Any) -> Parameters:
        checked = described(data=data, context={"request": self.request})
        checked.is_valid(raise_exception=True)
        return checked


class StrictSerializer(serializers.Serializer):
    """A name that it does not have is refused, not passed over."""

    def unexpected(self) -> str:
        return UNEXPECTED

    def to_internal_value(self, data: Any) -> Any:
        if unexpected := {name: self.unexpected() for name in data if name not in self.fields}:
            raise serializers.ValidationError(unexpected)
        return super().to_internal_value(data)


class BodySerializer(StrictSerializer):
    """What is sent to be done: whoever misspells the day until which they give must not give for ever."""


class TextField(serializers.CharField):
    """A text and nothing else: a number is not taken for its digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"error_messages": TEXT} | options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class PageParameters(StrictSerializer):
    """Those of a list: a misspelt one, that was meant to choose a few rows, must not give them all."""

    page = serializers.IntegerField(
        default=1,
        min_value=1,
        max_value=FURTHEST_PAGE,
        help_text="Numéro de la page, à partir de 1.",
        error_messages=WHOLE_NUMBER,
    )
    page_size = serializers.IntegerField(
        default=PAGE_SIZE,
        min_value=1,
        max_value=LARGEST_PAGE,
        help_text=f"Nombre de résultats par page : {PAGE_SIZE} si rien n’est dit, {LARGEST_PAGE} au plus.",
        error_messages=WHOLE_NUMBER,
    )

    def unexpected(self) -> str:
        return f"Ce paramètre n’existe pas ici{NBSP}: choisissez parmi {', '.join(self.fields)}."


class PageSerializer(serializers.Serializer):
    """Add `results`, a list."""

    count = serializers.IntegerField(help_text="Nombre de résultats, toutes pages comprises.")
    next = serializers.URLField(allow_null=True, help_text="Adresse de la page suivante, s’il y en a une.")
    previous = serializers.URLField(allow_null=True, help_text="Adresse de la page précédente, s’il y en a une.")


def page_links(request: Request, page: int, has_next: bool) -> dict[str, str | None]:
    """The same search, one page further or back; each link keeps every other parameter."""
    here = request.build_absolute_uri()
    return {
        "next": replace_query_param(here, "page", page + 1) if has_next else None,
        "previous": replace_query_param(here, "page", page - 1) if page > 1 else None,
    }


def page_of(request: Request, rows: QuerySet, parameters: PageParameters) -> dict[str, Any]:
    """One page of ordered rows. Beyond the last there is an empty one."""
    page, size = parameters.validated_data["page"], parameters.validated_data["page_size"]
    count = rows.count()
    links = page_links(request, page, has_next=page * size < count)
    return {"count": count, **links, "results": rows[(page - 1) * size : page * size]}


@extend_schema_field(OpenApiTypes.URI)
class AddressField(serializers.Field):
    """The absolute address of a row: `route` takes what `argument` reads of it.

    A route is resolved once an answer, with a number in the place of the argument: a structure has hundreds of units.
    """

    def __init__(self, route: str, argument: Callable[[Any], Any], **options: Any) -> None:
        super().__init__(source="*", read_only=True, **options)
        self.route, self.argument = route, argument

    def to_representation(self, row: Model) -> str:
        known: dict[str, tuple[str, str]] = self.context.setdefault("addresses", {})
        if self.route not in known:
            before, _, after = reverse(self.route, args=[SOME], request=self.context["request"]).rpartition(SOME)
            known[self.route] = before, after
        before, after = known[self.route]
        return f"{before}{self.argument(row)}{after}"


class FieldErrorSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="Nom de la valeur, tel que vous l’avez écrit.")
    message = serializers.CharField(help_text="Ce qui ne convient pas.")


class ProblemSerializer(serializers.Serializer):
    type = serializers.CharField(help_text="Sorte d’erreur : une adresse stable, qui l’explique.")
    title = serializers.CharField(help_text="Nom de cette sorte d’erreur.")
    status = serializers.IntegerField(help_text="Code HTTP de la réponse.")
    detail = serializers.CharField(help_text="Ce qui s’est passé, en une phrase.")
    instance = serializers.CharField(help_text="Chemin demandé, sans ses paramètres.")
    errors = FieldErrorSerializer(many=True, required=False, help_text="Les valeurs qui ne conviennent pas.")  # type: ignore[assignment]


def answers(success: Any, *refusals: int, status: int = 200, told: str = "") -> dict[Any, Any]:
    """The answers of one endpoint for `extend_schema`: what it gives, and each refusal as a problem."""
    described: dict[Any, Any] = {status: OpenApiResponse(success, description=told or DESCRIBED[status])}
    for refusal in sorted((401, 429, *refusals)):
        response = OpenApiResponse(ProblemSerializer, description=PROBLEM_TYPES[refusal].title)
        described[str(refusal), MEDIA_TYPE] = response
    return described
