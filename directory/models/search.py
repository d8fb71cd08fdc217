from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Account


class SearchEntry(models.Model):
    """One stable row per thing that can be found, whatever its kind. Written by `directory.search` alone.

    `numbers`: FINESS, SIRET, RPPS, without spaces. `aliases`: old names, for ever, as a list of
    `{"name": …, "until": "2026-11-23"}`. `keywords`: other words that find it (long name, category, acronyms).
    `departments`, `communes`, `facets`: codes that filters ask for (a person may work in two towns).
    Two generated columns are not Django's: `shelf`, one letter for the kind, a capital when closed, and `lex`, the
    text-search vector.
    """

    kind = models.CharField("type", max_length=16)
    key = models.CharField("clé", max_length=64)
    label = models.CharField("nom", max_length=255)
    detail = models.CharField("précision", max_length=255, blank=True)
    keywords = models.TextField("autres mots", blank=True)
    aliases = models.JSONField("anciens noms", default=list, db_default=[], blank=True)
    numbers = ArrayField(models.CharField(max_length=20), verbose_name="numéros", default=list, db_default=[])
    department = models.CharField("département", max_length=3, blank=True)
    departments = ArrayField(models.CharField(max_length=3), verbose_name="départements", default=list, db_default=[])
    communes = ArrayField(models.CharField(max_length=5), verbose_name="communes", default=list, db_default=[])
    facets = ArrayField(
        models.CharField(max_length=10), verbose_name="catégorie ou profession", default=list, db_default=[]
    )
    account = models.ForeignKey(
        Account, verbose_name="compte", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    popularity = models.FloatField("notoriété", default=0, db_default=0)
    is_closed = models.BooleanField("fermé", default=False, db_default=False)

    class Meta:
        verbose_name = "entrée de l’annuaire"
        verbose_name_plural = "entrées de l’annuaire"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                name="search_entry_once",
                violation_error_message="Cette fiche est déjà dans l’annuaire.",
            ),
        ]

    def __str__(self) -> str:
        return self.label
