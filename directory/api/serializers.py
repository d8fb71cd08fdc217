"""What the API says of a structure, a unit, a person. Each field is described: the schema is the documentation."""

from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.states import AccountState
from directory.models import Attachment, ContactPoint, InternalOrganisation, RorLocation, Source, Structure
from directory.people import people_of
from directory.trees import flatten
from spico.web.api import AddressField, PageSerializer

PAGE = "Adresse de la page, pour une personne."
RESOURCE = "Adresse de la fiche complète dans l’API."
CLOSED_ON = "Date de fermeture ; nulle si la fiche est ouverte."


@extend_schema_field({"type": "string", "const": "none"})
class NoAccessField(serializers.Field):
    """An attachment opens nothing, and says so wherever it is read."""

    def __init__(self) -> None:
        help_text = "Toujours « none » : un rattachement ne donne accès à rien ; seule une délégation ouvre un compte."
        super().__init__(source="*", read_only=True, help_text=help_text)

    def to_representation(self, attachment: Any) -> str:
        return "none"


class CodeSerializer(serializers.Serializer):
    code = serializers.CharField(source="pk", help_text="Code dans la nomenclature.")
    label = serializers.CharField(source="__str__", help_text="Libellé.")  # type: ignore[assignment]


class AccountSerializer(serializers.Serializer):
    id = serializers.UUIDField(help_text="Identifiant du compte.")
    state = serializers.ChoiceField(
        choices=AccountState.choices, help_text="État du compte ; « listed » : il n’utilise pas encore SPICO."
    )


class SourcedSerializer(serializers.Serializer):
    """Where a row comes from."""

    source = serializers.ChoiceField(choices=Source.choices, help_text="D’où vient la fiche.")  # type: ignore[assignment]
    source_date = serializers.DateField(allow_null=True, help_text="Date de la source.")


class StructureLinkSerializer(serializers.Serializer):
    finess = serializers.CharField(help_text="Numéro FINESS de l’établissement.")
    name = serializers.CharField(help_text="Nom.")
    closed_on = serializers.DateField(allow_null=True, help_text=CLOSED_ON)
    url = AddressField("directory:structure", lambda row: row.finess, help_text=PAGE)
    api_url = AddressField("api:structure", lambda row: row.finess, help_text=RESOURCE)


class UnitLinkSerializer(serializers.Serializer):
    id = serializers.IntegerField(help_text="Identifiant de l’unité.")
    name = serializers.CharField(help_text="Nom.")
    closed_on = serializers.DateField(allow_null=True, help_text=CLOSED_ON)
    url = AddressField("directory:unit", lambda row: row.pk, help_text=PAGE)
    api_url = AddressField("api:unit", lambda row: row.pk, help_text=RESOURCE)


class UnitListSerializer(serializers.ListSerializer):
    """In reading order: each unit is followed by what it holds."""

    def to_representation(self, units: Any) -> list[Any]:
        return super().to_representation([node.unit for node in flatten(units.all())])


class UnitRowSerializer(UnitLinkSerializer):
    type = CodeSerializer(allow_null=True, help_text="Pôle, service, unité fonctionnelle…")
    parent = serializers.IntegerField(  # type: ignore[assignment]
        source="parent_id", allow_null=True, help_text="Identifiant de l’unité qui la contient, s’il y en a une."
    )
    account = AccountSerializer(help_text="Compte de l’unité.")

    class Meta:
        list_serializer_class = UnitListSerializer


class ContactSerializer(serializers.Serializer):
    channel = serializers.ChoiceField(choices=ContactPoint.Channel.choices, help_text="Canal.")
    purpose = serializers.CharField(help_text="Nature de la coordonnée ; vide si la source ne la dit pas.")
    value = serializers.CharField(help_text="Numéro ou adresse.")


class PlaceSerializer(serializers.Serializer):
    name = serializers.CharField(help_text="Nom du lieu ; vide s’il n’en a pas.")
    address = serializers.CharField(help_text="Voie et numéro.")
    postal_code = serializers.CharField(help_text="Code postal.")
    city = serializers.CharField(help_text="Ville.")


class OfferListSerializer(serializers.ListSerializer):
    """Finds the places of all the offers at once."""

    def to_representation(self, offers: Any) -> list[Any]:
        rows: list[Any] = list(offers.all())
        wanted = {reference for offer in rows for reference in offer.location_references}
        found = {place.ror_reference: place for place in RorLocation.objects.filter(ror_reference__in=wanted)}
        for offer in rows:
            offer.places = [found[reference] for reference in offer.location_references if reference in found]
        return super().to_representation(rows)


