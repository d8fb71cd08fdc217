"""Who wrote a row, in whose name and on what ground: the actor never disappears, and a trigger holds it."""

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.grounds import Ground
from accounts.models import Account
from delegations.models import Delegation
from delegations.scopes import Space, scopes_opening


class Authored(models.Model):
    """`actor` wrote it, from their own account (`actor_account`), for `account`: theirs, or by `delegation`."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="auteur", on_delete=models.PROTECT, related_name="+"
    )
    actor_account = models.ForeignKey(
        Account, verbose_name="compte de l’auteur", on_delete=models.PROTECT, related_name="+"
    )
    account = models.ForeignKey(Account, verbose_name="au nom du compte", on_delete=models.PROTECT, related_name="+")
    ground = models.CharField("à quel titre", max_length=14, choices=Ground)
    delegation = models.ForeignKey(
        Delegation, verbose_name="délégation", on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField("écrit le", default=timezone.now)

    class Meta:
        abstract = True

    @property
    def is_for_another(self) -> bool:
        return self.ground == Ground.DELEGATION


class SentOnce(Authored):
    """`client_key`: made by the page or the program that sends, so that a double click or a retry writes it once."""

    client_key = models.UUIDField("clé de l’envoi", default=uuid.uuid4, db_default=RandomUUID())

    class Meta:
        abstract = True


def sent_once(name: str, sentence: str) -> models.UniqueConstraint:
    """`name` begins that of the constraint, as for `authored_constraints`."""
    return models.UniqueConstraint(
        fields=["actor", "client_key"], name=f"{name}_sent_once", violation_error_message=sentence
    )


def authored_constraints(name: str) -> list[models.CheckConstraint]:
    """`name` begins the names of the constraints: that of the model, in lower case."""
    return [
        models.CheckConstraint(
            condition=Q(ground=Ground.OWN, delegation=None, account=F("actor_account"))
            | (Q(ground=Ground.DELEGATION, delegation__isnull=False) & ~Q(account=F("actor_account"))),
            name=f"{name}_says_on_what_ground",
            violation_error_message="Ce qui est écrit dit par qui, au nom de qui et à quel titre.",
        )
    ]


def authored_triggers(space: Space, *, may_change: tuple[str, ...] | None = None) -> list[pgtrigger.Trigger]:
    """Refused: a row from another account than the actor's own, or by a delegation that is not theirs, not on this
    account, not in force at that moment or not of this space. `may_change`: the columns that an update may touch; None
    leaves them all but those of the author."""
    scopes = ", ".join(f"'{scope.value}'" for scope in scopes_opening(space))
    fair = f"""
        IF NOT EXISTS (SELECT FROM accounts_account
                       WHERE id = NEW.actor_account_id AND user_id = NEW.actor_id AND kind = 'pp') THEN
            RAISE EXCEPTION 'Chacun écrit depuis son propre compte.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'written_from_ones_own_account';
        END IF;
        IF EXISTS (SELECT FROM accounts_account WHERE id = NEW.account_id AND state IN ('frozen', 'closed')) THEN
            RAISE EXCEPTION 'Rien de nouveau ne commence sur un compte gelé ou fermé.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'written_for_a_living_account';
        END IF;
        IF NEW.delegation_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM delegations_delegation d
            WHERE d.id = NEW.delegation_id AND d.holder_id = NEW.actor_account_id AND d.account_id = NEW.account_id
                AND d.scope IN ({scopes}) AND d.period @> NEW.created_at) THEN
            RAISE EXCEPTION 'Seule une délégation en vigueur laisse écrire au nom d’un compte.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'written_by_a_delegation_in_force';
        END IF;
        RETURN NEW;
    """  # noqa: S608, words of ours
    return [
        pgtrigger.Trigger(name="written_fairly", when=pgtrigger.Before, operation=pgtrigger.Insert, func=fair),
        pgtrigger.ReadOnly(
            name="author_stays",
            fields=["actor", "actor_account", "account", "ground", "delegation", "created_at"],
        )
        if may_change is None
        else pgtrigger.ReadOnly(name="author_stays", exclude=list(may_change)),
        pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
    ]


# Acting for another account, nobody brings in their own, nor one they may act in: they would keep the access when the
# delegation ends. The account acted for itself is there from the beginning.
BRINGS_IN_NOBODY_OF_THEIRS = """
    IF NEW.ground = 'delegation' AND NEW.member_id <> NEW.account_id AND (
        NEW.member_id = NEW.actor_account_id
        OR EXISTS (SELECT FROM delegations_delegation d
                   WHERE d.holder_id = NEW.actor_account_id AND d.account_id = NEW.member_id
                       AND d.period @> NEW.created_at)) THEN
        RAISE EXCEPTION 'Au nom d’un autre compte, personne ne fait entrer son propre compte.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'brings_in_nobody_of_theirs';
    END IF;
    IF NOT EXISTS (SELECT FROM accounts_account WHERE id = NEW.member_id AND state = 'open') THEN
        RAISE EXCEPTION 'Ce compte n’utilise pas SPICO, ou n’est plus ouvert.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'brings_in_an_open_account';
    END IF;
    RETURN NEW;
"""


def bringing_in() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="brings_in_fairly", when=pgtrigger.Before, operation=pgtrigger.Insert, func=BRINGS_IN_NOBODY_OF_THEIRS
    )
