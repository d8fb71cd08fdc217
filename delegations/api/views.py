from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.models import User
from delegations import services
from delegations.abilities import of_delegations, of_requests
from delegations.access import delegations_visible_to, requests_answerable_by, requests_visible_to
from delegations.api.homonyms import HomonymsProblemSerializer, list_homonyms
from delegations.api.parameters import (
    AcceptBody,
    AskBody,
    DelegationParameters,
    NothingBody,
    ReduceBody,
    RefuseBody,
    RenewBody,
    RequestParameters,
    RevokeBody,
)
from delegations.api.permissions import MayActByToken
from delegations.api.serializers import (
    DelegationSerializer,
    DelegationsSerializer,
    RequestSerializer,
    RequestsSerializer,
)
from delegations.errors import Refused
from delegations.models import Delegation, DelegationRequest
from delegations.querysets import DelegationQuerySet, DelegationRequestQuerySet
from delegations.scopes import Scope
from delegations.services.homonyms import Homonymous
from directory.owners import is_listed
from spico.web.api import ApiView, PageParameters, answers, page_of
from spico.web.problems import MEDIA_TYPE, PROBLEM_TYPES, Refusal

UNKNOWN_ACCOUNT = "Ce compte n’existe pas."
DONE = "Fait : la ligne telle qu’elle est à présent."
HOMONYMS = {("409", MEDIA_TYPE): OpenApiResponse(HomonymsProblemSerializer, description=PROBLEM_TYPES[409].title)}
REQUESTS = ["demandes de délégation"]
DELEGATIONS = ["délégations"]


class DelegationsView(ApiView):
    """`at`: one moment for the whole of a request. What a service refuses is a problem, with its sentence."""

    @cached_property
    def at(self) -> datetime:
        return timezone.now()

    @property
    def user(self) -> User:
        return cast(User, self.request.user)

    def handle_exception(self, exc: Exception) -> Response:
        refused = exc if isinstance(exc, Refused) else None
        if refused:
            exc = Refusal(refused.status, refused.sentence, refused.field)
        told = super().handle_exception(exc)
        if isinstance(refused, Homonymous):
            list_homonyms(told, refused)
        return told


class Act(DelegationsView):
    http_method_names = ["post"]


class AccessAct(Act):
    """An act that gives access, or takes it."""

    permission_classes = [*DelegationsView.permission_classes, MayActByToken]


Rows = TypeVar("Rows", DelegationQuerySet, DelegationRequestQuerySet)


class Door(DelegationsView, ABC, Generic[Rows]):
    """Finds the rows that this person sees, and tells them with what may be done next."""

    @abstractmethod
    def visible(self) -> Rows: ...

    @abstractmethod
    def whole(self, rows: Rows | None = None) -> Rows:
        """These rows, or all, with what is told of them, in the order of lists."""

    @abstractmethod
    def serialized(self, rows: Iterable[Any]) -> list[Any]: ...

    def found(self, pk: int) -> Any:
        return get_object_or_404(self.visible().told(), pk=pk)

    def tell(self, pk: int) -> dict[str, Any]:
        """As it is now, even when what was done takes it out of this person's sight."""
        return dict(self.serialized(self.whole().filter(pk=pk))[0])

    def page(self, rows: Rows, parameters: PageParameters) -> dict[str, Any]:
        page = page_of(self.request, self.whole(rows), parameters)
        page["results"] = self.serialized(page["results"])
        return page


# --- Requests ---------------------------------------------------------------------------------------------------------


class RequestDoor(Door[DelegationRequestQuerySet]):
    def visible(self) -> DelegationRequestQuerySet:
        return requests_visible_to(self.user, self.at)

    def whole(self, rows: DelegationRequestQuerySet | None = None) -> DelegationRequestQuerySet:
        chosen = DelegationRequest.objects.all() if rows is None else rows
        return chosen.told().prefetch_related("delegations").order_by("-asked_at", "-pk")

    def serialized(self, rows: Iterable[DelegationRequest]) -> list[Any]:
        rows = list(rows)
        context = {"can": of_requests(self.user, rows, self.at)}
        return list(RequestSerializer(rows, many=True, context=context).data)


