"""The conversations of an account, their messages and who takes part."""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from delegations.api.parameters import NothingBody
from delegations.scopes import Space
from directory.api.telling import ToldSerializer
from spico.web.api import BodySerializer, PageParameters, TextField, answers
from workspace.access import messages_after, participation_or_404
from workspace.acting import Acting
from workspace.api.base import (
    AUTHORS,
    AuthoredSerializer,
    SearchBody,
    SpaceView,
    ToField,
    found_serializer,
    page_of,
    page_serializer,
)
from workspace.errors import Outdated
from workspace.models import LONGEST_TEXT, Conversation, ConversationOrigin, Message, Participant
from workspace.services.discussions import (
    LONGEST_TITLE,
    TITLED_MEANWHILE,
    begin_conversation,
    change_title,
    link_dossier,
)
from workspace.services.discussions_reading import Line, lines_of, listed, participations_in
from workspace.services.discussions_search import search_conversations
from workspace.services.messages import read_conversation, read_on, send_message
from workspace.services.participants import (
    add_participants,
    archive,
    leave_conversation,
    mute,
    remove_participant,
)

TAGS = ["discussions"]
LARGEST = 2**63 - 1


class ConversationSerializer(ToldSerializer):
    """Of a `Line`: as the caller sees it in this account."""

    id = serializers.UUIDField(source="conversation.pk", help_text="Identifiant de la conversation.")
    title = serializers.CharField(help_text="Titre.")
    origin = serializers.ChoiceField(
        source="conversation.origin", choices=ConversationOrigin.choices, help_text="D’où elle vient."
    )
    others = serializers.SerializerMethodField(help_text="Les autres comptes qui participent.")
    unread = serializers.IntegerField(help_text="Messages que vous n’avez pas lus dans ce compte, 100 au plus.")
    last_message = serializers.IntegerField(
        source="conversation.last_message_id", help_text="Numéro du dernier message."
    )
    last_message_at = serializers.DateTimeField(
        source="conversation.last_message_at", allow_null=True, help_text="Date du dernier message."
    )
    muted_at = serializers.DateTimeField(source="participant.muted_at", allow_null=True, help_text="En silence depuis.")
    archived_at = serializers.DateTimeField(
        source="participant.archived_at", allow_null=True, help_text="Rangée depuis."
    )
    dossier = serializers.UUIDField(
        source="conversation.dossier_id", allow_null=True, help_text="Dossier lié ; l’ouvrir demande sa propre règle."
    )

    def get_others(self, line: Line) -> list[str]:
        return [str(one.account.pk) for one in line.others]


class MessageSerializer(AuthoredSerializer):
    id = serializers.IntegerField(help_text="Numéro du message : ils croissent dans une conversation.")
    text = serializers.CharField(help_text="Texte.")


class ParticipantSerializer(AuthoredSerializer):
    id = serializers.IntegerField(help_text="Numéro de cette place dans la conversation.")
    member = serializers.UUIDField(source="member_id", help_text="Compte qui participe.")
    member_name = serializers.CharField(source="member.name", help_text="Nom de ce compte.")
    since = serializers.DateTimeField(source="period.lower", help_text="Depuis quand.")


class MessageBody(BodySerializer):
    text = TextField(max_length=LONGEST_TEXT, help_text="Texte.")
    client_key = serializers.UUIDField(
        help_text="UUID que vous choisissez : envoyé deux fois, le message existe une fois."
    )


class BeginBody(MessageBody):
    title = TextField(max_length=LONGEST_TITLE, help_text="Titre.")
    to = ToField()


class TitleBody(BodySerializer):
    title = TextField(max_length=LONGEST_TITLE, help_text="Nouveau titre.")


class JoinBody(BodySerializer):
    to = ToField()
    see_what_came_before = serializers.BooleanField(help_text="Voient-ils les messages déjà écrits ?")


class LinkBody(BodySerializer):
    dossier = serializers.UUIDField(
        allow_null=True, help_text="Un dossier que vous pouvez ouvrir dans ce compte ; nul pour n’en lier aucun."
    )


class SwitchBody(BodySerializer):
    on = serializers.BooleanField(help_text="Vrai pour le faire, faux pour revenir en arrière.")


class ConversationParameters(PageParameters):
    archived = serializers.BooleanField(default=False, help_text="1 : celles qui sont rangées ; 0 : les autres.")


class MessageParameters(PageParameters):
    after = serializers.IntegerField(
        default=0, min_value=0, max_value=LARGEST, help_text="Les messages après ce numéro ; tous si rien n’est dit."
    )


