"""Addresses that the portal does not have: one that a page has to escape."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def nothing(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("<str:name>/", nothing, name="named")]
