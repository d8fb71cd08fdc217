"""What an open page tells while it listens: up to where it was read; and what it is told when it may read no longer."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from accounts.models import User
from delegations.scopes import Space
from spico.web.acts import act_of
from spico.web.htmx import wants_fragment
from workspace.access import participation_or_404
from workspace.acting import Acting
from workspace.services.messages import mark_read
from workspace.services.messages_telling import forget_notices
from workspace.streams.looking import why_refused
from workspace.streams.opening import number
from workspace.views.doors import in_space


def saying_why(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that is open in a browser and asks for a fragment is told why it gets none: the sentence alone, 404 still.
    The account is in the address, and what is said of it its door says too."""

    @wraps(view)
    def said(request: HttpRequest, account: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, account, *args, **kwargs)
        except Http404:
            if not wants_fragment(request):
                raise
            sentence = why_refused(cast(User, request.user), account, timezone.now())
            return HttpResponse(sentence, status=HTTPStatus.NOT_FOUND, content_type="text/plain; charset=utf-8")

    return said


@act_of("spaces:conversation", "account", "conversation")
@in_space(Space.DISCUSSIONS, is_page=False)
def read(request: HttpRequest, acting: Acting, conversation: UUID) -> HttpResponse:
    """Up to the number `upto`, and no further than there are messages."""
    participant = participation_or_404(acting, conversation)
    upto = min(number(request.POST.get("upto", "")) or 0, participant.conversation.last_message_id)
    mark_read(acting, conversation, upto)
    forget_notices(acting.user, conversation, acting.at)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


urlpatterns = [path("<uuid:account>/discussions/<uuid:conversation>/lu/", read, name="conversation_read")]
