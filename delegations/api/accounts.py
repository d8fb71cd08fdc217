"""What is said of one account to this person: what of it is open to them and why, and who acted in it."""

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account, JournalEntry
from delegations.access import accounts_overseen_by
from delegations.api.serializers import AccessSerializer, JournalSerializer
from delegations.api.views import DelegationsView
from delegations.explaining import explain
from directory.owners import is_listed
from spico.web.api import PageParameters, answers, page_of

TAGS = ["accès"]
NOT_YOURS = (
    "Le journal d’un compte est lu par la personne à qui il appartient ; pour une structure ou une unité, par ses "
    "référents et par qui en tient une délégation totale."
)


class AccessView(DelegationsView):
    @extend_schema(
        operation_id="account_access",
        summary="Pourquoi ai-je accès ?",
        description="Pour chaque espace d’un compte de l’annuaire : s’il vous est ouvert en ce moment, et pourquoi.",
        responses=answers(AccessSerializer, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID) -> Response:
        found = get_object_or_404(Account, pk=account)
        if not is_listed(found):
            raise Http404
        told = explain(self.user, found, self.at)
        spaces = {one.space.value: one for one in told.spaces}
        answer = {"account": found.pk, "spaces": spaces, "can": {"ask": told.may_ask}}
        return Response(AccessSerializer(answer).data)


class JournalView(DelegationsView):
    @extend_schema(
        operation_id="account_journal",
        summary="Le journal d’un compte",
        description="Qui a agi dans ce compte ou en son nom, quand et à quel titre. Pour qui en répond : la personne à "
        "qui il appartient, ou les référents et délégataires au périmètre Total d’une structure ou d’une unité.",
        parameters=[PageParameters],
        responses=answers(JournalSerializer, 400, 403, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID) -> Response:
        parameters = self.read(PageParameters)
        if not accounts_overseen_by(self.user, self.at).filter(pk=account).exists():
            if not is_listed(account):
                raise Http404
            raise PermissionDenied(NOT_YOURS)
        entries = JournalEntry.objects.filter(account=account).select_related("actor", "actor_account")
        page = page_of(request, entries.order_by("-at", "-pk"), parameters)
        return Response(JournalSerializer(page).data)
