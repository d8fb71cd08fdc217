import pgtrigger

from accounts.models import JournalEntry


class DelegatedEntry(JournalEntry):
    """The journal's rows, with what only this floor knows: a delegation told as ground is the actor's own."""

    class Meta:
        proxy = True
        verbose_name = "entrée du journal"
        verbose_name_plural = "entrées du journal"
        triggers = [
            pgtrigger.Trigger(
                name="entry_delegation_is_the_actors_own",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__delegation__isnull=False),
                func="""
                    IF NOT EXISTS (
                        SELECT FROM delegations_delegation d JOIN accounts_account h ON h.id = d.holder_id
                        WHERE d.id = NEW.delegation AND d.holder_id = NEW.actor_account_id AND h.user_id = NEW.actor_id
                          AND d.account_id = NEW.account_id) THEN
                        RAISE EXCEPTION 'La délégation dite au journal est celle de la personne qui agit.'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_delegation_is_the_actors_own';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]
