from django.db import migrations

from delegations.view_sql import GRANT_VIEW

# Guardian's own tables stay empty: what opens an account is a delegation, read through the view.
NO_ROW = """
CREATE FUNCTION delegations_no_generic_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Seule une délégation ouvre un compte.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'no_generic_grant';
END
$$;
CREATE TRIGGER no_generic_grant BEFORE INSERT ON guardian_userobjectpermission
    FOR EACH ROW EXECUTE FUNCTION delegations_no_generic_grant();
CREATE TRIGGER no_generic_grant BEFORE INSERT ON guardian_groupobjectpermission
    FOR EACH ROW EXECUTE FUNCTION delegations_no_generic_grant();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('delegations', '0001_initial'),
        ('accounts', '0003_journal_stays'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('guardian', '0003_remove_groupobjectpermission_guardian_gr_content_ae6aec_idx_and_more'),
    ]

    operations = [
        migrations.RunSQL(GRANT_VIEW, "DROP VIEW delegations_grant"),
        migrations.RunSQL(
            NO_ROW,
            """
            DROP TRIGGER no_generic_grant ON guardian_userobjectpermission;
            DROP TRIGGER no_generic_grant ON guardian_groupobjectpermission;
            DROP FUNCTION delegations_no_generic_grant();
            """,
        ),
    ]
