import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.grounds import Ground
from accounts.models import Account
from delegations.models.delegations import Delegation

# Those who may end somebody else's delegation on an account that has no owner.
REVIEWING = [Ground.DELEGATION, Ground.REFERENT, Ground.SERVICE_CENTRE]
REVIEW_IS_FAIR = """
    IF EXISTS (
        SELECT FROM delegations_delegation d JOIN accounts_account holder ON holder.id = d.holder_id
        WHERE d.id = NEW.delegation_id
          AND (holder.id = NEW.reviewed_by_account_id OR holder.user_id = NEW.reviewed_by_id)) THEN
        RAISE EXCEPTION 'Personne ne revoit sa propre délégation.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'review_not_of_ones_own';
    END IF;
    RETURN NEW;
"""


class DelegationReview(models.Model):
    """That a delegation is kept, although whoever granted it has left the directory (`delegations.reviews`)."""

    delegation = models.OneToOneField(
        Delegation, verbose_name="délégation", on_delete=models.PROTECT, related_name="review"
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="gardée par", on_delete=models.PROTECT, related_name="+"
    )
    reviewed_by_account = models.ForeignKey(
        Account, verbose_name="compte de qui l’a gardée", on_delete=models.PROTECT, null=True, related_name="+"
    )
    ground = models.CharField("gardée à quel titre", max_length=14, choices=Ground)
    reviewed_at = models.DateTimeField("gardée le", default=timezone.now)

    class Meta:
        verbose_name = "délégation revue"
        verbose_name_plural = "délégations revues"
        constraints = [
            models.CheckConstraint(
                condition=Q(ground__in=REVIEWING),
                name="review_ground_is_known",
                violation_error_message="Une délégation est revue par qui peut y mettre fin.",
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="review_is_fair", when=pgtrigger.Before, operation=pgtrigger.Insert, func=REVIEW_IS_FAIR
            ),
            pgtrigger.Protect(name="review_stays", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.delegation} · {self.reviewed_at:%d/%m/%Y}"


class ToReview(Delegation):
    """A delegation that waits for somebody to keep it or end it, as a list of the administration."""

    class Meta:
        proxy = True
        verbose_name = "délégation à revoir"
        verbose_name_plural = "délégations à revoir"
