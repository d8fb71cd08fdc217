"""What an open page tells while it listens: up to where it was read."""

from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path

from delegations.scopes import Space
from spico.web.acts import act_of
from workspace.access import participation_or_404
from workspace.acting import Acting
from workspace.services.messages import mark_read
from workspace.services.messages_telling import forget_notices
from workspace.streams.opening import number
from workspace.views.doors import in_space


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
