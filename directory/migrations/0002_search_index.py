"""The search index: folding, the generated columns `shelf` and `lex`, their indexes, and the dictionary of words.

Why it looks like this: docs/decisions/0004-search-inside-postgresql.md. The folding is written once more, identically, in
`directory/search/folding.py`.
"""

from django.db import migrations

FOLDING = r"""
-- PL/pgSQL, and texts rather than sets: three times as fast as the same in SQL, and every write pays it.
-- lower() in the "C" collation touches ASCII alone: the same whatever the database's language.
CREATE FUNCTION directory_search_fold(x text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  t text := x;
BEGIN
  IF octet_length(t) <> char_length(t) THEN
    t := regexp_replace(t,
      '[^\u0001-\u024f\u0300-\u036f\u1d00-\u1d7f\u1e00-\u1eff\u2000-\u218f\ufb00-\ufb06\uff00-\uff5e]', ' ', 'g');
    t := regexp_replace(normalize(t, NFKD), '[\u0300-\u036f]+', '', 'g');
    IF t ~ '[ÆæŒœẞßÞþØøŁłĐđÐðĦħı]' THEN
      t := replace(replace(replace(replace(t, 'Æ', 'ae'), 'æ', 'ae'), 'Œ', 'oe'), 'œ', 'oe');
      t := replace(replace(replace(replace(t, 'ẞ', 'ss'), 'ß', 'ss'), 'Þ', 'th'), 'þ', 'th');
      t := translate(t, 'ØøŁłĐđÐðĦħı', 'oollddddhhi');
    END IF;
  END IF;
  t := lower(t COLLATE "C");
  IF position('.' IN t) > 0 THEN
    t := regexp_replace(t, '(?<![a-z0-9])([a-z])\.(?=[a-z](?![a-z0-9]))', '\1', 'g');
  END IF;
  RETURN btrim(regexp_replace(t, '[^a-z0-9]+', ' ', 'g'));
END $$;

-- The words under which a text is found, a space between each and the next: st is saint, small words are left out.
CREATE FUNCTION directory_search_words(x text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  t text := public.directory_search_fold(x);
BEGIN
  t := regexp_replace(t, '\m(a|au|aux|d|de|des|du|en|et|l|la|le|les|par|pour|sur)\M ?', '', 'g');
  t := regexp_replace(t, '\mst(e?)\M', 'saint\1', 'g');
  IF t ~ '[a-z0-9]{41}' THEN
    t := regexp_replace(t, '([a-z0-9]{40})[a-z0-9]+', '\1', 'g');
  END IF;
  RETURN btrim(t);
END $$;

-- A kind's first letter; a capital for what is closed, which so lives on a shelf of its own and costs nothing.
CREATE FUNCTION directory_search_shelf(kind text, is_closed boolean)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN is_closed THEN upper(left(kind, 1) COLLATE "C") ELSE left(kind, 1) END
$$;

-- Each of these with the prefix before it.
CREATE FUNCTION directory_search_marked(prefix text, terms text[])
RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN terms = '{}' THEN '{}'
    ELSE string_to_array(prefix || array_to_string(terms, E'\x01' || prefix), E'\x01') END
$$;

-- <shelf><word>, <shelf>/<department>, <shelf>@<commune>, <shelf>#<facet>, <shelf>=<number>
-- With its own search path: restoring a dump runs it without ours.
CREATE FUNCTION directory_search_lexemes(
  shelf text, label text, detail text, keywords text, aliases jsonb,
  numbers text[], departments text[], communes text[], facets text[]
) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS $$
DECLARE
  t text := concat_ws(' ', label, detail, keywords);
BEGIN
  IF aliases <> '[]' THEN
    t := t || (SELECT coalesce(string_agg(' ' || (a ->> 'name'), ''), '') FROM jsonb_array_elements(aliases) a);
  END IF;
  t := public.directory_search_words(left(t, 8000));
  RETURN array_to_tsvector(
    public.directory_search_marked(shelf, string_to_array(t, ' '))
    || public.directory_search_marked(shelf || '/', departments)
    || public.directory_search_marked(shelf || '@', communes)
    || public.directory_search_marked(shelf || '#', facets)
    || public.directory_search_marked(shelf || '=', lower(numbers::text COLLATE "C")::text[]));
END $$;

-- The first one, two and three letters of each word, and the beginnings of each number from five figures on. Indexed,
-- not stored: GIN's own prefix search costs 0.2 µs an entry.
CREATE FUNCTION directory_search_prefixes(lex tsvector)
RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  w text;
  begun text := '';
  first text;
BEGIN
  FOREACH w IN ARRAY tsvector_to_array(lex) LOOP
    first := substr(w, 2, 1);
    IF first = '=' THEN
      FOR l IN 7..length(w) LOOP
        begun := begun || ' ' || left(w, l);
      END LOOP;
    ELSIF first NOT IN ('/', '@', '#') THEN
      begun := begun || ' ' || left(w, 2) || ' ' || left(w, 3) || ' ' || left(w, 4);
    END IF;
  END LOOP;
  RETURN string_to_array(ltrim(begun), ' ');
END $$;

-- Old names, for ever, each once. A name that folds like the new one is found by it anyway.
CREATE FUNCTION directory_search_renamed(aliases jsonb, old_label text, new_label text, until date)
RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT CASE
    WHEN public.directory_search_fold(old_label) = public.directory_search_fold(new_label) THEN aliases
    ELSE (SELECT coalesce(jsonb_agg(a), '[]') FROM jsonb_array_elements(aliases) a WHERE a ->> 'name' <> old_label)
      || jsonb_build_array(jsonb_build_object('name', old_label, 'until', to_char(until, 'YYYY-MM-DD')))
  END
$$;
"""

