import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

LONGEST_TEXT = 500


class Notification(models.Model):
    """What somebody is told in the portal. `path`: where it leads, in the portal alone. Never health data."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="destinataire", on_delete=models.PROTECT, related_name="notifications"
    )
    kind = models.CharField("sorte", max_length=40)
    text = models.CharField("texte", max_length=LONGEST_TEXT)
    path = models.CharField("adresse dans le portail", max_length=200, blank=True, default="")
    created_at = models.DateTimeField("créée le")
    read_at = models.DateTimeField("lue le", null=True)

    class Meta:
        verbose_name = "notification"
        verbose_name_plural = "notifications"
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notification_recipient_idx"),
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="notification_unread_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="notification_says_something",
                violation_error_message="Une notification dit quelque chose.",
            ),
            models.CheckConstraint(
                condition=Q(path="") | (Q(path__startswith="/") & ~Q(path__startswith="//")),
                name="notification_leads_into_the_portal",
                violation_error_message="Une notification mène à une page du portail.",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class MailState(models.TextChoices):
    WAITING = "waiting", "en attente"
    SENT = "sent", "envoyé"
    ABANDONED = "abandoned", "abandonné"


def message_id() -> str:
    return f"{uuid.uuid4().hex}@spico"


class OutgoingMail(models.Model):
    """The mail of one notification, written with the act and sent later, at least once, under one Message-ID.

    The address is read when it leaves. `last_error`: a type, never a text that may quote an address.
    """

    notification = models.OneToOneField(
        Notification, verbose_name="notification", on_delete=models.PROTECT, related_name="mail"
    )
    message_id = models.CharField("Message-ID", max_length=80, unique=True, default=message_id)
    state = models.CharField("état", max_length=9, choices=MailState, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    created_at = models.DateTimeField("écrit le")
    next_attempt_at = models.DateTimeField("prochain essai le", null=True)
    sent_at = models.DateTimeField("envoyé le", null=True)
    last_error = models.CharField("dernière erreur", max_length=80, blank=True, default="")

    class Meta:
        verbose_name = "courriel à envoyer"
        verbose_name_plural = "courriels à envoyer"
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="waiting"), name="mail_waiting_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=MailState.values),
                name="mail_state_is_known",
                violation_error_message="Cet état de courriel n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at=None)),
                name="mail_sent_iff_dated",
                violation_error_message="Un courriel envoyé porte sa date.",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", next_attempt_at__isnull=False)
                | (~Q(state="waiting") & Q(next_attempt_at=None)),
                name="mail_waits_for_a_moment",
                violation_error_message="Un courriel en attente porte la date du prochain essai.",
            ),
        ]

    def __str__(self) -> str:
        return self.message_id
