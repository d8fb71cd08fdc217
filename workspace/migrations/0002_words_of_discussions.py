"""Messages and titles are found by their words, folded as the directory folds names."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

# Positions are of no use, and would double the size.
WORDS = """
    ALTER TABLE {table} ADD COLUMN words tsvector NOT NULL
        GENERATED ALWAYS AS (strip(to_tsvector('simple', public.directory_search_words({text})))) STORED
"""
ADD = [
    WORDS.format(table="workspace_message", text="text"),
    WORDS.format(table="workspace_conversation", text="title"),
    "CREATE INDEX message_words_idx ON workspace_message USING gin (words)",
]
REMOVE = [
    "ALTER TABLE workspace_conversation DROP COLUMN words",
    "ALTER TABLE workspace_message DROP COLUMN words",
]


class Migration(migrations.Migration):

    dependencies = [
        ("workspace", "0001_initial"),
        ("directory", "0002_search_index"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='message',
            name='author_stays',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='message',
            trigger=pgtrigger.compiler.Trigger(name='author_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."actor_id" IS DISTINCT FROM (NEW."actor_id") OR OLD."actor_account_id" IS DISTINCT FROM (NEW."actor_account_id") OR OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."ground" IS DISTINCT FROM (NEW."ground") OR OLD."delegation_id" IS DISTINCT FROM (NEW."delegation_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='7c32c8d4438053b44d3a1ffe630a5a9029463dfe', operation='UPDATE', pgid='pgtrigger_author_stays_aa251', table='workspace_message', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='message',
            trigger=pgtrigger.compiler.Trigger(name='message_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."conversation_id" IS DISTINCT FROM (NEW."conversation_id") OR OLD."text" IS DISTINCT FROM (NEW."text") OR OLD."client_key" IS DISTINCT FROM (NEW."client_key"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='1a817c8b25eebb6d135edb42c74b0a45ce2fc126', operation='UPDATE', pgid='pgtrigger_message_stays_7e87e', table='workspace_message', when='BEFORE')),
        ),
        migrations.RunSQL(ADD, REMOVE),
    ]
