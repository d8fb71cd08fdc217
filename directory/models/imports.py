from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from directory.models.sources import Source, known_source


class ImportState(models.TextChoices):
    RUNNING = "running", "en cours"
    DONE = "done", "terminé"
    HELD = "held", "retenu, à confirmer"
    REFUSED = "refused", "refusé"
    FAILED = "failed", "interrompu"


class ImportRun(models.Model):
    """One reading of a file. Written outside the import's own transaction, so that a killed one leaves its trace."""

    source = models.CharField("source", max_length=8, choices=Source)
    file_name = models.CharField("fichier", max_length=255)
    file_date = models.DateField("date du fichier", null=True, blank=True)
    is_extract = models.BooleanField("extrait", default=False)
    is_dry_run = models.BooleanField("essai à blanc", default=False)
    state = models.CharField("état", max_length=7, choices=ImportState, default=ImportState.RUNNING)
    started_at = models.DateTimeField("commencé le", default=timezone.now)
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="lancé par", on_delete=models.PROTECT, null=True, blank=True
    )
    read = models.PositiveIntegerField("lignes lues", default=0)
    created = models.PositiveIntegerField("créées", default=0)
    changed = models.PositiveIntegerField("modifiées", default=0)
    unchanged = models.PositiveIntegerField("inchangées", default=0)
    closed = models.PositiveIntegerField("fermées", default=0)
    reopened = models.PositiveIntegerField("rouvertes", default=0)
    set_aside = models.PositiveIntegerField("mises de côté", default=0)
    written = models.PositiveIntegerField("lignes écrites en base", default=0)
    message = models.TextField("compte rendu", blank=True)

    class Meta:
        verbose_name = "import"
        verbose_name_plural = "imports"
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ImportState.values),
                name="import_run_state_is_known",
                violation_error_message="Cet état d’import n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state=ImportState.RUNNING, finished_at=None)
                | (~Q(state=ImportState.RUNNING) & Q(finished_at__isnull=False)),
                name="import_run_finished_iff_not_running",
                violation_error_message="Un import terminé porte la date de sa fin.",
            ),
            known_source("import_run_source_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} · {self.file_name}"


class ImportIssue(models.Model):
    """A line that was set aside, or a remark on a line that went in (`is_warning`)."""

    run = models.ForeignKey(ImportRun, verbose_name="import", on_delete=models.CASCADE, related_name="issues")
    file = models.CharField("fichier", max_length=255)
    line = models.PositiveIntegerField("ligne", null=True, blank=True)
    reason = models.CharField("motif", max_length=500)
    raw = models.TextField("ligne d’origine", blank=True)
    is_warning = models.BooleanField("simple remarque", default=False)

    class Meta:
        verbose_name = "ligne mise de côté"
        verbose_name_plural = "lignes mises de côté"
        ordering = ["line", "pk"]

    def __str__(self) -> str:
        return f"{self.file}, ligne {self.line} : {self.reason}" if self.line else f"{self.file} : {self.reason}"
