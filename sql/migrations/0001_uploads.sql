-- The uploads, and the results of their batches. Promises: an upload is complete only when every batch is loaded and every
-- row that was read is accounted for; the totals of an upload are the sums of its batches and adjustments.

CREATE TABLE ledger.uploads (
  upload_id        uuid PRIMARY KEY,
  -- The same for every reading of an object version: corrected rows name it.
  file_id          uuid NOT NULL,
  bucket           text NOT NULL,
  object_key       text NOT NULL,
  version_id       text NOT NULL,
  parser_revision  text NOT NULL DEFAULT '',
  store_id         text NOT NULL,
  status           text NOT NULL DEFAULT 'loading'
                   CHECK (status IN ('loading', 'complete', 'failed', 'superseded')),
  failure_code     text,
  failure_message  text,
  -- The header as it is in the file: a CSV of the rejected rows begins with it.
  header_text      text,
  format           jsonb,
  -- Both are unknown until the batch that closes the upload is loaded.
  batches_expected integer,
  rows_read        bigint,
  batches_loaded   integer NOT NULL DEFAULT 0,
  rows_inserted    bigint NOT NULL DEFAULT 0,
  rows_duplicate   bigint NOT NULL DEFAULT 0,
  rows_conflicting bigint NOT NULL DEFAULT 0,
  rows_rejected    bigint NOT NULL DEFAULT 0,
  rows_retracted   bigint NOT NULL DEFAULT 0,
  rows_replaced    bigint NOT NULL DEFAULT 0,
  received_at      timestamptz NOT NULL,
  -- When its last batch was loaded so far: the sweeper looks for uploads that stopped.
  moved_at         timestamptz NOT NULL DEFAULT now(),
  completed_at     timestamptz,
  -- When the object was created; for a later reading, when its first batch was loaded.
  started_at       timestamptz NOT NULL DEFAULT now(),
  -- First and last transaction date of the valid rows so far.
  first_day        date,
  last_day         date,
  CONSTRAINT uploads_of_object UNIQUE (bucket, object_key, version_id, parser_revision),
  CONSTRAINT every_row_is_accounted_for CHECK (
    status <> 'complete'
    OR (batches_loaded = batches_expected
        AND rows_read = rows_inserted + rows_duplicate + rows_conflicting + rows_rejected + rows_retracted
                      + rows_replaced)
  )
);

CREATE INDEX uploads_by_time ON ledger.uploads (received_at);
CREATE INDEX uploads_by_start ON ledger.uploads (started_at);
CREATE INDEX uploads_by_day ON ledger.uploads (((received_at AT TIME ZONE 'UTC')::date), store_id);
CREATE INDEX uploads_by_file ON ledger.uploads (file_id);
CREATE INDEX uploads_open ON ledger.uploads (upload_id) WHERE status = 'loading';
-- A page of the API's list is found by an index, whatever store or state it is for.
CREATE INDEX uploads_by_store ON ledger.uploads (store_id, received_at, upload_id);
CREATE INDEX uploads_failed ON ledger.uploads (received_at) WHERE status = 'failed';
CREATE INDEX uploads_superseded ON ledger.uploads (received_at) WHERE status = 'superseded';
CREATE INDEX uploads_rejected ON ledger.uploads (received_at) WHERE rows_rejected > 0;

COMMENT ON TABLE ledger.uploads IS
  'One row for each object version and parser revision; ledger.upload_history shows it to people.';

CREATE TABLE ledger.batches (
  upload_id        uuid NOT NULL REFERENCES ledger.uploads,
  batch            integer NOT NULL CHECK (batch > 0),
  -- Tells the same batch from another one under the same number.
  digest           text NOT NULL,
  rows_inserted    integer NOT NULL DEFAULT 0,
  rows_duplicate   integer NOT NULL DEFAULT 0,
  rows_conflicting integer NOT NULL DEFAULT 0,
  rows_rejected    integer NOT NULL DEFAULT 0,
  -- Rows of a file that was retracted before the batch was loaded.
  rows_retracted   integer NOT NULL DEFAULT 0,
  loaded_at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (upload_id, batch)
);

COMMENT ON TABLE ledger.batches IS
  'One row for each batch that was loaded, with its result at that time; ledger.adjustments has later changes.';

CREATE TABLE ledger.adjustments (
  adjustment       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  upload_id        uuid NOT NULL REFERENCES ledger.uploads,
  -- Upload of the rows or of the decision that changed the results.
  cause            uuid NOT NULL,
  rows_inserted    integer NOT NULL,
  rows_duplicate   integer NOT NULL,
  rows_conflicting integer NOT NULL,
  rows_retracted   integer NOT NULL,
  rows_replaced    integer NOT NULL,
  adjusted_at      timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT no_row_is_lost CHECK (
    rows_inserted + rows_duplicate + rows_conflicting + rows_retracted + rows_replaced = 0
  )
);

CREATE INDEX adjustments_by_upload ON ledger.adjustments (upload_id);
CREATE INDEX adjustments_by_cause ON ledger.adjustments (cause);

COMMENT ON TABLE ledger.adjustments IS
  'One row for each change of an upload''s results after its batches were loaded; the numbers are differences.';

CREATE TABLE ledger.receipts (
  receipt    uuid NOT NULL,
  upload_id  uuid NOT NULL REFERENCES ledger.uploads,
  first_line integer NOT NULL CHECK (first_line > 0),
  items      integer NOT NULL CHECK (items >= 0),
  -- The order serves look-ups by receipt. The same call may be in several uploads.
  PRIMARY KEY (receipt, upload_id)
);

CREATE INDEX receipts_by_upload ON ledger.receipts (upload_id);

COMMENT ON TABLE ledger.receipts IS 'One row for each call of the API in each upload that has its items.';
COMMENT ON COLUMN ledger.receipts.receipt IS 'Receipt that the caller got.';
COMMENT ON COLUMN ledger.receipts.first_line IS 'Line of the first item in the file; the others follow.';
COMMENT ON COLUMN ledger.receipts.items IS 'Number of items of the call.';
