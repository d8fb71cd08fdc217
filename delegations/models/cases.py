import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Account, JournalEntry


class AccessCase(models.Model):
    """« Cela me surprend »: somebody who answers for an account does not recognise an access. The service centre
    looks into it and closes it with a conclusion."""

    entry = models.ForeignKey(JournalEntry, verbose_name="accès", on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, verbose_name="compte", on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="signalé par", on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField("signalé le", default=timezone.now)
    note = models.CharField("ce qui surprend", max_length=500, blank=True, default="")
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="traité par", on_delete=models.PROTECT, null=True, related_name="+"
    )
    closed_at = models.DateTimeField("traité le", null=True)
    conclusion = models.CharField("conclusion", max_length=500, blank=True, default="")

    class Meta:
        verbose_name = "accès signalé"
        verbose_name_plural = "accès signalés"
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "opened_by"],
                name="access_case_once",
                violation_error_message="Vous avez déjà signalé cet accès.",
            ),
            models.CheckConstraint(
                condition=Q(closed_by=None, closed_at=None, conclusion="")
                | (Q(closed_by__isnull=False, closed_at__isnull=False) & ~Q(conclusion="")),
                name="access_case_closed_by_when_and_why",
                violation_error_message="Un signalement traité porte un auteur, une date et une conclusion.",
            ),
        ]
        triggers = [pgtrigger.Protect(name="access_case_stays", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.account} · {self.opened_at:%d/%m/%Y}"
