"""Dossiers, their circles, what is written in them. The services of the pages."""

from collections.abc import Callable, Iterable
from dataclasses import fields
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from delegations.api.parameters import NothingBody
from delegations.scopes import Space
from spico.web.api import PageParameters, answers
from workspace.access import dossier_or_404
from workspace.acting import Acting
from workspace.api.base import AUTHORS, SearchBody, SpaceView, page_of
from workspace.api.dossier_bodies import (
    DossierParameters,
    DossierSerializer,
    DossiersSerializer,
    EntriesSerializer,
    EntryBody,
    EntryParameters,
    EntrySerializer,
    FoundDossiersSerializer,
    IdentityBody,
    InformedLaterBody,
    MembersBody,
    MemberSerializer,
    MembersSerializer,
    NewDossierBody,
    NewEntryBody,
    VersionsSerializer,
)
from workspace.models import CircleMember, Dossier, Entry
from workspace.services.circles import add_members, remove_member, tell_informed
from workspace.services.dossiers import (
    archive_dossier,
    correct_identity,
    create_dossier,
    keep_opening,
    restore_dossier,
    search_dossiers,
)
from workspace.services.dossiers_reading import Asked, Line, lines_of, listed, timeline
from workspace.services.entries import correct_entry, entry_or_404, versions_of, write_entry

TAGS = ["dossiers"]


class DossierView(SpaceView):
    space = Space.DOSSIERS

    @property
    def found(self) -> Dossier:
        return dossier_or_404(self.acting, self.kwargs["dossier"])

    def whole(self, dossier: Dossier, status: int = 200) -> Response:
        row = Dossier.objects.select_related(*AUTHORS).get(pk=dossier.pk)
        return self.told(DossierSerializer(row).data, version=row.version, status=status)

    @property
    def place(self) -> dict[str, Any]:
        """What `EntrySerializer` is to know."""
        return {"request": self.request, "dossier": (self.kwargs["account"], self.kwargs["dossier"])}

    def lines(self, rows: Iterable[Entry]) -> list[Line]:
        """With who corrected each, which is said whole here."""
        return lines_of(self.acting, rows, *AUTHORS)

    def entry(self, row: Entry) -> Response:
        [line] = self.lines([row])
        return self.told(EntrySerializer(line, context=self.place).data, version=row.number)

    def made(self, dossier: Dossier, pk: UUID) -> Response:
        """An entry that was just written, with its address."""
        response = self.entry(entry_or_404(self.acting, dossier, pk))
        response.status_code = HTTPStatus.CREATED
        response["Location"] = reverse("api:entry", args=[*self.place["dossier"], pk], request=self.request)
        return response


