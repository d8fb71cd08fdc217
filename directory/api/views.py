from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from directory.api.serializers import (
    PeopleSerializer,
    ProfessionalSerializer,
    StructureSerializer,
    UnitSerializer,
)
from directory.models import (
    Attachment,
    ContactPoint,
    InternalOrganisation,
    Offer,
    PracticeLocation,
    Professional,
    Structure,
)
from directory.people import people_of, with_attachments
from directory.querysets import AttachmentQuerySet
from spico.web.api import ApiView, PageParameters, answers, page_of


def contacts() -> Prefetch:
    return Prefetch("contacts", ContactPoint.objects.public().order_by("channel", "pk"), to_attr="public_contacts")


def offers() -> Prefetch:
    return Prefetch("offers", Offer.objects.shown().order_by("name", "pk").prefetch_related(contacts()))


def structures() -> QuerySet[Structure]:
    """Whole sheets: as many queries for one unit as for a thousand."""
    units = Prefetch("internal_organisations", InternalOrganisation.objects.open().shown())
    related = ("account", "legal_entity", "category", "commune", "department")
    return Structure.objects.select_related(*related).prefetch_related(units, offers(), contacts())


def units() -> QuerySet[InternalOrganisation]:
    related = ("account", "type", "structure")
    return InternalOrganisation.objects.select_related(*related).prefetch_related(offers(), contacts())


def professionals() -> QuerySet[Professional]:
    attachments = Prefetch("attachments", Attachment.objects.all().with_places())
    practices = PracticeLocation.objects.filter(closed_on=None).select_related("commune", "department").order_by("pk")
    return Professional.objects.select_related("account", "profession").prefetch_related(
        attachments, Prefetch("practice_locations", practices), contacts()
    )


class StructureView(ApiView):
    @extend_schema(
        operation_id="structure",
        summary="Une structure",
        description="L’identité d’un établissement, ses unités, son offre et ses coordonnées publiques. "
        "Une structure fermée se lit encore\u00a0: « closed_on » le dit.",
        responses=answers(StructureSerializer, 404),
        tags=["annuaire"],
    )
    def get(self, request: Request, finess: str) -> Response:
        found = get_object_or_404(structures(), finess=finess)
        return Response(StructureSerializer(found, context={"request": request}).data)


class UnitView(ApiView):
    @extend_schema(
        operation_id="unit",
        summary="Une unité",
        description="Une unité, ce qui la contient et ce qu’elle contient, son offre et ses coordonnées publiques.",
        responses=answers(UnitSerializer, 404),
        tags=["annuaire"],
    )
    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(units(), pk=pk)
        return Response(UnitSerializer(found, context={"request": request}).data)


class ProfessionalView(ApiView):
    @extend_schema(
        operation_id="professional",
        summary="Un professionnel",
        description="Une personne de l’annuaire, où elle est rattachée et où elle exerce.",
        responses=answers(ProfessionalSerializer, 404),
        tags=["annuaire"],
    )
    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(professionals(), pk=pk)
        return Response(ProfessionalSerializer(found, context={"request": request}).data)


class PeopleView(ApiView):
    """Those attached to one place, each once; a page says as many as the portal's own."""

    def people(self, request: Request, attachments: AttachmentQuerySet) -> Response:
        page: dict[str, Any] = page_of(request, people_of(attachments), self.read(PageParameters))
        page["results"] = with_attachments(page["results"], attachments.with_places())
        return Response(PeopleSerializer(page, context={"request": request}).data)


class StructurePeopleView(PeopleView):
    @extend_schema(
        operation_id="structure_people",
        summary="Les personnes rattachées à une structure",
        description="À elle ou à l’une de ses unités. Être rattaché ne donne aucun accès.",
        parameters=[PageParameters],
        responses=answers(PeopleSerializer, 400, 404),
        tags=["annuaire"],
    )
    def get(self, request: Request, finess: str) -> Response:
        found = get_object_or_404(Structure, finess=finess)
        return self.people(request, Attachment.objects.current().in_structure(found))


class UnitPeopleView(PeopleView):
    @extend_schema(
        operation_id="unit_people",
        summary="Les personnes rattachées à une unité",
        description="À elle-même, sans celles qu’elle contient. Être rattaché ne donne aucun accès.",
        parameters=[PageParameters],
        responses=answers(PeopleSerializer, 400, 404),
        tags=["annuaire"],
    )
    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(InternalOrganisation, pk=pk)
        return self.people(request, Attachment.objects.current().in_unit(found))
