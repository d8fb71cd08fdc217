from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workspace', '0009_informed_later'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='dossier',
            index=models.Index(condition=models.Q(('archived_at__isnull', False)), fields=['id'], name='dossier_archived_idx'),
        ),
    ]
