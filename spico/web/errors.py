"""Answers that say no, in French and with a way on. Under /api/, `spico.web.problems` turns them into problems."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from spico.web.htmx import wants_fragment
from spico.web.throttle import sentence


def error_page(request: HttpRequest, status: HTTPStatus, reason: str = "") -> HttpResponse:
    """`reason`: a French sentence of ours for the reader, never the text of an exception from elsewhere."""
    return render(request, f"errors/{status.value}.html", {"reason": reason}, status=status)


def too_many(request: HttpRequest, wait_seconds: int = 60) -> HttpResponse:
    """429. A fragment asked by htmx gets one alert, in the place of what it asked for."""
    template = "errors/429_fragment.html" if wants_fragment(request) else "errors/429.html"
    response = render(
        request,
        template,
        {"wait_seconds": wait_seconds, "reason": sentence(wait_seconds)},
        status=HTTPStatus.TOO_MANY_REQUESTS,
    )
    response["Retry-After"] = str(wait_seconds)
    return response
