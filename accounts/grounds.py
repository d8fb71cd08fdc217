"""On what ground somebody acts: told with every act, in the journal and on what it wrote."""

from django.db import models


class Ground(models.TextChoices):
    """`OWN`: their own PP account, or themselves. `SYSTEM`: nobody did it, the clock or an import did."""

    OWN = "own", "en son nom"
    DELEGATION = "delegation", "par délégation"
    REFERENT = "referent", "comme référent"
    SERVICE_CENTRE = "service_centre", "centre de service"
    SYSTEM = "system", "SPICO"
