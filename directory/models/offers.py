"""What the ROR says of a structure or of a unit: offers, contacts, places."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from directory.models.reference import Commune
from directory.models.sources import Source, known_source
from directory.models.structures import InternalOrganisation, Structure

PUBLIC_CONFIDENTIALITY = 1


class OfferQuerySet(models.QuerySet["Offer"]):
    def shown(self) -> "OfferQuerySet":
        """Offers that the directory may show: open, provided by somebody listed, never of a sensitive unit."""
        return self.filter(is_sensitive=False, closed_on=None)


class Offer(models.Model):
    """A HealthcareService (offre opérationnelle). Of a sensitive unit, nothing but the identifier is kept."""

    ror_id = models.CharField("identifiant ROR", max_length=100, unique=True)
    ror_reference = models.CharField("ressource ROR", max_length=100, unique=True, null=True, blank=True)
    provider_reference = models.CharField("portée par (ressource ROR)", max_length=100, blank=True)
    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, null=True, blank=True, related_name="offers"
    )
    internal_organisation = models.ForeignKey(
        InternalOrganisation,
        verbose_name="organisation interne",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="offers",
    )
    name = models.CharField("nom", max_length=255, blank=True)
    category = models.CharField("type d’offre", max_length=255, blank=True)
    field = models.CharField("champ d’activité", max_length=255, blank=True)
    activities = ArrayField(
        models.CharField(max_length=255), verbose_name="activités", default=list, db_default=[], blank=True
    )
    care_modes = ArrayField(
        models.CharField(max_length=255),
        verbose_name="modes de prise en charge",
        default=list,
        db_default=[],
        blank=True,
    )
    hours = models.JSONField("horaires", default=list, db_default=[], blank=True)
    patients = models.CharField("public accueilli", max_length=255, blank=True)
    location_references = ArrayField(
        models.CharField(max_length=100), verbose_name="lieux (ressources ROR)", default=list, db_default=[], blank=True
    )
    is_sensitive = models.BooleanField("unité sensible", default=False)
    closed_on = models.DateField("fermée le", null=True, blank=True)
    record_updated_on = models.DateField("mise à jour de la fiche", null=True, blank=True)
    source = models.CharField("source", max_length=8, choices=Source, default=Source.ROR)
    source_date = models.DateField("date de la source", null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    places: "list[RorLocation]"
    """Set by the page that shows it, for all its offers at once."""

    class Meta:
        verbose_name = "offre"
        verbose_name_plural = "offres"
        constraints = [
            models.CheckConstraint(
                condition=Q(structure=None) | Q(internal_organisation=None),
                name="offer_of_one_provider",
                violation_error_message="Une offre est portée par une structure ou par une organisation interne.",
            ),
            models.CheckConstraint(
                condition=Q(is_sensitive=False)
                | Q(
                    name="",
                    category="",
                    field="",
                    activities=[],
                    care_modes=[],
                    patients="",
                    provider_reference="",
                    structure=None,
                    internal_organisation=None,
                    location_references=[],
                ),
                name="offer_of_a_sensitive_unit_is_empty",
                violation_error_message="D’une unité sensible, rien n’est conservé.",
            ),
            known_source("offer_source_is_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.ror_id


class RorLocation(models.Model):
    """A Location, kept so that an offer that names it can say where it is."""

    ror_reference = models.CharField("ressource ROR", max_length=100, unique=True)
    name = models.CharField("nom", max_length=255, blank=True)
    address = models.CharField("adresse", max_length=255, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    city = models.CharField("ville", max_length=100, blank=True)
    commune = models.ForeignKey(Commune, verbose_name="commune", on_delete=models.PROTECT, null=True, blank=True)
    latitude = models.FloatField("latitude", null=True, blank=True)
    longitude = models.FloatField("longitude", null=True, blank=True)
    record_updated_on = models.DateField("mise à jour de la fiche", null=True, blank=True)

    class Meta:
        verbose_name = "lieu (ROR)"
        verbose_name_plural = "lieux (ROR)"

    def __str__(self) -> str:
        return self.name or self.address or self.ror_reference


class ContactPointQuerySet(models.QuerySet["ContactPoint"]):
    def public(self) -> "ContactPointQuerySet":
        """Level 1 only: levels 2 and above, and a level that the source did not give, are for the service centre."""
        return self.filter(confidentiality=PUBLIC_CONFIDENTIALITY)


class ContactPoint(models.Model):
    """A telecom of the ROR with its confidentiality level (TRE_R283); none given is held as the strictest."""

    class Channel(models.TextChoices):
        PHONE = "phone", "téléphone"
        FAX = "fax", "télécopie"
        EMAIL = "email", "adresse électronique"
        MSS = "mss", "messagerie sécurisée"
        OTHER = "other", "autre"

    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, null=True, blank=True, related_name="contacts"
    )
    internal_organisation = models.ForeignKey(
        InternalOrganisation,
        verbose_name="organisation interne",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
    )
    offer = models.ForeignKey(
        Offer, verbose_name="offre", on_delete=models.CASCADE, null=True, blank=True, related_name="contacts"
    )
    professional = models.ForeignKey(
        "directory.Professional",
        verbose_name="professionnel",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
    )
    channel = models.CharField("canal", max_length=5, choices=Channel)
    purpose = models.CharField("nature", max_length=100, blank=True)
    value = models.CharField("coordonnée", max_length=255)
    confidentiality = models.PositiveSmallIntegerField("niveau de confidentialité", default=3)
    source = models.CharField("source", max_length=8, choices=Source, default=Source.ROR)

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        verbose_name = "coordonnée"
        verbose_name_plural = "coordonnées"
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(structure__isnull=False, internal_organisation=None, offer=None, professional=None)
                    | Q(structure=None, internal_organisation__isnull=False, offer=None, professional=None)
                    | Q(structure=None, internal_organisation=None, offer__isnull=False, professional=None)
                    | Q(structure=None, internal_organisation=None, offer=None, professional__isnull=False)
                ),
                name="contact_point_of_one_owner",
                violation_error_message="Une coordonnée appartient à une seule fiche.",
            ),
            known_source("contact_point_source_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} : {self.value}"
