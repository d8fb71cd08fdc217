"""Communes are found by the beginning of their name, folded as the search folds."""

from django.db import migrations

CREATE = r"""
-- With its own search path: building an index or restoring a dump runs it without ours.
CREATE FUNCTION directory_commune_key(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, public AS $$ SELECT directory_search_words(name) $$;
CREATE INDEX directory_commune_key_idx ON directory_commune (directory_commune_key(name) COLLATE "C");
"""
DROP = """
DROP INDEX directory_commune_key_idx;
DROP FUNCTION directory_commune_key(text);
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0002_search_index")]
    operations = [migrations.RunSQL(CREATE, DROP)]
