"""Dossiers, their circles, what is written in them. The services of the pages; a file is added by its page alone."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from delegations.api.parameters import NothingBody
from delegations.scopes import Space
from spico.web.api import BodySerializer, PageParameters, TextField, answers, page_of
from workspace.access import dossier_or_404
from workspace.api.base import (
    AUTHORS,
    AuthoredSerializer,
    SearchBody,
    SpaceView,
    ToField,
    found_serializer,
    page_serializer,
)
from workspace.models import CircleMember, Confidentiality, Departure, Dossier, EntryKind, Informed, Sex
from workspace.services.circles import Told, add_members, remove_member
from workspace.services.dossiers import (
    Identity,
    archive_dossier,
    correct_identity,
    create_dossier,
    keep_opening,
    restore_dossier,
    search_dossiers,
)
from workspace.services.dossiers_reading import Asked, Line, lines_of, listed, timeline
from workspace.services.entries import LONGEST_TEXT, LONGEST_TITLE, correct_entry, entry_or_404, write_entry
from workspace.views.documents import document as document_page

TAGS = ["dossiers"]
WRITABLE = [(EntryKind.OBSERVATION.value, "observation"), (EntryKind.EVENT.value, "événement")]


class DossierSerializer(AuthoredSerializer):
    id = serializers.UUIDField(help_text="Identifiant du dossier.")
    family_name = serializers.CharField(help_text="Nom de naissance du patient.")
    given_names = serializers.CharField(help_text="Prénoms.")
    birth_date = serializers.DateField(help_text="Date de naissance.")
    sex = serializers.ChoiceField(choices=Sex.choices, help_text="Sexe.")
    ins = serializers.CharField(help_text="Matricule INS, clé comprise ; vide s’il n’est pas connu.")
    version = serializers.IntegerField(help_text="Version de l’identité, celle de « ETag ».")
    moved_at = serializers.DateTimeField(allow_null=True, help_text="Dernier ajout que tout le cercle lit.")
    archived_at = serializers.DateTimeField(allow_null=True, help_text="Date de l’archivage ; nulle s’il est en cours.")


class IdentityBody(BodySerializer):
    family_name = TextField(max_length=100, help_text="Nom de naissance.")
    given_names = TextField(max_length=100, help_text="Prénoms.")
    birth_date = serializers.DateField(help_text="Date de naissance, « 1938-04-02 ».")
    sex = serializers.ChoiceField(choices=Sex.choices, help_text="Sexe.")
    ins = TextField(required=False, allow_blank=True, default="", max_length=25, help_text="Matricule INS, ou rien.")

    @property
    def identity(self) -> Identity:
        names = ("family_name", "given_names", "birth_date", "sex", "ins")
        return Identity(**{name: self.validated_data[name] for name in names})


class InformedBody(BodySerializer):
    informed_how = serializers.ChoiceField(choices=Informed.choices, help_text="Comment le patient a été informé.")
    informed_on = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="Quel jour ; nul en cas d’urgence."
    )

    @property
    def told(self) -> Told:
        return Told(self.validated_data["informed_how"], self.validated_data["informed_on"])


class NewDossierBody(IdentityBody, InformedBody):
    pass


class MembersBody(InformedBody):
    to = ToField()


class MemberSerializer(AuthoredSerializer):
    id = serializers.IntegerField(help_text="Numéro de cette place dans le cercle.")
    member = serializers.UUIDField(source="member_id", help_text="Compte qui partage le dossier.")
    member_name = serializers.CharField(source="member.name", help_text="Nom de ce compte.")
    since = serializers.DateTimeField(source="period.lower", help_text="Depuis quand.")
    until = serializers.DateTimeField(source="period.upper", allow_null=True, help_text="Jusqu’à quand, ou nul.")
    informed_how = serializers.ChoiceField(choices=Informed.choices, help_text="Comment le patient a été informé.")
    informed_on = serializers.DateField(allow_null=True, help_text="Quel jour.")
    ended_kind = serializers.ChoiceField(
        choices=Departure.choices, allow_blank=True, help_text="Comment il est sorti ; vide s’il y est."
    )


class EntrySerializer(serializers.Serializer):
    """Of a `Line`."""

    id = serializers.UUIDField(source="entry.pk", help_text="Identifiant de l’entrée.")
    kind = serializers.ChoiceField(source="entry.kind", choices=EntryKind.choices, help_text="Type.")
    title = serializers.CharField(source="version.title", help_text="Titre, dans sa dernière version.")
    text = serializers.CharField(source="version.text", help_text="Texte, dans sa dernière version.")
    happened_at = serializers.DateTimeField(source="entry.happened_at", help_text="Date du fait.")
    confidentiality = serializers.ChoiceField(
        source="entry.confidentiality", choices=Confidentiality.choices, help_text="Qui peut lire."
    )
    profession = serializers.CharField(source="entry.profession", help_text="Profession de qui a écrit, ce jour-là.")
    version = serializers.IntegerField(source="entry.number", help_text="Version, celle de « ETag ».")
    author = AuthoredSerializer(source="entry", help_text="Qui a écrit l’entrée, au nom de qui.")
    corrector = AuthoredSerializer(source="version", help_text="Qui a écrit cette version.")
    document = serializers.SerializerMethodField(help_text="Identifiant du document joint ; nul s’il n’y en a pas.")

    @extend_schema_field({"type": "string", "format": "uuid", "nullable": True})
    def get_document(self, line: Line) -> str | None:
        return str(line.document.pk) if line.document else None


class EntryBody(BodySerializer):
    title = TextField(max_length=LONGEST_TITLE, help_text="Titre.")
    text = TextField(required=False, allow_blank=True, default="", max_length=LONGEST_TEXT, help_text="Texte.")
    happened_at = serializers.DateTimeField(help_text="Date du fait, avec son fuseau.")
    confidentiality = serializers.ChoiceField(
        choices=Confidentiality.choices, default=Confidentiality.CIRCLE.value, help_text="Qui peut lire."
    )

    @property
    def said(self) -> dict[str, Any]:
        return {name: self.validated_data[name] for name in ("title", "text", "happened_at", "confidentiality")}


class NewEntryBody(EntryBody):
    kind = serializers.ChoiceField(choices=WRITABLE, help_text="Type. Un document s’ajoute par sa page.")


class DossierParameters(PageParameters):
    archived = serializers.BooleanField(default=False, help_text="1 : les dossiers archivés ; 0 : ceux en cours.")


class EntryParameters(PageParameters):
    kind = serializers.ChoiceField(
        choices=EntryKind.choices, required=False, default="", help_text="Ce type seulement."
    )


FoundDossiersSerializer = found_serializer("FoundDossiersSerializer", DossierSerializer)
DossiersSerializer = page_serializer("DossiersSerializer", DossierSerializer)
MembersSerializer = page_serializer("MembersSerializer", MemberSerializer)
EntriesSerializer = page_serializer("EntriesSerializer", EntrySerializer)


class DossierView(SpaceView):
    space = Space.DOSSIERS

    @property
    def found(self) -> Dossier:
        return dossier_or_404(self.acting, self.kwargs["dossier"])

    def whole(self, dossier: Dossier, status: int = 200) -> Response:
        row = Dossier.objects.select_related(*AUTHORS).get(pk=dossier.pk)
        return self.told(DossierSerializer(row).data, version=row.version, status=status)


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
        description="Le compte en est le premier membre. Les dossiers qui lui ressemblent ne sont pas cherchés ici : "
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
        description="Par le nom, la date de naissance ou le matricule INS, parmi ceux de ce compte : 50 au plus.",
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
        description="L’identité du patient. « ETag » est sa version.",
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
        description="« If-Match » donne la version que vous avez lue. L’identité d’avant reste dans l’historique.",
        request=IdentityBody,
        responses=answers(DossierSerializer, 400, 404, 409, 412, 428),
        tags=TAGS,
    )
    def patch(self, request: Request, account: UUID, dossier: UUID) -> Response:
        found, version = self.found, self.seen_version
        return self.whole(correct_identity(self.acting, found, self.sent(IdentityBody).identity, version))


class ArchiveView(DossierView):
    http_method_names = ["post"]

    @extend_schema(
        operation_id="dossier_archive",
        summary="Archiver un dossier",
        description="Il reste lisible, et se reprend.",
        request=NothingBody,
        responses=answers(DossierSerializer, 400, 403, 404, 409),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID, dossier: UUID) -> Response:
        found = self.found
        self.sent(NothingBody)
        archive_dossier(self.acting, found)
        return self.whole(found)


class RestoreView(DossierView):
    http_method_names = ["post"]

    @extend_schema(
        operation_id="dossier_restore",
        summary="Reprendre un dossier archivé",
        description="Il revient parmi les dossiers en cours.",
        request=NothingBody,
        responses=answers(DossierSerializer, 400, 403, 404, 409),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID, dossier: UUID) -> Response:
        found = self.found
        self.sent(NothingBody)
        restore_dossier(self.acting, found)
        return self.whole(found)


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
        description="Les faits les plus récents d’abord ; ce qui est réservé à un autre compte n’y est pas.",
        parameters=[EntryParameters],
        responses=answers(EntriesSerializer, 400, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID, dossier: UUID) -> Response:
        found, parameters = self.found, self.read(EntryParameters)
        rows = timeline(self.acting, found, Asked(kind=parameters.validated_data["kind"])).select_related(*AUTHORS)
        page = page_of(request, rows, parameters)
        keep_opening(self.acting, found, is_read=True)
        page["results"] = lines_of(self.acting, page["results"])
        return Response(EntriesSerializer(page).data)

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
        return self._entry(entry_or_404(self.acting, found, made.pk), 201)

    def _entry(self, entry: Any, status: int = 200) -> Response:
        [line] = lines_of(self.acting, [entry])
        return self.told(EntrySerializer(line).data, version=entry.number, status=status)


class EntryView(EntriesView):
    http_method_names = ["get", "head", "patch"]

    @extend_schema(
        operation_id="entry",
        summary="Une entrée d’un dossier",
        description="Dans sa dernière version, celle de « ETag ».",
        responses=answers(EntrySerializer, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID, dossier: UUID, entry: UUID) -> Response:  # type: ignore[override]
        found = self.found
        row = entry_or_404(self.acting, found, entry)
        keep_opening(self.acting, found)
        return self._entry(row)

    @extend_schema(
        operation_id="entry_change",
        summary="Corriger une entrée",
        description="Par le compte qui l’a écrite. « If-Match » donne la version lue ; l’ancienne se lit encore.",
        request=EntryBody,
        responses=answers(EntrySerializer, 400, 403, 404, 409, 412, 428),
        tags=TAGS,
    )
    def patch(self, request: Request, account: UUID, dossier: UUID, entry: UUID) -> Response:
        found = self.found
        row, version = entry_or_404(self.acting, found, entry), self.seen_version
        correct_entry(self.acting, row, version, **self.sent(EntryBody).said)
        return self._entry(entry_or_404(self.acting, found, entry))


# What is given is no JSON; a refusal is a problem, as everywhere.
FILE = {(200, "application/octet-stream"): OpenApiTypes.BINARY} | {
    status: told for status, told in answers(None, 404).items() if status != 200
}


class DocumentView(DossierView):
    @extend_schema(
        operation_id="document",
        summary="Un document d’un dossier",
        description="Le fichier lui-même, PDF, PNG ou JPEG. On l’ajoute par la page du dossier.",
        responses=FILE,
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID, dossier: UUID, document: UUID) -> HttpResponse:
        answer = document_page(_bare(request), account=account, dossier=dossier, document=document)
        if answer.status_code == 404:
            raise Http404
        return answer


def _bare(request: Request) -> HttpRequest:
    """Django's own request, for the view that serves files: with the user whom the API found."""
    bare: HttpRequest = request._request
    bare.user = request.user
    return bare
