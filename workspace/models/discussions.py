import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from accounts.models import Account
from delegations.scopes import Space
from workspace.models.authored import Authored, authored_constraints, authored_triggers, bringing_in
from workspace.models.dossiers import Departure, Dossier
from workspace.querysets import ConversationQuerySet, MessageQuerySet, ParticipantQuerySet

LONGEST_TEXT = 10_000


class ConversationOrigin(models.TextChoices):
    PLAIN = "plain", "conversation"
    GROUP = "group", "groupe de favoris"
    SOLICITATION = "solicitation", "sollicitation"


class Conversation(Authored):
    """Between accounts. `last_message_id` orders the list and tells what is new; its row is locked by whoever writes,
    so the numbers of its messages grow in the order in which they are committed. A generated column is not Django's:
    `words`, the text-search vector of the title."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    origin = models.CharField("origine", max_length=12, choices=ConversationOrigin, default=ConversationOrigin.PLAIN)
    title = models.CharField("titre", max_length=150)
    dossier = models.ForeignKey(
        Dossier, verbose_name="dossier", on_delete=models.PROTECT, null=True, related_name="conversations"
    )
    last_message_id = models.BigIntegerField("dernier message", default=0)
    last_message_at = models.DateTimeField("dernier message le", null=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = "conversation"
        verbose_name_plural = "conversations"
        # A list is read from its top; the other way is to sort everything that a large account takes part in.
        indexes = [models.Index(fields=["-last_message_id"], name="conversation_newest_idx")]
        constraints = [
            *authored_constraints("conversation"),
            models.CheckConstraint(
                condition=Q(origin__in=ConversationOrigin.values) & ~Q(title=""),
                name="conversation_has_an_origin_and_a_title",
                violation_error_message="Donnez un titre à la conversation.",
            ),
        ]
        triggers = [
            *authored_triggers(Space.DISCUSSIONS),
            pgtrigger.Trigger(
                name="title_of_a_solicitation_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF NEW.origin <> OLD.origin OR (OLD.origin = 'solicitation' AND NEW.title <> OLD.title) THEN
                        RAISE EXCEPTION 'Le titre d’une sollicitation vient de son formulaire.'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'title_of_a_solicitation_stays';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Participant(Authored):
    """That an account (`member`) takes part, from the one moment to the other, added for `account`.

    `sees_after`: the number of the last message that it does not see; 0 when it sees all that came before. `muted_at`,
    `archived_at`: the account's own.
    """

    conversation = models.ForeignKey(
        Conversation, verbose_name="conversation", on_delete=models.PROTECT, related_name="participants"
    )
    member = models.ForeignKey(
        Account, verbose_name="participant", on_delete=models.PROTECT, related_name="conversations"
    )
    period = DateTimeRangeField("période")
    sees_after = models.BigIntegerField("voit ce qui suit le message", default=0)
    muted_at = models.DateTimeField("en silence depuis", null=True)
    archived_at = models.DateTimeField("archivée le", null=True)
    ended_kind = models.CharField("sortie", max_length=7, choices=Departure, blank=True, default="")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="sorti par", on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_by_account = models.ForeignKey(
        Account, verbose_name="compte de qui l’a sorti", on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_for = models.ForeignKey(
        Account, verbose_name="sorti au nom de", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = "participant"
        verbose_name_plural = "participants"
        indexes = [models.Index(fields=["member", "conversation"], include=["period"], name="participant_member_idx")]
        constraints = [
            *authored_constraints("participant"),
            ExclusionConstraint(
                name="participant_once_at_a_time",
                expressions=[
                    ("conversation", RangeOperators.EQUAL),
                    ("member", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(period__isempty=False),
                violation_error_message="Ce compte participe déjà à la conversation.",
            ),
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False, period__startswith=F("created_at")),
                name="participant_since_it_was_added",
                violation_error_message="Un compte participe depuis qu’il a été ajouté.",
            ),
            models.CheckConstraint(
                condition=Q(ended_kind="", ended_by=None, ended_by_account=None, ended_for=None, period__upper_inf=True)
                | Q(
                    ended_kind__in=Departure.values,
                    ended_by__isnull=False,
                    ended_by_account__isnull=False,
                    ended_for__isnull=False,
                    period__upper_inf=False,
                ),
                name="participant_left_and_how",
                violation_error_message="Une sortie de la conversation dit par qui et comment.",
            ),
        ]
        triggers = [
            *authored_triggers(
                Space.DISCUSSIONS,
                may_change=(
                    "period",
                    "muted_at",
                    "archived_at",
                    "ended_kind",
                    "ended_by",
                    "ended_by_account",
                    "ended_for",
                ),
            ),
            bringing_in(),
            pgtrigger.Trigger(
                name="participant_only_leaves",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF NEW.period IS DISTINCT FROM OLD.period AND (OLD.ended_kind <> ''
                       OR NOT OLD.period @> NEW.period OR lower(OLD.period) <> lower(NEW.period)) THEN
                        RAISE EXCEPTION 'Une sortie de la conversation ne change plus.'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'participant_only_leaves';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation} · {self.member}"


class Message(Authored):
    """What an account says, and who wrote it. Never changed. `client_key`: made by the page, so that a double click or
    a retry writes it once. A generated column is not Django's: `words`, the text-search vector."""

    conversation = models.ForeignKey(
        Conversation, verbose_name="conversation", on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    text = models.TextField("message")
    client_key = models.UUIDField("clé de l’envoi", default=uuid.uuid4)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "message"
        verbose_name_plural = "messages"
        indexes = [models.Index(fields=["conversation", "id"], name="message_conversation_idx")]
        constraints = [
            *authored_constraints("message"),
            models.UniqueConstraint(
                fields=["actor", "client_key"],
                name="message_sent_once",
                violation_error_message="Ce message est déjà envoyé.",
            ),
            models.CheckConstraint(
                condition=Q(text__regex=r"\S"),
                name="message_says_something",
                violation_error_message="Écrivez un message.",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("text"), LONGEST_TEXT),
                name="message_is_short_enough",
                violation_error_message="Raccourcissez le message : 10 000 caractères au plus.",
            ),
        ]
        triggers = [
            *authored_triggers(Space.DISCUSSIONS),
            # Column by column: a whole row cannot be compared in a table that has a generated column.
            pgtrigger.ReadOnly(name="message_stays", fields=["id", "conversation", "text", "client_key"]),
            pgtrigger.Trigger(
                name="message_of_a_participant",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (SELECT FROM workspace_participant p
                                   WHERE p.conversation_id = NEW.conversation_id AND p.member_id = NEW.account_id
                                       AND p.period @> NEW.created_at) THEN
                        RAISE EXCEPTION 'Seul un compte qui participe écrit dans la conversation.'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'message_of_a_participant';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation} · {self.pk}"


class ReadMark(models.Model):
    """The last message that somebody has read in a conversation, in one account."""

    conversation = models.ForeignKey(
        Conversation, verbose_name="conversation", on_delete=models.CASCADE, related_name="marks"
    )
    account = models.ForeignKey(Account, verbose_name="compte", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="lecteur", on_delete=models.CASCADE, related_name="+"
    )
    message_id = models.BigIntegerField("lu jusqu’au message", default=0)
    read_at = models.DateTimeField("lu le")

    class Meta:
        verbose_name = "message lu"
        verbose_name_plural = "messages lus"
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "account", "user"],
                name="read_mark_once",
                violation_error_message="Cette conversation est déjà marquée lue.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.conversation} · {self.message_id}"
