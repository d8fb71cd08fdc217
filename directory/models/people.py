from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Account, AccountKind
from accounts.triggers import owner_triggers
from directory.models.reference import Commune, Department, Profession
from directory.models.sources import Source, known_source
from directory.models.structures import InternalOrganisation, Structure
from directory.querysets import AttachmentQuerySet
from spico.web.addresses import address


class Civility(models.TextChoices):
    UNKNOWN = "", "non précisée"
    MADAME = "MME", "Madame"
    MONSIEUR = "M", "Monsieur"


class Professional(models.Model):
    """One listed person. RPPS when there is one; social workers have none."""

    account = models.OneToOneField(Account, verbose_name="compte", on_delete=models.PROTECT)
    rpps = models.CharField("numéro RPPS", max_length=11, unique=True, null=True, blank=True)
    national_id = models.CharField("identifiant national (IDNPS)", max_length=30, unique=True, null=True, blank=True)
    civility = models.CharField("civilité", max_length=3, choices=Civility, default=Civility.UNKNOWN, blank=True)
    family_name = models.CharField("nom d’exercice", max_length=100)
    given_name = models.CharField("prénom d’exercice", max_length=100, blank=True)
    profession = models.ForeignKey(
        Profession, verbose_name="profession", on_delete=models.PROTECT, null=True, blank=True
    )
    title = models.CharField("métier", max_length=100, blank=True, help_text="Pour qui n’a pas de profession au RPPS.")
    specialities = ArrayField(
        models.CharField(max_length=200), verbose_name="savoir-faire", default=list, db_default=[], blank=True
    )
    closed_on = models.DateField("sorti de l’annuaire le", null=True, blank=True)
    source = models.CharField("source", max_length=8, choices=Source)
    source_date = models.DateField("date du fichier source", null=True, blank=True)

    class Meta:
        verbose_name = "professionnel"
        verbose_name_plural = "professionnels"
        indexes = [
            models.Index(fields=["source", "closed_on"], name="professional_source_idx"),
            models.Index(fields=["family_name", "given_name"], name="professional_name_idx"),
            # The few who left: those of a large structure are counted without reading each of its people.
            models.Index(fields=["id"], condition=Q(closed_on__isnull=False), name="professional_closed_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(rpps=None) | Q(rpps__regex=r"^[0-9]{11}$"),
                name="professional_rpps_has_11_digits",
                violation_error_message="Un numéro RPPS a 11 chiffres.",
            ),
            models.CheckConstraint(
                condition=~Q(family_name=""),
                name="professional_has_a_name",
                violation_error_message="Un professionnel porte un nom.",
            ),
            models.CheckConstraint(
                condition=Q(civility__in=Civility.values),
                name="professional_civility_is_known",
                violation_error_message="Cette civilité n’existe pas.",
            ),
            known_source("professional_source_is_known"),
        ]
        triggers = owner_triggers(AccountKind.PP)

    def __str__(self) -> str:
        return self.display_name

    def get_absolute_url(self) -> str:
        return address("directory:professional", self.pk)

    @property
    def display_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def is_closed(self) -> bool:
        return self.closed_on is not None

    @property
    def initials(self) -> str:
        return (self.given_name[:1] + self.family_name[:1]).upper()

    @property
    def occupation(self) -> str:
        """The profession, agreed with the person; the trade (`title`) of those who have none in the RPPS."""
        if not self.profession:
            return self.title or "Profession non renseignée"
        feminine = self.profession.feminine if self.civility == Civility.MADAME else ""
        return feminine or self.profession.label


class Attachment(models.Model):
    """A professional works in a structure or in one of its units. Shown in the directory; opens nothing."""

    professional = models.ForeignKey(
        Professional, verbose_name="professionnel", on_delete=models.PROTECT, related_name="attachments"
    )
    structure = models.ForeignKey(
        Structure,
        verbose_name="structure",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
    )
    internal_organisation = models.ForeignKey(
        InternalOrganisation,
        verbose_name="organisation interne",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
    )
    function = models.CharField("fonction", max_length=150, blank=True)
    since = models.DateField("depuis", null=True, blank=True)
    until = models.DateField("jusqu’au", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="confirmé par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    confirmed_at = models.DateTimeField("confirmé le", null=True, blank=True)
    source = models.CharField("source", max_length=8, choices=Source)
    source_date = models.DateField("date du fichier source", null=True, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "rattachement"
        verbose_name_plural = "rattachements"
        constraints = [
            models.CheckConstraint(
                condition=Q(structure__isnull=False, internal_organisation=None)
                | Q(structure=None, internal_organisation__isnull=False),
                name="attachment_to_one_place",
                violation_error_message="Un rattachement vise une structure ou une organisation interne, pas les deux.",
            ),
            models.UniqueConstraint(
                fields=["professional", "structure"],
                condition=Q(until=None, structure__isnull=False),
                name="attachment_open_once_to_a_structure",
                violation_error_message="Cette personne est déjà rattachée à cette structure.",
            ),
            models.UniqueConstraint(
                fields=["professional", "internal_organisation"],
                condition=Q(until=None, internal_organisation__isnull=False),
                name="attachment_open_once_to_a_unit",
                violation_error_message="Cette personne est déjà rattachée à cette organisation interne.",
            ),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")),
                name="attachment_ends_after_it_begins",
                violation_error_message="Un rattachement finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="attachment_confirmed_by_and_when",
                violation_error_message="Une confirmation porte un auteur et une date.",
            ),
            known_source("attachment_source_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.professional} · {self.place}"

    @property
    def place(self) -> Structure | InternalOrganisation:
        place = self.structure or self.internal_organisation
        assert place is not None  # noqa: S101, `attachment_to_one_place`
        return place

    @property
    def says_more(self) -> bool:
        """Is the function more than the profession said again?"""
        return bool(self.function) and self.function.lower() != self.professional.occupation.lower()

    @property
    def is_declared_only(self) -> bool:
        """« Déclaré, non confirmé »: no source and nobody there has said so."""
        return self.source == Source.DECLARED and self.confirmed_at is None


class PracticeLocation(models.Model):
    """Where a professional practises outside any FINESS structure (a surgery, at home), as the RPPS says it."""

    professional = models.ForeignKey(
        Professional, verbose_name="professionnel", on_delete=models.PROTECT, related_name="practice_locations"
    )
    key = models.CharField("identifiant technique", max_length=100)
    name = models.CharField("enseigne ou raison sociale", max_length=255, blank=True)
    mode = models.CharField("mode d’exercice", max_length=50, blank=True)
    address = models.CharField("adresse", max_length=255, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    city = models.CharField("ville", max_length=100, blank=True)
    commune = models.ForeignKey(Commune, verbose_name="commune", on_delete=models.PROTECT, null=True, blank=True)
    department = models.ForeignKey(
        Department, verbose_name="département", on_delete=models.PROTECT, null=True, blank=True
    )
    phone = models.CharField("téléphone", max_length=20, blank=True)
    closed_on = models.DateField("fermé le", null=True, blank=True)
    source = models.CharField("source", max_length=8, choices=Source)
    source_date = models.DateField("date du fichier source", null=True, blank=True)

    class Meta:
        verbose_name = "lieu d’exercice"
        verbose_name_plural = "lieux d’exercice"
        constraints = [
            models.UniqueConstraint(
                fields=["professional", "key"],
                name="practice_location_once_a_person",
                violation_error_message="Ce lieu d’exercice est déjà connu pour cette personne.",
            ),
            known_source("practice_location_source_is_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.address or self.city
