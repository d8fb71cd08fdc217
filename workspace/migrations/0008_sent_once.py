"""Entries, events and tasks carry the key of their sending. Those that stand get one each, made by the database."""

import django.contrib.postgres.functions
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_notifications'),
        ('delegations', '0009_typography'),
        ('workspace', '0007_newest_first'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='entry',
            name='author_stays',
        ),
        migrations.AddField(
            model_name='entry',
            name='client_key',
            field=models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, verbose_name='clé de l’envoi'),
        ),
        migrations.AddField(
            model_name='event',
            name='client_key',
            field=models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, verbose_name='clé de l’envoi'),
        ),
        migrations.AddField(
            model_name='task',
            name='client_key',
            field=models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, verbose_name='clé de l’envoi'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='entry',
            trigger=pgtrigger.compiler.Trigger(name='author_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."actor_id" IS DISTINCT FROM (NEW."actor_id") OR OLD."actor_account_id" IS DISTINCT FROM (NEW."actor_account_id") OR OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."ground" IS DISTINCT FROM (NEW."ground") OR OLD."delegation_id" IS DISTINCT FROM (NEW."delegation_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."client_key" IS DISTINCT FROM (NEW."client_key") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."dossier_id" IS DISTINCT FROM (NEW."dossier_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."profession" IS DISTINCT FROM (NEW."profession"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='3e19cb362a115109e1886d6539476630e40f1452', operation='UPDATE', pgid='pgtrigger_author_stays_9cdd9', table='workspace_entry', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.UniqueConstraint(fields=('actor', 'client_key'), name='entry_sent_once', violation_error_message='Cette entrée est déjà écrite.'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.UniqueConstraint(fields=('actor', 'client_key'), name='event_sent_once', violation_error_message='Cet événement est déjà dans l’agenda.'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.UniqueConstraint(fields=('actor', 'client_key'), name='task_sent_once', violation_error_message='Cette tâche est déjà ajoutée.'),
        ),
    ]
