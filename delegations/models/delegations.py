import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.grounds import Ground
from accounts.models import Account
from delegations.querysets import DelegationQuerySet
from delegations.scopes import Scope


class Origin(models.TextChoices):
    REQUEST = "request", "demande acceptée"
    REGISTRATION = "registration", "inscription"
    SERVICE_CENTRE = "service_centre", "centre de service"
    RESOURCE_TEAM = "resource_team", "équipe ressource"


class EndKind(models.TextChoices):
    """Why a delegation ended before the end it was given. `REPLACED`: renewed or widened, the next row goes on."""

    GIVEN_UP = "given_up", "rendue"
    REVOKED = "revoked", "retirée"
    REDUCED = "reduced", "réduite"
    REPLACED = "replaced", "remplacée"
    ACCOUNT_CLOSED = "account_closed", "compte fermé"
    HOLDER_CLOSED = "holder_closed", "délégataire sorti de l’annuaire"


# A grant goes to a person, on an account that takes it; nobody gives to themselves. A row that goes on from another
# (renewed, widened, reduced) begins where that one ends, for the same two accounts.
DELEGATION_IS_FAIR = """
    IF NOT EXISTS (SELECT FROM accounts_account WHERE id = NEW.holder_id AND kind = 'pp') THEN
        RAISE EXCEPTION 'Une délégation est donnée à une personne.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_is_held_by_a_person';
    END IF;
    SELECT * INTO former FROM delegations_delegation WHERE id = NEW.replaces_id;
    IF EXISTS (SELECT FROM accounts_account WHERE id IN (NEW.holder_id, NEW.account_id) AND state = 'closed')
       OR (former.ended_kind IS DISTINCT FROM 'reduced' AND EXISTS (
           SELECT FROM accounts_account WHERE id = NEW.account_id AND state = 'frozen')) THEN
        RAISE EXCEPTION 'Aucune délégation ne commence sur un compte fermé ou gelé.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_begins_on_a_living_account';
    END IF;
    IF NEW.replaces_id IS NOT NULL AND NOT (
        former.holder_id = NEW.holder_id AND former.account_id = NEW.account_id
        AND upper(former.period) = lower(NEW.period)
        AND CASE former.ended_kind
            WHEN 'replaced' THEN NEW.scope IN ('total', former.scope)
            WHEN 'reduced' THEN former.scope = 'total' AND NEW.scope <> 'total'
            ELSE false END) THEN
        RAISE EXCEPTION 'Une délégation prend la suite de la précédente, entre les mêmes comptes.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_follows_the_one_it_replaces';
    END IF;
    IF EXISTS (SELECT FROM accounts_account
               WHERE id = NEW.holder_id AND user_id IN (NEW.granted_by_id, NEW.confirmed_by_id)) THEN
        RAISE EXCEPTION 'Personne ne se donne une délégation.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_not_granted_to_oneself';
    END IF;
    IF NEW.granted_ground = 'referent' AND former.ended_kind IS DISTINCT FROM 'reduced' AND EXISTS (
        SELECT FROM delegations_referent r
        WHERE r.account_id = NEW.granted_by_account_id AND r.period @> lower(NEW.period)
            AND r.appointed_by_id = (SELECT user_id FROM accounts_account WHERE id = NEW.holder_id)
            AND r.structure_id IN (
                SELECT id FROM directory_structure WHERE account_id = NEW.account_id
                UNION ALL SELECT structure_id FROM directory_internalorganisation WHERE account_id = NEW.account_id
            )) THEN
        RAISE EXCEPTION 'Personne ne reçoit une délégation d’un référent qu’il a nommé.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_not_by_a_referent_one_appointed';
    END IF;
    IF NEW.granted_through_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM delegations_delegation own
        WHERE own.id = NEW.granted_through_id
            AND own.account_id = NEW.account_id AND own.holder_id = NEW.granted_by_account_id
            AND (
                coalesce(former.ended_kind, '') = 'reduced'
                OR (
                    own.period @> lower(NEW.period)
                    AND (upper_inf(own.period) OR upper(NEW.period) <= upper(own.period))
                    AND (own.scope IN ('total', NEW.scope)
                         OR (NEW.scope = 'total' AND former.scope NOT IN ('total', own.scope)))
                )
            )) THEN
        RAISE EXCEPTION 'Personne ne donne plus que sa propre délégation, ni plus longtemps.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_within_the_one_of_its_granter';
    END IF;
    RETURN NEW;
"""
# The period only ever gets shorter, and what ended stays as it ended: so the past can be told, at any moment of it.
DELEGATION_ONLY_ENDS = """
    IF OLD.ended_kind <> '' OR ROW(OLD.holder_id, OLD.account_id, OLD.scope, OLD.origin, OLD.granted_by_id,
           OLD.granted_by_account_id, OLD.granted_ground, OLD.granted_through_id, OLD.confirmed_by_id,
           OLD.request_id, OLD.replaces_id, OLD.created_at, lower(OLD.period))
       IS DISTINCT FROM ROW(NEW.holder_id, NEW.account_id, NEW.scope, NEW.origin, NEW.granted_by_id,
           NEW.granted_by_account_id, NEW.granted_ground, NEW.granted_through_id, NEW.confirmed_by_id,
           NEW.request_id, NEW.replaces_id, NEW.created_at, lower(NEW.period))
       OR NOT OLD.period @> NEW.period THEN
        RAISE EXCEPTION 'Une délégation ne change pas : elle finit, ou une autre prend la suite.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_only_ends';
    END IF;
    RETURN NEW;
"""


