-- The upload history: for the command line with exact types, for BI tools with the types that they know.
-- Promises: one row for each upload, superseded ones included; a filter on upload_id or received_on uses an index.
-- CASCADE: a release that is rolled back drops the views that a newer one built on these.
DROP VIEW IF EXISTS ledger.upload_history, reporting.upload_history, reporting.data_quality CASCADE;

CREATE VIEW ledger.upload_history AS
SELECT
  u.upload_id, u.file_id, u.bucket, u.object_key, u.version_id, u.parser_revision, u.store_id, u.status,
  coalesce(u.rows_read, u.rows_inserted + u.rows_duplicate + u.rows_conflicting + u.rows_rejected + u.rows_retracted
                        + u.rows_replaced) AS rows_read,
  u.rows_inserted, u.rows_duplicate, u.rows_conflicting, u.rows_rejected, u.rows_retracted, u.rows_replaced,
  u.failure_code, u.failure_message, u.header_text, u.format, u.first_day, u.last_day,
  u.received_at, u.started_at, u.moved_at, u.completed_at
FROM ledger.uploads AS u;

COMMENT ON VIEW ledger.upload_history IS 'One row for each upload, that is, each reading of an object version.';
COMMENT ON COLUMN ledger.upload_history.upload_id IS 'Unique for each object version and parser revision.';
COMMENT ON COLUMN ledger.upload_history.file_id IS 'The same for every reading of an object version.';
COMMENT ON COLUMN ledger.upload_history.bucket IS 'Bucket of the file.';
COMMENT ON COLUMN ledger.upload_history.object_key IS 'Folder and name of the file.';
COMMENT ON COLUMN ledger.upload_history.version_id IS
  'Object version; a file uploaded again under the same name is another version.';
COMMENT ON COLUMN ledger.upload_history.parser_revision IS
  'Parser revision that read the file; another revision that reads it again finds duplicates.';
COMMENT ON COLUMN ledger.upload_history.store_id IS 'Store.';
COMMENT ON COLUMN ledger.upload_history.status IS
  'loading, complete, failed, or superseded by a later reading of the same version.';
COMMENT ON COLUMN ledger.upload_history.rows_read IS 'Rows in the file; during loading, the rows received so far.';
COMMENT ON COLUMN ledger.upload_history.rows_inserted IS 'Rows that are in transactions.';
COMMENT ON COLUMN ledger.upload_history.rows_duplicate IS 'Rows whose id has the same content in transactions from another row.';
COMMENT ON COLUMN ledger.upload_history.rows_conflicting IS
  'Rows whose id has different content in transactions.';
COMMENT ON COLUMN ledger.upload_history.rows_rejected IS 'Rows that break a rule.';
COMMENT ON COLUMN ledger.upload_history.rows_retracted IS 'Rows of a file that was retracted.';
COMMENT ON COLUMN ledger.upload_history.rows_replaced IS 'Rows whose id a later restatement gave different content.';
COMMENT ON COLUMN ledger.upload_history.failure_code IS
  'Reason why the whole file was refused, as in the data contract.';
COMMENT ON COLUMN ledger.upload_history.failure_message IS 'The same reason in words.';
COMMENT ON COLUMN ledger.upload_history.header_text IS 'Header as it is in the file.';
COMMENT ON COLUMN ledger.upload_history.format IS 'Detected format of the file.';
COMMENT ON COLUMN ledger.upload_history.first_day IS 'First transaction date of the valid rows.';
COMMENT ON COLUMN ledger.upload_history.last_day IS 'Last transaction date of the valid rows.';
COMMENT ON COLUMN ledger.upload_history.received_at IS 'Time of the upload.';
COMMENT ON COLUMN ledger.upload_history.started_at IS
  'Time of the upload; for a later reading of the same version, time when its first batch was loaded.';
COMMENT ON COLUMN ledger.upload_history.moved_at IS 'Time when the last batch so far was loaded.';
COMMENT ON COLUMN ledger.upload_history.completed_at IS 'Time when the last batch was loaded.';

CREATE VIEW reporting.upload_history AS
SELECT
  (h.received_at AT TIME ZONE 'UTC')::date AS received_on, h.store_id,
  regexp_replace(h.object_key, '^.*/', '') AS file_name, h.status,
  h.rows_read, h.rows_inserted, h.rows_duplicate, h.rows_conflicting, h.rows_rejected, h.rows_retracted, h.rows_replaced,
  h.failure_code, h.failure_message,
  h.received_at AT TIME ZONE 'UTC' AS received_at,
  h.completed_at AT TIME ZONE 'UTC' AS completed_at,
  extract(epoch FROM h.completed_at - h.started_at)::numeric(12, 3) AS load_seconds,
  h.first_day, h.last_day, h.format::text AS format,
  h.upload_id::text AS upload_id, h.bucket, h.object_key, h.version_id, h.parser_revision
FROM ledger.upload_history AS h;

COMMENT ON VIEW reporting.upload_history IS 'One row for each upload, that is, each reading of an object version.';
SELECT ledger.copy_comments('ledger.upload_history', 'reporting.upload_history');
COMMENT ON COLUMN reporting.upload_history.received_on IS 'Date of the upload.';
COMMENT ON COLUMN reporting.upload_history.file_name IS 'File name without its folder.';
COMMENT ON COLUMN reporting.upload_history.received_at IS 'Time of the upload, UTC.';
COMMENT ON COLUMN reporting.upload_history.completed_at IS 'Time when the last batch was loaded, UTC.';
COMMENT ON COLUMN reporting.upload_history.load_seconds IS 'Seconds from the upload to completed_at; for a later reading, from its first batch.';
COMMENT ON COLUMN reporting.upload_history.format IS 'Detected format of the file, as JSON.';
COMMENT ON COLUMN reporting.upload_history.upload_id IS 'As in transactions.';

CREATE VIEW reporting.data_quality AS
SELECT
  h.received_on, h.store_id, h.file_name, h.upload_id, h.status,
  h.rows_read, h.rows_inserted, h.rows_duplicate, h.rows_conflicting, h.rows_rejected, h.rows_retracted, h.rows_replaced,
  (h.rows_rejected::numeric / nullif(h.rows_read, 0))::numeric(5, 4) AS rejected_share
FROM reporting.upload_history AS h
-- Another upload of the same version has the rows of a superseded one.
WHERE h.status <> 'superseded';

COMMENT ON VIEW reporting.data_quality IS 'The row counts of each upload.';
SELECT ledger.copy_comments('reporting.upload_history', 'reporting.data_quality');
COMMENT ON COLUMN reporting.data_quality.rejected_share IS
  'rows_rejected / rows_read, from 0 to 1; null if no row was read.';

GRANT SELECT ON ledger.upload_history TO retail_operator, retail_analyst, retail_api;
GRANT SELECT ON reporting.upload_history, reporting.data_quality
  TO retail_operator, retail_analyst, retail_quicksight;