class OfferSerializer(serializers.Serializer):
    id = serializers.CharField(source="ror_id", help_text="Identifiant ROR.")
    name = serializers.CharField(help_text="Nom.")
    category = serializers.CharField(help_text="Type d’offre.")
    field = serializers.CharField(help_text="Champ d’activité.")
    activities = serializers.ListField(child=serializers.CharField(), help_text="Activités.")
    care_modes = serializers.ListField(child=serializers.CharField(), help_text="Modes de prise en charge.")
    patients = serializers.CharField(help_text="Public accueilli.")
    hours = serializers.ListField(child=serializers.JSONField(), help_text="Horaires, tels que le ROR les donne.")
    locations = PlaceSerializer(many=True, source="places", help_text="Lieux où elle est rendue.")
    contacts = ContactSerializer(many=True, source="public_contacts", help_text="Coordonnées publiques.")
    record_updated_on = serializers.DateField(allow_null=True, help_text="Mise à jour de la fiche.")

    class Meta:
        list_serializer_class = OfferListSerializer


class LegalEntitySerializer(serializers.Serializer):
    number = serializers.CharField(allow_null=True, help_text="Numéro FINESS de l’entité juridique.")
    siren = serializers.CharField(help_text="SIREN ; vide s’il n’est pas connu.")
    name = serializers.CharField(help_text="Raison sociale ; vide si elle n’est pas connue.")


class CoordinatesSerializer(serializers.Serializer):
    latitude = serializers.FloatField(help_text="Degrés, WGS84.")
    longitude = serializers.FloatField(help_text="Degrés, WGS84.")


class StructureSerializer(StructureLinkSerializer, SourcedSerializer):
    siret = serializers.CharField(help_text="SIRET ; vide s’il n’est pas connu.")
    long_name = serializers.CharField(help_text="Nom long.")
    ror_name = serializers.CharField(help_text="Nom d’usage dans le ROR.")
    legal_entity = LegalEntitySerializer(allow_null=True, help_text="Entité juridique dont elle dépend.")
    category = CodeSerializer(allow_null=True, help_text="Catégorie FINESS.")
    address = serializers.CharField(help_text="Voie et numéro.")
    address_complement = serializers.CharField(help_text="Complément d’adresse.")
    postal_code = serializers.CharField(help_text="Code postal.")
    city = serializers.CharField(help_text="Ville.")
    commune = CodeSerializer(allow_null=True, help_text="Commune, par son code INSEE.")
    department = CodeSerializer(allow_null=True, help_text="Département.")
    coordinates = CoordinatesSerializer(allow_null=True, help_text="Position.")
    phone = serializers.CharField(help_text="Téléphone ; vide s’il n’est pas connu.")
    opened_on = serializers.DateField(allow_null=True, help_text="Date d’ouverture.")
    record_updated_on = serializers.DateField(allow_null=True, help_text="Mise à jour de la fiche dans la source.")
    account = AccountSerializer(help_text="Compte de la structure.")
    units = UnitRowSerializer(
        many=True,
        source="internal_organisations",
        help_text="Ses unités ouvertes, à toute profondeur, chacune suivie de celles qu’elle contient.",
    )
    offers = OfferSerializer(many=True, help_text="Ce que le ROR dit de son offre.")
    contacts = ContactSerializer(many=True, source="public_contacts", help_text="Coordonnées publiques.")
    people_count = serializers.SerializerMethodField(help_text="Nombre de personnes rattachées à elle ou à ses unités.")
    people_url = AddressField("api:structure_people", lambda row: row.finess, help_text="Adresse de leur liste.")

    def get_people_count(self, structure: Structure) -> int:
        return people_of(Attachment.objects.current().in_structure(structure)).count()


class UnitSerializer(UnitRowSerializer, SourcedSerializer):
    ror_id = serializers.CharField(allow_null=True, help_text="Identifiant ROR.")
    structure = StructureLinkSerializer(help_text="Structure dont elle fait partie.")
    parents = serializers.SerializerMethodField(
        help_text="Les unités qui la contiennent, de la plus grande à la plus proche."
    )
    units = serializers.SerializerMethodField(
        help_text="Les unités ouvertes qu’elle contient, à toute profondeur, chacune suivie des siennes."
    )
    opened_on = serializers.DateField(allow_null=True, help_text="Date d’ouverture.")
    record_updated_on = serializers.DateField(allow_null=True, help_text="Mise à jour de la fiche dans la source.")
    offers = OfferSerializer(many=True, help_text="Ce que le ROR dit de son offre.")
    contacts = ContactSerializer(many=True, source="public_contacts", help_text="Coordonnées publiques.")
    people_count = serializers.SerializerMethodField(help_text="Nombre de personnes rattachées à cette unité.")
    people_url = AddressField("api:unit_people", lambda row: row.pk, help_text="Adresse de leur liste.")

    @extend_schema_field(UnitLinkSerializer(many=True))
    def get_parents(self, unit: InternalOrganisation) -> list[Any]:
        above = InternalOrganisation.objects.all().above(unit)
        return list(UnitLinkSerializer(above, many=True, context=self.context).data)

    @extend_schema_field(UnitRowSerializer(many=True))
    def get_units(self, unit: InternalOrganisation) -> list[Any]:
        below = InternalOrganisation.objects.open().below(unit).shown()
        return list(UnitRowSerializer(below, many=True, context=self.context).data)

    def get_people_count(self, unit: InternalOrganisation) -> int:
        return people_of(Attachment.objects.current().in_unit(unit)).count()


