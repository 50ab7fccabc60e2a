-- The rejected rows with their state, and by reason. Promises: a row that was rejected again with its correction has the
-- state of the first time; a row that came again on the same line of the same object, unchanged, is open once; a row whose
-- file was corrected in place is open no longer; a filter on upload_id or received_on uses an index.
-- CASCADE: a release that is rolled back drops the views that a newer one built on these.
DROP VIEW IF EXISTS ledger.reject_states, reporting.rejected_rows, reporting.rejects_by_reason CASCADE;

CREATE VIEW ledger.reject_states AS
SELECT
  r.upload_id, r.line, r.column_name, r.code, r.message, r.original_text, f.file_id AS first_file, f.line AS first_line,
  CASE
    WHEN d.kind = 'retract' THEN 'retracted'
    WHEN c.upload_id IS NOT NULL OR p.upload_id IS NOT NULL THEN 'corrected'
    WHEN d.kind = 'waive' THEN 'waived'
    -- Another reading of the object version accepted the row, or has it among its own rejected rows.
    WHEN u.status = 'superseded' OR EXISTS (
      SELECT FROM unnest(o.readings) AS x (upload_id)
      WHERE NOT EXISTS (SELECT FROM ledger.rejected_rows AS s WHERE s.upload_id = x.upload_id AND s.line = r.line)
    ) THEN 'settled'
    WHEN k.newest <> r.upload_id THEN 'repeated'
    ELSE 'open'
  END AS state,
  coalesce(c.upload_id, p.upload_id) AS corrected_by,
  CASE WHEN c.upload_id IS NULL THEN p.line ELSE c.by_line END AS corrected_by_line, d.reason
FROM ledger.rejected_rows AS r
JOIN ledger.uploads AS u ON u.upload_id = r.upload_id
-- Other uploads of the object: looked up once for each upload, not for each of its rows.
CROSS JOIN LATERAL (
  SELECT
    ARRAY(
      SELECT x.upload_id FROM ledger.uploads AS x
      WHERE x.file_id = u.file_id AND x.upload_id <> u.upload_id AND x.status = 'complete'
    ) AS readings,
    -- A later version with a valid row.
    EXISTS (
      SELECT FROM ledger.uploads AS x
      WHERE x.bucket = u.bucket AND x.object_key = u.object_key AND x.status = 'complete'
        AND (x.received_at, x.version_id COLLATE "C") > (u.received_at, u.version_id COLLATE "C")
        AND x.rows_rejected < x.rows_read
    ) AS has_later
  OFFSET 0
) AS o
CROSS JOIN LATERAL (
  SELECT coalesce(r.corrects_file, u.file_id) AS file_id, coalesce(r.corrects_line, r.line) AS line
) AS f
-- The uploads of this object that have the row on this line. A row is the same if its text and its header are.
LEFT JOIN LATERAL (
  SELECT array_agg(v.file_id) AS files,
         (array_agg(v.upload_id ORDER BY v.received_at DESC, v.version_id COLLATE "C" DESC, v.started_at DESC,
                                         v.upload_id DESC))[1] AS newest
  FROM ledger.rejected_rows AS s
  -- After the row is found: an object may have hundreds of versions.
  CROSS JOIN LATERAL (
    SELECT v.*, v.status = 'complete' AND NOT EXISTS (
        SELECT FROM ledger.decisions AS x
        WHERE x.bucket = v.bucket AND x.file_key = v.object_key AND x.file_version = v.version_id
          AND x.kind = 'retract' AND x.state IN ('settling', 'done')
      ) AS is_valid
    FROM ledger.uploads AS v WHERE v.upload_id = s.upload_id OFFSET 0
  ) AS v
  WHERE s.line = r.line AND md5(s.original_text) = md5(r.original_text)
    AND v.bucket = u.bucket AND v.object_key = u.object_key AND v.header_text IS NOT DISTINCT FROM u.header_text
    AND (v.upload_id = u.upload_id OR v.is_valid)
) AS k ON true
CROSS JOIN LATERAL (
  SELECT CASE WHEN r.corrects_file IS NULL THEN k.files ELSE ARRAY[r.corrects_file] END AS files
) AS g
LEFT JOIN LATERAL (
  SELECT c.upload_id, c.by_line
  FROM ledger.corrections AS c
  JOIN ledger.uploads AS b ON b.upload_id = c.upload_id
  -- A store cannot correct the rows of another one.
  WHERE c.file_id = ANY (g.files) AND c.line = f.line AND b.store_id = u.store_id
    AND NOT EXISTS (
      SELECT FROM ledger.decisions AS x
      WHERE x.bucket = b.bucket AND x.file_key = b.object_key AND x.file_version = b.version_id
        AND x.kind = 'retract' AND x.state IN ('settling', 'done')
    )
  ORDER BY b.received_at, c.upload_id, c.by_line
  LIMIT 1
) AS c ON true
-- The valid row with the same id in a later version of the object. A line alone does not tell that it is the same row: a
-- file of another day may have the same name.
LEFT JOIN LATERAL (
  SELECT v.upload_id, t.line
  FROM (
    SELECT substring(r.original_text FROM '[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}')::uuid AS id
    WHERE c.upload_id IS NULL AND o.has_later
  ) AS i
  CROSS JOIN LATERAL (
    SELECT x.upload_id, x.line FROM public.transactions AS x WHERE x.id = i.id
    UNION ALL
    SELECT x.upload_id, x.line FROM ledger.other_versions AS x WHERE x.id = i.id
  ) AS t
  -- After the row is found, as above.
  CROSS JOIN LATERAL (SELECT * FROM ledger.uploads AS x WHERE x.upload_id = t.upload_id OFFSET 0) AS v
  WHERE v.bucket = u.bucket AND v.object_key = u.object_key AND v.status = 'complete'
    AND (v.received_at, v.version_id COLLATE "C") > (u.received_at, u.version_id COLLATE "C")
    AND NOT EXISTS (
      SELECT FROM ledger.decisions AS x
      WHERE x.bucket = v.bucket AND x.file_key = v.object_key AND x.file_version = v.version_id
        AND x.kind = 'retract' AND x.state IN ('settling', 'done')
    )
  ORDER BY v.received_at, v.version_id COLLATE "C", v.upload_id, t.line
  LIMIT 1
) AS p ON true
LEFT JOIN LATERAL (
  SELECT x.kind, x.reason
  FROM (
    SELECT u.file_id, r.line
    UNION ALL
    -- A waiver of the first row is one of its corrections and repetitions too, and the other way round.
    SELECT unnest(g.files), f.line
    UNION ALL
    SELECT v.file_id, s.line
    FROM ledger.rejected_rows AS s
    JOIN ledger.uploads AS v ON v.upload_id = s.upload_id
    WHERE s.corrects_file = ANY (g.files) AND s.corrects_line = f.line AND v.store_id = u.store_id
  ) AS same
  JOIN ledger.uploads AS b ON b.file_id = same.file_id
  JOIN ledger.decisions AS x
    ON x.bucket = b.bucket AND x.file_key = b.object_key AND x.file_version = b.version_id
  WHERE x.state IN ('settling', 'done')
    AND CASE x.kind
      WHEN 'retract' THEN b.file_id = u.file_id
      WHEN 'waive' THEN x.lines IS NULL OR same.line <@ x.lines
      ELSE false
    END
  ORDER BY x.kind, x.decided_at DESC
  LIMIT 1
) AS d ON true;

