-- An object may be read by more than one revision of the parser: each reading is an upload of its own.
-- Promises: a batch that comes again is compared with what it was; every row can be traced to its upload fast.
ALTER TABLE ledger.uploads
  ADD COLUMN parser_revision text NOT NULL DEFAULT '',
  -- The file's first line, which a CSV of its rejected rows needs.
  ADD COLUMN header_text text,
  ADD COLUMN moved_at timestamptz NOT NULL DEFAULT now(),
  DROP CONSTRAINT uploads_bucket_object_key_version_id_key,
  ADD CONSTRAINT uploads_of_object UNIQUE (bucket, object_key, version_id, parser_revision),
  DROP CONSTRAINT uploads_status_check,
  ADD CONSTRAINT uploads_status_check CHECK (status IN ('loading', 'complete', 'failed', 'superseded'));

CREATE INDEX uploads_open ON ledger.uploads (upload_id) WHERE status = 'loading';

ALTER TABLE ledger.batches ADD COLUMN digest text;

CREATE INDEX transactions_by_upload ON public.transactions (upload_id);

CREATE OR REPLACE VIEW ledger.upload_history AS
SELECT
  upload_id, bucket, object_key, version_id, store_id, status,
  coalesce(rows_read, rows_inserted + rows_duplicate + rows_conflicting + rows_rejected) AS rows_read,
  rows_inserted, rows_duplicate, rows_conflicting, rows_rejected,
  failure_code, failure_message, received_at, completed_at, parser_revision, moved_at
FROM ledger.uploads
ORDER BY received_at, object_key;
