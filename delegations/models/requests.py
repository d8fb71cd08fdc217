import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.utils import timezone

from accounts.grounds import Ground
from accounts.models import Account
from delegations.querysets import DelegationRequestQuerySet
from delegations.scopes import Scope

LONGEST_MESSAGE = 1000


class RequestState(models.TextChoices):
    PENDING = "pending", "en attente"
    ACCEPTED = "accepted", "acceptée"
    REFUSED = "refused", "refusée"
    WITHDRAWN = "withdrawn", "retirée"
    EXPIRED = "expired", "expirée"


# Who asks and what stays as they were asked, and an answer is given once.
REQUEST_IS_ANSWERED_ONCE = """
    IF OLD.state <> 'pending' OR ROW(OLD.requester_id, OLD.account_id, OLD.scope, OLD.message, OLD.asked_by_id,
           OLD.asked_at)
       IS DISTINCT FROM ROW(NEW.requester_id, NEW.account_id, NEW.scope, NEW.message, NEW.asked_by_id, NEW.asked_at)
    THEN
        RAISE EXCEPTION 'Une demande traitée ne change plus.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_is_answered_once';
    END IF;
    RETURN NEW;
"""
REQUEST_COMES_FROM_A_PERSON = """
    IF NOT EXISTS (SELECT FROM accounts_account WHERE id = NEW.requester_id AND kind = 'pp' AND state <> 'closed') THEN
        RAISE EXCEPTION 'Une demande vient du compte d’une personne de l’annuaire.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_comes_from_a_person';
    END IF;
    RETURN NEW;
"""


class DelegationRequest(models.Model):
    """A PP account (`requester`) asks to act in an account. An answered one stays; asking again is a new row.

    `remaining`: what is still asked; a grant of one part leaves the other. `claimed_*`: who said « Je m’en occupe »,
    which binds nobody. `escalated_at`: since when the service centre has it in its queue.
    """

    requester = models.ForeignKey(
        Account, verbose_name="demandeur", on_delete=models.PROTECT, related_name="asked_requests"
    )
    account = models.ForeignKey(
        Account, verbose_name="compte", on_delete=models.PROTECT, related_name="received_requests"
    )
    scope = models.CharField("périmètre demandé", max_length=11, choices=Scope)
    remaining = models.CharField("périmètre encore demandé", max_length=11, choices=Scope)
    message = models.TextField("message", blank=True)
    state = models.CharField("état", max_length=9, choices=RequestState, default=RequestState.PENDING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="demandée par", on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField("demandée le", default=timezone.now)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="prise en charge par", on_delete=models.PROTECT, null=True,
        related_name="+",
    )  # fmt: skip
    claimed_at = models.DateTimeField("prise en charge le", null=True)
    decided_at = models.DateTimeField("traitée le", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="traitée par", on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_ground = models.CharField("traitée à quel titre", max_length=14, choices=Ground, blank=True, default="")
    reason = models.CharField("motif", max_length=500, blank=True, default="")
    reminded_at = models.DateTimeField("rappelée le", null=True)
    escalated_at = models.DateTimeField("transmise au centre de service le", null=True)

    objects = DelegationRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande de délégation"
        verbose_name_plural = "demandes de délégation"
        indexes = [
            models.Index(fields=["account", "state"], name="request_account_idx"),
            models.Index(fields=["requester", "-asked_at"], name="request_requester_idx"),
            models.Index(fields=["asked_at"], condition=Q(state="pending"), name="request_pending_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(requester=F("account")),
                name="request_not_to_oneself",
                violation_error_message="Votre propre compte vous est déjà ouvert : il n’y a rien à demander.",
            ),
            models.UniqueConstraint(
                fields=["requester", "account"],
                condition=Q(state="pending"),
                name="request_open_once",
                violation_error_message="Vous avez déjà une demande en attente pour ce compte.",
            ),
            models.CheckConstraint(
                condition=Q(scope__in=Scope.values) & (Q(remaining=F("scope")) | Q(scope=Scope.TOTAL)),
                name="request_scope_is_known",
                violation_error_message="Ce périmètre n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(remaining__in=Scope.values),
                name="request_remaining_is_known",
                violation_error_message="Ce périmètre n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=RequestState.values),
                name="request_state_is_known",
                violation_error_message="Cet état de demande n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at=None, decided_by=None, decided_ground="")
                | (~Q(state="pending") & Q(decided_at__isnull=False, decided_ground__in=Ground.values)),
                name="request_decided_iff_not_pending",
                violation_error_message="Une demande traitée porte la date de la réponse, et à quel titre.",
            ),
            models.CheckConstraint(
                condition=Q(decided_ground__in=["", Ground.SYSTEM], decided_by=None)
                | (Q(decided_by__isnull=False) & ~Q(decided_ground__in=["", Ground.SYSTEM])),
                name="request_decided_by_somebody",
                violation_error_message="Une réponse a un auteur, sauf si la demande a expiré.",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""),
                name="request_refused_with_a_reason",
                violation_error_message="Un refus dit pourquoi.",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by=None, claimed_at=None) | Q(claimed_by__isnull=False, claimed_at__isnull=False),
                name="request_claimed_by_and_when",
                violation_error_message="Une prise en charge porte un auteur et une date.",
            ),
            models.CheckConstraint(
                condition=models.lookups.LessThanOrEqual(Length("message"), LONGEST_MESSAGE),
                name="request_message_is_short",
                violation_error_message=f"Le message a {LONGEST_MESSAGE} caractères au plus.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="request_comes_from_a_person",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=REQUEST_COMES_FROM_A_PERSON,
            ),
            pgtrigger.Trigger(
                name="request_is_answered_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=REQUEST_IS_ANSWERED_ONCE,
            ),
            pgtrigger.Protect(name="request_stays", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.requester} · {self.account}"
