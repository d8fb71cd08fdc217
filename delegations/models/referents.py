import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from accounts.models import Account
from delegations.querysets import ReferentQuerySet
from directory.models import Structure

REFERENT_IS_FAIR = """
    IF NOT EXISTS (SELECT FROM accounts_account WHERE id = NEW.account_id AND kind = 'pp' AND state <> 'closed') THEN
        RAISE EXCEPTION 'Un référent est une personne de l’annuaire.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'referent_is_a_person';
    END IF;
    IF EXISTS (SELECT FROM accounts_account WHERE id = NEW.account_id AND user_id = NEW.appointed_by_id) THEN
        RAISE EXCEPTION 'Personne ne se nomme référent.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'referent_not_appointed_by_oneself';
    END IF;
    RETURN NEW;
"""
REFERENT_ONLY_ENDS = """
    IF OLD.ended_reason <> '' OR ROW(OLD.account_id, OLD.structure_id, OLD.appointed_by_id, lower(OLD.period))
       IS DISTINCT FROM ROW(NEW.account_id, NEW.structure_id, NEW.appointed_by_id, lower(NEW.period))
       OR NOT OLD.period @> NEW.period THEN
        RAISE EXCEPTION 'Une nomination ne change pas : elle finit.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'referent_only_ends';
    END IF;
    RETURN NEW;
"""


class Referent(models.Model):
    """A person (`account`) whom the service centre appointed for one structure. The role opens no space.

    It holds for the structure's account and for those of its units at any depth, read at the moment of the question.
    """

    account = models.ForeignKey(
        Account, verbose_name="compte du référent", on_delete=models.PROTECT, related_name="referent_terms"
    )
    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="referents"
    )
    period = DateTimeRangeField("période")
    appointed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="nommé par", on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="terminé par", on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_reason = models.CharField("motif de fin", max_length=500, blank=True, default="")

    objects = ReferentQuerySet.as_manager()

    class Meta:
        verbose_name = "référent"
        verbose_name_plural = "référents"
        indexes = [models.Index(fields=["account"], include=["structure", "period"], name="referent_account_idx")]
        constraints = [
            ExclusionConstraint(
                name="referent_once_at_a_time",
                expressions=[
                    ("structure", RangeOperators.EQUAL),
                    ("account", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                violation_error_message="Cette personne est déjà référente de cette structure.",
            ),
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False),
                name="referent_begins_and_may_end",
                violation_error_message="Une nomination finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(ended_reason="", ended_by=None) | (~Q(ended_reason="") & Q(period__upper_inf=False)),
                name="referent_ended_and_why",
                violation_error_message="Une nomination terminée dit pourquoi.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="referent_is_fair", when=pgtrigger.Before, operation=pgtrigger.Insert, func=REFERENT_IS_FAIR
            ),
            pgtrigger.Trigger(
                name="referent_only_ends", when=pgtrigger.Before, operation=pgtrigger.Update, func=REFERENT_ONLY_ENDS
            ),
            pgtrigger.Protect(name="referent_stays", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.structure}"