class DossiersView(DossierView):
    is_door = True
    http_method_names = ["get", "head", "post"]

    @extend_schema(
        operation_id="dossiers",
        summary="Les dossiers d’un compte",
        description="Ceux dont le cercle de soins contient ce compte. Il faut pouvoir ouvrir ses dossiers.",
        parameters=[DossierParameters],
        responses=answers(DossiersSerializer, 400, 403, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID) -> Response:
        parameters = self.read(DossierParameters)
        rows = listed(self.acting, archived=parameters.validated_data["archived"]).select_related(*AUTHORS)
        return Response(DossiersSerializer(page_of(request, rows, parameters)).data)

    @extend_schema(
        operation_id="dossier_create",
        summary="Créer un dossier",
        description="Le compte en est le premier membre. Les dossiers qui lui ressemblent ne sont pas cherchés ici : "
        "cherchez-les avant.",
        request=NewDossierBody,
        responses=answers(DossierSerializer, 400, 403, 404, 409, status=201),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID) -> Response:
        body = self.sent(NewDossierBody)
        return self.whole(create_dossier(self.acting, body.identity, body.told), 201)


class DossierSearchView(DossierView):
    is_door = True
    http_method_names = ["post"]

    @extend_schema(
        operation_id="dossiers_search",
        summary="Chercher un dossier",
        description="Par le nom, la date de naissance ou le matricule INS, parmi ceux de ce compte : 50 au plus.",
        request=SearchBody,
        responses=answers(FoundDossiersSerializer, 400, 403, 404, 409),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID) -> Response:
        found = search_dossiers(self.acting, self.sent(SearchBody).validated_data["q"])
        rows = Dossier.objects.select_related(*AUTHORS).in_bulk([one.pk for one in found])
        return Response(FoundDossiersSerializer({"results": [rows[one.pk] for one in found]}).data)


class OneDossierView(DossierView):
    http_method_names = ["get", "head", "patch"]

    @extend_schema(
        operation_id="dossier",
        summary="Un dossier",
        description="L’identité du patient. « ETag » est sa version.",
        responses=answers(DossierSerializer, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID, dossier: UUID) -> Response:
        found = self.found
        keep_opening(self.acting, found)
        return self.whole(found)

    @extend_schema(
        operation_id="dossier_change",
        summary="Corriger l’identité d’un dossier",
        description="« If-Match » donne la version que vous avez lue. L’identité d’avant reste dans l’historique.",
        request=IdentityBody,
        responses=answers(DossierSerializer, 400, 404, 409, 412, 428),
        tags=TAGS,
    )
    def patch(self, request: Request, account: UUID, dossier: UUID) -> Response:
        found, version = self.found, self.seen_version
        return self.whole(correct_identity(self.acting, found, self.sent(IdentityBody).identity, version))


def act(name: str, summary: str, description: str, do: Callable[[Acting, Dossier], bool]) -> type[DossierView]:
    """A view of one act; done twice, it changes nothing."""

    class ActView(DossierView):
        http_method_names = ["post"]

        @extend_schema(
            operation_id=name,
            summary=summary,
            description=description,
            request=NothingBody,
            responses=answers(DossierSerializer, 400, 403, 404, 409),
            tags=TAGS,
        )
        def post(self, request: Request, account: UUID, dossier: UUID) -> Response:
            found = self.found
            self.sent(NothingBody)
            do(self.acting, found)
            return self.whole(found)

    return ActView


ArchiveView = act("dossier_archive", "Archiver un dossier", "Il reste lisible, et se reprend.", archive_dossier)
RestoreView = act(
    "dossier_restore", "Reprendre un dossier archivé", "Il revient parmi les dossiers en cours.", restore_dossier
)


class CircleView(DossierView):
    http_method_names = ["get", "head", "post"]

    @extend_schema(
        operation_id="circle",
        summary="Le cercle de soins d’un dossier",
        description="Les comptes qui partagent le dossier, et ceux qui l’ont partagé.",
        parameters=[PageParameters],
        responses=answers(MembersSerializer, 400, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID, dossier: UUID) -> Response:
        found = self.found
        keep_opening(self.acting, found)
        return self._circle(found)

    def _circle(self, dossier: Dossier) -> Response:
        rows = CircleMember.objects.filter(dossier=dossier).select_related("member", *AUTHORS)
        page = page_of(self.request, rows.order_by("period__startswith", "pk"), self.read(PageParameters))
        return Response(MembersSerializer(page).data)

    @extend_schema(
        operation_id="circle_add",
        summary="Ajouter des comptes à un cercle de soins",
        description="Des comptes qui utilisent SPICO. Au nom d’un autre compte, ni le vôtre, ni un compte "
        "dans lequel vous pouvez agir.",
        request=MembersBody,
        responses=answers(MembersSerializer, 400, 403, 404, 409),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID, dossier: UUID) -> Response:
        found, body = self.found, self.sent(MembersBody)
        add_members(self.acting, found, body.validated_data["to"], body.told)
        return self._circle(found)


class CircleInformView(DossierView):
    http_method_names = ["post"]

    @extend_schema(
        operation_id="circle_inform",
        summary="Dire comment le patient a été informé, après une urgence",
        description="Par le numéro d’une place ajoutée en urgence. C’est dit une fois, et ne change plus.",
        request=InformedLaterBody,
        responses=answers(MemberSerializer, 400, 403, 404, 409),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID, dossier: UUID, row: int) -> Response:
        found, body = self.found, self.sent(InformedLaterBody)
        rows = CircleMember.objects.filter(dossier=found).select_related("member", *AUTHORS)
        tell_informed(self.acting, found, get_object_or_404(rows, pk=row), body.told)
        return Response(MemberSerializer(rows.get(pk=row)).data)


class CircleRemoveView(DossierView):
    http_method_names = ["post"]

    @extend_schema(
        operation_id="circle_remove",
        summary="Quitter un cercle de soins, ou en retirer un compte",
        description="Par le numéro de sa place. Le dernier compte ne sort pas.",
        request=NothingBody,
        responses=answers(MemberSerializer, 400, 403, 404, 409),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID, dossier: UUID, row: int) -> Response:
        found = self.found
        self.sent(NothingBody)
        rows = CircleMember.objects.filter(dossier=found).select_related("member", *AUTHORS)
        member = get_object_or_404(rows.present(self.at), pk=row)
        remove_member(self.acting, found, member)
        return Response(MemberSerializer(rows.get(pk=row)).data)


class EntriesView(DossierView):
    http_method_names = ["get", "head", "post"]

    @extend_schema(
        operation_id="entries",
        summary="La ligne de vie d’un dossier",
        description="Les faits les plus récents d’abord ; ce qui est réservé à un autre compte n’y est pas.",
        parameters=[EntryParameters],
        responses=answers(EntriesSerializer, 400, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID, dossier: UUID) -> Response:
        found, parameters = self.found, self.read(EntryParameters)
        chosen = {one.name: parameters.validated_data[one.name] for one in fields(Asked)}
        rows = timeline(self.acting, found, Asked(**chosen)).select_related(*AUTHORS)
        page = page_of(request, rows, parameters)
        keep_opening(self.acting, found, is_read=True)
        page["results"] = self.lines(page["results"])
        return Response(EntriesSerializer(page, context=self.place).data)

    @extend_schema(
        operation_id="entry_create",
        summary="Écrire dans un dossier",
        description="Une observation ou un événement, au nom du compte.",
        request=NewEntryBody,
        responses=answers(EntrySerializer, 400, 403, 404, 409, status=201),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID, dossier: UUID) -> Response:
        found, body = self.found, self.sent(NewEntryBody)
        made = write_entry(self.acting, found, body.validated_data["kind"], **body.said)
        return self.made(found, made.pk)


class EntryView(DossierView):
    http_method_names = ["get", "head", "patch"]

    @extend_schema(
        operation_id="entry",
        summary="Une entrée d’un dossier",
        description="Dans sa dernière version, celle de « ETag ».",
        responses=answers(EntrySerializer, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID, dossier: UUID, entry: UUID) -> Response:
        found = self.found
        row = entry_or_404(self.acting, found, entry)
        keep_opening(self.acting, found)
        return self.entry(row)

    @extend_schema(
        operation_id="entry_change",
        summary="Corriger une entrée",
        description="Par le compte qui l’a écrite. « If-Match » donne la version lue ; l’ancienne se lit encore, "
        "par « versions/ ».",
        request=EntryBody,
        responses=answers(EntrySerializer, 400, 403, 404, 409, 412, 428),
        tags=TAGS,
    )
    def patch(self, request: Request, account: UUID, dossier: UUID, entry: UUID) -> Response:
        found = self.found
        row, version = entry_or_404(self.acting, found, entry), self.seen_version
        correct_entry(self.acting, row, version, **self.sent(EntryBody).said)
        return self.entry(entry_or_404(self.acting, found, entry))


class VersionsView(DossierView):
    http_method_names = ["get", "head"]

    @extend_schema(
        operation_id="entry_versions",
        summary="Les versions d’une entrée",
        description="Tout ce qu’elle a dit, la dernière version d’abord. Ce qui était réservé à son compte le reste.",
        parameters=[PageParameters],
        responses=answers(VersionsSerializer, 400, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID, dossier: UUID, entry: UUID) -> Response:
        found = self.found
        row = entry_or_404(self.acting, found, entry)
        page = page_of(request, versions_of(self.acting, row), self.read(PageParameters))
        keep_opening(self.acting, found)
        return Response(VersionsSerializer(page).data)
