from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact, IsNull

from accounts.grounds import Ground
from accounts.models.accounts import Account


class JournalEntry(models.Model):
    """Who did what, in whose name, on what ground. Written by `accounts.journal`, in the act's own transaction.

    `account`: the account acted for or acted in; `actor_account`: the actor's own. `delegation`: the key of a row of an
    upper app. Persons and things are told by their keys: no name, no message is copied in. A trigger refuses UPDATE,
    DELETE and TRUNCATE, to superusers too.
    """

    at = models.DateTimeField("date")
    # No index of its own: those below begin with it.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="auteur",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    actor_account = models.ForeignKey(
        Account,
        verbose_name="compte de l’auteur",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    account = models.ForeignKey(
        Account,
        verbose_name="compte concerné",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    ground = models.CharField("à quel titre", max_length=14, choices=Ground)
    delegation = models.BigIntegerField("délégation", null=True)
    verb = models.CharField("acte", max_length=40)
    object_kind = models.CharField("type d’objet", max_length=24, blank=True, default="")
    object_key = models.CharField("clé de l’objet", max_length=64, blank=True, default="")
    details = models.JSONField("précisions", default=dict, blank=True)
    request_id = models.CharField("numéro de la requête", max_length=64, blank=True, default="")

    class Meta:
        verbose_name = "entrée du journal"
        verbose_name_plural = "journal des accès"
        indexes = [
            models.Index(fields=["account", "-at"], name="journal_account_idx"),
            models.Index(fields=["actor", "at"], name="journal_actor_idx"),
            models.Index(
                fields=["delegation", "object_key", "at"],
                condition=Q(verb="space.opened"),
                name="journal_last_use_idx",
            ),
            # What was done to a delegation. Nothing else is looked for by its key, and most entries are openings.
            models.Index(fields=["object_key"], condition=Q(object_kind="delegation"), name="journal_told_of_idx"),
            # The service centre's list, by date.
            models.Index(fields=["at"], name="journal_at_idx"),
        ]
        # PostgreSQL reads the text of each of them again at each insert: they are short.
        constraints = [
            models.CheckConstraint(
                condition=Q(ground__in=Ground.values),
                name="journal_ground_is_known",
                violation_error_message="Le journal ne connaît pas ce titre à agir.",
            ),
            models.CheckConstraint(
                condition=Exact(IsNull(F("delegation"), False), Exact(F("ground"), Ground.DELEGATION)),
                name="journal_delegation_iff_its_ground",
                violation_error_message="Le journal dit la délégation de qui agit par délégation, et d’aucun autre.",
            ),
            models.CheckConstraint(
                condition=Exact(IsNull(F("actor"), True), Exact(F("ground"), Ground.SYSTEM)),
                name="journal_no_actor_iff_system",
                violation_error_message="Le journal dit qui agit, sauf quand c’est SPICO seul.",
            ),
            models.CheckConstraint(
                condition=~Q(verb=""),
                name="journal_verb_is_said",
                violation_error_message="Le journal dit ce qui a été fait.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} · {self.verb}"


class JournalSeal(models.Model):
    """One link of the chain, from 1 without a gap: sha256 of the seal before and of the entry's canonical form.

    Only the sealer inserts (`accounts.journal.sealing`); a trigger refuses the rest, as for entries.
    """

    number = models.BigIntegerField("numéro", primary_key=True)
    entry = models.OneToOneField(JournalEntry, verbose_name="entrée", on_delete=models.PROTECT, related_name="seal")
    hash = models.BinaryField("empreinte")
    sealed_at = models.DateTimeField("posé le")

    class Meta:
        verbose_name = "sceau du journal"
        verbose_name_plural = "sceaux du journal"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="journal_seals_begin_at_one",
                violation_error_message="Les sceaux du journal se comptent à partir de 1.",
            ),
            models.CheckConstraint(
                condition=Exact(Length("hash"), 32),
                name="journal_seal_hash_is_sha256",
                violation_error_message="L’empreinte d’un sceau compte 32 octets.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)


class JournalQueue(models.Model):
    """Entries that wait for their seal: a trigger puts them in, the sealer takes them out. Verification ignores it."""

    entry_id = models.BigIntegerField("entrée", primary_key=True)

    class Meta:
        verbose_name = "entrée à sceller"
        verbose_name_plural = "entrées à sceller"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.entry_id)
