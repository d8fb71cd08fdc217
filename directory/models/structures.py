from typing import NamedTuple

import pgtrigger
from django.db import models
from django.db.models import F, Q

from accounts.models import Account, AccountKind
from accounts.triggers import account_has_an_owner, owner_triggers
from directory.models.reference import Commune, Department, EstablishmentCategory, UnitType
from directory.models.sources import Source, known_source
from directory.querysets import InternalOrganisationQuerySet
from spico.web.addresses import address


class Coordinates(NamedTuple):
    """Degrees, WGS84."""

    latitude: float
    longitude: float


class LegalEntity(models.Model):
    """An EJ (entité juridique). It has no account and is no search result; its name may be unknown."""

    number = models.CharField("numéro FINESS", max_length=9, unique=True, null=True, blank=True)
    siren = models.CharField("SIREN", max_length=9, blank=True)
    ror_id = models.CharField("identifiant ROR", max_length=100, unique=True, null=True, blank=True)
    name = models.CharField("raison sociale", max_length=255, blank=True)
    source = models.CharField("source", max_length=8, choices=Source)
    source_date = models.DateField("date de la source", null=True, blank=True)

    class Meta:
        verbose_name = "entité juridique"
        verbose_name_plural = "entités juridiques"
        constraints = [
            models.CheckConstraint(
                condition=Q(number__isnull=False) | Q(ror_id__isnull=False),
                name="legal_entity_is_identified",
                violation_error_message="Une entité juridique a un numéro FINESS ou un identifiant ROR.",
            ),
            known_source("legal_entity_source_is_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.number or self.ror_id or ""


class Structure(models.Model):
    """An establishment (EG): it is one if and only if it has a FINESS number."""

    account = models.OneToOneField(Account, verbose_name="compte", on_delete=models.PROTECT)
    finess = models.CharField("numéro FINESS", max_length=9, unique=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    legal_entity = models.ForeignKey(
        LegalEntity, verbose_name="entité juridique", on_delete=models.PROTECT, null=True, blank=True
    )
    name = models.CharField("nom", max_length=255)
    long_name = models.CharField("nom long", max_length=255, blank=True)
    category = models.ForeignKey(
        EstablishmentCategory, verbose_name="catégorie", on_delete=models.PROTECT, null=True, blank=True
    )
    address = models.CharField("adresse", max_length=255, blank=True)
    address_complement = models.CharField("complément d’adresse", max_length=255, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    city = models.CharField("ville", max_length=100, blank=True)
    commune = models.ForeignKey(Commune, verbose_name="commune", on_delete=models.PROTECT, null=True, blank=True)
    department = models.ForeignKey(
        Department, verbose_name="département", on_delete=models.PROTECT, null=True, blank=True
    )
    latitude = models.FloatField("latitude", null=True, blank=True)
    longitude = models.FloatField("longitude", null=True, blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    opened_on = models.DateField("ouvert le", null=True, blank=True)
    closed_on = models.DateField("fermé le", null=True, blank=True)
    ror_reference = models.CharField("ressource ROR", max_length=100, unique=True, null=True, blank=True)
    ror_name = models.CharField("nom d’usage dans le ROR", max_length=255, blank=True)
    ror_legal_entity_reference = models.CharField("entité juridique dans le ROR", max_length=100, blank=True)
    ror_updated_on = models.DateField("mise à jour de la fiche ROR", null=True, blank=True)
    source = models.CharField("source", max_length=8, choices=Source)
    source_date = models.DateField("date du fichier source", null=True, blank=True)
    record_updated_on = models.DateField("mise à jour de la fiche", null=True, blank=True)

    class Meta:
        verbose_name = "structure"
        verbose_name_plural = "structures"
        indexes = [models.Index(fields=["source", "closed_on"], name="structure_source_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(finess__regex=r"^[0-9A-Za-z]{9}$"),
                name="structure_has_a_finess_number",
                violation_error_message="Une structure a un numéro FINESS de 9 caractères.",
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="structure_has_a_name",
                violation_error_message="Une structure porte un nom.",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__isnull=False, longitude__isnull=False)
                & Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="structure_coordinates_are_degrees",
                violation_error_message="Les coordonnées sont en degrés, latitude et longitude ensemble.",
            ),
            known_source("structure_source_is_known"),
        ]
        triggers = owner_triggers(AccountKind.STRUCTURE)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("directory:structure", self.finess)

    @property
    def coordinates(self) -> Coordinates | None:
        if self.latitude is None or self.longitude is None:
            return None
        return Coordinates(self.latitude, self.longitude)

    @property
    def is_closed(self) -> bool:
        return self.closed_on is not None


# A unit and all that stands above it, read after the statement: with a lock on the structure, so that two moves at
# once, each right alone, cannot close a circle together.
UNIT_STAYS_IN_ITS_TREE = """
    IF NEW.parent_id IS NOT NULL OR TG_OP = 'UPDATE' THEN
        PERFORM 1 FROM directory_structure WHERE id = NEW.structure_id FOR NO KEY UPDATE;
    END IF;
    IF EXISTS (
        WITH RECURSIVE above(id, parent_id) AS (
            SELECT id, parent_id FROM directory_internalorganisation WHERE id = NEW.id
            UNION ALL
            SELECT u.id, u.parent_id FROM directory_internalorganisation u JOIN above a ON u.id = a.parent_id
        ) CYCLE id SET is_circle USING path
        SELECT FROM above WHERE is_circle
    ) THEN
        RAISE EXCEPTION 'Une organisation interne ne peut pas se contenir elle-même.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'unit_tree_has_no_circle';
    END IF;
    IF EXISTS (
        SELECT FROM directory_internalorganisation u
        WHERE (u.id = NEW.parent_id OR u.parent_id = NEW.id) AND u.structure_id <> NEW.structure_id
    ) THEN
        RAISE EXCEPTION 'Une organisation interne et celle qui la contient sont dans la même structure.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'unit_tree_is_in_one_structure';
    END IF;
    RETURN NULL;
"""


class InternalOrganisation(models.Model):
    """A pôle, service or unit inside one structure (OI); `unit` for short in kinds and addresses."""

    account = models.OneToOneField(Account, verbose_name="compte", on_delete=models.PROTECT)
    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="internal_organisations"
    )
    parent = models.ForeignKey(
        "self", verbose_name="contenue dans", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    type = models.ForeignKey(UnitType, verbose_name="type", on_delete=models.PROTECT, null=True, blank=True)
    ror_id = models.CharField("identifiant ROR", max_length=100, unique=True, null=True, blank=True)
    ror_reference = models.CharField("ressource ROR", max_length=100, unique=True, null=True, blank=True)
    name = models.CharField("nom", max_length=255)
    opened_on = models.DateField("ouverte le", null=True, blank=True)
    closed_on = models.DateField("fermée le", null=True, blank=True)
    source = models.CharField("source", max_length=8, choices=Source)
    source_date = models.DateField("date de la source", null=True, blank=True)
    record_updated_on = models.DateField("mise à jour de la fiche", null=True, blank=True)

    objects = InternalOrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "organisation interne"
        verbose_name_plural = "organisations internes"
        constraints = [
            models.CheckConstraint(
                condition=~Q(name=""),
                name="unit_has_a_name",
                violation_error_message="Une organisation interne porte un nom.",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")),
                name="unit_is_not_its_own_parent",
                violation_error_message="Une organisation interne ne peut pas se contenir elle-même.",
            ),
            known_source("unit_source_is_known"),
        ]
        triggers = [
            *owner_triggers(AccountKind.UNIT),
            pgtrigger.Trigger(
                name="unit_stays_in_its_tree",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id", "structure_id"),  # type: ignore[no-untyped-call]
                func=UNIT_STAYS_IN_ITS_TREE,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("directory:unit", self.pk)

    @property
    def is_closed(self) -> bool:
        return self.closed_on is not None


class OwnedAccount(Account):
    """Accounts whose owners live in this app; it carries the triggers that refuse one without owner."""

    class Meta:
        proxy = True
        verbose_name = "compte"
        verbose_name_plural = "comptes"
        triggers = [
            account_has_an_owner(AccountKind.PP, "directory_professional"),
            account_has_an_owner(AccountKind.STRUCTURE, "directory_structure"),
            account_has_an_owner(AccountKind.UNIT, "directory_internalorganisation"),
        ]
