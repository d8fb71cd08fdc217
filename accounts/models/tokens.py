from datetime import datetime

from django.db import models
from django.db.models import Q
from knox.models import AbstractAuthToken


class ApiToken(AbstractAuthToken):
    """A key to the API in its owner's name: only its digest is kept, it ends, it reads unless writing was asked."""

    name: "models.CharField[str, str]" = models.CharField("nom", max_length=80)
    may_write: "models.BooleanField[bool, bool]" = models.BooleanField("peut aussi écrire", default=False)

    class Meta:
        verbose_name = "jeton d’API"
        verbose_name_plural = "jetons d’API"
        ordering = ["-created"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expiry__isnull=False),
                name="api_token_ends",
                violation_error_message="Un jeton a toujours une fin.",
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="api_token_has_a_name",
                violation_error_message="Donnez un nom à ce jeton, pour le reconnaître.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    def is_expired(self, at: datetime) -> bool:
        return self.expiry is None or self.expiry <= at
