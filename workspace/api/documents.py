"""The files of a dossier: added through the service of their page, given by its view, which asks the rule each time."""

from http import HTTPStatus
from uuid import UUID

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from delegations.errors import Refused
from spico.web.api import answers
from spico.web.problems import PROBLEM_TYPES, Refusal
from spico.web.uploads import MOST_WRITTEN
from workspace.api.dossier_bodies import EntrySerializer, NewDocumentBody
from workspace.api.dossiers import TAGS, DossierView
from workspace.files import MEGABYTES, TOO_BIG
from workspace.services.documents import add_document
from workspace.services.dossiers import check_open
from workspace.views.documents import document as document_page

NOT_A_FORM = "Ici, l’API reçoit un fichier : envoyez « Content-Type: multipart/form-data »."
UNREADABLE_FORM = "Le corps de la demande ne se lit pas comme un formulaire « multipart/form-data »."
ONE_FILE = "Envoyez un seul fichier à la fois."


class DocumentsView(DossierView):
    """What the page of a file says, it says; a size is a 413, since a program reads statuses."""

    http_method_names = ["post"]
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="document_add",
        summary="Ajouter un document à un dossier",
        description="Un formulaire « multipart/form-data » : un fichier, et les valeurs d’une entrée. Le contenu du "
        f"fichier est vérifié, quoi que dise son nom ; au-delà de {MEGABYTES} Mo, la réponse est 413. « Location » est "
        "l’adresse de l’entrée, où se corrige ce qui en est dit ; le fichier ne change pas.",
        request=NewDocumentBody,
        responses=answers(EntrySerializer, 400, 403, 404, 409, 413, 415, status=201),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID, dossier: UUID) -> Response:
        found = self.found
        check_open(self.acting, found)
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_WRITTEN:
            raise _heavier(TOO_BIG, "file")
        body = self._checked(NewDocumentBody, request.data)
        return self.made(found, add_document(self.acting, found, **body.said).pk)

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(_said(exc))


def _said(error: Exception) -> Exception:
    """The sentence of this address, where those of the API speak of JSON."""
    match error:
        case Refused(sentence=sentence) if sentence == TOO_BIG:
            return _heavier(TOO_BIG, "file")
        case UnsupportedMediaType():
            return Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, NOT_A_FORM)
        case ParseError():
            return Refusal(HTTPStatus.BAD_REQUEST, UNREADABLE_FORM)
        case TooManyFilesSent():
            return Refusal(HTTPStatus.BAD_REQUEST, ONE_FILE, "file")
        case RequestDataTooBig():
            return _heavier(PROBLEM_TYPES[413].detail)
    return error


def _heavier(sentence: str, field: str = "") -> Refusal:
    return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, sentence, field)


# What is given is no JSON; a refusal is a problem, as everywhere.
FILE = {(200, "application/octet-stream"): OpenApiTypes.BINARY} | {
    status: told for status, told in answers(None, 404).items() if status != 200
}


class DocumentView(DossierView):
    @extend_schema(
        operation_id="document",
        summary="Un document d’un dossier",
        description="Le fichier lui-même, PDF, PNG ou JPEG. On l’ajoute par « documents/ ».",
        responses=FILE,
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID, dossier: UUID, document: UUID) -> HttpResponse:
        answer = document_page(_bare(request), account=account, dossier=dossier, document=document)
        if answer.status_code == 404:
            raise Http404
        return answer


def _bare(request: Request) -> HttpRequest:
    """Django's own request, for the view that serves files: with the user whom the API found."""
    bare: HttpRequest = request._request
    bare.user = request.user
    return bare
