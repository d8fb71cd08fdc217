import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce

from accounts.models import Account
from delegations.scopes import Space
from workspace.models.authored import Authored, authored_constraints, authored_triggers, bringing_in
from workspace.querysets import CircleMemberQuerySet, DossierQuerySet


class Sex(models.TextChoices):
    FEMALE = "F", "féminin"
    MALE = "M", "masculin"
    UNKNOWN = "I", "indéterminé"


# A dossier has no other owner than its circle, which is never empty: asked at the end of the transaction, one after the
# other, so that of two last members who leave at once the second sees that the first has left.
CIRCLE_IS_NEVER_EMPTY = """
    PERFORM FROM workspace_dossier WHERE id = {dossier} FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM workspace_circlemember m WHERE m.dossier_id = {dossier} AND upper_inf(m.period)) THEN
        RAISE EXCEPTION 'Un cercle de soins n’est jamais vide.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'circle_is_never_empty';
    END IF;
    RETURN NULL;
"""


def _never_empty(operation: pgtrigger.Operation, dossier: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="circle_is_never_empty",
        when=pgtrigger.After,
        operation=operation,
        timing=pgtrigger.Deferred,
        func=CIRCLE_IS_NEVER_EMPTY.format(dossier=dossier),
    )


class Dossier(Authored):
    """The coordination dossier of one patient, shared by the accounts of its circle. Archived, never deleted.

    The author's account began it; that gives nothing more than any other place in the circle. `version` counts the
    changes: who writes over what they have not read is told so. `folded` serves to search by name.
    """

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    family_name = models.CharField("nom de naissance", max_length=100)
    given_names = models.CharField("prénoms", max_length=100)
    birth_date = models.DateField("date de naissance")
    sex = models.CharField("sexe", max_length=1, choices=Sex)
    ins = models.CharField("matricule INS", max_length=15, blank=True, default="")
    version = models.PositiveIntegerField("version", default=1)
    archived_at = models.DateTimeField("archivé le", null=True)
    archived_by_account = models.ForeignKey(
        Account, verbose_name="archivé par", on_delete=models.PROTECT, null=True, related_name="+"
    )
    archived_for = models.ForeignKey(
        Account, verbose_name="archivé au nom de", on_delete=models.PROTECT, null=True, related_name="+"
    )
    folded = models.GeneratedField(
        expression=Func(
            template="directory_search_fold(family_name || ' ' || given_names)", output_field=models.TextField()
        ),
        output_field=models.TextField(),
        db_persist=True,
    )
    # The last entry that the whole circle sees: orders the list without reading the entries.
    moved_at = models.DateTimeField("dernier ajout le", null=True)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = "dossier"
        verbose_name_plural = "dossiers"
        # A list is read from its top; the other way is to sort everything that a large account shares.
        indexes = [
            models.Index(Coalesce("moved_at", "created_at").desc(), "id", name="dossier_newest_idx"),
            # The few that are put away: what is left of an account's is counted without reading its dossiers.
            models.Index(fields=["id"], condition=Q(archived_at__isnull=False), name="dossier_archived_idx"),
        ]
        constraints = [
            *authored_constraints("dossier"),
            models.CheckConstraint(
                condition=~Q(family_name="") & ~Q(given_names=""),
                name="dossier_names_its_patient",
                violation_error_message="Un dossier porte le nom et les prénoms du patient.",
            ),
            models.CheckConstraint(
                condition=Q(sex__in=Sex.values),
                name="dossier_sex_is_known",
                violation_error_message="Choisissez le sexe dans la liste.",
            ),
            models.CheckConstraint(
                # The department of birth is the sixth and seventh: « 2A » and « 2B » in Corsica.
                condition=Q(ins="") | Q(ins__regex=r"^[0-9]{5}([0-9]{2}|2[AB])[0-9]{8}$"),
                name="dossier_ins_has_its_form",
                violation_error_message="Un matricule INS compte quinze caractères, clé comprise.",
            ),
            models.CheckConstraint(
                condition=Q(archived_at=None, archived_by_account=None, archived_for=None)
                | Q(archived_at__isnull=False, archived_by_account__isnull=False, archived_for__isnull=False),
                name="dossier_archived_by_whom",
                violation_error_message="Un dossier archivé dit par qui et quand.",
            ),
        ]
        triggers = [*authored_triggers(Space.DOSSIERS), _never_empty(pgtrigger.Insert, "NEW.id")]

    def __str__(self) -> str:
        return f"{self.family_name} {self.given_names}"


class IdentityChange(Authored):
    """What the identity of a dossier was before somebody corrected it."""

    dossier = models.ForeignKey(
        Dossier, verbose_name="dossier", on_delete=models.PROTECT, related_name="identity_changes"
    )
    version = models.PositiveIntegerField("version corrigée")
    family_name = models.CharField("nom de naissance", max_length=100)
    given_names = models.CharField("prénoms", max_length=100)
    birth_date = models.DateField("date de naissance")
    sex = models.CharField("sexe", max_length=1, choices=Sex)
    ins = models.CharField("matricule INS", max_length=15, blank=True, default="")

    class Meta:
        verbose_name = "identité corrigée"
        verbose_name_plural = "identités corrigées"
        constraints = [
            *authored_constraints("identitychange"),
            models.UniqueConstraint(
                fields=["dossier", "version"],
                name="identity_changed_once_a_version",
                violation_error_message="Quelqu’un vient de corriger cette identité.",
            ),
        ]
        triggers = authored_triggers(Space.DOSSIERS, may_change=())

    def __str__(self) -> str:
        return f"{self.dossier} · {self.version}"