COMMENT ON VIEW ledger.reject_states IS 'One row for each rejected row, with its state.';
SELECT ledger.copy_comments('ledger.rejected_rows', 'ledger.reject_states');
COMMENT ON COLUMN ledger.reject_states.first_file IS
  'Object version in which the row was rejected for the first time, as file_id in ledger.uploads.';
COMMENT ON COLUMN ledger.reject_states.first_line IS 'Line of the row there.';
COMMENT ON COLUMN ledger.reject_states.state IS
  'open; corrected by a row of another file, or of a later version of its file; waived by an operator; retracted with its file; settled by another reading of the object version; or repeated: a later upload of the same object has the row on the same line.';
COMMENT ON COLUMN ledger.reject_states.corrected_by IS 'First upload that corrects the row.';
COMMENT ON COLUMN ledger.reject_states.corrected_by_line IS 'Line of the corrected row in the file of that upload.';
COMMENT ON COLUMN ledger.reject_states.reason IS 'Reason of the operator who waived the row or retracted its file.';

CREATE VIEW reporting.rejected_rows AS
SELECT
  (u.received_at AT TIME ZONE 'UTC')::date AS received_on, u.store_id,
  regexp_replace(u.object_key, '^.*/', '') AS file_name, r.line, r.column_name, r.code, r.message, r.state,
  r.corrected_by::text AS corrected_by, r.reason, r.first_file::text AS first_file, r.first_line, r.upload_id::text AS upload_id
FROM ledger.uploads AS u
JOIN ledger.reject_states AS r ON r.upload_id = u.upload_id
WHERE u.status <> 'superseded';

COMMENT ON VIEW reporting.rejected_rows IS 'One row for each rejected row, with its state.';
SELECT ledger.copy_comments('ledger.reject_states', 'reporting.rejected_rows');
COMMENT ON COLUMN reporting.rejected_rows.received_on IS 'Date of the upload.';
COMMENT ON COLUMN reporting.rejected_rows.store_id IS 'Store.';
COMMENT ON COLUMN reporting.rejected_rows.file_name IS 'File name without its folder.';
COMMENT ON COLUMN reporting.rejected_rows.upload_id IS 'As in upload_history.';

CREATE VIEW reporting.rejects_by_reason AS
SELECT
  r.received_on, r.store_id, r.code, r.column_name, count(*) AS rows_rejected,
  -- A row that was rejected again is one row to correct.
  count(DISTINCT (r.first_file, r.first_line)) FILTER (WHERE r.state = 'open') AS rows_open,
  count(DISTINCT r.upload_id) AS uploads
FROM reporting.rejected_rows AS r
GROUP BY r.received_on, r.store_id, r.code, r.column_name;

COMMENT ON VIEW reporting.rejects_by_reason IS 'One row for each date, store, reject code and column.';
SELECT ledger.copy_comments('reporting.rejected_rows', 'reporting.rejects_by_reason');
COMMENT ON COLUMN reporting.rejects_by_reason.code IS 'Reject code.';
COMMENT ON COLUMN reporting.rejects_by_reason.rows_rejected IS 'Number of rejected rows.';
COMMENT ON COLUMN reporting.rejects_by_reason.rows_open IS 'Number of these rows that are still open.';
COMMENT ON COLUMN reporting.rejects_by_reason.uploads IS 'Number of uploads with such rows.';

GRANT SELECT ON ledger.reject_states TO retail_operator, retail_analyst, retail_api;
GRANT SELECT ON reporting.rejected_rows, reporting.rejects_by_reason
  TO retail_operator, retail_analyst, retail_quicksight;
