-- Compares the ledger with itself and with the table transactions.
-- Promises: changes nothing; reports every difference in words; the cost of a page grows only with the rows of its
-- uploads.

-- Returns a page of the uploads received since a time, ordered by id, with the differences of each.
CREATE OR REPLACE FUNCTION ledger.verify(received_since timestamptz, after_upload uuid, max_uploads integer)
RETURNS TABLE (upload_id uuid, differences text[])
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $verify$
  SELECT u.upload_id, array_remove(ARRAY[
    CASE WHEN u.status = 'complete' AND u.rows_read
           <> u.rows_inserted + u.rows_duplicate + u.rows_conflicting + u.rows_rejected + u.rows_retracted
              + u.rows_replaced
      THEN format('%s rows were read, and %s inserted + %s duplicate + %s conflicting + %s rejected + %s retracted '
                  '+ %s replaced', u.rows_read, u.rows_inserted, u.rows_duplicate, u.rows_conflicting, u.rows_rejected,
                  u.rows_retracted, u.rows_replaced) END,
    CASE WHEN u.failure_code = 'row-counts-differ' THEN u.failure_message END,
    CASE WHEN u.status = 'complete' AND u.batches_loaded <> u.batches_expected
      THEN format('%s of %s batches are in', u.batches_loaded, u.batches_expected) END,
    CASE WHEN (b.batches, b.inserted + a.inserted, b.duplicate + a.duplicate, b.conflicting + a.conflicting, b.rejected,
               b.retracted + a.retracted, a.replaced)
           <> (u.batches_loaded, u.rows_inserted, u.rows_duplicate, u.rows_conflicting, u.rows_rejected,
               u.rows_retracted, u.rows_replaced)
      THEN 'the totals of the upload are not the sums of its batches and adjustments' END,
    CASE WHEN t.rows <> u.rows_inserted
      THEN format('%s rows were inserted, and the table has %s of them', u.rows_inserted, t.rows) END,
    CASE WHEN r.rows <> u.rows_rejected
      THEN format('%s rows were rejected, and %s are kept', u.rows_rejected, r.rows) END,
    CASE WHEN o.duplicate <> u.rows_duplicate
      THEN format('%s rows were duplicates, and %s are kept', u.rows_duplicate, o.duplicate) END,
    CASE WHEN o.conflicting <> u.rows_conflicting
      THEN format('%s rows were in conflict, and %s are kept', u.rows_conflicting, o.conflicting) END,
    CASE WHEN o.retracted <> u.rows_retracted
      THEN format('%s rows were retracted, and %s are kept', u.rows_retracted, o.retracted) END,
    CASE WHEN o.replaced <> u.rows_replaced
      THEN format('%s rows were replaced, and %s are kept', u.rows_replaced, o.replaced) END
  ], NULL)
  FROM ledger.uploads AS u
  CROSS JOIN LATERAL (
    SELECT count(*) AS batches, coalesce(sum(rows_inserted), 0) AS inserted,
           coalesce(sum(rows_duplicate), 0) AS duplicate, coalesce(sum(rows_conflicting), 0) AS conflicting,
           coalesce(sum(rows_rejected), 0) AS rejected, coalesce(sum(rows_retracted), 0) AS retracted
    FROM ledger.batches WHERE batches.upload_id = u.upload_id
  ) AS b
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(rows_inserted), 0) AS inserted, coalesce(sum(rows_duplicate), 0) AS duplicate,
           coalesce(sum(rows_conflicting), 0) AS conflicting, coalesce(sum(rows_retracted), 0) AS retracted,
           coalesce(sum(rows_replaced), 0) AS replaced
    FROM ledger.adjustments WHERE adjustments.upload_id = u.upload_id
  ) AS a
  CROSS JOIN LATERAL (
    SELECT count(*) AS rows FROM public.transactions WHERE transactions.upload_id = u.upload_id
  ) AS t
  CROSS JOIN LATERAL (
    SELECT count(*) AS rows FROM ledger.rejected_rows WHERE rejected_rows.upload_id = u.upload_id
  ) AS r
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE fate = 'duplicate') AS duplicate,
           count(*) FILTER (WHERE fate = 'conflict') AS conflicting,
           count(*) FILTER (WHERE fate = 'retracted') AS retracted,
           count(*) FILTER (WHERE fate = 'replaced') AS replaced
    FROM ledger.other_versions WHERE other_versions.upload_id = u.upload_id
  ) AS o
  WHERE u.upload_id > after_upload AND u.received_at >= received_since
  ORDER BY u.upload_id
  LIMIT max_uploads
$verify$;

-- Returns the uploads of rows in transactions that the ledger does not know; NULL if rows have no upload. Jumps from one
-- upload to the next in the index, since reading every row would take too long.
CREATE OR REPLACE FUNCTION ledger.find_unknown_uploads() RETURNS TABLE (upload_id uuid)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $find_unknown_uploads$
  WITH RECURSIVE seen AS (
    (SELECT t.upload_id FROM public.transactions AS t ORDER BY t.upload_id LIMIT 1)
    UNION ALL
    SELECT (SELECT t.upload_id FROM public.transactions AS t WHERE t.upload_id > seen.upload_id
            ORDER BY t.upload_id LIMIT 1)
    FROM seen WHERE seen.upload_id IS NOT NULL
  )
  SELECT seen.upload_id FROM seen
  WHERE seen.upload_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM ledger.uploads AS u WHERE u.upload_id = seen.upload_id)
  UNION ALL
  SELECT NULL WHERE EXISTS (SELECT FROM public.transactions AS t WHERE t.upload_id IS NULL)
$find_unknown_uploads$;

GRANT EXECUTE ON FUNCTION ledger.verify(timestamptz, uuid, integer), ledger.find_unknown_uploads()
  TO retail_operator, retail_analyst;
