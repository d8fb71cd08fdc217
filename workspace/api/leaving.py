"""Whom the holder of a delegation brought into conversations and circles, and taking them out."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from delegations.access import delegations_visible_to
from delegations.api.permissions import MayActByToken
from delegations.api.views import DelegationsView
from delegations.models import Delegation
from spico.web.api import BodySerializer, answers
from workspace.services.leaving import brought_in, grounds_of, spaces_told, take_out

TAGS = ["délégations"]


class BroughtSerializer(serializers.Serializer):
    account = serializers.UUIDField(help_text="Compte qui est entré.")
    name = serializers.CharField(help_text="Son nom.")
    conversations = serializers.IntegerField(help_text="Dans combien de conversations il est encore.")
    dossiers = serializers.IntegerField(help_text="Dans combien de cercles de soins il est encore.")


class BroughtInSerializer(serializers.Serializer):
    results = BroughtSerializer(
        many=True, help_text="Les comptes, sans dire dans quelles conversations ni quels dossiers."
    )
    may_take_out = serializers.BooleanField(help_text="Pouvez-vous les retirer ?")


class TakeOutBody(BodySerializer):
    member = serializers.UUIDField(allow_null=True, help_text="Le compte à retirer ; nul pour les retirer tous.")


class LeftView(DelegationsView):
    permission_classes = [*DelegationsView.permission_classes, MayActByToken]

    @property
    def row(self) -> Delegation:
        return get_object_or_404(delegations_visible_to(self.user, self.at).told(), pk=self.kwargs["pk"])

    def left(self, row: Delegation) -> Response:
        grounds = grounds_of(self.user, row, self.at)
        found = brought_in(row, self.at, spaces_told(self.user, row, grounds))
        return Response(BroughtInSerializer({"results": found, "may_take_out": bool(found and grounds)}).data)


class BroughtInView(LeftView):
    http_method_names = ["get", "head"]

    @extend_schema(
        operation_id="delegation_brought_in",
        summary="Les comptes qu’une délégation a fait entrer",
        description="Au nom du compte, dans des conversations et des cercles de soins, et qui y sont encore. À relire "
        "quand elle finit.",
        responses=answers(BroughtInSerializer, 404),
        tags=TAGS,
    )
    def get(self, request: Request, pk: int) -> Response:
        return self.left(self.row)


class TakeOutView(LeftView):
    http_method_names = ["post"]

    @extend_schema(
        operation_id="delegation_take_out",
        summary="Retirer les comptes qu’une délégation a fait entrer",
        description="Par qui agit dans le compte, ou par le référent qui a retiré ou réduit la délégation. Le dernier "
        "compte d’un cercle de soins y reste. La réponse dit ceux qui restent.",
        request=TakeOutBody,
        responses=answers(BroughtInSerializer, 400, 403, 404, 409),
        tags=TAGS,
    )
    def post(self, request: Request, pk: int) -> Response:
        row, sent = self.row, self.sent(TakeOutBody).validated_data
        member: UUID | None = sent["member"]
        take_out(self.user, row, member, self.at)
        return self.left(row)
