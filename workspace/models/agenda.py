import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils import timezone

from accounts.models import Account
from delegations.scopes import Space
from workspace.models.authored import SentOnce, authored_constraints, authored_triggers, sent_once
from workspace.models.dossiers import Dossier
from workspace.querysets import EventQuerySet, FeedQuerySet


class EventKind(models.TextChoices):
    VISIT = "visit", "visite"
    MEETING = "meeting", "réunion"
    APPOINTMENT = "appointment", "rendez-vous"


class Event(SentOnce):
    """Something of the agenda of `account`. `ends_at` is exclusive. Cancelled, never deleted."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("type", max_length=11, choices=EventKind)
    title = models.CharField("titre", max_length=150)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    place = models.CharField("lieu", max_length=200, blank=True, default="")
    notes = models.TextField("notes", blank=True, default="")
    dossier = models.ForeignKey(
        Dossier, verbose_name="dossier", on_delete=models.PROTECT, null=True, related_name="events"
    )
    version = models.PositiveIntegerField("version", default=1)
    changed_at = models.DateTimeField("modifié le", default=timezone.now)
    changed_by_account = models.ForeignKey(
        Account, verbose_name="modifié par", on_delete=models.PROTECT, null=True, related_name="+"
    )
    cancelled_at = models.DateTimeField("annulé le", null=True)
    cancelled_by_account = models.ForeignKey(
        Account, verbose_name="annulé par", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "événement de l’agenda"
        verbose_name_plural = "événements des agendas"
        indexes = [models.Index(fields=["account", "starts_at"], include=["ends_at"], name="event_account_idx")]
        constraints = [
            *authored_constraints("event"),
            sent_once("event", "Cet événement est déjà dans l’agenda."),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="event_ends_after_it_begins",
                violation_error_message="La fin vient après le début.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=EventKind.values) & ~Q(title=""),
                name="event_has_a_kind_and_a_title",
                violation_error_message="Donnez un type et un titre.",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by_account=None)
                | Q(cancelled_at__isnull=False, cancelled_by_account__isnull=False),
                name="event_cancelled_by_whom",
                violation_error_message="Un événement annulé dit par qui et quand.",
            ),
        ]
        triggers = authored_triggers(Space.AGENDA)

    def __str__(self) -> str:
        return self.title


class CalendarFeed(models.Model):
    """A personal, revocable address that gives one account's agenda to one person's calendar, as iCalendar.

    Only the digest of the secret is kept. It opens nothing by itself: the access rule is asked at each reading.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="personne", on_delete=models.PROTECT, related_name="+"
    )
    account = models.ForeignKey(Account, verbose_name="compte", on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField("empreinte du secret", unique=True)
    created_at = models.DateTimeField("créé le", default=timezone.now)
    read_at = models.DateTimeField("lu le", null=True)
    revoked_at = models.DateTimeField("révoqué le", null=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        verbose_name = "lien d’agenda"
        verbose_name_plural = "liens d’agenda"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "account"],
                condition=Q(revoked_at=None),
                name="feed_once_for_a_person_and_account",
                violation_error_message="Vous avez déjà un lien pour cet agenda.",
            ),
            models.CheckConstraint(
                condition=Exact(Length("digest"), 32),
                name="feed_digest_is_sha256",
                violation_error_message="L’empreinte du secret compte 32 octets.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.account}"
