from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern
from django.views.decorators.http import require_safe

from delegations.scopes import Space
from workspace.acting import Acting
from workspace.views.doors import in_space, space_context


@require_safe
@in_space(Space.AGENDA, is_door=True)
def index(request: HttpRequest, acting: Acting) -> HttpResponse:
    return render(request, "spaces/space.html", space_context(acting))


urlpatterns: list[URLPattern] = []
