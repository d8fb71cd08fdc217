"""The conversations of an account, one of them, and what is written in it."""

from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from delegations.access import accounts_open_to
from delegations.errors import Refused
from delegations.scopes import Space
from spico.web.htmx import wants_fragment
from spico.web.typography import counted, plural
from workspace.access import dossier_seen, messages_in, participation_or_404
from workspace.acting import Acting
from workspace.forms.discussions import ReplyForm
from workspace.live import let_listen, stream_url
from workspace.message_rows import rows_of
from workspace.models import Message, Participant
from workspace.news import MOST
from workspace.policy import title_may_change
from workspace.services.discussions_reading import (
    Page,
    Thread,
    conversation_page,
    read_thread,
    rows_after,
    unread_conversations,
)
from workspace.services.messages import NOBODY_READS, mark_read, read_conversation, read_on, send_message
from workspace.services.messages_telling import forget_notices
from workspace.views import (
    discussions_live,
    discussions_search,
    discussions_settings,
    discussions_writing,
    leaving,
    participants,
)
from workspace.views.doors import in_space, space_context

ARCHIVED = "archivees"
LARGEST = 2**63 - 1


def number_of(request: HttpRequest, name: str) -> int:
    """A number of message in the address; 0 for what is none."""
    text = request.GET.get(name, "")
    return min(int(text), LARGEST) if text.isascii() and text.isdigit() and len(text) < 20 else 0


# --- The list --------------------------------------------------------------------------------------------------------


@require_safe
@in_space(Space.DISCUSSIONS, is_door=True)
def index(request: HttpRequest, acting: Acting) -> HttpResponse:
    is_archived = request.GET.get("liste") == ARCHIVED
    before = number_of(request, "avant")
    page = conversation_page(acting, is_archived=is_archived, before=before)
    context = {**space_context(acting), **list_context(acting, page, is_archived=is_archived, before=before)}
    return render(request, "spaces/discussions/index.html", {**context, "unread_words": _unread_words(acting)})


def list_context(acting: Acting, page: Page, *, is_archived: bool = False, before: int = 0) -> dict[str, Any]:
    """What `spaces/discussions/_list.html` draws."""
    door = reverse("spaces:space", args=[acting.account.pk, acting.space])
    asked = {"liste": ARCHIVED} if is_archived else {}
    return {
        "lines": page.lines,
        "is_archived": is_archived,
        "is_first": not before,
        "archived_url": f"{door}?{urlencode({'liste': ARCHIVED})}",
        "older_url": f"{door}?{urlencode({**asked, 'avant': page.older})}" if page.older else "",
    }


def _unread_words(acting: Acting) -> str:
    count = unread_conversations(acting)
    if not count:
        return "Vous avez tout lu."
    many = counted(count, "conversation") if count <= MOST else f"Plus de {MOST} conversations"
    return f"{many} {plural(count, 'a', 'ont')} des messages non lus."


@require_safe
def mine(request: HttpRequest, conversation: UUID) -> HttpResponse:
    """Where a notification leads: to the account through which this person may open it, their own first."""
    user, at = cast(User, request.user), timezone.now()
    opened = accounts_open_to(user, Space.DISCUSSIONS, at).values("pk")
    places = Participant.objects.present(at).filter(conversation=conversation, member__in=opened)
    found = sorted(places.select_related("member"), key=lambda row: (row.member.user_id != user.pk, row.member.name))
    if not found:
        raise Http404
    return redirect("spaces:conversation", found[0].member_id, conversation)


# --- One conversation ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@discussions_live.saying_why
@in_space(Space.DISCUSSIONS, is_page=False)
def conversation(request: HttpRequest, acting: Acting, conversation: UUID) -> HttpResponse:
    """A page, and the answer that is written there. A fragment that is asked for by the POST is the message alone."""
    participant = participation_or_404(acting, conversation)
    if request.method == "POST":
        return _reply(request, acting, participant)
    thread, beside = read_thread(acting, participant, number_of(request, "avant"))
    read_conversation(acting, participant, thread.last)
    return thread_page(request, thread, beside, ReplyForm())


def _reply(request: HttpRequest, acting: Acting, participant: Participant) -> HttpResponse:
    form = ReplyForm(request.POST)
    form.is_valid()
    try:
        message = send_message(acting, participant, form.cleaned_data["text"], form.cleaned_data["client_key"])
    except Refused as refused:
        if wants_fragment(request):
            told = {"text": refused.sentence, "tone": "no"}
            return render(request, "components/alert.html", told, status=refused.status)
        form.add_error("text" if refused.field == "text" else None, refused.sentence)
        return thread_page(request, *read_thread(acting, participant), form, HTTPStatus(refused.status))
    if wants_fragment(request):
        return _fragment(request, acting, participant, message)
    there = reverse("spaces:conversation", args=[acting.account.pk, participant.conversation_id])
    return redirect(f"{there}#m-{message.pk}")


def _fragment(request: HttpRequest, acting: Acting, participant: Participant, message: Message) -> HttpResponse:
    before = messages_in(participant).filter(pk__lt=message.pk).order_by("-pk").first()
    rows = rows_of([message], acting.account, after=before)
    return render(request, "spaces/discussions/_message.html", {"rows": rows}, status=HTTPStatus.CREATED)


def thread_page(
    request: HttpRequest, thread: Thread, beside: Page, form: ReplyForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    acting, conversation = thread.acting, thread.conversation
    here = reverse("spaces:conversation", args=[acting.account.pk, conversation.pk])
    context = {
        **space_context(acting, ("Conversation", here)),
        **list_context(acting, beside),
        "thread": thread,
        "conversation": conversation,
        "open_key": str(conversation.pk),
        "here": here,
        "older_messages": f"{here}?{urlencode({'avant': thread.older})}" if thread.older else "",
        "stream_url": stream_url(request, acting.account.pk, conversation.pk),
        "after_url": reverse("spaces:messages_after", args=[acting.account.pk, conversation.pk]),
        "may_title": acting.is_writable and title_may_change(conversation.origin),
        "may_open_dossier": dossier_seen(acting, conversation.dossier_id) is not None,
        "signature": f"{acting.name}, écrit par {acting.own.name}" if acting.is_for_another else acting.name,
        "nobody_reads": NOBODY_READS,
        "form": form,
    }
    response = render(request, "spaces/discussions/conversation.html", context, status=status)
    return let_listen(request, response)


@require_safe
@discussions_live.saying_why
@in_space(Space.DISCUSSIONS, is_page=False)
def messages_after(request: HttpRequest, acting: Acting, conversation: UUID) -> HttpResponse:
    """What came after the number `apres`, as the page draws it; 204 when nothing did. What is shown is read."""
    participant = participation_or_404(acting, conversation)
    after = number_of(request, "apres")
    rows = rows_after(acting, participant, after)
    if not rows:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    read_on(acting, participant, after)
    mark_read(acting, conversation, rows[-1].message.pk)
    forget_notices(acting.user, conversation, acting.at)
    return render(request, "spaces/discussions/_message.html", {"rows": rows})


urlpatterns = [
    path("discussions/<uuid:conversation>/", mine, name="conversation_mine"),
    path("<uuid:account>/discussions/<uuid:conversation>/", conversation, name="conversation"),
    path("<uuid:account>/discussions/<uuid:conversation>/messages/", messages_after, name="messages_after"),
    *discussions_live.urlpatterns,
    *discussions_writing.urlpatterns,
    *discussions_search.urlpatterns,
    *discussions_settings.urlpatterns,
    *participants.urlpatterns,
    *leaving.urlpatterns,
]