class Delegation(models.Model):
    """The right of one PP account (`holder`) to act in an account. In force while its period holds the moment.

    `replaces`: the row that this one widened, renewed or reduced. `granted_through`: the granter's own delegation,
    there if and only if that was their ground. `confirmed_by`: the second operator of the service centre. An ended row
    stays; `ended_*` say who cut the period short, and why.
    """

    holder = models.ForeignKey(
        Account, verbose_name="délégataire", on_delete=models.PROTECT, related_name="held_delegations"
    )
    account = models.ForeignKey(Account, verbose_name="compte", on_delete=models.PROTECT, related_name="delegations")
    scope = models.CharField("périmètre", max_length=11, choices=Scope)
    origin = models.CharField("origine", max_length=14, choices=Origin)
    period = DateTimeRangeField("période")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="accordée par", on_delete=models.PROTECT, null=True, related_name="+"
    )
    granted_by_account = models.ForeignKey(
        Account, verbose_name="compte de qui l’a accordée", on_delete=models.PROTECT, null=True, related_name="+"
    )
    granted_ground = models.CharField("accordée à quel titre", max_length=14, choices=Ground)
    granted_through = models.ForeignKey(
        "self", verbose_name="délégation de qui l’a accordée", on_delete=models.PROTECT, null=True, related_name="+"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="confirmée par", on_delete=models.PROTECT, null=True, related_name="+"
    )
    request = models.ForeignKey(
        "DelegationRequest", verbose_name="demande", on_delete=models.PROTECT, null=True, related_name="delegations"
    )
    replaces = models.OneToOneField(
        "self",
        verbose_name="délégation qu’elle remplace",
        on_delete=models.PROTECT,
        null=True,
        related_name="replaced_by",
    )
    ended_kind = models.CharField("fin avant terme", max_length=14, choices=EndKind, blank=True, default="")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="terminée par", on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_by_account = models.ForeignKey(
        Account, verbose_name="compte de qui l’a terminée", on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_ground = models.CharField("terminée à quel titre", max_length=14, choices=Ground, blank=True, default="")
    ended_reason = models.CharField("motif de fin", max_length=500, blank=True, default="")
    created_at = models.DateTimeField("créée le", default=timezone.now, editable=False)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = "délégation"
        verbose_name_plural = "délégations"
        indexes = [
            models.Index(fields=["holder", "account"], include=["scope", "period"], name="delegation_holder_idx"),
            models.Index(fields=["account"], include=["holder", "scope", "period"], name="delegation_account_idx"),
            # Those that have an end, by it: what is about to end is announced every hour.
            models.Index(F("period__endswith"), name="delegation_end_idx", condition=Q(period__endswith__isnull=False)),
        ]
        constraints = [
            ExclusionConstraint(
                name="delegation_once_at_a_time",
                expressions=[
                    ("holder", RangeOperators.EQUAL),
                    ("account", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                # Always so; but no query says it, and so none takes this slow index for one of the two above.
                condition=Q(period__isempty=False),
                violation_error_message="Cette personne a déjà une délégation sur ce compte.",
            ),
            models.CheckConstraint(
                condition=~Q(holder=F("account")),
                name="delegation_not_on_ones_own_account",
                violation_error_message="Personne n’a besoin d’une délégation sur son propre compte.",
            ),
            models.CheckConstraint(
                condition=Q(scope__in=Scope.values),
                name="delegation_scope_is_known",
                violation_error_message="Ce périmètre n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(origin__in=Origin.values),
                name="delegation_origin_is_known",
                violation_error_message="Cette origine n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False, period__lower_inc=True)
                & Q(period__upper_inc=False),
                name="delegation_begins_and_may_end",
                violation_error_message="Une délégation finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(granted_ground=Ground.SYSTEM, granted_by=None)
                | (Q(granted_by__isnull=False) & ~Q(granted_ground=Ground.SYSTEM)),
                name="delegation_granted_by_somebody",
                violation_error_message="Une délégation dit qui l’a accordée.",
            ),
            models.CheckConstraint(
                condition=Q(granted_ground=Ground.DELEGATION, granted_through__isnull=False)
                | (~Q(granted_ground=Ground.DELEGATION) & Q(granted_through=None)),
                name="delegation_granted_through_one_iff_by_delegation",
                violation_error_message="Qui accorde par délégation dit par laquelle.",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("granted_by")),
                name="delegation_confirmed_by_another",
                violation_error_message="Une délégation totale est confirmée par une autre personne du centre.",
            ),
            models.CheckConstraint(
                condition=~Q(granted_ground=Ground.SERVICE_CENTRE, scope=Scope.TOTAL) | Q(confirmed_by__isnull=False),
                name="delegation_total_by_two_operators",
                violation_error_message="Au centre de service, une délégation totale demande deux personnes.",
            ),
            models.CheckConstraint(
                condition=Q(granted_ground__in=Ground.values),
                name="delegation_ground_is_known",
                violation_error_message="Ce titre n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(ended_kind="", ended_ground="", ended_by=None, ended_by_account=None, ended_reason="")
                | (
                    Q(ended_kind__in=EndKind.values, ended_ground__in=Ground.values, period__upper_inf=False)
                    & (
                        Q(ended_ground=Ground.SYSTEM, ended_by=None)
                        | (Q(ended_by__isnull=False) & ~Q(ended_ground=Ground.SYSTEM))
                    )
                ),
                name="delegation_ended_by_whom_and_why",
                violation_error_message="Une délégation terminée dit par qui, à quel titre et comment.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="delegation_is_fair",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=DELEGATION_IS_FAIR,
                declare=[("former", "delegations_delegation%ROWTYPE")],
            ),
            pgtrigger.Trigger(
                name="delegation_only_ends",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=DELEGATION_ONLY_ENDS,
            ),
            pgtrigger.Protect(name="delegation_stays", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.holder} · {self.account}"


class DelegationNotice(models.Model):
    """That a delegation's end was announced so many days before: once each."""

    delegation = models.ForeignKey(
        Delegation, verbose_name="délégation", on_delete=models.PROTECT, related_name="notices"
    )
    days = models.PositiveSmallIntegerField("jours avant la fin")
    told_at = models.DateTimeField("annoncée le")

    class Meta:
        verbose_name = "annonce de fin"
        verbose_name_plural = "annonces de fin"
        constraints = [
            models.UniqueConstraint(
                fields=["delegation", "days"],
                name="notice_once",
                violation_error_message="Cette fin est déjà annoncée.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.delegation} · {self.days}"
