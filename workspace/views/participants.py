"""Who takes part in a conversation, and what an account does with it: silence, put away, link, leave."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from accounts.prepared import Prepared
from delegations.errors import Refused
from delegations.scopes import Space
from spico.web.acts import act_of
from spico.web.typography import NBSP
from workspace.access import participation_or_404
from workspace.acting import Acting
from workspace.forms.participants import Choosing
from workspace.models import Participant
from workspace.services.discussions_reading import Member, names_said, others_of
from workspace.services.participants import (
    add_participants,
    archive,
    leave_conversation,
    may_take_out,
    mute,
    remove_participant,
)
from workspace.signing import names_of, signature_of
from workspace.views.doors import in_space, space_context

BEFORE = {"oui": True, "non": False}
SAY_BEFORE = f"Dites s’ils voient ce qui précède{NBSP}: les messages déjà écrits."


@dataclass(frozen=True)
class Row:
    """An account that takes part, who brought it in, and whether one may take it out."""

    member: Member
    brought_in_by: str
    may_take_out: bool


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.DISCUSSIONS, is_page=False)
def participants(request: HttpRequest, acting: Acting, conversation: UUID) -> HttpResponse:
    """The list, and the form that adds to it."""
    participant = participation_or_404(acting, conversation)
    others = others_of(acting, [conversation])[conversation]
    there = frozenset(one.account.pk for one in others)
    if request.method != "POST":
        return _page(request, acting, participant, others, Choosing(acting, QueryDict(), there=there))
    choosing = Choosing(acting, request.POST, there=there)
    if choosing.is_search:
        return _page(request, acting, participant, others, choosing)
    sees = BEFORE.get(request.POST.get("before", ""))
    before_error, status = "", HTTPStatus.BAD_REQUEST
    if sees is None:
        before_error = SAY_BEFORE
    else:
        try:
            added = add_participants(acting, participant, choosing.ticked, see_what_came_before=sees)
        except Refused as refused:
            choosing.errors.append(refused.sentence)
            status = HTTPStatus(refused.status)
        else:
            names = ", ".join(account.name for account in added)
            messages.success(request, f"Ajouté à la conversation{NBSP}: {names}.")
            return redirect("spaces:participants", acting.account.pk, conversation)
    return _page(request, acting, participant, others, choosing, status=status, before_error=before_error)


def _page(  # noqa: PLR0913, what the page draws
    request: HttpRequest,
    acting: Acting,
    participant: Participant,
    others: list[Member],
    choosing: Choosing,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    before_error: str = "",
) -> HttpResponse:
    conversation = participant.conversation
    here = reverse("spaces:conversation", args=[acting.account.pk, conversation.pk])
    context = {
        **space_context(acting, ("Conversation", here), ("Participants", "")),
        "conversation": conversation,
        "participant": participant,
        "here": here,
        "rows": _rows(acting, participant, others),
        "names": names_said(others),
        "choosing": choosing,
        "before_error": before_error,
        "before": request.POST.get("before", ""),
        "has_errors": bool(choosing.errors or before_error),
        "may_link": acting.is_writable and acting.may(Space.DOSSIERS),
    }
    return render(request, "spaces/discussions/participants.html", context, status=status)


_whole = Prepared(
    lambda *, places: (
        Participant.objects.filter(pk__in=places)
        .select_related("account", "actor_account", "conversation")
        .order_by("pk")
    ),
    places=list[int],
)


def _rows(acting: Acting, participant: Participant, others: list[Member]) -> list[Row]:
    full = _whole.rows(places=[participant.pk, *(one.row.pk for one in others)])
    names = names_of(account for row in full for account in (row.account, row.actor_account))
    signed = {row.pk: signature_of(row, names) for row in full}
    conversations = {row.pk: row for row in full}
    return [
        Row(one, signed.get(one.row.pk, ""), may_take_out(acting, conversations[one.row.pk]))
        for one in others
        if one.row.pk in conversations
    ]


@act_of("spaces:participants", "account", "conversation")
@in_space(Space.DISCUSSIONS, is_page=False)
def remove(request: HttpRequest, acting: Acting, conversation: UUID, pk: int) -> HttpResponse:
    participation_or_404(acting, conversation)
    present = Participant.objects.present(acting.at).filter(conversation=conversation, pk=pk)
    target = present.select_related("conversation", "member").first()
    if target is None:
        raise Http404
    remove_participant(acting, target)
    messages.success(request, f"«{NBSP}{target.member.name}{NBSP}» ne participe plus à la conversation.")
    return redirect("spaces:participants", acting.account.pk, conversation)


@act_of("spaces:participants", "account", "conversation")
@in_space(Space.DISCUSSIONS, is_page=False)
def leave(request: HttpRequest, acting: Acting, conversation: UUID) -> HttpResponse:
    leave_conversation(acting, participation_or_404(acting, conversation))
    messages.success(request, "Ce compte a quitté la conversation. Ce qu’il a écrit y reste.")
    return redirect("spaces:space", acting.account.pk, acting.space)


def _switch(do: Callable[[Acting, Participant, bool], str]) -> Callable[..., HttpResponse]:
    """On or off, as the button says; pressed twice, it changes nothing more."""

    @act_of("spaces:participants", "account", "conversation")
    @in_space(Space.DISCUSSIONS, is_page=False)
    def act(request: HttpRequest, acting: Acting, conversation: UUID) -> HttpResponse:
        participant = participation_or_404(acting, conversation)
        messages.success(request, do(acting, participant, request.POST.get("on") == "1"))
        return redirect("spaces:participants", acting.account.pk, conversation)

    return act


def _mute(acting: Acting, participant: Participant, is_on: bool) -> str:
    mute(acting, participant, is_muted=is_on)
    return "Plus personne de ce compte ne sera prévenu." if is_on else "Chacun sera prévenu des prochains messages."


def _archive(acting: Acting, participant: Participant, is_on: bool) -> str:
    archive(acting, participant, is_archived=is_on)
    return "Conversation rangée. Elle reviendra au prochain message." if is_on else "La conversation est dans la liste."


urlpatterns = [
    path("<uuid:account>/discussions/<uuid:conversation>/participants/", participants, name="participants"),
    path(
        "<uuid:account>/discussions/<uuid:conversation>/participants/<int:pk>/retirer/",
        remove,
        name="participant_remove",
    ),
    path("<uuid:account>/discussions/<uuid:conversation>/quitter/", leave, name="conversation_leave"),
    path("<uuid:account>/discussions/<uuid:conversation>/silence/", _switch(_mute), name="conversation_mute"),
    path("<uuid:account>/discussions/<uuid:conversation>/ranger/", _switch(_archive), name="conversation_archive"),
]
