"""What an emergency had put off is said once; the columns that say it leave the author's trigger for one of their own."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('workspace', '0008_sent_once'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='circlemember',
            name='author_stays',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='circlemember',
            trigger=pgtrigger.compiler.Trigger(name='author_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."actor_id" IS DISTINCT FROM (NEW."actor_id") OR OLD."actor_account_id" IS DISTINCT FROM (NEW."actor_account_id") OR OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."ground" IS DISTINCT FROM (NEW."ground") OR OLD."delegation_id" IS DISTINCT FROM (NEW."delegation_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."dossier_id" IS DISTINCT FROM (NEW."dossier_id") OR OLD."member_id" IS DISTINCT FROM (NEW."member_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='683b386ba246451e67ed3ca0f142559d4014aaab', operation='UPDATE', pgid='pgtrigger_author_stays_0d782', table='workspace_circlemember', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='circlemember',
            trigger=pgtrigger.compiler.Trigger(name='patient_told_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."informed_how" IS DISTINCT FROM (NEW."informed_how") OR OLD."informed_on" IS DISTINCT FROM (NEW."informed_on"))', func="\n    IF OLD.informed_how <> 'emergency' OR NEW.informed_how = 'emergency' OR NEW.ended_kind <> '' THEN\n        RAISE EXCEPTION 'Ce qui est dit de l’information du patient ne change plus.'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'circle_member_patient_told_once';\n    END IF;\n    IF NEW.informed_on < (lower(OLD.period) AT TIME ZONE 'Europe/Paris')::date THEN\n        RAISE EXCEPTION 'Le patient a été informé le jour de l’ajout au cercle, ou après.'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'circle_member_patient_told_afterwards';\n    END IF;\n    RETURN NEW;\n", hash='fc5da6a1443cd121040a20a6e7de8f6f4422af60', operation='UPDATE', pgid='pgtrigger_patient_told_once_84bef', table='workspace_circlemember', when='BEFORE')),
        ),
    ]
