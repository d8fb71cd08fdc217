"""The directory's own entries, straight from its tables: one SELECT a kind, giving `publishing.FIELDS`.

`{picked}` stands for a condition on the row's id. Lines of keywords begin with a `keywords.Mark`.
"""

# ruff: noqa: S608, values are parameters: names of tables and columns alone stand in a statement
# Structures that `{among}` chooses, with the words that find them and all that stands in them.
_PLACES = """
    sigla AS (
        SELECT * FROM unnest(%(acronyms)s::text[], %(folded)s::text[], %(long_forms)s::text[], %(long_folded)s::text[],
            %(short_forms)s::text[], %(categories)s::text[], %(in_names)s::boolean[])
            AS t(acronym, folded, long_form, long_folded, short_form, categories, is_read_in_names)
    ),
    nature AS (
        SELECT c.code, c.label, c.short_label, coalesce(
            (SELECT min(short_form) FROM sigla WHERE c.code = ANY (string_to_array(categories, ' '))),
            CASE WHEN length(c.label) <= 50 THEN btrim(regexp_replace(c.label, '\\s*\\([^)]*\\)', '', 'g')) END,
            nullif(c.short_label, ''), c.label) AS shown
        FROM directory_establishmentcategory c
    ),
    place AS MATERIALIZED (
        SELECT s.*, coalesce(c.name, s.city) AS town, n.shown AS nature, n.label AS nature_label,
            n.short_label AS nature_short,
            ' ' || directory_search_fold(concat_ws(' ', s.name, s.long_name, s.ror_name)) || ' ' AS folded_names,
            nullif(concat_ws(' ; ', nullif(s.long_name, ''), nullif(s.ror_name, '')), '') AS other_names
        FROM directory_structure s
        LEFT JOIN directory_commune c ON c.insee_code = s.commune_id
        LEFT JOIN nature n ON n.code = s.category_id
        WHERE {among}
    )
"""


def _sigla_of(names: str, category: str) -> str:
    """The acronyms and their long forms that a category or a name stands for."""
    return f"""(
        SELECT string_agg(g.acronym || ' ' || g.long_form, ' ; ' ORDER BY g.acronym) FROM sigla g
        WHERE {category} = ANY (string_to_array(g.categories, ' '))
            OR (g.is_read_in_names AND (position(' ' || g.long_folded || ' ' IN {names}) > 0
                OR position(' ' || g.folded || ' ' IN {names}) > 0))
    )"""


STRUCTURES = f"""
    WITH {_PLACES}
    SELECT 'structure'::varchar AS kind, p.finess AS key, p.name AS label,
        left(concat_ws(' · ', p.nature, nullif(p.town, '')), 255)::varchar AS detail,
        left(concat_ws(E'\\n', '=' || p.other_names, '+' || {_sigla_of("p.folded_names", "p.category_id")},
            '#' || nullif(concat_ws(' ; ', p.nature_label, nullif(p.nature_short, '')), ''),
            '@' || nullif(concat_ws(' ', nullif(p.town, ''), nullif(p.postal_code, '')), '')), 6000) AS keywords,
        array_remove(ARRAY[p.finess, nullif(p.siret, '')], NULL)::varchar[] AS numbers,
        coalesce(p.department_id, '')::varchar AS department,
        array_remove(ARRAY[p.department_id], NULL)::varchar[] AS departments,
        array_remove(ARRAY[p.commune_id], NULL)::varchar[] AS communes,
        array_remove(ARRAY[p.category_id], NULL)::varchar[] AS facets,
        p.account_id,
        round((1 + ln(1 + (
            (SELECT count(*) FROM directory_internalorganisation u
                WHERE u.structure_id = p.id AND u.closed_on IS NULL)
            + (SELECT count(*) FROM directory_attachment a WHERE a.structure_id = p.id AND a.until IS NULL)
            + (SELECT count(*) FROM directory_attachment a JOIN directory_internalorganisation u
                ON u.id = a.internal_organisation_id WHERE u.structure_id = p.id AND a.until IS NULL)
        )))::numeric, 1)::double precision AS popularity,
        p.closed_on IS NOT NULL AS is_closed
    FROM place p
""".replace("{among}", "s.id {picked}")

