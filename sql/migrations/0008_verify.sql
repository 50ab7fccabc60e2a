-- Compares, for a page of uploads, what the ledger says of them with the ledger's own parts and with the table.
-- Promises: changes nothing; says every difference, in words; its cost grows with the rows of these uploads only.
CREATE FUNCTION ledger.verify(received_since timestamptz, after_upload uuid, most integer)
RETURNS TABLE (upload_id uuid, differences text[])
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $verify$
  SELECT u.upload_id, array_remove(ARRAY[
    CASE WHEN u.status = 'complete' AND u.rows_read
           <> u.rows_inserted + u.rows_duplicate + u.rows_conflicting + u.rows_rejected
      THEN format('%s rows were read, and %s inserted + %s duplicate + %s conflicting + %s rejected', u.rows_read,
                  u.rows_inserted, u.rows_duplicate, u.rows_conflicting, u.rows_rejected) END,
    CASE WHEN u.failure_code = 'row-counts-differ' THEN u.failure_message END,
    CASE WHEN u.status = 'complete' AND u.batches_loaded <> u.batches_expected
      THEN format('%s of %s batches are in', u.batches_loaded, u.batches_expected) END,
    CASE WHEN b.batches <> u.batches_loaded OR b.inserted <> u.rows_inserted OR b.duplicate <> u.rows_duplicate
           OR b.conflicting <> u.rows_conflicting OR b.rejected <> u.rows_rejected
      THEN 'the totals of the upload are not the sums of its batches' END,
    CASE WHEN t.found <> u.rows_inserted
      THEN format('%s rows were inserted, and the table has %s of them', u.rows_inserted, t.found) END,
    CASE WHEN r.found <> u.rows_rejected
      THEN format('%s rows were rejected, and %s are kept', u.rows_rejected, r.found) END,
    CASE WHEN c.found <> u.rows_conflicting
      THEN format('%s rows were in conflict, and %s are kept', u.rows_conflicting, c.found) END
  ], NULL)
  FROM ledger.uploads AS u
  CROSS JOIN LATERAL (
    SELECT count(*) AS batches, coalesce(sum(rows_inserted), 0) AS inserted,
           coalesce(sum(rows_duplicate), 0) AS duplicate, coalesce(sum(rows_conflicting), 0) AS conflicting,
           coalesce(sum(rows_rejected), 0) AS rejected
    FROM ledger.batches WHERE batches.upload_id = u.upload_id
  ) AS b
  CROSS JOIN LATERAL (
    SELECT count(*) AS found FROM public.transactions WHERE transactions.upload_id = u.upload_id
  ) AS t
  CROSS JOIN LATERAL (
    SELECT count(*) AS found FROM ledger.rejected_rows WHERE rejected_rows.upload_id = u.upload_id
  ) AS r
  CROSS JOIN LATERAL (
    SELECT count(*) AS found FROM ledger.conflicting_rows WHERE conflicting_rows.upload_id = u.upload_id
  ) AS c
  WHERE u.upload_id > after_upload AND u.received_at >= received_since
  ORDER BY u.upload_id
  LIMIT most
$verify$;

-- Uploads that the table has rows of and the ledger does not know; NULL where rows have no upload. Jumps from one
-- upload to the next in the index.
CREATE FUNCTION ledger.find_unknown_uploads() RETURNS TABLE (upload_id uuid)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $find_unknown$
  WITH RECURSIVE found AS (
    (SELECT t.upload_id FROM public.transactions AS t ORDER BY t.upload_id LIMIT 1)
    UNION ALL
    SELECT (SELECT t.upload_id FROM public.transactions AS t WHERE t.upload_id > found.upload_id
            ORDER BY t.upload_id LIMIT 1)
    FROM found WHERE found.upload_id IS NOT NULL
  )
  SELECT found.upload_id FROM found
  WHERE found.upload_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM ledger.uploads AS u WHERE u.upload_id = found.upload_id)
  UNION ALL
  SELECT NULL WHERE EXISTS (SELECT FROM public.transactions AS t WHERE t.upload_id IS NULL)
$find_unknown$;

REVOKE EXECUTE ON FUNCTION ledger.verify(timestamptz, uuid, integer), ledger.find_unknown_uploads() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.verify(timestamptz, uuid, integer), ledger.find_unknown_uploads() TO retail_analyst;
