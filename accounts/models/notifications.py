import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q

LONGEST_TEXT = 500
LONGEST_PATH = 200
# A page of the portal. `//host`, `/\host` and spaces, which browsers drop or turn, would lead out of it.
PORTAL_PATH = r"^/([^/\\\s][^\\\s]*)?$"


class MailState(models.TextChoices):
    WAITING = "waiting", "en attente"
    SENT = "sent", "envoyé"
    ABANDONED = "abandoned", "abandonné"


def message_id() -> str:
    return f"{uuid.uuid4().hex}@{urlsplit(settings.PORTAL_URL).hostname or 'spico'}"


class OutgoingMail(models.Model):
    """A mail about one notification or several, written with the act and sent later, at least once.

    Its address, subject and text are made when it leaves; its Message-ID is the same at every attempt. `last_error`: a
    type and a code, never a text that may quote an address.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="destinataire", on_delete=models.PROTECT, related_name="outgoing_mails"
    )
    kind = models.CharField("sorte", max_length=40)
    message_id = models.CharField("numéro du message (Message-ID)", max_length=300, default=message_id)
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
            models.Index(fields=["next_attempt_at", "id"], condition=Q(state="waiting"), name="mail_waiting_idx"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["message_id"],
                name="mail_message_id_is_its_own",
                violation_error_message="Ce Message-ID est déjà celui d’un autre courriel.",
            ),
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
            models.CheckConstraint(
                condition=~Q(state="abandoned", last_error=""),
                name="mail_abandoned_says_why",
                violation_error_message="Un courriel abandonné dit pourquoi.",
            ),
        ]

    def __str__(self) -> str:
        return self.message_id


class Notification(models.Model):
    """What somebody is told in the portal. `path`: where it leads, in the portal alone. Never health data."""

    recipient = models.ForeignKey(  # found by the indexes below
        settings.AUTH_USER_MODEL,
        verbose_name="destinataire",
        on_delete=models.PROTECT,
        related_name="notifications",
        db_index=False,
    )
    kind = models.CharField("sorte", max_length=40)
    text = models.CharField("texte", max_length=LONGEST_TEXT)
    path = models.CharField("adresse dans le portail", max_length=LONGEST_PATH, blank=True, default="")
    mail = models.ForeignKey(
        OutgoingMail, verbose_name="courriel", on_delete=models.PROTECT, null=True, related_name="notifications"
    )
    created_at = models.DateTimeField("créée le")
    read_at = models.DateTimeField("lue le", null=True)

    class Meta:
        verbose_name = "notification"
        verbose_name_plural = "notifications"
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"], name="notification_newest_idx"),
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="notification_unread_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="notification_says_something",
                violation_error_message="Une notification dit quelque chose.",
            ),
            models.CheckConstraint(
                condition=Q(path="") | Q(path__regex=PORTAL_PATH),
                name="notification_leads_into_the_portal",
                violation_error_message="Une notification mène à une page du portail.",
            ),
        ]

    def __str__(self) -> str:
        return self.text
