from django.db import migrations

# Written by hand and not as ignorable triggers: nothing that a session sets lets it rewrite the journal.
STAYS = """
CREATE FUNCTION accounts_journal_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Le journal ne se récrit pas : % est refusé sur %.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER journal_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON accounts_journalentry
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_journal_stays();
CREATE TRIGGER journal_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON accounts_journalseal
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_journal_stays();
"""
# What the sealer has not linked yet. Only a convenience: verification asks the entries themselves.
QUEUE = """
CREATE TABLE accounts_journalqueue (entry_id bigint PRIMARY KEY);
CREATE FUNCTION accounts_journal_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_journalqueue SELECT id FROM fresh;
    RETURN NULL;
END
$$;
CREATE TRIGGER journal_queue AFTER INSERT ON accounts_journalentry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION accounts_journal_queue();
ALTER TABLE accounts_journalseal ADD CONSTRAINT seal_hash_is_a_sha256 CHECK (length(hash) = 32);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_journal_and_notifications'),
    ]

    operations = [
        migrations.RunSQL(
            STAYS,
            """
            DROP TRIGGER journal_stays ON accounts_journalentry;
            DROP TRIGGER journal_stays ON accounts_journalseal;
            DROP FUNCTION accounts_journal_stays();
            """,
        ),
        migrations.RunSQL(
            QUEUE,
            """
            ALTER TABLE accounts_journalseal DROP CONSTRAINT seal_hash_is_a_sha256;
            DROP TRIGGER journal_queue ON accounts_journalentry;
            DROP FUNCTION accounts_journal_queue();
            DROP TABLE accounts_journalqueue;
            """,
        ),
    ]
