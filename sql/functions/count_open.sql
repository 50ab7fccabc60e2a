-- Counts the rejected rows of an upload that are still to be corrected. Promises: the number is that of the rows of
-- ledger.reject_states with the state open; for a file that came once and that no decision is about, as nearly every one,
-- it takes one reading of the corrections, so that a list may ask it for a file with a million rejected rows.
CREATE OR REPLACE FUNCTION ledger.count_open(this_upload uuid) RETURNS bigint
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $count_open$
DECLARE
  u       ledger.uploads%ROWTYPE;
  related uuid[];
BEGIN
  SELECT * INTO u FROM ledger.uploads AS x WHERE x.upload_id = this_upload;
  IF NOT FOUND OR u.rows_rejected = 0 OR u.status = 'superseded' THEN
    RETURN 0;
  END IF;
  -- Uploads with corrections of the file: their valid rows, and those that were rejected again.
  SELECT array_agg(c.upload_id) INTO related FROM (
    SELECT c.upload_id FROM ledger.corrections AS c WHERE c.file_id = u.file_id
    UNION
    SELECT s.upload_id FROM ledger.rejected_rows AS s WHERE s.corrects_file = u.file_id
  ) AS c;
  IF EXISTS (
    SELECT FROM ledger.uploads AS o
    WHERE o.bucket = u.bucket AND o.object_key = u.object_key AND o.upload_id <> u.upload_id
  ) OR EXISTS (
    SELECT FROM ledger.rejected_rows AS r WHERE r.upload_id = u.upload_id AND r.corrects_file IS NOT NULL
  ) OR EXISTS (
    SELECT FROM ledger.uploads AS o
    JOIN ledger.decisions AS d
      ON d.bucket = o.bucket AND d.file_key = o.object_key AND d.file_version = o.version_id
    WHERE (o.upload_id = u.upload_id OR o.upload_id = ANY (related)) AND d.state IN ('settling', 'done')
  ) THEN
    RETURN (SELECT count(*) FROM ledger.reject_states AS r WHERE r.upload_id = u.upload_id AND r.state = 'open');
  ELSIF related IS NULL THEN
    RETURN u.rows_rejected;
  END IF;
  RETURN (
    SELECT count(*) FROM ledger.rejected_rows AS r
    WHERE r.upload_id = u.upload_id AND NOT EXISTS (
      SELECT FROM ledger.corrections AS c
      JOIN ledger.uploads AS b ON b.upload_id = c.upload_id
      WHERE c.file_id = u.file_id AND c.line = r.line AND b.store_id = u.store_id
    )
  );
END
$count_open$;

GRANT EXECUTE ON FUNCTION ledger.count_open(uuid) TO retail_api, retail_operator;
