import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Account
from delegations.models.delegations import Origin
from delegations.scopes import Scope


class ProposalState(models.TextChoices):
    PROPOSED = "proposed", "à confirmer"
    CONFIRMED = "confirmed", "confirmée"
    REJECTED = "rejected", "écartée"


PROPOSAL_IS_FAIR = """
    IF EXISTS (SELECT FROM accounts_account WHERE id = NEW.holder_id
               AND user_id IN (NEW.proposed_by_id, NEW.decided_by_id) AND NEW.state <> 'rejected') THEN
        RAISE EXCEPTION 'Personne ne se donne une délégation.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_not_to_oneself';
    END IF;
    IF NEW.state <> 'rejected' AND EXISTS (
        SELECT FROM delegations_referent r
        WHERE r.account_id = NEW.word_of_id AND r.period @> coalesce(NEW.decided_at, NEW.proposed_at)
            AND r.appointed_by_id = (SELECT user_id FROM accounts_account WHERE id = NEW.holder_id)
            AND r.structure_id IN (
                SELECT id FROM directory_structure WHERE account_id = NEW.account_id
                UNION ALL SELECT structure_id FROM directory_internalorganisation WHERE account_id = NEW.account_id
            )) THEN
        RAISE EXCEPTION 'Personne ne reçoit une délégation sur la parole d’un référent qu’il a nommé.'
            USING ERRCODE = 'check_violation',
                CONSTRAINT = 'proposal_not_on_the_word_of_a_referent_one_appointed';
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.state <> 'proposed' OR ROW(OLD.holder_id, OLD.account_id, OLD.scope, OLD.until,
           OLD.word_of_id, OLD.proposed_by_id)
       IS DISTINCT FROM ROW(NEW.holder_id, NEW.account_id, NEW.scope, NEW.until, NEW.word_of_id, NEW.proposed_by_id))
    THEN
        RAISE EXCEPTION 'Une proposition se confirme ou s’écarte : elle ne change pas.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_is_decided_once';
    END IF;
    RETURN NEW;
"""


class GrantProposal(models.Model):
    """A total grant by the service centre, until a second operator confirms it. `word_of`: the referent who asked."""

    holder = models.ForeignKey(Account, verbose_name="délégataire", on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, verbose_name="compte", on_delete=models.PROTECT, related_name="+")
    scope = models.CharField("périmètre", max_length=11, choices=Scope)
    until = models.DateTimeField("jusqu’au", null=True, blank=True)
    origin = models.CharField("origine", max_length=14, choices=Origin)
    word_of = models.ForeignKey(Account, verbose_name="sur la parole de", on_delete=models.PROTECT, related_name="+")
    state = models.CharField("état", max_length=9, choices=ProposalState, default=ProposalState.PROPOSED)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="proposée par", on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField("proposée le", default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="traitée par", on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField("traitée le", null=True)

    class Meta:
        verbose_name = "délégation à confirmer"
        verbose_name_plural = "délégations à confirmer"
        ordering = ["-proposed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")) | Q(state="rejected"),
                name="proposal_confirmed_by_another",
                violation_error_message="Une délégation totale est confirmée par une autre personne du centre.",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by=None, decided_at=None)
                | Q(state__in=["confirmed", "rejected"], decided_by__isnull=False, decided_at__isnull=False),
                name="proposal_decided_iff_not_proposed",
                violation_error_message="Une proposition traitée porte un auteur et une date.",
            ),
            models.CheckConstraint(
                condition=Q(scope__in=Scope.values),
                name="proposal_scope_is_known",
                violation_error_message="Ce périmètre n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(origin__in=Origin.values),
                name="proposal_origin_is_known",
                violation_error_message="Cette origine n’existe pas.",
            ),
            models.UniqueConstraint(
                fields=["holder", "account"],
                condition=Q(state="proposed"),
                name="proposal_open_once",
                violation_error_message="Une délégation attend déjà d’être confirmée pour ce couple de comptes.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="proposal_is_fair",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=PROPOSAL_IS_FAIR,
            ),
            pgtrigger.Protect(name="proposal_stays", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.holder} · {self.account}"