# More people first: half at one person, fifteen to stand among the most popular.
UNITS = f"""
    WITH picked AS MATERIALIZED (
        SELECT u.*, directory_search_fold(u.name) || ' ' AS folded_name
        FROM directory_internalorganisation u WHERE u.id {{picked}}
    ),
    {_PLACES}
    SELECT 'unit'::varchar AS kind, u.id::varchar AS key, u.name AS label,
        left(concat_ws(' · ', CASE t.code WHEN '2' THEN 'Service' ELSE t.label END,
            concat_ws(', ', p.name, nullif(p.town, ''))), 255)::varchar AS detail,
        left(concat_ws(E'\\n', '>' || concat_ws(' ; ', p.name, p.other_names),
            '+' || {_sigla_of("p.folded_names || u.folded_name", "p.category_id")},
            '#' || t.label,
            '@' || nullif(concat_ws(' ', nullif(p.town, ''), nullif(p.postal_code, '')), '')), 6000) AS keywords,
        ARRAY[]::varchar[] AS numbers,
        coalesce(p.department_id, '')::varchar AS department,
        array_remove(ARRAY[p.department_id], NULL)::varchar[] AS departments,
        array_remove(ARRAY[p.commune_id], NULL)::varchar[] AS communes,
        array_remove(ARRAY[p.category_id], NULL)::varchar[] AS facets,
        u.account_id,
        round(1 - 1.0 / (1 + (SELECT count(*) FROM directory_attachment a
            WHERE a.internal_organisation_id = u.id AND a.until IS NULL)), 4)::double precision AS popularity,
        u.closed_on IS NOT NULL OR p.closed_on IS NOT NULL AS is_closed
    FROM picked u JOIN place p ON p.id = u.structure_id LEFT JOIN directory_unittype t ON t.code = u.type_id
""".replace("{among}", "s.id IN (SELECT structure_id FROM picked)")

# A person has no notoriety: a draw, always the same, that spreads them evenly (plan.py relies on a sixteenth).
PROFESSIONALS = """
    WITH picked AS MATERIALIZED (SELECT d.* FROM directory_professional d WHERE d.id {picked}),
    work AS MATERIALIZED (
        SELECT a.professional_id, 0 AS sort, a.id AS place_id, s.name AS place, coalesce(c.name, s.city) AS town,
            s.department_id, s.commune_id, concat_ws(', ', s.name, nullif(coalesce(c.name, s.city), '')) AS shown,
            concat_ws(' ; ', s.name, nullif(s.long_name, ''), nullif(s.ror_name, '')) AS names
        FROM directory_attachment a
        LEFT JOIN directory_internalorganisation u ON u.id = a.internal_organisation_id
        JOIN directory_structure s ON s.id = coalesce(a.structure_id, u.structure_id)
        LEFT JOIN directory_commune c ON c.insee_code = s.commune_id
        WHERE a.professional_id IN (SELECT id FROM picked) AND a.until IS NULL
            AND s.closed_on IS NULL AND u.closed_on IS NULL
        UNION ALL
        SELECT l.professional_id, 1, l.id, l.name, coalesce(c.name, l.city), l.department_id, l.commune_id,
            coalesce(c.name, l.city), nullif(l.name, '')
        FROM directory_practicelocation l LEFT JOIN directory_commune c ON c.insee_code = l.commune_id
        WHERE l.professional_id IN (SELECT id FROM picked) AND l.closed_on IS NULL
    ),
    whole AS (
        SELECT professional_id,
            (array_agg(shown ORDER BY sort, place_id) FILTER (WHERE shown <> ''))[1] AS shown,
            (array_agg(department_id ORDER BY sort, place_id) FILTER (WHERE department_id IS NOT NULL))[1]
                AS department,
            array_agg(DISTINCT department_id) FILTER (WHERE department_id IS NOT NULL) AS departments,
            array_agg(DISTINCT commune_id) FILTER (WHERE commune_id IS NOT NULL) AS communes,
            string_agg(DISTINCT names, ' ; ') AS names,
            string_agg(DISTINCT nullif(town, ''), ' ; ') AS towns
        FROM work GROUP BY professional_id
    ),
    trade AS (
        SELECT code, label, coalesce(nullif(feminine, ''), label) AS feminine FROM directory_profession
    )
    SELECT 'professional'::varchar AS kind, d.id::varchar AS key,
        left(btrim(concat_ws(' ', d.given_name, d.family_name)), 255)::varchar AS label,
        left(concat_ws(' · ',
            coalesce(CASE d.civility WHEN 'MME' THEN t.feminine ELSE t.label END, nullif(d.title, '')), w.shown
        ), 255)::varchar AS detail,
        left(concat_ws(E'\\n',
            '#' || nullif(concat_ws(' ; ', t.label, nullif(t.feminine, t.label), nullif(d.title, '')), ''),
            '*' || nullif(array_to_string(d.specialities, ' ; '), ''),
            '>' || left(w.names, 3000), '@' || left(w.towns, 1000)), 6000) AS keywords,
        array_remove(ARRAY[d.rpps], NULL)::varchar[] AS numbers,
        coalesce(w.department, '')::varchar AS department,
        coalesce(w.departments, ARRAY[]::varchar[])::varchar[] AS departments,
        coalesce(w.communes, ARRAY[]::varchar[])::varchar[] AS communes,
        array_remove(ARRAY[d.profession_id], NULL)::varchar[] AS facets,
        d.account_id,
        ('x' || left(md5(d.id::text), 5))::bit(20)::integer / 1048576.0::double precision AS popularity,
        d.closed_on IS NOT NULL AS is_closed
    FROM picked d LEFT JOIN trade t ON t.code = d.profession_id LEFT JOIN whole w ON w.professional_id = d.id
"""
