"""« Écrire »: a conversation begins, from the list or from any page of the directory."""

from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from delegations.errors import Refused
from delegations.scopes import Space
from delegations.services.common import own_account
from spico.web.htmx import wants_fragment
from workspace.acting import Acting
from workspace.forms.discussions import BeginForm
from workspace.forms.participants import Choosing
from workspace.services.discussions import begin_conversation
from workspace.services.participants import NOBODY_CHOSEN
from workspace.views.doors import in_space, space_context


@require_safe
def write_to(request: HttpRequest) -> HttpResponse:
    """From a page of the directory: `de`, the account one writes for (one's own unless said), and `a`, to whom."""
    chosen = request.GET.get("de", "")
    own = own_account(cast(User, request.user))
    try:
        writer = UUID(chosen) if chosen else own.pk if own else None
        to = urlencode({"a": UUID(request.GET.get("a", ""))})
    except ValueError as error:
        raise Http404 from error
    if writer is None:
        raise Http404
    return redirect(f"{reverse('spaces:conversation_begin', args=[writer])}?{to}")


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.DISCUSSIONS)
def begin(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Looking for a recipient and changing account are answers of the same page: what was typed stays. Where the
    conversation is goes in a header to the script that asks for a fragment, which forgets its draft by that alone."""
    acting.check_writable()
    if request.method != "POST":
        asked = QueryDict(mutable=True)
        asked.setlist("to", request.GET.getlist("a"))
        return _page(request, acting, BeginForm(), Choosing(acting, asked))
    choosing = Choosing(acting, request.POST)
    is_choosing = choosing.is_search or bool(request.POST.get("change"))
    form = BeginForm(request.POST, is_choosing=is_choosing)
    if is_choosing:
        return _page(request, acting, form, choosing)
    status = HTTPStatus.BAD_REQUEST
    if not choosing.ticked:
        choosing.errors.append(NOBODY_CHOSEN)
    if form.is_valid() and choosing.ticked:
        try:
            made = begin_conversation(
                acting,
                form.cleaned_data["title"],
                choosing.ticked,
                form.cleaned_data["text"],
                form.cleaned_data["client_key"],
            )
        except Refused as refused:
            status = HTTPStatus(refused.status)
            if refused.field == "to":
                choosing.errors.append(refused.sentence)
            else:
                form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        else:
            messages.success(request, "Votre message est envoyé.")
            there = reverse("spaces:conversation", args=[acting.account.pk, made.pk])
            if wants_fragment(request):
                return HttpResponse(status=HTTPStatus.CREATED, headers={"HX-Redirect": there})
            return redirect(there)
    return _page(request, acting, form, choosing, status)


def _page(
    request: HttpRequest, acting: Acting, form: BeginForm, choosing: Choosing, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    here = reverse("spaces:conversation_begin", args=[acting.account.pk])
    context: dict[str, Any] = {
        **space_context(acting, ("Écrire", here)),
        "form": form,
        "choosing": choosing,
        "signature": f"{acting.name}, écrit par {acting.own.name}" if acting.is_for_another else acting.name,
    }
    return render(request, "spaces/discussions/begin.html", context, status=status)


urlpatterns = [
    path("ecrire/", write_to, name="write_to"),
    path("<uuid:account>/discussions/ecrire/", begin, name="conversation_begin"),
]
