from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template import loader

from spico.web.errors import error_page


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The text of a `PermissionDenied` is a sentence that our code wrote for the reader."""
    return error_page(request, HTTPStatus.FORBIDDEN, str(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """One page for what does not exist and for what may not be seen: the exception's text never shows."""
    return error_page(request, HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Asks nothing of the session, the database or the cache: one of them may be what broke."""
    page = loader.get_template("errors/500.html").render()
    return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)
