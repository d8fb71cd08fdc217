"""The events of an account's agenda."""

from dataclasses import fields
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from delegations.api.parameters import NothingBody
from delegations.dates import end_of, start_of
from delegations.scopes import Space
from spico.web.api import BodySerializer, PageParameters, TextField, answers
from spico.web.problems import Refusal
from workspace.api.base import (
    AUTHORS,
    AuthoredSerializer,
    SentOnceBody,
    SpaceView,
    ZonedField,
    page_of,
    page_serializer,
)
from workspace.models import Event, EventKind
from workspace.services.agenda import (
    LONGEST_NOTES,
    LONGEST_PLACE,
    LONGEST_TITLE,
    EventDraft,
    add_event,
    cancel_event,
    change_event,
    event_or_404,
)
from workspace.services.agenda_reading import FIRST, LAST, listed_between

TAGS = ["agenda"]
FURTHEST = timedelta(days=366)
TOO_LONG = "Demandez un an au plus, la fin après le début."


class EventSerializer(AuthoredSerializer):
    id = serializers.UUIDField(help_text="Identifiant de l’événement.")
    kind = serializers.ChoiceField(choices=EventKind.choices, help_text="Type.")
    title = serializers.CharField(help_text="Titre.")
    starts_at = serializers.DateTimeField(help_text="Début.")
    ends_at = serializers.DateTimeField(help_text="Fin.")
    place = serializers.CharField(help_text="Lieu ; vide s’il n’est pas dit.")
    notes = serializers.CharField(help_text="Notes.")
    dossier = serializers.UUIDField(
        source="dossier_id", allow_null=True, help_text="Dossier lié ; l’ouvrir demande sa propre règle."
    )
    version = serializers.IntegerField(help_text="Version, celle de « ETag ».")
    cancelled_at = serializers.DateTimeField(allow_null=True, help_text="Date de l’annulation ; nulle s’il a lieu.")


class EventBody(BodySerializer):
    kind = serializers.ChoiceField(choices=EventKind.choices, help_text="Type.")
    title = TextField(max_length=LONGEST_TITLE, help_text="Titre.")
    starts_at = ZonedField(help_text="Début, avec son fuseau.")
    ends_at = ZonedField(help_text="Fin, après le début, avec son fuseau.")
    place = TextField(required=False, allow_blank=True, default="", max_length=LONGEST_PLACE, help_text="Lieu.")
    notes = TextField(required=False, allow_blank=True, default="", max_length=LONGEST_NOTES, help_text="Notes.")
    dossier = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Dossier lié, parmi ceux que vous pouvez ouvrir ici."
    )

    @property
    def draft(self) -> EventDraft:
        return EventDraft(**{one.name: self.validated_data[one.name] for one in fields(EventDraft)})


class NewEventBody(SentOnceBody, EventBody):
    pass


class AgendaParameters(PageParameters):
    since = serializers.DateField(
        required=False, help_text="Premier jour, « 2026-11-23 » ; aujourd’hui si rien n’est dit."
    )
    until = serializers.DateField(
        required=False, help_text="Dernier jour compris ; trente jours après si rien n’est dit."
    )


EventsSerializer = page_serializer("EventsSerializer", EventSerializer)


class EventDoor(SpaceView):
    space = Space.AGENDA

    def whole(self, pk: UUID, status: int = 200) -> Response:
        row = Event.objects.select_related(*AUTHORS).get(pk=pk)
        return self.told(EventSerializer(row).data, version=row.version, status=status)


class AgendaView(EventDoor):
    is_door = True
    http_method_names = ["get", "head", "post"]

    @extend_schema(
        operation_id="agenda",
        summary="L’agenda d’un compte",
        description="Les événements d’une période, d’un an au plus, annulés compris.",
        parameters=[AgendaParameters],
        responses=answers(EventsSerializer, 400, 403, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID) -> Response:
        parameters = self.read(AgendaParameters)
        asked = parameters.validated_data
        since: date = asked.get("since") or timezone.localdate(self.at)
        until: date = asked.get("until") or min(since, LAST - timedelta(days=30)) + timedelta(days=30)
        if not FIRST <= since <= until <= LAST or until - since > FURTHEST:
            raise Refusal(400, TOO_LONG, "until")
        rows = listed_between(self.acting, start_of(since), end_of(until)).select_related(*AUTHORS)
        return Response(EventsSerializer(page_of(request, rows, parameters)).data)

    @extend_schema(
        operation_id="event_create",
        summary="Ajouter un événement",
        description="À l’agenda du compte, en son nom.",
        request=NewEventBody,
        responses=answers(EventSerializer, 400, 403, 404, 409, status=201),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID) -> Response:
        body = self.sent(NewEventBody)
        return self.whole(add_event(self.acting, body.draft, body.validated_data["client_key"]).pk, 201)


class EventView(EventDoor):
    http_method_names = ["get", "head", "patch"]

    @extend_schema(
        operation_id="event",
        summary="Un événement",
        description="« ETag » est sa version.",
        responses=answers(EventSerializer, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID, event: UUID) -> Response:
        return self.whole(event_or_404(self.acting, event).pk)

    @extend_schema(
        operation_id="event_change",
        summary="Modifier un événement",
        description="Toutes ses valeurs. « If-Match » donne la version que vous avez lue.",
        request=EventBody,
        responses=answers(EventSerializer, 400, 404, 409, 412, 428),
        tags=TAGS,
    )
    def patch(self, request: Request, account: UUID, event: UUID) -> Response:
        found, version = event_or_404(self.acting, event), self.seen_version
        change_event(self.acting, found, version, self.sent(EventBody).draft)
        return self.whole(found.pk)


class EventCancelView(EventDoor):
    http_method_names = ["post"]

    @extend_schema(
        operation_id="event_cancel",
        summary="Annuler un événement",
        description="Il reste à l’agenda, annulé.",
        request=NothingBody,
        responses=answers(EventSerializer, 400, 403, 404, 409),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID, event: UUID) -> Response:
        found = event_or_404(self.acting, event)
        self.sent(NothingBody)
        cancel_event(self.acting, found)
        return self.whole(found.pk)