class RequestsView(RequestDoor):
    http_method_names = ["get", "head", "post"]

    @extend_schema(
        operation_id="delegation_requests",
        summary="Les demandes de délégation",
        description="Celles que vous avez faites, celles auxquelles vous pouvez répondre, et celles qui ont reçu une "
        "réponse, même partielle, sur les comptes dont vous répondez.",
        parameters=[RequestParameters],
        responses=answers(RequestsSerializer, 400),
        tags=REQUESTS,
    )
    def get(self, request: Request) -> Response:
        parameters = self.read(RequestParameters)
        asked = parameters.validated_data
        rows = self.visible()
        if asked["mine"]:
            rows = rows.filter(requester__user=self.user)
        if asked["to_answer"]:
            rows = rows.filter(pk__in=requests_answerable_by(self.user, self.at).values("pk"))
        if states := asked.get("state"):
            rows = rows.filter(state__in=states)
        if account := asked.get("account"):
            rows = rows.filter(account=account)
        return Response(self.page(rows, parameters))

    @extend_schema(
        operation_id="delegation_request_create",
        summary="Demander une délégation",
        description="La demande part de votre compte, vers celui d’une autre personne, d’une structure ou d’une unité. "
        "Qui peut y répondre en est averti.",
        request=AskBody,
        responses=answers(RequestSerializer, 400, 403, 409, status=201),
        tags=REQUESTS,
    )
    def post(self, request: Request) -> Response:
        asked = self.sent(AskBody).validated_data
        if not is_listed(asked["account"]):
            raise Refusal(400, UNKNOWN_ACCOUNT, "account")
        made = services.request_delegation(self.user, asked["account"], asked["scope"], asked["message"], self.at)
        location = reverse("api:delegation_request", args=[made.pk], request=request)
        return Response(self.tell(made.pk), status=201, headers={"Location": location})