DROP_FOLDING = """
DROP FUNCTION directory_search_renamed(jsonb, text, text, date);
DROP FUNCTION directory_search_prefixes(tsvector);
DROP FUNCTION directory_search_lexemes(text, text, text, text, jsonb, text[], text[], text[], text[]);
DROP FUNCTION directory_search_marked(text, text[]);
DROP FUNCTION directory_search_shelf(text, boolean);
DROP FUNCTION directory_search_words(text);
DROP FUNCTION directory_search_fold(text);
"""

# A pending list halves what a write costs; at 64 kB, 60 entries at most, reads do not feel it (at the usual 4 MB they
# are five times slower until it is flushed).
# The partial index holds the most popular (directory/search/plan.py: TOP_POPULARITY says the same figure).
COLUMNS = """
ALTER TABLE directory_searchentry
  ADD COLUMN shelf text NOT NULL GENERATED ALWAYS AS (directory_search_shelf(kind, is_closed)) STORED,
  ADD COLUMN lex tsvector NOT NULL GENERATED ALWAYS AS (directory_search_lexemes(
    directory_search_shelf(kind, is_closed), label, detail, keywords, aliases, numbers, departments, communes, facets
  )) STORED;
CREATE INDEX directory_searchentry_lex ON directory_searchentry
  USING gin (lex, directory_search_prefixes(lex)) WITH (fastupdate = on, gin_pending_list_limit = 64);
CREATE INDEX directory_searchentry_lex_top ON directory_searchentry
  USING gin (lex) WITH (fastupdate = on, gin_pending_list_limit = 64) WHERE popularity >= 0.9375;
CREATE INDEX directory_searchentry_by_popularity ON directory_searchentry (shelf, popularity DESC, id);
"""

DROP_COLUMNS = """
ALTER TABLE directory_searchentry DROP COLUMN lex, DROP COLUMN shelf;
"""

