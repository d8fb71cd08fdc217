"""What the import of the ROR remembers between two runs. Nothing of it is shown."""

from django.db import models

from directory.models.people import Professional


class RorRecord(models.Model):
    """The version of a resource that we hold: an older one changes nothing.

    Of a Practitioner it also says who that is; each region may hold its own of the same person.
    """

    ror_reference = models.CharField("ressource ROR", max_length=100, unique=True)
    updated_at = models.DateTimeField("version du", null=True, blank=True)
    professional = models.ForeignKey(
        Professional, verbose_name="professionnel", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "version d’une ressource ROR"
        verbose_name_plural = "versions des ressources ROR"

    def __str__(self) -> str:
        return self.ror_reference


class RorRole(models.Model):
    """A PractitionerRole, kept until the person and the place that it names are both known, and after."""

    ror_reference = models.CharField("ressource ROR", max_length=100, unique=True)
    practitioner_reference = models.CharField("professionnel (ressource ROR)", max_length=100)
    place_reference = models.CharField("offre ou organisation (ressource ROR)", max_length=100)
    function = models.CharField("fonction", max_length=150, blank=True)
    since = models.DateField("depuis", null=True, blank=True)
    is_active = models.BooleanField("en vigueur", default=True)

    class Meta:
        verbose_name = "situation opérationnelle (ROR)"
        verbose_name_plural = "situations opérationnelles (ROR)"
        indexes = [models.Index(fields=["place_reference"], name="ror_role_place_idx")]

    def __str__(self) -> str:
        return f"{self.practitioner_reference} · {self.place_reference}"
