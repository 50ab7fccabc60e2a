-- The transactions, and the ledger: every upload, the result of each of its rows, and the reasons.
-- Promises: an id is in transactions once; transactions enforces the data contract; an upload is complete only when
-- every batch is loaded and every row that was read is accounted for.

CREATE TABLE public.transactions (
  id               uuid PRIMARY KEY,
  transaction_date date NOT NULL,
  category         text NOT NULL CHECK (category IN ('SELL', 'BUY')),
  name             text NOT NULL CHECK (name <> ''),
  quantity         numeric(12, 3) NOT NULL,
  amount_excl_tax  numeric(12, 2) NOT NULL,
  amount_inc_tax   numeric(12, 2) NOT NULL,
  store_id         text NOT NULL DEFAULT 'main',
  -- No foreign key: checking it costs time for each row, and the verifier finds rows of unknown uploads.
  upload_id        uuid,
  line             integer,
  CONSTRAINT transactions_have_one_sign CHECK (
    (quantity > 0 AND amount_excl_tax >= 0 AND amount_inc_tax >= 0)
    OR (quantity < 0 AND amount_excl_tax <= 0 AND amount_inc_tax <= 0)
  )
);

CREATE INDEX transactions_by_date ON public.transactions (transaction_date);
-- An index entry has at most 2,704 bytes and a name has any length, so the index holds the beginning of the name.
CREATE INDEX transactions_by_name_and_date ON public.transactions (left(name, 200), transaction_date);
CREATE INDEX transactions_by_upload ON public.transactions (upload_id);

COMMENT ON TABLE public.transactions IS 'One row for each transaction of each store, as its first upload or the latest restatement brought it.';
COMMENT ON COLUMN public.transactions.id IS 'Unique across all files.';
COMMENT ON COLUMN public.transactions.transaction_date IS 'Date of the transaction.';
COMMENT ON COLUMN public.transactions.category IS 'SELL or BUY.';
COMMENT ON COLUMN public.transactions.name IS 'Description of the product, as in the file.';
COMMENT ON COLUMN public.transactions.quantity IS 'Number of pieces, or a weight; negative for a return.';
COMMENT ON COLUMN public.transactions.amount_excl_tax IS 'Amount for the quantity, without tax; negative for a return.';
COMMENT ON COLUMN public.transactions.amount_inc_tax IS 'Amount for the quantity, with tax; negative for a return.';
COMMENT ON COLUMN public.transactions.store_id IS 'Store that uploaded the file.';
COMMENT ON COLUMN public.transactions.upload_id IS 'Upload that brought the row, as in ledger.uploads.';
COMMENT ON COLUMN public.transactions.line IS 'Line of the row in its file.';

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
  CONSTRAINT uploads_of_object UNIQUE (bucket, object_key, version_id, parser_revision),
  CONSTRAINT every_row_is_accounted_for CHECK (
    status <> 'complete'
    OR (batches_loaded = batches_expected
        AND rows_read = rows_inserted + rows_duplicate + rows_conflicting + rows_rejected + rows_retracted
                      + rows_replaced)
  )
);

CREATE INDEX uploads_by_time ON ledger.uploads (received_at);
CREATE INDEX uploads_by_day ON ledger.uploads (((received_at AT TIME ZONE 'UTC')::date), store_id);
CREATE INDEX uploads_by_file ON ledger.uploads (file_id);
CREATE INDEX uploads_open ON ledger.uploads (upload_id) WHERE status = 'loading';

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

CREATE TABLE ledger.rejected_rows (
  upload_id     uuid NOT NULL REFERENCES ledger.uploads,
  line          integer NOT NULL,
  column_name   text NOT NULL,
  code          text NOT NULL,
  message       text NOT NULL,
  original_text text NOT NULL,
  -- The rejected row of another file that this row was to correct.
  corrects_file uuid,
  corrects_line integer,
  PRIMARY KEY (upload_id, line)
);

COMMENT ON TABLE ledger.rejected_rows IS 'One row for each row of a file that breaks a rule.';
COMMENT ON COLUMN ledger.rejected_rows.upload_id IS 'Upload that brought the row.';
COMMENT ON COLUMN ledger.rejected_rows.line IS 'Line of the row in its file.';
COMMENT ON COLUMN ledger.rejected_rows.column_name IS
  'Column title as in the file; empty if the whole row is invalid.';
COMMENT ON COLUMN ledger.rejected_rows.code IS 'Reject code of the first rule that the row breaks.';
COMMENT ON COLUMN ledger.rejected_rows.message IS 'Every problem of the row in words.';
COMMENT ON COLUMN ledger.rejected_rows.original_text IS 'The row as it is in its file.';

