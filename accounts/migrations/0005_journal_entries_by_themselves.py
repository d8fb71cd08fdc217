from django.db import migrations, models
from django.db.models import F
from django.db.models.lookups import Exact, IsNull

# Entries come one by one, each in a transaction of its own: to put its key into the queue before it is inserted costs
# less than a table of the rows of each statement. The sealer takes out a key whose entry is not inserted after all.
QUEUE = """
DROP TRIGGER journal_queue ON accounts_journalentry;
CREATE OR REPLACE FUNCTION accounts_journal_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_journalqueue VALUES (NEW.id);
    RETURN NEW;
END
$$;
CREATE TRIGGER journal_queue BEFORE INSERT ON accounts_journalentry
    FOR EACH ROW EXECUTE FUNCTION accounts_journal_queue();
"""
QUEUE_BY_STATEMENT = """
DROP TRIGGER journal_queue ON accounts_journalentry;
CREATE OR REPLACE FUNCTION accounts_journal_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_journalqueue SELECT id FROM fresh;
    RETURN NULL;
END
$$;
CREATE TRIGGER journal_queue AFTER INSERT ON accounts_journalentry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION accounts_journal_queue();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_notifications")]
    operations = [
        migrations.RunSQL(QUEUE, QUEUE_BY_STATEMENT),
        # The same rules in fewer words: PostgreSQL reads them again at each insert.
        migrations.RemoveConstraint("journalentry", "journal_delegation_iff_its_ground"),
        migrations.AddConstraint(
            "journalentry",
            models.CheckConstraint(
                name="journal_delegation_iff_its_ground",
                condition=Exact(IsNull(F("delegation"), False), Exact(F("ground"), "delegation")),
                violation_error_message="Le journal dit la délégation de qui agit par délégation, et d’aucun autre.",
            ),
        ),
        migrations.RemoveConstraint("journalentry", "journal_no_actor_iff_system"),
        migrations.AddConstraint(
            "journalentry",
            models.CheckConstraint(
                name="journal_no_actor_iff_system",
                condition=Exact(IsNull(F("actor"), True), Exact(F("ground"), "system")),
                violation_error_message="Le journal dit qui agit, sauf quand c’est SPICO seul.",
            ),
        ),
    ]
