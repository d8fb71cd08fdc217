import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_index_is_computed_without_our_search_path() -> None:
    """As when a dump is restored, or an index is built again: PostgreSQL then looks in no schema of ours."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = ''")
        cursor.execute(
            """SELECT public.directory_search_lexemes(
                    's', 'EHPAD Les Genêts', '', '', '[]', '{12D099017}', '{12}', '{}', '{}'),
                public.directory_commune_key('Saint-Gaudens'),
                public.directory_search_renamed('[]', 'Ancien', 'Nouveau', '2026-11-23')"""
        )
        lexemes, key, aliases = cursor.fetchone()
    assert "'sgenets'" in lexemes
    assert key == "saint gaudens"
    assert "Ancien" in str(aliases)
