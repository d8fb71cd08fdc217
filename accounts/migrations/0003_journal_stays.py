from django.db import migrations

# Written by hand and not as django-pgtrigger's, which a session may tell to be ignored. ALWAYS: a superuser who calls
# their session a replica, which silences ordinary triggers and foreign keys, is refused too.
STAYS = """
CREATE FUNCTION accounts_journal_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Le journal ne se récrit pas et ne s’efface pas : % est refusé sur %.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_stays';
END
$$;
CREATE TRIGGER journal_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON accounts_journalentry
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_journal_stays();
ALTER TABLE accounts_journalentry ENABLE ALWAYS TRIGGER journal_stays;
CREATE TRIGGER journal_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON accounts_journalseal
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_journal_stays();
ALTER TABLE accounts_journalseal ENABLE ALWAYS TRIGGER journal_stays;
"""
STAYS_NO_MORE = """
DROP TRIGGER journal_stays ON accounts_journalentry;
DROP TRIGGER journal_stays ON accounts_journalseal;
DROP FUNCTION accounts_journal_stays();
"""
# What the sealer has not linked yet: filled and emptied all day, so its dead rows are swept early.
QUEUE = """
CREATE FUNCTION accounts_journal_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_journalqueue SELECT id FROM fresh;
    RETURN NULL;
END
$$;
CREATE TRIGGER journal_queue AFTER INSERT ON accounts_journalentry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION accounts_journal_queue();
ALTER TABLE accounts_journalqueue SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
"""
QUEUE_NO_MORE = """
DROP TRIGGER journal_queue ON accounts_journalentry;
DROP FUNCTION accounts_journal_queue();
ALTER TABLE accounts_journalqueue RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_journal_and_notifications'),
    ]

    operations = [
        migrations.RunSQL(STAYS, STAYS_NO_MORE),
        migrations.RunSQL(QUEUE, QUEUE_NO_MORE),
    ]
