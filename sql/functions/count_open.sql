-- Count the rejected rows of an upload that are still to be corrected. Promises: the numbers are those of the rows of
-- ledger.reject_states with the state open; for the newest version of a file that no decision is about, as nearly every
-- upload, a count takes one reading of the corrections, so that a list may ask it for files with a million rejected rows.

-- Returns what the open rows of an upload follow from: "all" of its rejected rows are open, its "corrections" decide, or
-- only the "states" of the view tell.
CREATE OR REPLACE FUNCTION ledger.find_open_by(this_upload uuid) RETURNS text
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $find_open_by$
DECLARE
  u       ledger.uploads%ROWTYPE;
  -- The versions of the object.
  files   uuid[];
  related uuid[];
BEGIN
  SELECT * INTO u FROM ledger.uploads AS x WHERE x.upload_id = this_upload;
  -- First, since an object may have hundreds of versions: another reading of this one, or a later one.
  IF EXISTS (
    SELECT FROM ledger.uploads AS o
    WHERE o.bucket = u.bucket AND o.object_key = u.object_key AND o.upload_id <> u.upload_id
      AND (o.file_id = u.file_id
           OR (o.received_at, o.version_id COLLATE "C") > (u.received_at, u.version_id COLLATE "C"))
  ) OR EXISTS (
    SELECT FROM ledger.rejected_rows AS r WHERE r.upload_id = u.upload_id AND r.corrects_file IS NOT NULL
  ) OR EXISTS (
    SELECT FROM ledger.decisions AS d
    WHERE d.bucket = u.bucket AND d.file_key = u.object_key AND d.state IN ('settling', 'done')
  ) THEN
    RETURN 'states';
  END IF;
  SELECT array_agg(o.file_id) INTO files
  FROM ledger.uploads AS o WHERE o.bucket = u.bucket AND o.object_key = u.object_key;
  -- Uploads with corrections of the versions: their valid rows, and those that were rejected again.
  SELECT array_agg(c.upload_id) INTO related FROM (
    SELECT c.upload_id FROM ledger.corrections AS c WHERE c.file_id = ANY (files)
    UNION
    SELECT s.upload_id FROM ledger.rejected_rows AS s WHERE s.corrects_file = ANY (files)
  ) AS c;
  -- A former version changes nothing, unless its corrections do.
  IF related IS NOT NULL AND (cardinality(files) > 1 OR EXISTS (
    SELECT FROM ledger.uploads AS o
    JOIN ledger.decisions AS d
      ON d.bucket = o.bucket AND d.file_key = o.object_key AND d.file_version = o.version_id
    WHERE o.upload_id = ANY (related) AND d.state IN ('settling', 'done')
  )) THEN
    RETURN 'states';
  END IF;
  RETURN CASE WHEN related IS NULL THEN 'all' ELSE 'corrections' END;
END
$find_open_by$;

-- Counts the rejected rows of an upload and the open ones, by code and by the first 200 characters of the column.
CREATE OR REPLACE FUNCTION ledger.count_rejects(this_upload uuid)
RETURNS TABLE (code text, field text, rejected bigint, open bigint)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $count_rejects$
DECLARE
  open_by text := ledger.find_open_by(this_upload);
BEGIN
  IF open_by = 'states' THEN
    RETURN QUERY
    SELECT r.code, left(r.column_name, 200), count(*), count(*) FILTER (WHERE r.state = 'open')
    FROM ledger.reject_states AS r WHERE r.upload_id = this_upload GROUP BY 1, 2;
  ELSIF open_by = 'all' THEN
    RETURN QUERY
    SELECT r.code, left(r.column_name, 200), count(*), count(*)
    FROM ledger.rejected_rows AS r WHERE r.upload_id = this_upload GROUP BY 1, 2;
  ELSE
    RETURN QUERY
    SELECT r.code, left(r.column_name, 200), count(*), count(*) - count(c.line)
    FROM ledger.rejected_rows AS r
    LEFT JOIN (
      SELECT DISTINCT c.line
      FROM ledger.uploads AS u
      JOIN ledger.corrections AS c ON c.file_id = u.file_id
      JOIN ledger.uploads AS b ON b.upload_id = c.upload_id AND b.store_id = u.store_id
      WHERE u.upload_id = this_upload
    ) AS c ON c.line = r.line
    WHERE r.upload_id = this_upload GROUP BY 1, 2;
  END IF;
END
$count_rejects$;

-- Counts the open rows of an upload.
CREATE OR REPLACE FUNCTION ledger.count_open(this_upload uuid) RETURNS bigint
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $count_open$
BEGIN
  IF ledger.find_open_by(this_upload) = 'all' THEN
    RETURN (SELECT u.rows_rejected FROM ledger.uploads AS u WHERE u.upload_id = this_upload);
  END IF;
  RETURN (SELECT coalesce(sum(c.open), 0) FROM ledger.count_rejects(this_upload) AS c);
END
$count_open$;

GRANT EXECUTE ON FUNCTION ledger.count_open(uuid), ledger.count_rejects(uuid) TO retail_api, retail_operator;
