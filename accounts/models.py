import uuid
from datetime import datetime
from typing import ClassVar

import pgtrigger
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils import timezone
from knox.models import AbstractAuthToken

from accounts.states import PERMITS, AccountState, Permits


class Theme(models.TextChoices):
    AUTO = "", "comme mon appareil"
    LIGHT = "light", "clair"
    DARK = "dark", "sombre"


class SpicoUserManager(UserManager["User"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Fold the whole address: nobody has two mailboxes that differ by a capital."""
        return (email or "").strip().lower()


class User(AbstractUser):  # type: ignore[django-manager-missing]  # knox types nothing
    """Who signs in. What they are in the directory is the professional that their account belongs to, if any."""

    theme = models.CharField("apparence", max_length=5, choices=Theme, default=Theme.AUTO, blank=True)

    objects: ClassVar[SpicoUserManager] = SpicoUserManager()

    class Meta:
        verbose_name = "identifiant de connexion"
        verbose_name_plural = "identifiants de connexion"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(email=""),
                name="user_email_is_unique",
                violation_error_message="Cette adresse électronique sert déjà à un autre identifiant.",
            ),
            models.CheckConstraint(
                condition=Q(theme__in=Theme.values),
                name="user_theme_is_known",
                violation_error_message="Cette apparence n’existe pas.",
            ),
        ]

    def save(self, *args: object, **kwargs: object) -> None:
        self.email = SpicoUserManager.normalize_email(self.email)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        words = self.display_name.split()
        return "".join(word[0] for word in (words[0], words[-1]) if word).upper() if len(words) > 1 else words[0][:2]


class AccountKind(models.TextChoices):
    PP = "pp", "compte PP (professionnel)"
    STRUCTURE = "structure", "compte PM (structure)"
    UNIT = "unit", "compte PM (unité)"
    TEAM = "team", "compte PM (équipe ressource)"


class Account(models.Model):
    """What a delegation is about. Its owner (a professional, a structure, a unit, a team) points to it, one to one."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    kind = models.CharField("type", max_length=9, choices=AccountKind)
    state = models.CharField("état", max_length=6, choices=AccountState, default=AccountState.LISTED)
    name = models.CharField("nom", max_length=255)
    user = models.OneToOneField(
        User, verbose_name="identifiant de connexion", on_delete=models.PROTECT, null=True, blank=True
    )
    created_at = models.DateTimeField("créé le", default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        verbose_name = "compte"
        verbose_name_plural = "comptes"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=AccountKind.values),
                name="account_kind_is_known",
                violation_error_message="Ce type de compte n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=AccountState.values),
                name="account_state_is_known",
                violation_error_message="Cet état de compte n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(user=None) | Q(kind=AccountKind.PP),
                name="account_user_only_for_a_person",
                violation_error_message="Seul le compte d’un professionnel reçoit un identifiant de connexion.",
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="account_has_a_name",
                violation_error_message="Un compte porte un nom.",
            ),
        ]
        triggers = [pgtrigger.ReadOnly(name="account_kind_stays", fields=["kind"])]

    def __str__(self) -> str:
        return self.name

    @property
    def permits(self) -> Permits:
        return PERMITS[AccountState(self.state)]


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
