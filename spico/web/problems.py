"""Errors of the API as problem details (RFC 9457), in French, whoever finds them: a view, Django or a middleware."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypedDict

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import set_rollback

from spico.web import throttle

MEDIA_TYPE = "application/problem+json"
API = "/api/"
TYPES = "/api/v1/problems/"


@dataclass(frozen=True)
class ProblemType:
    """`detail`: the sentence when nothing more precise is known. `advice`: what its own page says to do."""

    name: str
    title: str
    detail: str
    advice: str

    @property
    def uri(self) -> str:
        return f"{TYPES}{self.name}/"


PROBLEM_TYPES: dict[int, ProblemType] = {
    400: ProblemType(
        "invalid-request",
        "Demande non valable",
        "Une valeur de la demande ne convient pas.",
        "Corrigez les valeurs que « errors » nomme, puis recommencez.",
    ),
    401: ProblemType(
        "authentication-required",
        "Authentification requise",
        "Connectez-vous, ou joignez un jeton : « Authorization: Token … ».",
        "Joignez un jeton en cours de validité, ou ouvrez une session.",
    ),
    403: ProblemType(
        "forbidden",
        "Accès refusé",
        "Vous n’avez pas le droit de faire cela.",
        "Un jeton en lecture seule ne sert qu’à lire ; une session joint aussi son jeton CSRF à ce qu’elle écrit.",
    ),
    404: ProblemType(
        "not-found",
        "Introuvable",
        "Il n’y a rien à cette adresse.",
        "Vérifiez l’adresse ; retrouvez une fiche par « directory/ ».",
    ),
    405: ProblemType(
        "method-not-allowed",
        "Méthode non permise",
        "Cette méthode n’est pas permise à cette adresse.",
        "L’en-tête « Allow » donne les méthodes permises.",
    ),
    406: ProblemType(
        "not-acceptable",
        "Format indisponible",
        "L’API répond en JSON : demandez « Accept: application/json ».",
        "Demandez « application/json », ou n’envoyez pas d’en-tête « Accept ».",
    ),
    409: ProblemType(
        "conflict",
        "Plus possible",
        "L’état des choses ne permet pas cela, ou ne le permet plus.",
        "Lisez de nouveau ce que vous vouliez changer : « can » dit ce que vous pouvez encore en faire.",
    ),
    412: ProblemType(
        "precondition-failed",
        "Version dépassée",
        "Quelqu’un a modifié cela depuis que vous l’avez lu : rien n’est changé.",
        "Lisez de nouveau, comparez, puis renvoyez votre modification avec « If-Match » et le nouvel « ETag ».",
    ),
    413: ProblemType(
        "content-too-large",
        "Demande trop longue",
        "Le corps de la demande est trop long.",
        "Envoyez moins à la fois.",
    ),
    415: ProblemType(
        "unsupported-media-type",
        "Format non reconnu",
        "L’API reçoit du JSON (« Content-Type: application/json ») ; un fichier, par un formulaire "
        "(« multipart/form-data »).",
        "Envoyez un corps en JSON, ou un formulaire là où l’on ajoute un fichier, et dites-le dans l’en-tête "
        "« Content-Type ».",
    ),
    428: ProblemType(
        "precondition-required",
        "Version manquante",
        "Dites quelle version vous avez lue, dans l’en-tête « If-Match ».",
        "Lisez d’abord ce que vous voulez modifier : l’en-tête « ETag » de la réponse donne sa version.",
    ),
    429: ProblemType(
        "too-many-requests",
        "Trop de demandes",
        "Vous avez fait beaucoup de demandes en peu de temps : réessayez dans un moment.",
        "Attendez le nombre de secondes que donne l’en-tête « Retry-After ».",
    ),
    500: ProblemType(
        "server-error",
        "Erreur de SPICO",
        "SPICO n’a pas pu répondre. L’incident est enregistré : réessayez dans un moment.",
        "Réessayez ; si l’erreur persiste, donnez l’heure de la demande au centre de service.",
    ),
}
UNREADABLE_BODY = "Le corps de la demande ne se lit pas comme du JSON."


class FieldError(TypedDict):
    field: str
    message: str


class Refusal(exceptions.APIException):
    """A no that has its own sentence and status; `field` names the value that does not suit, if one does."""

    def __init__(self, status: int, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.status_code = status
        self.field = field


CAME_FROM_US = (Refusal, exceptions.AuthenticationFailed, exceptions.PermissionDenied, exceptions.NotFound)


def problem(
    request: HttpRequest | Request,
    status: int,
    detail: str = "",
    errors: list[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """An answer that says what went wrong; `errors` names the values that do not suit."""
    return HttpResponse(_body(request, status, detail, errors), MEDIA_TYPE, status, headers=dict(headers or {}))


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's `EXCEPTION_HANDLER`. What is nobody's refusal is left to Django, which logs it."""
    request: Request = context["request"]
    if isinstance(error, Http404):
        return problem(request, HTTPStatus.NOT_FOUND)
    if isinstance(error, PermissionDenied):
        return problem(request, HTTPStatus.FORBIDDEN)
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    return problem(request, error.status_code, _sentence(request, error), _field_errors(error), _headers(error))