DICTIONARY = r"""
-- How many entries have each term, about. term: a word; 'abc*', every word that begins so (1 to 3 letters); '/12',
-- '@12096', '#500', filters; '', the whole shelf; '^', its most popular. A term that has no row is in no entry, but
-- for numbers: of these, only the beginnings of 5 to 8 figures that more than 200 entries have are here ('=10000*').
CREATE TABLE directory_search_word (
  term text COLLATE "C" NOT NULL, shelf text COLLATE "C" NOT NULL, n integer NOT NULL,
  PRIMARY KEY (term, shelf) INCLUDE (n)
);
-- Each word under itself and under itself less one letter: two words that share a key are one or two edits apart.
CREATE TABLE directory_search_word_key (
  key text COLLATE "C" NOT NULL, term text COLLATE "C" NOT NULL, PRIMARY KEY (key, term)
);
CREATE FUNCTION directory_search_keys(w text) RETURNS SETOF text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT w UNION SELECT overlay(w PLACING '' FROM i FOR 1) FROM generate_series(1, length(w)) i
$$;
"""

DROP_DICTIONARY = """
DROP FUNCTION directory_search_keys(text);
DROP TABLE directory_search_word_key;
DROP TABLE directory_search_word;
"""

INSERTED = """
      SELECT left(x, 1) AS shelf, substr(x, 2) AS term, count(*) AS n FROM new_rows, unnest(tsvector_to_array(lex)) x
      GROUP BY 1, 2
"""
UPDATED = """
      SELECT left(x, 1) AS shelf, substr(x, 2) AS term, count(*) AS n
      FROM new_rows n JOIN old_rows o USING (id),
        unnest(tsvector_to_array(ts_delete(n.lex, tsvector_to_array(o.lex)))) x
      WHERE n.lex <> o.lex GROUP BY 1, 2
"""
# New words enter in the writer's own transaction, so that nothing is ever written that cannot be found. Counts are
# estimates: only a statement that changes one by a tenth touches its row, and the rebuild puts them right.
LEARN = r"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH added AS ({added}),
    arrived AS (SELECT shelf, popularity FROM {arrived}),
    counted AS (
      SELECT term, shelf, n FROM added WHERE left(term, 1) <> '='
      UNION ALL SELECT left(term, i) || '*', shelf, sum(n) FROM added, generate_series(1, 3) i
        WHERE term ~ '^[a-z0-9]' AND length(term) >= i GROUP BY 1, 2
      UNION ALL SELECT left(term, i) || '*', shelf, sum(n) FROM added, generate_series(6, 9) i
        WHERE left(term, 1) = '=' AND length(term) >= i GROUP BY 1, 2 HAVING sum(n) > 200
      UNION ALL SELECT '', shelf, count(*) FROM arrived GROUP BY 2
      UNION ALL SELECT '^', shelf, count(*) FROM arrived WHERE popularity >= 0.9375 GROUP BY 2),
    news AS (
      SELECT c.term, c.shelf, c.n FROM counted c LEFT JOIN directory_search_word w USING (term, shelf)
      WHERE w.n IS NULL OR w.n = 0 OR c.n >= greatest(10, w.n / 10)),
    kept AS (
      INSERT INTO directory_search_word AS w SELECT term, shelf, n FROM news ORDER BY 1, 2
      ON CONFLICT (term, shelf) DO UPDATE SET n = w.n + excluded.n)
  INSERT INTO directory_search_word_key
    SELECT k, s.term FROM (
      SELECT DISTINCT term FROM news WHERE term ~ '^[a-z]{{4,24}}$'
        AND NOT EXISTS (SELECT FROM directory_search_word w WHERE w.term = news.term)) s,
      directory_search_keys(s.term) k
    ORDER BY 1, 2 ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
"""
LEARNING = (
    LEARN.format(name="directory_search_learn_inserted", added=INSERTED, arrived="new_rows")
    + LEARN.format(
        name="directory_search_learn_updated",
        added=UPDATED,
        arrived="(SELECT n.* FROM new_rows n JOIN old_rows o USING (id) WHERE n.shelf <> o.shelf) moved",
    )
    + """
