"""The title of a conversation, and the dossier that it is linked to."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from delegations.errors import Refused, conflict, forbidden
from delegations.scopes import Space
from workspace.access import participation_or_404
from workspace.acting import Acting
from workspace.errors import Outdated
from workspace.forms.discussions import TitleForm
from workspace.forms.linking import LinkedForm
from workspace.models import Participant
from workspace.policy import title_may_change
from workspace.services.discussions import NO_DOSSIERS, TITLE_STAYS, change_title, link_dossier
from workspace.views.doors import in_space, space_context


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.DISCUSSIONS, is_page=False)
def title(request: HttpRequest, acting: Acting, conversation: UUID) -> HttpResponse:
    """What another person wrote meanwhile is shown beside what was typed; saving again then writes over it."""
    participant = participation_or_404(acting, conversation)
    acting.check_writable()
    present = participant.conversation
    if not title_may_change(present.origin):
        raise conflict(TITLE_STAYS)
    if request.method != "POST":
        form = TitleForm(initial={"title": present.title, "seen": present.title})
        return _title_page(request, acting, participant, form)
    form, status = TitleForm(request.POST), HTTPStatus.BAD_REQUEST
    if form.is_valid():
        try:
            change_title(acting, participant, form.cleaned_data["title"], form.cleaned_data["seen"])
        except Outdated as outdated:
            again = request.POST.copy()
            again["seen"] = present.title
            form, status = TitleForm(again), HTTPStatus.CONFLICT
            form.add_error(None, outdated.sentence)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
            status = HTTPStatus(refused.status)
        else:
            messages.success(request, "Titre modifié.")
            return redirect("spaces:conversation", acting.account.pk, conversation)
    return _title_page(request, acting, participant, form, status)


def _title_page(
    request: HttpRequest,
    acting: Acting,
    participant: Participant,
    form: TitleForm,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    here = reverse("spaces:conversation", args=[acting.account.pk, participant.conversation_id])
    context = {
        **space_context(acting, ("Conversation", here), ("Titre", "")),
        "here": here,
        "form": form,
        "present": participant.conversation.title if status == HTTPStatus.CONFLICT else "",
    }
    return render(request, "spaces/discussions/title.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.DISCUSSIONS, is_page=False)
def dossier(request: HttpRequest, acting: Acting, conversation: UUID) -> HttpResponse:
    """Among those that the person may open; a dossier linked by others, which they may not, is not named."""
    participant = participation_or_404(acting, conversation)
    acting.check_writable()
    if not acting.may(Space.DOSSIERS):
        raise forbidden(NO_DOSSIERS)
    linked = participant.conversation.dossier_id
    status = HTTPStatus.OK
    if request.method == "POST":
        form = LinkedForm(acting, request.POST, linked=linked)
        if not form.is_search:
            status = HTTPStatus.BAD_REQUEST
            if form.is_valid():
                link_dossier(acting, participant, form.cleaned_data["dossier"])
                messages.success(request, "C’est enregistré.")
                return redirect("spaces:conversation", acting.account.pk, conversation)
    else:
        form = LinkedForm(acting, linked=linked, initial={"dossier": linked})
    here = reverse("spaces:conversation", args=[acting.account.pk, conversation])
    context = {**space_context(acting, ("Conversation", here), ("Dossier lié", "")), "form": form, "here": here}
    return render(request, "spaces/discussions/dossier.html", context, status=status)


urlpatterns = [
    path("<uuid:account>/discussions/<uuid:conversation>/titre/", title, name="conversation_title"),
    path("<uuid:account>/discussions/<uuid:conversation>/dossier/", dossier, name="conversation_dossier"),
]
