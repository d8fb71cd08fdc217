"""What the API says of dossiers, and what is sent to it."""

from typing import Any

from django.http import QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from directory.api.telling import ToldSerializer
from spico.web.api import BodySerializer, PageParameters, TextField
from workspace.api.base import AuthoredSerializer, SentOnceBody, ToField, ZonedField, found_serializer, page_serializer
from workspace.files import EMPTY, MEGABYTES, MISSING
from workspace.models import Confidentiality, Departure, EntryKind, Informed, Sex
from workspace.services.circles import Told
from workspace.services.dossiers import Identity
from workspace.services.dossiers_reading import Line
from workspace.services.entries import LONGEST_TEXT, LONGEST_TITLE

WRITABLE = [(EntryKind.OBSERVATION.value, "observation"), (EntryKind.EVENT.value, "événement")]
INFORMED_LATER = [choice for choice in Informed.choices if choice[0] != Informed.EMERGENCY]
GIVEN_TWICE = "Donnez cette valeur une seule fois."


class DossierSerializer(AuthoredSerializer):
    id = serializers.UUIDField(help_text="Identifiant du dossier.")
    family_name = serializers.CharField(help_text="Nom de naissance du patient.")
    given_names = serializers.CharField(help_text="Prénoms.")
    birth_date = serializers.DateField(help_text="Date de naissance.")
    sex = serializers.ChoiceField(choices=Sex.choices, help_text="Sexe.")
    ins = serializers.CharField(help_text="Matricule INS, clé comprise ; vide s’il n’est pas connu.")
    version = serializers.IntegerField(help_text="Version de l’identité, celle de « ETag ».")
    moved_at = serializers.DateTimeField(allow_null=True, help_text="Dernier ajout que tout le cercle lit.")
    archived_at = serializers.DateTimeField(allow_null=True, help_text="Date de l’archivage ; nulle s’il est en cours.")


class IdentityBody(BodySerializer):
    family_name = TextField(max_length=100, help_text="Nom de naissance.")
    given_names = TextField(max_length=100, help_text="Prénoms.")
    birth_date = serializers.DateField(help_text="Date de naissance, « 1938-04-02 ».")
    sex = serializers.ChoiceField(choices=Sex.choices, help_text="Sexe.")
    ins = TextField(required=False, allow_blank=True, default="", max_length=25, help_text="Matricule INS, ou rien.")

    @property
    def identity(self) -> Identity:
        names = ("family_name", "given_names", "birth_date", "sex", "ins")
        return Identity(**{name: self.validated_data[name] for name in names})


class InformedBody(BodySerializer):
    informed_how = serializers.ChoiceField(choices=Informed.choices, help_text="Comment le patient a été informé.")
    informed_on = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="Quel jour ; nul en cas d’urgence."
    )

    @property
    def told(self) -> Told:
        return Told(self.validated_data["informed_how"], self.validated_data["informed_on"])


class InformedLaterBody(BodySerializer):
    informed_how = serializers.ChoiceField(choices=INFORMED_LATER, help_text="Comment le patient a été informé.")
    informed_on = serializers.DateField(help_text="Quel jour, celui de l’ajout au cercle ou après.")

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
        choices=Departure.choices, allow_blank=True, help_text="Comment il est sorti ; vide s’il y est."
    )


class EntrySerializer(ToldSerializer):
    """Of a `Line`. The context gives `request`, and `dossier`: the account and the dossier of its address."""

    id = serializers.UUIDField(source="entry.pk", help_text="Identifiant de l’entrée.")
    kind = serializers.ChoiceField(source="entry.kind", choices=EntryKind.choices, help_text="Type.")
    title = serializers.CharField(source="version.title", help_text="Titre, dans sa dernière version.")
    text = serializers.CharField(source="version.text", help_text="Texte, dans sa dernière version.")
    happened_at = serializers.DateTimeField(source="entry.happened_at", help_text="Date du fait.")
    confidentiality = serializers.ChoiceField(
        source="entry.confidentiality", choices=Confidentiality.choices, help_text="Qui peut lire."
    )
    profession = serializers.CharField(source="entry.profession", help_text="Profession de qui a écrit, ce jour-là.")
    version = serializers.IntegerField(source="entry.number", help_text="Version, celle de « ETag ».")
    author = AuthoredSerializer(source="entry", help_text="Qui a écrit l’entrée, au nom de qui.")
    corrector = AuthoredSerializer(source="version", help_text="Qui a écrit cette version.")
    document = serializers.SerializerMethodField(help_text="Identifiant du document joint ; nul s’il n’y en a pas.")

    @extend_schema_field({"type": "string", "format": "uuid", "nullable": True})
    def get_document(self, line: Line) -> str | None:
        return str(line.document.pk) if line.document else None

    document_url = serializers.SerializerMethodField(
        help_text="Adresse de son fichier, qui se demande par « Accept: */* » ; nulle s’il n’y en a pas."
    )

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_document_url(self, line: Line) -> str | None:
        if line.document is None:
            return None
        place = [*self.context["dossier"], line.document.pk]
        return reverse("api:document", args=place, request=self.context["request"])


