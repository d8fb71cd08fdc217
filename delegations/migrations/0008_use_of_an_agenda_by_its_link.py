from django.db import migrations


class Migration(migrations.Migration):
    # The journal is written while this goes on.
    atomic = False
    dependencies = [("accounts", "0004_notifications"), ("delegations", "0007_fair_referents_and_orphan_accounts")]
    operations = [
        # An index of the journal for what this app asks of it: when a delegation last served to read an agenda by its
        # link. Its verb, like the question, is of the floors above the journal's.
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS journal_feed_use_idx ON accounts_journalentry (delegation, at)"
            " WHERE verb = 'feed.read'",
            "DROP INDEX CONCURRENTLY IF EXISTS journal_feed_use_idx",
        )
    ]