class AttachmentSerializer(SourcedSerializer):
    structure = serializers.SerializerMethodField(help_text="Structure où la personne travaille.")
    unit = UnitLinkSerializer(
        source="internal_organisation", allow_null=True, help_text="Unité de cette structure, si elle est précisée."
    )
    function = serializers.CharField(help_text="Fonction ; vide si elle n’est pas précisée.")
    since = serializers.DateField(allow_null=True, help_text="Début.")
    until = serializers.DateField(allow_null=True, help_text="Fin ; nulle tant que le rattachement dure.")
    confirmed_at = serializers.DateTimeField(allow_null=True, help_text="Date à laquelle il a été confirmé.")
    access = NoAccessField()

    @cached_property
    def structures(self) -> StructureLinkSerializer:
        """Made once for a whole list: making it costs more than using it."""
        return StructureLinkSerializer(context=self.context)

    @extend_schema_field(StructureLinkSerializer)
    def get_structure(self, attachment: Attachment) -> dict[str, Any]:
        unit = attachment.internal_organisation
        return dict(self.structures.to_representation(unit.structure if unit else attachment.structure))


class ProfessionalLinkSerializer(serializers.Serializer):
    id = serializers.IntegerField(help_text="Identifiant de la fiche.")
    given_name = serializers.CharField(help_text="Prénom d’exercice.")
    family_name = serializers.CharField(help_text="Nom d’exercice.")
    profession = CodeSerializer(allow_null=True, help_text="Profession au RPPS.")
    title = serializers.CharField(help_text="Métier, pour qui n’a pas de profession au RPPS.")
    url = AddressField("directory:professional", lambda row: row.pk, help_text=PAGE)
    api_url = AddressField("api:professional", lambda row: row.pk, help_text=RESOURCE)


class AttachedPersonSerializer(serializers.Serializer):
    professional = ProfessionalLinkSerializer(help_text="La personne.")
    attachments = AttachmentSerializer(many=True, help_text="Ses rattachements ici. Aucun ne donne accès à un compte.")


class PeopleSerializer(PageSerializer):
    results = AttachedPersonSerializer(many=True, help_text="Les personnes, par ordre alphabétique.")


class PracticeLocationSerializer(SourcedSerializer):
    name = serializers.CharField(help_text="Enseigne ou raison sociale.")
    mode = serializers.CharField(help_text="Mode d’exercice.")
    address = serializers.CharField(help_text="Voie et numéro.")
    postal_code = serializers.CharField(help_text="Code postal.")
    city = serializers.CharField(help_text="Ville.")
    commune = CodeSerializer(allow_null=True, help_text="Commune, par son code INSEE.")
    department = CodeSerializer(allow_null=True, help_text="Département.")
    phone = serializers.CharField(help_text="Téléphone ; vide s’il n’est pas connu.")


class ProfessionalSerializer(ProfessionalLinkSerializer, SourcedSerializer):
    rpps = serializers.CharField(allow_null=True, help_text="Numéro RPPS ; nul pour qui n’en a pas.")
    specialities = serializers.ListField(child=serializers.CharField(), help_text="Savoir-faire.")
    closed_on = serializers.DateField(allow_null=True, help_text="Date de sortie de l’annuaire ; nulle s’il y figure.")
    account = AccountSerializer(help_text="Compte de la personne.")
    attachments = AttachmentSerializer(
        many=True,
        help_text="Où elle travaille, puis où elle a travaillé. Aucun rattachement ne donne accès à un compte.",
    )
    practice_locations = PracticeLocationSerializer(many=True, help_text="Où elle exerce hors de tout établissement.")
    contacts = ContactSerializer(many=True, source="public_contacts", help_text="Coordonnées publiques.")
