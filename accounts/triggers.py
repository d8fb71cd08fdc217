"""Triggers that tie an account to its owner. Upper apps reuse `owner_triggers`, one call an owner."""

import pgtrigger


def owner_triggers(kind: str) -> list[pgtrigger.Trigger]:
    """Triggers for a model that owns accounts of this kind through its `account` field.

    Refused, as an integrity error that carries a French sentence: an account of another kind, another account
    later, and an owner deleted without its account.
    """
    return [
        pgtrigger.Trigger(
            name="account_of_its_kind",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            func=f"""
                IF NOT EXISTS (SELECT FROM accounts_account WHERE id = NEW.account_id AND kind = '{kind}') THEN
                    RAISE EXCEPTION 'Le compte doit être de type « {kind} ».'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'account_of_its_kind';
                END IF;
                RETURN NEW;
            """,
        ),
        pgtrigger.Trigger(
            name="account_stays",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            condition=pgtrigger.Q(old__account__df=pgtrigger.F("new__account")),
            func="""
                RAISE EXCEPTION 'Le compte d’une fiche ne change pas.'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'account_stays';
            """,
        ),
        pgtrigger.Trigger(
            name="account_leaves_with_its_owner",
            when=pgtrigger.After,
            operation=pgtrigger.Delete,
            timing=pgtrigger.Deferred,
            func="""
                IF EXISTS (SELECT FROM accounts_account WHERE id = OLD.account_id) THEN
                    RAISE EXCEPTION 'Un compte ne reste pas sans propriétaire.'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'account_has_an_owner';
                END IF;
                RETURN NULL;
            """,
        ),
    ]


def account_has_an_owner(kind: str, owner_table: str) -> pgtrigger.Trigger:
    """At the end of the transaction, an account of this kind has a row in its owner's table."""
    return pgtrigger.Trigger(
        name=f"{kind}_account_has_an_owner",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Q(new__kind=kind),
        func=f"""
            IF NOT EXISTS (SELECT FROM {owner_table} WHERE account_id = NEW.id)
               AND EXISTS (SELECT FROM accounts_account WHERE id = NEW.id) THEN
                RAISE EXCEPTION 'Un compte ne reste pas sans propriétaire.'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'account_has_an_owner';
            END IF;
            RETURN NULL;
        """,  # noqa: S608, the name of a table of ours
    )