COMMENT ON COLUMN ledger.rejected_rows.corrects_file IS
  'Object version with the rejected row that this row was to correct, as file_id in ledger.uploads.';
COMMENT ON COLUMN ledger.rejected_rows.corrects_line IS 'Line of that rejected row in its file.';

CREATE TABLE ledger.corrections (
  upload_id uuid NOT NULL REFERENCES ledger.uploads,
  by_line   integer NOT NULL,
  -- The file may be unknown: after the database was lost, a correction can be loaded before its original.
  file_id   uuid NOT NULL,
  line      integer NOT NULL,
  PRIMARY KEY (upload_id, by_line)
);

CREATE INDEX corrections_by_file ON ledger.corrections (file_id, line);

COMMENT ON TABLE ledger.corrections IS 'One row for each valid row that corrects a rejected row of another file.';
COMMENT ON COLUMN ledger.corrections.upload_id IS 'Upload that brought the valid row.';
COMMENT ON COLUMN ledger.corrections.by_line IS 'Line of the valid row in its file.';
COMMENT ON COLUMN ledger.corrections.file_id IS 'Object version with the rejected row, as in ledger.uploads.';
COMMENT ON COLUMN ledger.corrections.line IS 'Line of the rejected row in its file.';

CREATE TABLE ledger.other_versions (
  LIKE public.transactions INCLUDING COMMENTS,
  fate text NOT NULL CHECK (fate IN ('duplicate', 'conflict', 'retracted', 'replaced')),
  PRIMARY KEY (upload_id, line),
  FOREIGN KEY (upload_id) REFERENCES ledger.uploads
);

CREATE INDEX other_versions_by_id ON ledger.other_versions (id);

COMMENT ON TABLE ledger.other_versions IS
  'One row for each accepted row that is not in transactions, since another version of its id is, or its file was retracted.';
COMMENT ON COLUMN ledger.other_versions.fate IS
  'duplicate, conflict, replaced (another version was restated later) or retracted (with its whole file).';

CREATE TABLE ledger.decisions (
  -- The object of the decision.
  bucket       text NOT NULL,
  object_key   text NOT NULL,
  version_id   text NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('retract', 'restate', 'waive')),
  -- The object version that the decision is about, in the same bucket.
  file_key     text NOT NULL,
  file_version text NOT NULL,
  -- NULL means every line.
  lines        int4multirange,
  reason       text NOT NULL,
  decided_by   text NOT NULL,
  is_forced    boolean NOT NULL,
  -- Last closed day at the time of the decision; NULL if days are never closed.
  closed_until date,
  -- By the clock of the person who decided; the key begins with it, and orders decisions.
  decided_at   timestamptz NOT NULL,
  received_at  timestamptz NOT NULL,
  -- A decision waits for its file, and is then applied step by step. It is in effect from the first step.
  state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'settling', 'done', 'refused')),
  -- How far the steps have come: the last row of other_versions, and the last id of transactions.
  last_upload  uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  last_line    integer NOT NULL DEFAULT 0,
  last_id      uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  PRIMARY KEY (bucket, object_key, version_id)
);

CREATE INDEX decisions_by_file ON ledger.decisions (bucket, file_key, file_version);

COMMENT ON TABLE ledger.decisions IS 'One row for each decision of an operator about a file that was uploaded.';
COMMENT ON COLUMN ledger.decisions.kind IS
  'retract: the file''s rows leave transactions; restate: its rows are the valid versions of their ids; waive: its rejected rows need no correction.';
COMMENT ON COLUMN ledger.decisions.state IS
  'waiting for the file, settling (in effect, with rows still to change), done, or refused.';

CREATE TABLE ledger.sweep_cursors (
  bucket         text PRIMARY KEY,
  -- Position at which the listing of the bucket continues; both are empty at the beginning.
  key_marker     text,
  version_marker text
);

COMMENT ON TABLE ledger.sweep_cursors IS 'One row for each bucket: where the next sweep continues.';

CREATE TABLE ledger.unfinished_objects (
  bucket      text NOT NULL,
  object_key  text NOT NULL,
  version_id  text NOT NULL,
  received_at timestamptz NOT NULL,
  reason      text NOT NULL CHECK (reason IN ('lost', 'stuck')),
  noticed_at  timestamptz NOT NULL DEFAULT now(),
  times_sent  integer NOT NULL DEFAULT 0,
  sent_at     timestamptz,
  PRIMARY KEY (bucket, object_key, version_id)
);

COMMENT ON TABLE ledger.unfinished_objects IS
  'One row for each object version that has no upload, or whose upload has stopped.';

CREATE SCHEMA reporting;
COMMENT ON SCHEMA reporting IS 'Views for analysts and BI tools.';
