from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0005_ror_records'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='professional',
            index=models.Index(condition=models.Q(('closed_on__isnull', False)), fields=['id'], name='professional_closed_idx'),
        ),
    ]
