-- The rows of the uploads: each is in transactions, in other_versions or in rejected_rows. Promises: an id is in
-- transactions once; transactions enforces the data contract; every reject keeps its reason and its text; the codes of the
-- rejects of an upload are kept in the transaction that keeps the rejects.

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

CREATE INDEX transactions_by_upload ON public.transactions (upload_id);
-- With the store: a page of one store must not read the rows of all.
CREATE INDEX transactions_by_day ON public.transactions (transaction_date, store_id);
-- An index entry has at most 2,704 bytes and a name has any length, so the index holds the beginning of the name.
CREATE INDEX transactions_by_product ON public.transactions (left(name, 200), store_id, transaction_date);

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

-- Find a rejected row that came again: on the same line of another version of its file, or in a file of corrections.
CREATE INDEX rejected_rows_by_content ON ledger.rejected_rows (line, md5(original_text));
CREATE INDEX rejected_rows_by_original ON ledger.rejected_rows (corrects_file, corrects_line)
WHERE corrects_file IS NOT NULL;
CREATE INDEX rejected_rows_again ON ledger.rejected_rows (upload_id) WHERE corrects_file IS NOT NULL;

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

CREATE TABLE ledger.reject_codes (
  code        text NOT NULL,
  store_id    text NOT NULL,
  received_at timestamptz NOT NULL,
  upload_id   uuid NOT NULL REFERENCES ledger.uploads,
  -- The order of the API's list of uploads, from which a code selects.
  PRIMARY KEY (code, received_at, upload_id)
);

CREATE INDEX reject_codes_by_store ON ledger.reject_codes (code, store_id, received_at, upload_id);

COMMENT ON TABLE ledger.reject_codes IS 'One row for each reject code of each upload.';
COMMENT ON COLUMN ledger.reject_codes.code IS 'Reject code of at least one rejected row of the upload.';
COMMENT ON COLUMN ledger.reject_codes.store_id IS 'Store of the upload.';
COMMENT ON COLUMN ledger.reject_codes.received_at IS 'Time of the upload.';
COMMENT ON COLUMN ledger.reject_codes.upload_id IS 'Upload that brought the rows.';

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