class Informed(models.TextChoices):
    """How the patient learnt that this account joins the circle (code de la santé publique, art. L. 1110-4)."""

    ORAL = "oral", "de vive voix"
    WRITTEN = "written", "par écrit"
    TRUSTED = "trusted", "par la personne de confiance"
    REPRESENTATIVE = "representative", "par le représentant légal"
    EMERGENCY = "emergency", "pas encore : urgence, dès que possible"


# « Not yet » was true when the account was added: the patient was told that day or later.
PATIENT_IS_TOLD_ONCE = """
    IF OLD.informed_how <> 'emergency' OR NEW.informed_how = 'emergency' OR NEW.ended_kind <> '' THEN
        RAISE EXCEPTION 'Ce qui est dit de l’information du patient ne change plus.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'circle_member_patient_told_once';
    END IF;
    IF NEW.informed_on < (lower(OLD.period) AT TIME ZONE 'Europe/Paris')::date THEN
        RAISE EXCEPTION 'Le patient a été informé le jour de l’ajout au cercle, ou après.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'circle_member_patient_told_afterwards';
    END IF;
    RETURN NEW;
"""


class Departure(models.TextChoices):
    LEFT = "left", "a quitté le cercle"
    REMOVED = "removed", "retiré du cercle"


class CircleMember(Authored):
    """That an account (`member`) shares a dossier, from the one moment to the other. Added by a member, for `account`.

    `period`: the truth about time; leaving sets its end. `informed_*`: how and when the patient was told; put off in an
    emergency, it is said once, while the account is in the circle, and changes no more.
    """

    dossier = models.ForeignKey(Dossier, verbose_name="dossier", on_delete=models.PROTECT, related_name="circle")
    member = models.ForeignKey(Account, verbose_name="membre", on_delete=models.PROTECT, related_name="circles")
    period = DateTimeRangeField("période")
    informed_how = models.CharField("patient informé", max_length=14, choices=Informed)
    informed_on = models.DateField("patient informé le", null=True)
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

    objects = CircleMemberQuerySet.as_manager()

    class Meta:
        verbose_name = "membre d’un cercle de soins"
        verbose_name_plural = "membres des cercles de soins"
        indexes = [models.Index(fields=["member", "dossier"], include=["period"], name="circle_member_idx")]
        constraints = [
            *authored_constraints("circlemember"),
            ExclusionConstraint(
                name="circle_member_once_at_a_time",
                expressions=[
                    ("dossier", RangeOperators.EQUAL),
                    ("member", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(period__isempty=False),
                violation_error_message="Ce compte est déjà dans le cercle de soins.",
            ),
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False, period__startswith=F("created_at")),
                name="circle_member_since_it_was_added",
                violation_error_message="Un membre est dans le cercle depuis qu’il y est entré.",
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
                name="circle_member_left_and_how",
                violation_error_message="Une sortie du cercle dit par qui et comment.",
            ),
            models.CheckConstraint(
                condition=Q(informed_how=Informed.EMERGENCY, informed_on=None)
                | (
                    Q(informed_how__in=Informed.values, informed_on__isnull=False) & ~Q(informed_how=Informed.EMERGENCY)
                ),
                name="circle_member_patient_was_told",
                violation_error_message="Dites comment et quand le patient a été informé.",
            ),
        ]
        triggers = [
            *authored_triggers(
                Space.DOSSIERS,
                may_change=(
                    *("period", "ended_kind", "ended_by", "ended_by_account", "ended_for"),
                    *("informed_how", "informed_on"),
                ),
            ),
            bringing_in(),
            _never_empty(pgtrigger.Update, "NEW.dossier_id"),
            pgtrigger.Trigger(
                name="member_only_leaves",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF OLD.ended_kind <> '' OR NOT OLD.period @> NEW.period
                       OR lower(OLD.period) <> lower(NEW.period) THEN
                        RAISE EXCEPTION 'Une sortie du cercle ne change plus.'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'circle_member_only_leaves';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="patient_told_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("informed_how", "informed_on"),
                func=PATIENT_IS_TOLD_ONCE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier} · {self.member}"

    @property
    def is_patient_to_be_told(self) -> bool:
        """Of an account that is in the circle: of one that has left, nothing more is said."""
        return self.informed_how == Informed.EMERGENCY and self.ended_kind == ""


class DossierMark(models.Model):
    """Until when somebody has read a dossier, in one account: what came later is new to them there."""

    dossier = models.ForeignKey(Dossier, verbose_name="dossier", on_delete=models.CASCADE, related_name="marks")
    account = models.ForeignKey(Account, verbose_name="compte", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="lecteur", on_delete=models.CASCADE, related_name="+"
    )
    read_at = models.DateTimeField("lu le")

    class Meta:
        verbose_name = "dossier lu"
        verbose_name_plural = "dossiers lus"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "account", "dossier"],
                name="dossier_mark_once",
                violation_error_message="Ce dossier est déjà marqué lu.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier} · {self.read_at}"