class ProblemMiddleware:
    """Under /api/, turns the pages of errors that are not the API's own into problems, with their headers kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith(API) and response.status_code >= HTTPStatus.BAD_REQUEST:
            _turn_into_problem(request, response)
        return response


def _turn_into_problem(request: HttpRequest, response: HttpResponse) -> None:
    if response.streaming or response.headers.get("Content-Type", "").startswith(MEDIA_TYPE):
        return
    response.content = _body(request, response.status_code)
    response.headers["Content-Type"] = MEDIA_TYPE
    response.headers["Content-Length"] = str(len(response.content))
    response.headers["Cache-Control"] = "private, no-store"


def _body(
    request: HttpRequest | Request, status: int, detail: str = "", errors: list[FieldError] | None = None
) -> bytes:
    """`instance` is the path alone: what was searched for stays out of it."""
    known = PROBLEM_TYPES.get(status)
    members: dict[str, Any] = {
        "type": known.uri if known else "about:blank",
        "title": known.title if known else f"Erreur {status}",
        "status": status,
        "detail": detail or (known.detail if known else "La demande n’a pas abouti."),
        "instance": escape_uri_path(request.path),
    }
    if errors:
        members["errors"] = errors
    # The name of a value comes as it was sent, half a character included.
    return json.dumps(members, ensure_ascii=False).encode(errors="replace")


def _sentence(request: Request, error: exceptions.APIException) -> str:
    """Ours where the code gave one; never DRF's own words."""
    if isinstance(error, exceptions.Throttled):
        wait: int | None = getattr(error, "wait", None)
        return throttle.sentence(wait) if wait else ""
    if isinstance(error, exceptions.MethodNotAllowed):
        return f"La méthode {request.method} n’est pas permise à cette adresse."
    if isinstance(error, exceptions.ParseError):
        return UNREADABLE_BODY
    if isinstance(error, CAME_FROM_US) and str(error.detail) != str(error.default_detail):
        return str(error.detail)
    return ""


def _field_errors(error: exceptions.APIException) -> list[FieldError]:
    if isinstance(error, Refusal) and error.field:
        return [FieldError(field=error.field, message=str(error.detail))]
    return list(_flat(error.detail, "")) if isinstance(error, exceptions.ValidationError) else []


def _flat(detail: Any, field: str) -> Iterator[FieldError]:
    """Nested errors as a flat list; a value inside another is named by its path, « adresse.ville »."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _flat(inner, f"{field}.{name}" if field else str(name))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flat(inner, field)
    else:
        yield FieldError(field=field, message=str(detail))


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(wait)
    return headers
