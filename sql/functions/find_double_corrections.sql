-- Finds rejected rows that several files corrected with different ids, so that a sale is in transactions more than once.
-- One file may make several rows of a rejected one: that is a decision of the person who corrects it.

-- Returns the rejected row, by the newest upload of its file, and the uploads whose rows correct it. Only rows that
-- uploads of the JSON array have or correct, or all if it is NULL.
CREATE OR REPLACE FUNCTION ledger.find_double_corrections(of_uploads json, max_rows integer)
RETURNS TABLE (upload_id uuid, object_key text, line integer, corrected_by uuid[])
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $find_double_corrections$
  WITH asked AS (
    SELECT u.upload_id, u.file_id FROM ledger.uploads AS u
    WHERE u.upload_id IN (SELECT json_array_elements_text(of_uploads)::uuid)
  ), corrections AS (
    SELECT c.* FROM ledger.corrections AS c
    WHERE of_uploads IS NULL OR c.file_id IN (SELECT a.file_id FROM asked AS a)
       OR (c.file_id, c.line) IN (
         SELECT o.file_id, o.line FROM ledger.corrections AS o JOIN asked AS a ON a.upload_id = o.upload_id
       )
  )
  SELECT f.upload_id, f.object_key, c.line, array_agg(DISTINCT t.upload_id)
  FROM corrections AS c
  JOIN public.transactions AS t ON t.upload_id = c.upload_id AND t.line = c.by_line
  CROSS JOIN LATERAL (
    SELECT u.upload_id, u.object_key FROM ledger.uploads AS u
    WHERE u.file_id = c.file_id AND u.store_id = t.store_id
    ORDER BY u.started_at DESC, u.upload_id LIMIT 1
  ) AS f
  GROUP BY f.upload_id, f.object_key, c.line
  HAVING count(DISTINCT t.upload_id) > 1 AND count(DISTINCT t.id) > 1
  ORDER BY f.object_key, f.upload_id, c.line
  LIMIT max_rows
$find_double_corrections$;

GRANT EXECUTE ON FUNCTION ledger.find_double_corrections(json, integer) TO retail_operator;
