"""One's own links to an agenda, for calendar programs."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from delegations.access import accounts_open_to
from delegations.api.parameters import NothingBody
from delegations.api.permissions import MayActByToken
from delegations.scopes import Space
from directory.api.telling import ToldSerializer
from spico.web.api import BodySerializer, PageParameters, answers, page_of
from workspace.api.base import SpaceView, page_serializer
from workspace.models import CalendarFeed
from workspace.services.feeds import create_feed, feed_or_404, feeds_of, revoke_feed

TAGS = ["agenda"]


class AgendaLinkSerializer(ToldSerializer):
    """The context gives `open`: the accounts of which the agenda is open to the caller."""

    id = serializers.IntegerField(help_text="Numéro du lien.")
    account = serializers.UUIDField(source="account_id", help_text="Compte dont il montre l’agenda.")
    account_name = serializers.CharField(source="account.name", help_text="Nom de ce compte.")
    is_open = serializers.SerializerMethodField(
        help_text="Faux : cet agenda vous est fermé ou le lien est révoqué, il ne donne plus rien."
    )
    created_at = serializers.DateTimeField(help_text="Créé le.")
    read_at = serializers.DateTimeField(allow_null=True, help_text="Dernière lecture ; nulle s’il n’a jamais été lu.")
    revoked_at = serializers.DateTimeField(allow_null=True, help_text="Révoqué le ; nul tant qu’il ne l’est pas.")

    def get_is_open(self, feed: CalendarFeed) -> bool:
        return feed.revoked_at is None and feed.account_id in self.context["open"]


class NewAgendaLinkSerializer(AgendaLinkSerializer):
    address = serializers.SerializerMethodField(help_text="Adresse à donner au calendrier. Elle n’est dite qu’ici.")

    def get_address(self, feed: CalendarFeed) -> str:
        return str(self.context["address"])


class AgendaLinkBody(BodySerializer):
    replace = serializers.BooleanField(
        required=False, default=False, help_text="Vrai : le lien qui existe déjà est révoqué par le même acte."
    )


AgendaLinksSerializer = page_serializer("AgendaLinksSerializer", AgendaLinkSerializer)


class LinkView(SpaceView):
    """A link is a way in: whoever lets tokens neither give nor take access keeps it for sessions."""

    space = Space.AGENDA
    permission_classes = [*SpaceView.permission_classes, MayActByToken]

    def context(self, *feeds: CalendarFeed) -> dict[str, Any]:
        opened = accounts_open_to(self.user, Space.AGENDA, self.at).filter(pk__in={feed.account_id for feed in feeds})
        return {"open": set(opened.values_list("pk", flat=True))}


class AgendaLinksView(LinkView):
    http_method_names = ["get", "head", "post"]

    @extend_schema(
        operation_id="agenda_links",
        summary="Vos liens d’agenda",
        description="Les vôtres, quel que soit le compte : un lien dont l’agenda s’est fermé se révoque d’ici.",
        parameters=[PageParameters],
        responses=answers(AgendaLinksSerializer, 400, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID) -> Response:
        page = page_of(request, feeds_of(self.user), self.read(PageParameters))
        return Response(AgendaLinksSerializer(page, context=self.context(*page["results"])).data)

    @extend_schema(
        operation_id="agenda_link_create",
        summary="Créer un lien d’agenda",
        description="Pour l’agenda de ce compte. Son adresse n’est dite que dans cette réponse : nous n’en gardons "
        "qu’une empreinte. Elle s’arrête avec votre accès, et chaque lecture est inscrite au journal.",
        request=AgendaLinkBody,
        responses=answers(NewAgendaLinkSerializer, 400, 403, 404, 409, status=201),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID) -> Response:
        feed, secret = create_feed(self.acting, replaces=self.sent(AgendaLinkBody).validated_data["replace"])
        address = f"{settings.PORTAL_URL.rstrip('/')}{reverse('feeds:agenda', args=[secret])}"
        told = NewAgendaLinkSerializer(feed, context={**self.context(feed), "address": address}).data
        return self.told(told, status=201)


class AgendaLinkRevokeView(LinkView):
    http_method_names = ["post"]

    @extend_schema(
        operation_id="agenda_link_revoke",
        summary="Révoquer un lien d’agenda",
        description="L’un des vôtres. Il ne donne plus rien, aussitôt et pour toujours.",
        request=NothingBody,
        responses=answers(AgendaLinkSerializer, 400, 403, 404, 409),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID, feed: int) -> Response:
        found = feed_or_404(self.acting, feed)
        self.sent(NothingBody)
        revoke_feed(self.acting, found)
        found.refresh_from_db(fields=["revoked_at"])
        return Response(AgendaLinkSerializer(found, context=self.context(found)).data)
