from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('delegations', '0002_grants'),
        ('directory', '0005_ror_records'),
    ]

    operations = [
        migrations.CreateModel(
            name='Orphan',
            fields=[
            ],
            options={
                'verbose_name': 'structure sans répondant',
                'verbose_name_plural': 'structures sans répondant',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('directory.structure',),
        ),
    ]
