"""Reference lists. Rows come from `directory/data` by `manage.py load_reference`; imports add codes they meet."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Department(models.Model):
    code = models.CharField("code", max_length=3, primary_key=True)
    name = models.CharField("nom", max_length=80)
    region = models.CharField("code de la région", max_length=3)

    class Meta:
        verbose_name = "département"
        verbose_name_plural = "départements"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Commune(models.Model):
    """A commune by its INSEE code. Those of Occitanie are loaded, those of other regions named by the files read."""

    insee_code = models.CharField("code INSEE", max_length=5, primary_key=True)
    name = models.CharField("nom", max_length=100)
    department = models.ForeignKey(Department, verbose_name="département", on_delete=models.PROTECT)
    postal_codes = ArrayField(models.CharField(max_length=5), verbose_name="codes postaux", default=list, blank=True)
    population = models.PositiveIntegerField("population", null=True, blank=True)

    class Meta:
        verbose_name = "commune"
        verbose_name_plural = "communes"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class EstablishmentCategory(models.Model):
    """FINESS nomenclature of establishment categories (cs1500106)."""

    code = models.CharField("code", max_length=4, primary_key=True)
    label = models.CharField("libellé", max_length=255)
    short_label = models.CharField("libellé court", max_length=100, blank=True)
    domain = models.CharField("domaine", max_length=3, blank=True)
    group_code = models.CharField("code du groupe", max_length=4, blank=True)
    group_label = models.CharField("groupe", max_length=255, blank=True)
    ended_on = models.DateField("fin de validité", null=True, blank=True)

    class Meta:
        verbose_name = "catégorie d’établissement"
        verbose_name_plural = "catégories d’établissement"
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label


class Profession(models.Model):
    """TRE_G15-ProfessionSante."""

    code = models.CharField("code", max_length=3, primary_key=True)
    label = models.CharField("libellé", max_length=100)
    feminine = models.CharField("libellé au féminin", max_length=100, blank=True, db_default="")
    is_active = models.BooleanField("en vigueur", default=True)

    class Meta:
        verbose_name = "profession"
        verbose_name_plural = "professions"
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label


class UnitType(models.Model):
    """JDV_J203-TypeOrganisationInterne-ROR, without the two codes that are not internal organisations (EJ, EG)."""

    code = models.CharField("code", max_length=10, primary_key=True)
    label = models.CharField("libellé", max_length=100)

    class Meta:
        verbose_name = "type d’organisation interne"
        verbose_name_plural = "types d’organisation interne"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.label