FoundConversationsSerializer = found_serializer("FoundConversationsSerializer", ConversationSerializer)
ConversationsSerializer = page_serializer("ConversationsSerializer", ConversationSerializer)
MessagesSerializer = page_serializer("MessagesSerializer", MessageSerializer)
ParticipantsSerializer = page_serializer("ParticipantsSerializer", ParticipantSerializer)


def tag_of(title: str) -> str:
    """The title is all that two people may edit of a conversation: it makes its `ETag`, which says nothing of it."""
    return hashlib.sha256(title.encode()).hexdigest()[:16]


class TalkView(SpaceView):
    space = Space.DISCUSSIONS

    @property
    def place(self) -> Participant:
        return participation_or_404(self.acting, self.kwargs["conversation"])

    def whole(self, conversation: UUID, status: int = 200) -> Response:
        [line] = lines_of(self.acting, participations_in(self.acting, [conversation]))
        return self.told(ConversationSerializer(line).data, version=tag_of(line.title), status=status)


class DiscussionsView(TalkView):
    is_door = True
    http_method_names = ["get", "head", "post"]

    @extend_schema(
        operation_id="discussions",
        summary="Les conversations d’un compte",
        description="Celles auxquelles il participe, la dernière écrite d’abord.",
        parameters=[ConversationParameters],
        responses=answers(ConversationsSerializer, 400, 403, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID) -> Response:
        parameters = self.read(ConversationParameters)
        rows = listed(self.acting, is_archived=parameters.validated_data["archived"])
        page = page_of(request, rows, parameters)
        page["results"] = lines_of(self.acting, page["results"])
        return Response(ConversationsSerializer(page).data)

    @extend_schema(
        operation_id="conversation_begin",
        summary="Commencer une conversation",
        description="Avec son premier message, au nom du compte. La même clé deux fois ne commence rien de plus.",
        request=BeginBody,
        responses=answers(ConversationSerializer, 400, 403, 404, 409, status=201),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID) -> Response:
        sent = self.sent(BeginBody).validated_data
        made = begin_conversation(self.acting, sent["title"], sent["to"], sent["text"], sent["client_key"])
        return self.whole(made.pk, 201)


class DiscussionSearchView(TalkView):
    is_door = True
    http_method_names = ["post"]

    @extend_schema(
        operation_id="conversations_search",
        summary="Chercher parmi ses conversations",
        description="Dans les titres, les noms des participants et les messages que ce compte voit.",
        request=SearchBody,
        responses=answers(FoundConversationsSerializer, 400, 403, 404, 409),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID) -> Response:
        found = search_conversations(self.acting, self.sent(SearchBody).validated_data["q"])
        return Response(FoundConversationsSerializer({"results": [one.line for one in found.found]}).data)


class ConversationView(TalkView):
    http_method_names = ["get", "head", "patch"]

    @extend_schema(
        operation_id="conversation",
        summary="Une conversation",
        description="Telle que vous la voyez dans ce compte. « ETag » est la marque de son titre.",
        responses=answers(ConversationSerializer, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID, conversation: UUID) -> Response:
        return self.whole(self.place.conversation_id)

    @extend_schema(
        operation_id="conversation_title",
        summary="Changer le titre d’une conversation",
        description="Sauf s’il vient d’une sollicitation. « If-Match » donne la marque du titre que vous avez lu.",
        request=TitleBody,
        responses=answers(ConversationSerializer, 400, 404, 409, 412, 428),
        tags=TAGS,
    )
    def patch(self, request: Request, account: UUID, conversation: UUID) -> Response:
        place, tag = self.place, self.seen_tag
        sent, seen = self.sent(TitleBody).validated_data, place.conversation.title
        if tag != tag_of(seen):
            raise Outdated(TITLED_MEANWHILE)
        change_title(self.acting, place, sent["title"], seen)
        return self.whole(place.conversation_id)


class MessagesView(TalkView):
    http_method_names = ["get", "head", "post"]

    @extend_schema(
        operation_id="messages",
        summary="Les messages d’une conversation",
        description="Dans l’ordre où ils sont écrits, à partir de là où ce compte les voit.",
        parameters=[MessageParameters],
        responses=answers(MessagesSerializer, 400, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID, conversation: UUID) -> Response:
        place, parameters = self.place, self.read(MessageParameters)
        after = parameters.validated_data["after"]
        read_on(self.acting, place, after)
        rows = messages_after(place, after).select_related(*AUTHORS)
        return Response(MessagesSerializer(page_of(request, rows, parameters)).data)

    @extend_schema(
        operation_id="message_send",
        summary="Écrire un message",
        description="Au nom du compte. La même clé envoyée deux fois l’écrit une fois.",
        request=MessageBody,
        responses=answers(MessageSerializer, 400, 403, 404, 409, status=201),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID, conversation: UUID) -> Response:
        place, sent = self.place, self.sent(MessageBody).validated_data
        made = send_message(self.acting, place, sent["text"], sent["client_key"])
        return self.told(MessageSerializer(Message.objects.select_related(*AUTHORS).get(pk=made.pk)).data, status=201)


class ParticipantsView(TalkView):
    http_method_names = ["get", "head", "post"]

    @extend_schema(
        operation_id="participants",
        summary="Les comptes d’une conversation",
        description="Ceux qui participent en ce moment.",
        parameters=[PageParameters],
        responses=answers(ParticipantsSerializer, 400, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID, conversation: UUID) -> Response:
        return self._all(self.place.conversation)

    def _all(self, conversation: Conversation) -> Response:
        rows = Participant.objects.present(self.at).filter(conversation=conversation)
        page = page_of(self.request, rows.select_related("member", *AUTHORS).order_by("pk"), self.read(PageParameters))
        return Response(ParticipantsSerializer(page).data)

    @extend_schema(
        operation_id="participant_add",
        summary="Ajouter des participants",
        description="Voient-ils ce qui précède ? Au nom d’un autre compte, ni le vôtre, ni un compte dans lequel "
        "vous pouvez agir.",
        request=JoinBody,
        responses=answers(ParticipantsSerializer, 400, 403, 404, 409),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID, conversation: UUID) -> Response:
        place, sent = self.place, self.sent(JoinBody).validated_data
        add_participants(self.acting, place, sent["to"], see_what_came_before=sent["see_what_came_before"])
        return self._all(place.conversation)


class ParticipantRemoveView(TalkView):
    http_method_names = ["post"]

    @extend_schema(
        operation_id="participant_remove",
        summary="Retirer un participant",
        description="Un compte que le vôtre a fait entrer ; qui a commencé la conversation les retire tous.",
        request=NothingBody,
        responses=answers(ParticipantSerializer, 400, 403, 404, 409),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID, conversation: UUID, row: int) -> Response:
        place = self.place
        self.sent(NothingBody)
        rows = Participant.objects.present(self.at).filter(conversation=place.conversation_id)
        target = get_object_or_404(rows.select_related("member", "conversation", *AUTHORS), pk=row)
        remove_participant(self.acting, target)
        return Response(ParticipantSerializer(target).data)


class LeaveView(TalkView):
    http_method_names = ["post"]

    @extend_schema(
        operation_id="conversation_leave",
        summary="Quitter une conversation",
        description="Le compte ne la voit plus ; ce qu’il a écrit y reste.",
        request=NothingBody,
        responses=answers(ParticipantSerializer, 400, 403, 404, 409),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID, conversation: UUID) -> Response:
        place = self.place
        self.sent(NothingBody)
        leave_conversation(self.acting, place)
        row = Participant.objects.select_related("member", *AUTHORS).get(pk=place.pk)
        return Response(ParticipantSerializer(row).data)


def act(
    name: str,
    summary: str,
    description: str,
    do: Callable[[Acting, Participant, dict[str, Any]], None],
    body: type[BodySerializer] = NothingBody,
) -> type[TalkView]:
    class ActView(TalkView):
        http_method_names = ["post"]

        @extend_schema(
            operation_id=name,
            summary=summary,
            description=description,
            request=body,
            responses=answers(ConversationSerializer, 400, 403, 404, 409),
            tags=TAGS,
        )
        def post(self, request: Request, account: UUID, conversation: UUID) -> Response:
            place, sent = self.place, self.sent(body).validated_data
            do(self.acting, place, sent)
            return self.whole(place.conversation_id)

    return ActView


ReadView = act(
    "conversation_read",
    "Marquer une conversation comme lue",
    "Jusqu’au dernier message, pour vous, dans ce compte.",
    lambda acting, place, sent: read_conversation(acting, place, place.conversation.last_message_id),
)
MuteView = act(
    "conversation_mute",
    "Mettre une conversation en silence",
    "Pour toutes les personnes qui agissent dans ce compte.",
    lambda acting, place, sent: mute(acting, place, is_muted=sent["on"]),
    SwitchBody,
)
ArchiveView = act(
    "conversation_archive",
    "Ranger une conversation",
    "Pour toutes les personnes qui agissent dans ce compte.",
    lambda acting, place, sent: archive(acting, place, is_archived=sent["on"]),
    SwitchBody,
)
LinkView = act(
    "conversation_dossier",
    "Lier un dossier à une conversation",
    "Ou n’en lier plus aucun. Cela n’ouvre le dossier à personne : l’ouvrir demande sa propre règle.",
    lambda acting, place, sent: link_dossier(acting, place, sent["dossier"]),
    LinkBody,
)
