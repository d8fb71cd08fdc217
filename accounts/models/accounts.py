import uuid

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models.users import User
from accounts.states import PERMITS, AccountState, Permits


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
        # Asked with an account, of the access rule alone; without one, they give nothing.
        permissions = [
            ("open_dossiers", "ouvrir les dossiers"),
            ("open_agenda", "ouvrir l’agenda"),
            ("open_tasks", "ouvrir les tâches"),
            ("open_discussions", "ouvrir les discussions"),
        ]
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
