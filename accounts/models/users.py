from typing import Any, ClassVar

from asgiref.sync import sync_to_async
from django.contrib import auth
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


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

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """About an object only the backends answer: to be a superuser opens no account."""
        if obj is None:
            return super().has_perm(perm)
        return any(backend.has_perm(self, perm, obj) for backend in auth.get_backends() if hasattr(backend, "has_perm"))

    async def ahas_perm(self, perm: str, obj: Any = None) -> bool:
        if obj is None:
            return await super().ahas_perm(perm)
        return await sync_to_async(self.has_perm)(perm, obj)

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        words = self.display_name.split()
        return "".join(word[0] for word in (words[0], words[-1]) if word).upper() if len(words) > 1 else words[0][:2]
