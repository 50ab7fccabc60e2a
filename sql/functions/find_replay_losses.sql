-- Finds rows that a reading of an object version does not accept although another one inserted them.
-- Promises: after a rebuild, the rows that were put aside in the schema "former" count as inserted too; rows in the table
-- do not count if the readings had different settings, because a rebuild reads the object by both.

-- Returns the uploads that the code of a parser revision read and that were completed since a time, with the number of
-- such rows, and how many of these are not in the table.
CREATE OR REPLACE FUNCTION ledger.find_replay_losses(completed_since timestamptz, revision text)
RETURNS TABLE (upload_id uuid, refused bigint, missing bigint)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $find_replay_losses$
DECLARE
  earlier record;
BEGIN
  FOR earlier IN
    SELECT e.*
    FROM (VALUES ('ledger.uploads', 'public.transactions', 'o.upload_id <> u.upload_id'),
                 ('former.uploads', 'former.transactions', 'true')) AS e (uploads, transactions, is_other)
    WHERE to_regclass(e.uploads) IS NOT NULL AND to_regclass(e.transactions) IS NOT NULL
  LOOP
    RETURN QUERY EXECUTE format($losses$
      SELECT u.upload_id, count(*), count(*) FILTER (WHERE p.id IS NULL)
      FROM ledger.uploads AS u
      JOIN %s AS o USING (bucket, object_key, version_id)
      JOIN %s AS t ON t.upload_id = o.upload_id
      LEFT JOIN ledger.rejected_rows AS r ON r.upload_id = u.upload_id AND r.line = t.line
      LEFT JOIN public.transactions AS p ON p.id = t.id
      WHERE u.completed_at >= $1 AND split_part(u.parser_revision, '-', 1) = split_part($2, '-', 1)
        AND (u.status = 'failed' OR u.status = 'complete' AND r.line IS NOT NULL)
        AND (p.id IS NULL OR split_part(o.parser_revision, '-', 2) = split_part(u.parser_revision, '-', 2))
        AND %s
      GROUP BY u.upload_id
    $losses$, earlier.uploads, earlier.transactions, earlier.is_other) USING completed_since, revision;
  END LOOP;
END
$find_replay_losses$;

GRANT EXECUTE ON FUNCTION ledger.find_replay_losses(timestamptz, text) TO retail_operator;

-- Returns the uploads of a parser revision, completed since a time, that may refuse rows of a reading that is no longer
-- known: the file is older than this database, which has read it for the first time and rejected most of its rows, or
-- refused it because of a setting.
CREATE OR REPLACE FUNCTION ledger.find_doubtful_readings(completed_since timestamptz, revision text)
RETURNS TABLE (upload_id uuid, rows_rejected bigint, rows_read bigint, failure_code text)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $find_doubtful_readings$
DECLARE
  no_former_reading text := CASE WHEN to_regclass('former.uploads') IS NULL THEN 'true' ELSE
    'NOT EXISTS (SELECT FROM former.uploads AS o
                 WHERE (o.bucket, o.object_key, o.version_id) = (u.bucket, u.object_key, u.version_id))' END;
BEGIN
  RETURN QUERY EXECUTE format($doubtful$
    SELECT u.upload_id, u.rows_rejected, u.rows_read, u.failure_code
    FROM ledger.uploads AS u
    WHERE u.completed_at >= $1 AND u.parser_revision = $2
      AND u.received_at < (SELECT min(m.applied_at) FROM ledger.migrations AS m
                           WHERE starts_with(m.file_name, 'migrations/'))
      AND (u.status = 'complete' AND u.rows_rejected * 2 > u.rows_read
           OR u.failure_code IN ('column-unknown', 'file-too-large', 'store-unknown', 'too-many-rejected-rows'))
      AND NOT EXISTS (
        SELECT FROM ledger.uploads AS o
        WHERE (o.bucket, o.object_key, o.version_id) = (u.bucket, u.object_key, u.version_id)
          AND o.upload_id <> u.upload_id AND o.status IN ('complete', 'failed')
      )
      AND %s
  $doubtful$, no_former_reading) USING completed_since, revision;
END
$find_doubtful_readings$;

GRANT EXECUTE ON FUNCTION ledger.find_doubtful_readings(timestamptz, text) TO retail_operator;
