import uuid

from django.db import models
from django.db.models import Q

from delegations.scopes import Space
from workspace.models.authored import Authored, SentOnce, authored_constraints, authored_triggers, sent_once
from workspace.models.dossiers import Dossier
from workspace.querysets import EntryQuerySet


class EntryKind(models.TextChoices):
    OBSERVATION = "observation", "observation"
    EVENT = "event", "événement"
    DOCUMENT = "document", "document"


class Confidentiality(models.TextChoices):
    CIRCLE = "circle", "tout le cercle de soins"
    ACCOUNT = "account", "le compte de l’auteur seulement"


class Entry(SentOnce):
    """One line of life of a dossier. Its words are those of its last version; the others stay readable.

    `profession`: that of the actor on that day, as the directory says it. `number`: of the last version.
    """

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(Dossier, verbose_name="dossier", on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField("type", max_length=11, choices=EntryKind)
    profession = models.CharField("profession de l’auteur", max_length=150, blank=True, default="")
    confidentiality = models.CharField("lisible par", max_length=7, choices=Confidentiality)
    happened_at = models.DateTimeField("date du fait")
    number = models.PositiveIntegerField("version", default=1)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "entrée du dossier"
        verbose_name_plural = "entrées des dossiers"
        indexes = [models.Index(fields=["dossier", "-happened_at", "-id"], name="entry_timeline_idx")]
        constraints = [
            *authored_constraints("entry"),
            sent_once("entry", "Cette entrée est déjà écrite."),
            models.CheckConstraint(
                condition=Q(kind__in=EntryKind.values, confidentiality__in=Confidentiality.values),
                name="entry_kind_is_known",
                violation_error_message="Choisissez le type et les lecteurs dans les listes.",
            ),
        ]
        triggers = authored_triggers(Space.DOSSIERS, may_change=("confidentiality", "happened_at", "number"))

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.happened_at}"


class EntryVersion(Authored):
    """The words of an entry at one of its versions: a correction adds one, and none changes."""

    entry = models.ForeignKey(Entry, verbose_name="entrée", on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("version")
    title = models.CharField("titre", max_length=150)
    text = models.TextField("texte", blank=True, default="")
    happened_at = models.DateTimeField("date du fait")
    confidentiality = models.CharField("lisible par", max_length=7, choices=Confidentiality)

    class Meta:
        verbose_name = "version d’une entrée"
        verbose_name_plural = "versions des entrées"
        constraints = [
            *authored_constraints("entryversion"),
            models.UniqueConstraint(
                fields=["entry", "number"],
                name="entry_version_once",
                violation_error_message="Quelqu’un vient de corriger cette entrée.",
            ),
            models.CheckConstraint(
                condition=~Q(title=""),
                name="entry_version_has_a_title",
                violation_error_message="Donnez un titre.",
            ),
        ]
        triggers = authored_triggers(Space.DOSSIERS, may_change=())

    def __str__(self) -> str:
        return f"{self.title} · {self.number}"


class ContentType(models.TextChoices):
    PDF = "application/pdf", "PDF"
    PNG = "image/png", "image PNG"
    JPEG = "image/jpeg", "image JPEG"


class Document(Authored):
    """A file of an entry. `key` is its name in the store, never shown; `name` is what the person called it, cleaned."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.OneToOneField(Entry, verbose_name="entrée", on_delete=models.PROTECT, related_name="document")
    key = models.UUIDField("clé de rangement", default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("nom du fichier", max_length=150)
    content_type = models.CharField("format", max_length=20, choices=ContentType)
    size = models.PositiveIntegerField("octets")
    sha256 = models.CharField("empreinte", max_length=64)

    class Meta:
        verbose_name = "document"
        verbose_name_plural = "documents"
        constraints = [
            *authored_constraints("document"),
            models.CheckConstraint(
                condition=Q(content_type__in=ContentType.values, size__gt=0, size__lte=20 * 1024 * 1024),
                name="document_is_of_a_kind_and_size",
                violation_error_message="Un document est un PDF, un PNG ou un JPEG de 20 Mo au plus.",
            ),
        ]
        triggers = authored_triggers(Space.DOSSIERS, may_change=())

    def __str__(self) -> str:
        return self.name