class RequestView(RequestDoor):
    @extend_schema(
        operation_id="delegation_request",
        summary="Une demande de délégation",
        description="Une demande que vous avez faite, ou à laquelle vous pouvez répondre.",
        responses=answers(RequestSerializer, 404),
        tags=REQUESTS,
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(self.tell(self.found(pk).pk))


class AcceptView(RequestDoor, AccessAct):
    @extend_schema(
        operation_id="delegation_request_accept",
        summary="Accepter une demande",
        description="Accorde tout ce qui est demandé, ou une partie : le reste attend alors une autre réponse. "
        "Personne n’accorde plus qu’il ne tient, ni plus longtemps. Quand d’autres personnes ont presque le même nom, "
        "la réponse est 409 et les donne dans « homonyms » : recommencez en disant, dans « person », laquelle vous "
        "voulez.",
        request=AcceptBody,
        responses=answers(RequestSerializer, 400, 403, 404, 409, told=DONE) | HOMONYMS,
        tags=REQUESTS,
    )
    def post(self, request: Request, pk: int) -> Response:
        sent = self.sent(AcceptBody).validated_data
        chosen = {"scope": sent.get("scope", ""), "until": sent["until"], "person": sent["person"]}
        services.accept(self.user, self.found(pk), self.at, **chosen)
        return Response(self.tell(pk))


class RefuseView(RequestDoor, Act):
    @extend_schema(
        operation_id="delegation_request_refuse",
        summary="Refuser une demande",
        description="Avec un motif, que la personne lira.",
        request=RefuseBody,
        responses=answers(RequestSerializer, 400, 403, 404, 409, told=DONE),
        tags=REQUESTS,
    )
    def post(self, request: Request, pk: int) -> Response:
        sent = self.sent(RefuseBody).validated_data
        services.refuse(self.user, self.found(pk), sent["reason"], self.at)
        return Response(self.tell(pk))


class WithdrawView(RequestDoor, Act):
    @extend_schema(
        operation_id="delegation_request_withdraw",
        summary="Retirer sa demande",
        description="Tant que personne n’y a répondu.",
        request=None,
        responses=answers(RequestSerializer, 400, 403, 404, 409, told=DONE),
        tags=REQUESTS,
    )
    def post(self, request: Request, pk: int) -> Response:
        self.sent(NothingBody)
        services.withdraw(self.user, self.found(pk), self.at)
        return Response(self.tell(pk))


class ClaimView(RequestDoor, Act):
    @extend_schema(
        operation_id="delegation_request_claim",
        summary="S’occuper d’une demande",
        description="Dit aux autres que vous vous en occupez ; cela n’engage à rien, et une autre "
        "personne peut prendre la suite.",
        request=None,
        responses=answers(RequestSerializer, 400, 403, 404, 409, told=DONE),
        tags=REQUESTS,
    )
    def post(self, request: Request, pk: int) -> Response:
        self.sent(NothingBody)
        services.claim(self.user, self.found(pk), self.at)
        return Response(self.tell(pk))


# --- Delegations ------------------------------------------------------------------------------------------------------


class DelegationDoor(Door[DelegationQuerySet]):
    def visible(self) -> DelegationQuerySet:
        return delegations_visible_to(self.user, self.at)

    def whole(self, rows: DelegationQuerySet | None = None) -> DelegationQuerySet:
        chosen = Delegation.objects.all() if rows is None else rows
        return chosen.told().select_related("ended_by").order_by("-created_at", "-pk")

    def serialized(self, rows: Iterable[Delegation]) -> list[Any]:
        rows = list(rows)
        context = {"can": of_delegations(self.user, rows, self.at), "at": self.at}
        return list(DelegationSerializer(rows, many=True, context=context).data)


class DelegationListView(DelegationDoor):
    @extend_schema(
        operation_id="delegations",
        summary="Les délégations",
        description="Celles que vous tenez ou avez tenues, et celles des comptes dont vous répondez. Une délégation en "
        "vigueur est la seule chose qui ouvre un compte.",
        parameters=[DelegationParameters],
        responses=answers(DelegationsSerializer, 400),
        tags=DELEGATIONS,
    )
    def get(self, request: Request) -> Response:
        parameters = self.read(DelegationParameters)
        asked = parameters.validated_data
        rows = self.visible()
        for name in ("account", "holder"):
            if name in asked:
                rows = rows.filter(**{name: asked[name]})
        states = asked.get("state", set())
        in_force = Q(period__contains=self.at)
        if len(states) == 1:
            rows = rows.filter(in_force if "in_force" in states else ~in_force)
        return Response(self.page(rows, parameters))


class DelegationView(DelegationDoor):
    @extend_schema(
        operation_id="delegation",
        summary="Une délégation",
        description="Qui la tient, sur quel compte, de quand à quand, par qui ; et ce que vous pouvez en faire.",
        responses=answers(DelegationSerializer, 404),
        tags=DELEGATIONS,
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(self.tell(self.found(pk).pk))


class RevokeView(DelegationDoor, AccessAct):
    @extend_schema(
        operation_id="delegation_revoke",
        summary="Mettre fin à une délégation",
        description="La vôtre, ou celle d’une autre personne, avec un motif. Le compte se ferme aussitôt pour elle.",
        request=RevokeBody,
        responses=answers(DelegationSerializer, 400, 403, 404, 409, told=DONE),
        tags=DELEGATIONS,
    )
    def post(self, request: Request, pk: int) -> Response:
        sent = self.sent(RevokeBody).validated_data
        services.end_delegation(self.user, self.found(pk), sent["reason"], self.at)
        return Response(self.tell(pk))


class RenewView(DelegationDoor, AccessAct):
    @extend_schema(
        operation_id="delegation_renew",
        summary="Prolonger une délégation",
        description="Une autre délégation prend la suite de celle-ci, avec une fin plus lointaine : c’est elle qui est "
        "donnée en réponse. Personne ne prolonge la sienne.",
        request=RenewBody,
        responses=answers(DelegationSerializer, 400, 403, 404, 409, told="Fait : celle qui prend la suite."),
        tags=DELEGATIONS,
    )
    def post(self, request: Request, pk: int) -> Response:
        sent = self.sent(RenewBody).validated_data
        return Response(self.tell(services.renew(self.user, self.found(pk), sent["until"], self.at).pk))


class AskRenewalView(DelegationDoor, Act):
    @extend_schema(
        operation_id="delegation_ask_renewal",
        summary="Demander qu’une délégation soit prolongée",
        description="La vôtre, quand sa fin approche. Qui peut la prolonger en est averti ; le centre de service, si "
        "personne ne le peut. Rien ne s’ouvre.",
        request=None,
        responses=answers(DelegationSerializer, 400, 403, 404, 409, told=DONE),
        tags=DELEGATIONS,
    )
    def post(self, request: Request, pk: int) -> Response:
        self.sent(NothingBody)
        services.ask_renewal(self.user, self.found(pk), self.at)
        return Response(self.tell(pk))


class ReduceView(DelegationDoor, AccessAct):
    @extend_schema(
        operation_id="delegation_reduce",
        summary="Réduire une délégation",
        description="Une autre délégation, plus étroite, prend la suite de celle-ci jusqu’à la même fin : c’est elle "
        "qui est donnée en réponse.",
        request=ReduceBody,
        responses=answers(DelegationSerializer, 400, 403, 404, 409, told="Fait : celle qui prend la suite."),
        tags=DELEGATIONS,
    )
    def post(self, request: Request, pk: int) -> Response:
        keep = Scope(self.sent(ReduceBody).validated_data["scope"])
        return Response(self.tell(services.reduce_delegation(self.user, self.found(pk), keep, self.at).pk))


class KeepView(DelegationDoor, AccessAct):
    @extend_schema(
        operation_id="delegation_keep",
        summary="Garder une délégation à revoir",
        description="Qui l’avait accordée a quitté l’annuaire : vous dites qu’elle reste utile. Elle ne change pas.",
        request=None,
        responses=answers(DelegationSerializer, 400, 403, 404, 409, told=DONE),
        tags=DELEGATIONS,
    )
    def post(self, request: Request, pk: int) -> Response:
        self.sent(NothingBody)
        services.keep_delegation(self.user, self.found(pk), self.at)
        return Response(self.tell(pk))
