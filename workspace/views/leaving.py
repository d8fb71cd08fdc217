"""Taking out, in one click, those that a holder brought in. The list stands on the page of the delegation."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone

from accounts.models import User
from delegations.access import delegations_visible_to
from delegations.errors import Refused
from spico.web.acts import act_of
from spico.web.typography import NBSP, counted
from workspace.services.leaving import take_out


@act_of("delegations:delegation", "pk")
def out(request: HttpRequest, pk: int) -> HttpResponse:
    """`member`: one account; without it, all of them. 404 for a delegation that this person does not see."""
    user, at = cast(User, request.user), timezone.now()
    row = get_object_or_404(delegations_visible_to(user, at).told(), pk=pk)
    try:
        done = take_out(user, row, _member(request.POST.get("member", "")), at)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"C’est fait{NBSP}: {counted(done, 'place retirée', 'places retirées')}.")
    return redirect("delegations:delegation", pk)


def _member(text: str) -> UUID | None:
    """What is no account is nobody: never everybody."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return UUID(int=0)


urlpatterns = [path("sorties/<int:pk>/", out, name="take_out")]
