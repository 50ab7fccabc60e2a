-- The ledger: what was dropped, what became of each of its rows, and why.
-- Promises: an upload is complete only when every batch is in and every row that was read is accounted for.
CREATE TABLE ledger.uploads (
  upload_id        uuid PRIMARY KEY,
  bucket           text NOT NULL,
  object_key       text NOT NULL,
  version_id       text NOT NULL,
  store_id         text NOT NULL,
  status           text NOT NULL DEFAULT 'loading' CHECK (status IN ('loading', 'complete', 'failed')),
  failure_code     text,
  failure_message  text,
  -- Both unknown until the last batch, which says them, is in.
  batches_expected integer,
  rows_read        bigint,
  batches_loaded   integer NOT NULL DEFAULT 0,
  rows_inserted    bigint NOT NULL DEFAULT 0,
  rows_duplicate   bigint NOT NULL DEFAULT 0,
  rows_conflicting bigint NOT NULL DEFAULT 0,
  rows_rejected    bigint NOT NULL DEFAULT 0,
  received_at      timestamptz NOT NULL,
  completed_at     timestamptz,
  UNIQUE (bucket, object_key, version_id),
  CONSTRAINT every_row_is_accounted_for CHECK (
    status <> 'complete'
    OR (batches_loaded = batches_expected
        AND rows_read = rows_inserted + rows_duplicate + rows_conflicting + rows_rejected)
  )
);

CREATE INDEX uploads_by_time ON ledger.uploads (received_at);

-- A batch stands here once it is loaded, with its result: the same batch again changes nothing.
CREATE TABLE ledger.batches (
  upload_id        uuid NOT NULL REFERENCES ledger.uploads,
  batch            integer NOT NULL CHECK (batch > 0),
  rows_inserted    integer NOT NULL DEFAULT 0,
  rows_duplicate   integer NOT NULL DEFAULT 0,
  rows_conflicting integer NOT NULL DEFAULT 0,
  rows_rejected    integer NOT NULL DEFAULT 0,
  loaded_at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (upload_id, batch)
);

-- Rows that break a rule, as they stand in their file.
CREATE TABLE ledger.rejected_rows (
  upload_id     uuid NOT NULL REFERENCES ledger.uploads,
  line          integer NOT NULL,
  column_name   text NOT NULL,
  code          text NOT NULL,
  message       text NOT NULL,
  original_text text NOT NULL,
  PRIMARY KEY (upload_id, line)
);

-- Rows whose id was there before with other content. The first one stays in transactions.
CREATE TABLE ledger.conflicting_rows (
  upload_id        uuid NOT NULL REFERENCES ledger.uploads,
  line             integer NOT NULL,
  id               uuid NOT NULL,
  transaction_date date NOT NULL,
  category         text NOT NULL,
  name             text NOT NULL,
  quantity         integer NOT NULL,
  amount_excl_tax  numeric(12, 2) NOT NULL,
  amount_inc_tax   numeric(12, 2) NOT NULL,
  store_id         text NOT NULL,
  PRIMARY KEY (upload_id, line)
);

-- The load history, newest last. While an upload is loading, rows_read counts the rows that are in so far.
CREATE VIEW ledger.upload_history AS
SELECT
  upload_id, bucket, object_key, version_id, store_id, status,
  coalesce(rows_read, rows_inserted + rows_duplicate + rows_conflicting + rows_rejected) AS rows_read,
  rows_inserted, rows_duplicate, rows_conflicting, rows_rejected,
  failure_code, failure_message, received_at, completed_at
FROM ledger.uploads
ORDER BY received_at, object_key;