class VersionSerializer(AuthoredSerializer):
    number = serializers.IntegerField(help_text="Numéro de la version.")
    title = serializers.CharField(help_text="Titre qu’elle donnait.")
    text = serializers.CharField(help_text="Texte qu’elle donnait.")
    happened_at = serializers.DateTimeField(help_text="Date du fait, selon elle.")
    confidentiality = serializers.ChoiceField(choices=Confidentiality.choices, help_text="Qui peut la lire.")


class EntryBody(BodySerializer):
    title = TextField(max_length=LONGEST_TITLE, help_text="Titre.")
    text = TextField(required=False, allow_blank=True, default="", max_length=LONGEST_TEXT, help_text="Texte.")
    happened_at = ZonedField(help_text="Date du fait, avec son fuseau.")
    confidentiality = serializers.ChoiceField(
        choices=Confidentiality.choices, default=Confidentiality.CIRCLE.value, help_text="Qui peut lire."
    )

    @property
    def said(self) -> dict[str, Any]:
        return {name: self.validated_data[name] for name in ("title", "text", "happened_at", "confidentiality")}


class NewEntryBody(SentOnceBody, EntryBody):
    kind = serializers.ChoiceField(choices=WRITABLE, help_text="Type. Un document s’ajoute par « documents/ ».")

    @property
    def said(self) -> dict[str, Any]:
        return {**super().said, "client_key": self.validated_data["client_key"]}


@extend_schema_field(OpenApiTypes.BINARY)
class UploadField(serializers.FileField):
    """A file, whatever it holds: what it is, the service reads."""

    def __init__(self) -> None:
        super().__init__(
            allow_empty_file=True,
            help_text=f"Le fichier : un PDF, ou une image PNG ou JPEG, de {MEGABYTES} Mo au plus.",
            error_messages={"required": MISSING, "invalid": MISSING, "no_name": MISSING, "empty": EMPTY},
        )


class NewDocumentBody(SentOnceBody, EntryBody):
    """A form with a file, read as the JSON of an entry: what is left empty is not what is left out, and what is given
    twice is refused, since nobody can tell which was meant."""

    file = UploadField()

    def to_internal_value(self, data: Any) -> Any:
        form = data if isinstance(data, QueryDict) else QueryDict()
        if twice := {name: GIVEN_TWICE for name, values in form.lists() if len(values) > 1}:
            raise serializers.ValidationError(twice)
        return super().to_internal_value(form.dict())

    @property
    def said(self) -> dict[str, Any]:
        return {**super().said, **{name: self.validated_data[name] for name in ("file", "client_key")}}


class DossierParameters(PageParameters):
    archived = serializers.BooleanField(default=False, help_text="1 : les dossiers archivés ; 0 : ceux en cours.")


class EntryParameters(PageParameters):
    kind = serializers.ChoiceField(
        choices=EntryKind.choices, required=False, default="", help_text="Ce type seulement."
    )
    profession = serializers.CharField(
        max_length=150, required=False, default="", help_text="Écrites par cette profession, telle que l’entrée la dit."
    )
    author = serializers.UUIDField(required=False, default=None, help_text="Écrites au nom de ce compte.")
    since = serializers.DateField(required=False, default=None, help_text="Faits de ce jour ou d’après.")
    until = serializers.DateField(required=False, default=None, help_text="Faits de ce jour ou d’avant.")


FoundDossiersSerializer = found_serializer("FoundDossiersSerializer", DossierSerializer)
DossiersSerializer = page_serializer("DossiersSerializer", DossierSerializer)
MembersSerializer = page_serializer("MembersSerializer", MemberSerializer)
EntriesSerializer = page_serializer("EntriesSerializer", EntrySerializer)
VersionsSerializer = page_serializer("VersionsSerializer", VersionSerializer)
