-- Finds rows that a newer reading of an object version does not accept although an earlier one inserted them, such as
-- after a change of the tax rate. While they are in the table nothing is lost, but a rebuild from the bucket loses them.
-- Promises: after a rebuild, the rows that were put aside in the schema "former" count as earlier ones too.

-- Returns the uploads of a parser revision that were completed since a time, with the number of such rows, and how many
-- of these are not in the table.
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
      WHERE u.completed_at >= $1 AND u.parser_revision = $2
        AND (u.status = 'failed' OR u.status = 'complete' AND r.line IS NOT NULL)
        AND %s
      GROUP BY u.upload_id
    $losses$, earlier.uploads, earlier.transactions, earlier.is_other) USING completed_since, revision;
  END LOOP;
END
$find_replay_losses$;

GRANT EXECUTE ON FUNCTION ledger.find_replay_losses(timestamptz, text) TO retail_operator;