CREATE TRIGGER directory_search_learn_inserted AFTER INSERT ON directory_searchentry
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION directory_search_learn_inserted();
CREATE TRIGGER directory_search_learn_updated AFTER UPDATE ON directory_searchentry
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION directory_search_learn_updated();
"""
)
DROP_LEARNING = """
DROP TRIGGER directory_search_learn_inserted ON directory_searchentry;
DROP TRIGGER directory_search_learn_updated ON directory_searchentry;
DROP FUNCTION directory_search_learn_inserted();
DROP FUNCTION directory_search_learn_updated();
"""

# It locks nobody out: rows change one by one. A word that left goes to 0 (still « may be there ») and is deleted by
# the next rebuild only, so that an entry written meanwhile under that word is never lost.
REBUILD = r"""
CREATE FUNCTION directory_search_rebuild() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  changed integer;
  total integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('directory_search_rebuild'));
  DROP TABLE IF EXISTS pg_temp.search_count;
  CREATE TEMP TABLE search_count ON COMMIT DROP AS
    WITH counted AS MATERIALIZED (
      SELECT substr(x, 2) AS term, left(x, 1) AS shelf, count(*)::integer AS n
      FROM directory_searchentry, unnest(tsvector_to_array(lex)) x WHERE substr(x, 2, 1) <> '=' GROUP BY 1, 2)
    SELECT term COLLATE "C" AS term, shelf COLLATE "C" AS shelf, n FROM counted
    UNION ALL SELECT '=' || lower(left(number, i) COLLATE "C") || '*', directory_search_shelf(kind, is_closed),
        count(*)::integer
      FROM directory_searchentry, unnest(numbers) number, generate_series(5, 8) i WHERE length(number) >= i
      GROUP BY 1, 2 HAVING count(*) > 200
    UNION ALL SELECT left(term, i) || '*', shelf, sum(n)::integer FROM counted, generate_series(1, 3) i
      WHERE term ~ '^[a-z0-9]' AND length(term) >= i GROUP BY 1, 2
    UNION ALL SELECT '', shelf, count(*)::integer FROM directory_searchentry GROUP BY 2
    UNION ALL SELECT '^', shelf, count(*)::integer FROM directory_searchentry WHERE popularity >= 0.9375 GROUP BY 2;
  ANALYZE search_count;
  DELETE FROM directory_search_word w
    WHERE n = 0 AND NOT EXISTS (SELECT FROM search_count c WHERE c.term = w.term AND c.shelf = w.shelf);
  GET DIAGNOSTICS changed = ROW_COUNT; total := total + changed;
  UPDATE directory_search_word w SET n = 0
    WHERE n <> 0 AND NOT EXISTS (SELECT FROM search_count c WHERE c.term = w.term AND c.shelf = w.shelf);
  GET DIAGNOSTICS changed = ROW_COUNT; total := total + changed;
  INSERT INTO directory_search_word AS w
    SELECT c.term, c.shelf, c.n FROM search_count c LEFT JOIN directory_search_word o USING (term, shelf)
    WHERE o.n IS DISTINCT FROM c.n ORDER BY 1, 2
    ON CONFLICT (term, shelf) DO UPDATE SET n = excluded.n;
  GET DIAGNOSTICS changed = ROW_COUNT; total := total + changed;
  DELETE FROM directory_search_word_key k
    WHERE NOT EXISTS (SELECT FROM directory_search_word w WHERE w.term = k.term);
  INSERT INTO directory_search_word_key
    SELECT k, s.term FROM (
      SELECT DISTINCT term FROM search_count c WHERE term ~ '^[a-z]{4,24}$'
        AND NOT EXISTS (SELECT FROM directory_search_word_key o WHERE o.key = c.term AND o.term = c.term)) s,
      directory_search_keys(s.term) k
    ORDER BY 1, 2 ON CONFLICT DO NOTHING;
  DROP TABLE search_count;
  RETURN total;
END $$;
SELECT directory_search_rebuild();
"""
DROP_REBUILD = "DROP FUNCTION directory_search_rebuild();"


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]

    operations = [
        migrations.RunSQL(FOLDING, DROP_FOLDING),
        migrations.RunSQL(COLUMNS, DROP_COLUMNS),
        migrations.RunSQL(DICTIONARY, DROP_DICTIONARY),
        migrations.RunSQL(LEARNING, DROP_LEARNING),
        migrations.RunSQL(REBUILD, DROP_REBUILD),
    ]
