from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    # The journal is written while this goes on.
    atomic = False
    dependencies = [("accounts", "0005_journal_entries_by_themselves")]
    operations = [
        AddIndexConcurrently(
            "journalentry",
            models.Index(fields=["object_key"], condition=Q(object_kind="delegation"), name="journal_told_of_idx"),
        ),
        RemoveIndexConcurrently("journalentry", "journal_object_idx"),
    ]
