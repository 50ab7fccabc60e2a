-- The rejected rows by reason. Promises: superseded uploads are left out; a filter on received_on uses an index.
-- CASCADE: a release that is rolled back drops the views that a newer one built on these.
DROP VIEW IF EXISTS reporting.rejects_by_reason CASCADE;

CREATE VIEW reporting.rejects_by_reason AS
SELECT
  (u.received_at AT TIME ZONE 'UTC')::date AS received_on, u.store_id, r.code, r.column_name,
  count(*) AS rows_rejected, count(DISTINCT u.upload_id) AS uploads
FROM ledger.uploads AS u
JOIN ledger.rejected_rows AS r USING (upload_id)
WHERE u.status <> 'superseded'
GROUP BY (u.received_at AT TIME ZONE 'UTC')::date, u.store_id, r.code, r.column_name;

COMMENT ON VIEW reporting.rejects_by_reason IS 'One row for each date, store, reject code and column.';
COMMENT ON COLUMN reporting.rejects_by_reason.received_on IS 'Date of the upload.';
COMMENT ON COLUMN reporting.rejects_by_reason.store_id IS 'Store.';
COMMENT ON COLUMN reporting.rejects_by_reason.code IS 'Reject code.';
COMMENT ON COLUMN reporting.rejects_by_reason.column_name IS
  'Column title as in the file; empty if the whole row is invalid.';
COMMENT ON COLUMN reporting.rejects_by_reason.rows_rejected IS 'Number of rejected rows.';
COMMENT ON COLUMN reporting.rejects_by_reason.uploads IS 'Number of uploads with such rows.';

GRANT SELECT ON reporting.rejects_by_reason TO retail_operator, retail_analyst, retail_quicksight;
