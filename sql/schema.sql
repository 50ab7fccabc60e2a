-- The present schema: tables, columns of views, signatures of functions, and who may use them. The definitions of functions
-- and views are in functions/ and views/. "npm run schema" writes this file from a database to which every file of this
-- folder was applied. Do not edit it.

-- role retail_analyst: login, default_transaction_read_only=on, statement_timeout=10min, idle_in_transaction_session_timeout=10min
-- role retail_api: login, default_transaction_read_only=on, statement_timeout=25s, idle_in_transaction_session_timeout=10min
-- role retail_loader: login
-- role retail_migrator: login, createrole, createdb
-- role retail_notifier: login
-- role retail_operator: login
-- role retail_quicksight: login, default_transaction_read_only=on, statement_timeout=2min, idle_in_transaction_session_timeout=10min
-- role retail_sweeper: login
-- default privileges on new objects of type "f": {retail_migrator=X/retail_migrator}
-- default privileges on new objects of type "r" in schema ledger: {retail_operator=r/retail_migrator}
-- default privileges on new objects of type "r" in schema public: {retail_operator=r/retail_migrator}

CREATE SCHEMA ledger;
GRANT USAGE ON SCHEMA ledger TO retail_analyst, retail_api, retail_loader, retail_notifier, retail_operator, retail_sweeper;
CREATE SCHEMA public; -- standard public schema
GRANT USAGE ON SCHEMA public TO PUBLIC;
CREATE SCHEMA reporting; -- Views for analysts and BI tools.
GRANT USAGE ON SCHEMA reporting TO retail_analyst, retail_operator, retail_quicksight;

CREATE S ledger.adjustments_adjustment_seq (
  last_value bigint NOT NULL,
  log_cnt bigint NOT NULL,
  is_called boolean NOT NULL
);

CREATE TABLE ledger.adjustments ( -- One row for each change of an upload's results after its batches were loaded; the numbers are differences.
  adjustment bigint NOT NULL,
  upload_id uuid NOT NULL,
  cause uuid NOT NULL,
  rows_inserted integer NOT NULL,
  rows_duplicate integer NOT NULL,
  rows_conflicting integer NOT NULL,
  rows_retracted integer NOT NULL,
  rows_replaced integer NOT NULL,
  adjusted_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT adjustments_pkey PRIMARY KEY (adjustment),
  CONSTRAINT adjustments_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES ledger.uploads(upload_id),
  CONSTRAINT no_row_is_lost CHECK ((((((rows_inserted + rows_duplicate) + rows_conflicting) + rows_retracted) + rows_replaced) = 0))
);
CREATE INDEX adjustments_by_cause ON ledger.adjustments USING btree (cause);
CREATE INDEX adjustments_by_upload ON ledger.adjustments USING btree (upload_id);
GRANT SELECT ON ledger.adjustments TO retail_analyst, retail_operator;

CREATE TABLE ledger.batches ( -- One row for each batch that was loaded, with its result at that time; ledger.adjustments has later changes.
  upload_id uuid NOT NULL,
  batch integer NOT NULL,
  digest text NOT NULL,
  rows_inserted integer NOT NULL DEFAULT 0,
  rows_duplicate integer NOT NULL DEFAULT 0,
  rows_conflicting integer NOT NULL DEFAULT 0,
  rows_rejected integer NOT NULL DEFAULT 0,
  rows_retracted integer NOT NULL DEFAULT 0,
  loaded_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT batches_batch_check CHECK ((batch > 0)),
  CONSTRAINT batches_pkey PRIMARY KEY (upload_id, batch),
  CONSTRAINT batches_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES ledger.uploads(upload_id)
);
GRANT SELECT ON ledger.batches TO retail_analyst, retail_operator;

CREATE TABLE ledger.corrections ( -- One row for each valid row that corrects a rejected row of another file.
  upload_id uuid NOT NULL, -- Upload that brought the valid row.
  by_line integer NOT NULL, -- Line of the valid row in its file.
  file_id uuid NOT NULL, -- Object version with the rejected row, as in ledger.uploads.
  line integer NOT NULL, -- Line of the rejected row in its file.
  CONSTRAINT corrections_pkey PRIMARY KEY (upload_id, by_line),
  CONSTRAINT corrections_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES ledger.uploads(upload_id)
);
CREATE INDEX corrections_by_file ON ledger.corrections USING btree (file_id, line);
GRANT SELECT ON ledger.corrections TO retail_api, retail_operator;

CREATE TABLE ledger.decisions ( -- One row for each decision of an operator about a file that was uploaded.
  bucket text NOT NULL,
  object_key text NOT NULL,
  version_id text NOT NULL,
  kind text NOT NULL, -- retract: the file's rows leave transactions; restate: its rows are the valid versions of their ids; waive: its rejected rows need no correction.
  file_key text NOT NULL,
  file_version text NOT NULL,
  lines int4multirange,
  reason text NOT NULL,
  decided_by text NOT NULL,
  is_forced boolean NOT NULL,
  closed_until date,
  decided_at timestamp with time zone NOT NULL,
  received_at timestamp with time zone NOT NULL,
  state text NOT NULL DEFAULT 'waiting'::text, -- waiting for the file, settling (in effect, with rows still to change), done, or refused.
  last_upload uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'::uuid,
  last_line integer NOT NULL DEFAULT 0,
  last_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'::uuid,
  CONSTRAINT decisions_kind_check CHECK ((kind = ANY (ARRAY['retract'::text, 'restate'::text, 'waive'::text]))),
  CONSTRAINT decisions_pkey PRIMARY KEY (bucket, object_key, version_id),
  CONSTRAINT decisions_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'settling'::text, 'done'::text, 'refused'::text])))
);
CREATE INDEX decisions_by_file ON ledger.decisions USING btree (bucket, file_key, file_version);
GRANT SELECT ON ledger.decisions TO retail_analyst, retail_api, retail_operator;

CREATE TABLE ledger.migrations ( -- One row for each SQL file that was applied, with the checksum of its text.
  file_name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp with time zone NOT NULL,
  CONSTRAINT migrations_pkey PRIMARY KEY (file_name)
);
GRANT SELECT ON ledger.migrations TO retail_operator;

CREATE TABLE ledger.other_versions ( -- One row for each accepted row that is not in transactions, since another version of its id is, or its file was retracted.
  id uuid NOT NULL, -- Unique across all files.
  transaction_date date NOT NULL, -- Date of the transaction.
  category text NOT NULL, -- SELL or BUY.
  name text NOT NULL, -- Description of the product, as in the file.
  quantity numeric(12,3) NOT NULL, -- Number of pieces, or a weight; negative for a return.
  amount_excl_tax numeric(12,2) NOT NULL, -- Amount for the quantity, without tax; negative for a return.
  amount_inc_tax numeric(12,2) NOT NULL, -- Amount for the quantity, with tax; negative for a return.
  store_id text NOT NULL, -- Store that uploaded the file.
  upload_id uuid NOT NULL, -- Upload that brought the row, as in ledger.uploads.
  line integer NOT NULL, -- Line of the row in its file.
  fate text NOT NULL, -- duplicate, conflict, replaced (another version was restated later) or retracted (with its whole file).
  CONSTRAINT other_versions_fate_check CHECK ((fate = ANY (ARRAY['duplicate'::text, 'conflict'::text, 'retracted'::text, 'replaced'::text]))),
  CONSTRAINT other_versions_pkey PRIMARY KEY (upload_id, line),
  CONSTRAINT other_versions_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES ledger.uploads(upload_id)
);
CREATE INDEX other_versions_by_id ON ledger.other_versions USING btree (id);
GRANT SELECT ON ledger.other_versions TO retail_analyst, retail_api, retail_operator;

CREATE TABLE ledger.outbox ( -- One row for each receipt of a file: its upload ended, or its counts changed afterwards.
  notice_id uuid NOT NULL DEFAULT gen_random_uuid(),
  upload_id uuid NOT NULL,
  file_id uuid NOT NULL,
  caused_by uuid NOT NULL,
  sequence integer NOT NULL,
  result jsonb NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  sent_at timestamp with time zone,
  retried_at timestamp with time zone,
  times_retried integer NOT NULL DEFAULT 0,
  CONSTRAINT outbox_file_id_sequence_key UNIQUE (file_id, sequence),
  CONSTRAINT outbox_pkey PRIMARY KEY (notice_id),
  CONSTRAINT outbox_sequence_check CHECK ((sequence > 0)),
  CONSTRAINT outbox_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES ledger.uploads(upload_id)
);
CREATE INDEX outbox_by_upload ON ledger.outbox USING btree (upload_id);
CREATE INDEX outbox_unsent ON ledger.outbox USING btree (created_at) WHERE (sent_at IS NULL);
CREATE INDEX outbox_unsent_by_cause ON ledger.outbox USING btree (caused_by) WHERE (sent_at IS NULL);
GRANT SELECT ON ledger.outbox TO retail_operator;

CREATE TABLE ledger.receipts ( -- One row for each call of the API in each upload that has its items.
  receipt uuid NOT NULL, -- Receipt that the caller got.
  upload_id uuid NOT NULL,
  first_line integer NOT NULL, -- Line of the first item in the file; the others follow.
  items integer NOT NULL, -- Number of items of the call.
  CONSTRAINT receipts_first_line_check CHECK ((first_line > 0)),
  CONSTRAINT receipts_items_check CHECK ((items >= 0)),
  CONSTRAINT receipts_pkey PRIMARY KEY (receipt, upload_id),
  CONSTRAINT receipts_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES ledger.uploads(upload_id)
);
CREATE INDEX receipts_by_upload ON ledger.receipts USING btree (upload_id);
GRANT SELECT ON ledger.receipts TO retail_operator;

CREATE TABLE ledger.reject_codes ( -- One row for each reject code of each upload.
  code text NOT NULL, -- Reject code of at least one rejected row of the upload.
  store_id text NOT NULL, -- Store of the upload.
  received_at timestamp with time zone NOT NULL, -- Time of the upload.
  upload_id uuid NOT NULL, -- Upload that brought the rows.
  CONSTRAINT reject_codes_pkey PRIMARY KEY (code, received_at, upload_id),
  CONSTRAINT reject_codes_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES ledger.uploads(upload_id)
);
CREATE INDEX reject_codes_by_store ON ledger.reject_codes USING btree (code, store_id, received_at, upload_id);
GRANT SELECT ON ledger.reject_codes TO retail_api, retail_operator;

CREATE TABLE ledger.rejected_rows ( -- One row for each row of a file that breaks a rule.
  upload_id uuid NOT NULL, -- Upload that brought the row.
  line integer NOT NULL, -- Line of the row in its file.
  column_name text NOT NULL, -- Column title as in the file; empty if the whole row is invalid.
  code text NOT NULL, -- Reject code of the first rule that the row breaks.
  message text NOT NULL, -- Every problem of the row in words.
  original_text text NOT NULL, -- The row as it is in its file.
  corrects_file uuid, -- Object version with the rejected row that this row was to correct, as file_id in ledger.uploads.
  corrects_line integer, -- Line of that rejected row in its file.
  CONSTRAINT rejected_rows_pkey PRIMARY KEY (upload_id, line),
  CONSTRAINT rejected_rows_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES ledger.uploads(upload_id)
);
CREATE INDEX rejected_rows_again ON ledger.rejected_rows USING btree (upload_id) WHERE (corrects_file IS NOT NULL);
CREATE INDEX rejected_rows_by_content ON ledger.rejected_rows USING btree (line, md5(original_text));
CREATE INDEX rejected_rows_by_original ON ledger.rejected_rows USING btree (corrects_file, corrects_line) WHERE (corrects_file IS NOT NULL);
GRANT SELECT ON ledger.rejected_rows TO retail_analyst, retail_operator;

CREATE TABLE ledger.sweep_cursors ( -- One row for each bucket: where the next sweep continues.
  bucket text NOT NULL,
  key_marker text,
  version_marker text,
  CONSTRAINT sweep_cursors_pkey PRIMARY KEY (bucket)
);
GRANT SELECT ON ledger.sweep_cursors TO retail_operator, retail_sweeper;

CREATE TABLE ledger.unfinished_objects ( -- One row for each object version that has no upload, or whose upload has stopped.
  bucket text NOT NULL,
  object_key text NOT NULL,
  version_id text NOT NULL,
  received_at timestamp with time zone NOT NULL,
  reason text NOT NULL,
  noticed_at timestamp with time zone NOT NULL DEFAULT now(),
  times_sent integer NOT NULL DEFAULT 0,
  sent_at timestamp with time zone,
  CONSTRAINT unfinished_objects_pkey PRIMARY KEY (bucket, object_key, version_id),
  CONSTRAINT unfinished_objects_reason_check CHECK ((reason = ANY (ARRAY['lost'::text, 'stuck'::text])))
);
GRANT SELECT ON ledger.unfinished_objects TO retail_operator;

CREATE TABLE ledger.uploads ( -- One row for each object version and parser revision; ledger.upload_history shows it to people.
  upload_id uuid NOT NULL,
  file_id uuid NOT NULL,
  bucket text NOT NULL,
  object_key text NOT NULL,
  version_id text NOT NULL,
  parser_revision text NOT NULL DEFAULT ''::text,
  store_id text NOT NULL,
  status text NOT NULL DEFAULT 'loading'::text,
  failure_code text,
  failure_message text,
  header_text text,
  format jsonb,
  batches_expected integer,
  rows_read bigint,
  batches_loaded integer NOT NULL DEFAULT 0,
  rows_inserted bigint NOT NULL DEFAULT 0,
  rows_duplicate bigint NOT NULL DEFAULT 0,
  rows_conflicting bigint NOT NULL DEFAULT 0,
  rows_rejected bigint NOT NULL DEFAULT 0,
  rows_retracted bigint NOT NULL DEFAULT 0,
  rows_replaced bigint NOT NULL DEFAULT 0,
  received_at timestamp with time zone NOT NULL,
  moved_at timestamp with time zone NOT NULL DEFAULT now(),
  completed_at timestamp with time zone,
  started_at timestamp with time zone NOT NULL DEFAULT now(),
  first_day date,
  last_day date,
  CONSTRAINT every_row_is_accounted_for CHECK (((status <> 'complete'::text) OR ((batches_loaded = batches_expected) AND (rows_read = (((((rows_inserted + rows_duplicate) + rows_conflicting) + rows_rejected) + rows_retracted) + rows_replaced))))),
  CONSTRAINT uploads_of_object UNIQUE (bucket, object_key, version_id, parser_revision),
  CONSTRAINT uploads_pkey PRIMARY KEY (upload_id),
  CONSTRAINT uploads_status_check CHECK ((status = ANY (ARRAY['loading'::text, 'complete'::text, 'failed'::text, 'superseded'::text])))
);
CREATE INDEX uploads_by_day ON ledger.uploads USING btree ((((received_at AT TIME ZONE 'UTC'::text))::date), store_id);
CREATE INDEX uploads_by_file ON ledger.uploads USING btree (file_id);
CREATE INDEX uploads_by_start ON ledger.uploads USING btree (started_at);
CREATE INDEX uploads_by_store ON ledger.uploads USING btree (store_id, received_at, upload_id);
CREATE INDEX uploads_by_time ON ledger.uploads USING btree (received_at);
CREATE INDEX uploads_failed ON ledger.uploads USING btree (received_at) WHERE (status = 'failed'::text);
CREATE INDEX uploads_open ON ledger.uploads USING btree (upload_id) WHERE (status = 'loading'::text);
CREATE INDEX uploads_rejected ON ledger.uploads USING btree (received_at) WHERE (rows_rejected > 0);
CREATE INDEX uploads_superseded ON ledger.uploads USING btree (received_at) WHERE (status = 'superseded'::text);
GRANT SELECT ON ledger.uploads TO retail_analyst, retail_operator;

CREATE TABLE public.transactions ( -- One row for each transaction of each store, as its first upload or the latest restatement brought it.
  id uuid NOT NULL, -- Unique across all files.
  transaction_date date NOT NULL, -- Date of the transaction.
  category text NOT NULL, -- SELL or BUY.
  name text NOT NULL, -- Description of the product, as in the file.
  quantity numeric(12,3) NOT NULL, -- Number of pieces, or a weight; negative for a return.
  amount_excl_tax numeric(12,2) NOT NULL, -- Amount for the quantity, without tax; negative for a return.
  amount_inc_tax numeric(12,2) NOT NULL, -- Amount for the quantity, with tax; negative for a return.
  store_id text NOT NULL DEFAULT 'main'::text, -- Store that uploaded the file.
  upload_id uuid, -- Upload that brought the row, as in ledger.uploads.
  line integer, -- Line of the row in its file.
  CONSTRAINT transactions_category_check CHECK ((category = ANY (ARRAY['SELL'::text, 'BUY'::text]))),
  CONSTRAINT transactions_have_one_sign CHECK ((((quantity > (0)::numeric) AND (amount_excl_tax >= (0)::numeric) AND (amount_inc_tax >= (0)::numeric)) OR ((quantity < (0)::numeric) AND (amount_excl_tax <= (0)::numeric) AND (amount_inc_tax <= (0)::numeric)))),
  CONSTRAINT transactions_name_check CHECK ((name <> ''::text)),
  CONSTRAINT transactions_pkey PRIMARY KEY (id)
);
CREATE INDEX transactions_by_day ON public.transactions USING btree (transaction_date, store_id);
CREATE INDEX transactions_by_product ON public.transactions USING btree ("left"(name, 200), store_id, transaction_date);
CREATE INDEX transactions_by_upload ON public.transactions USING btree (upload_id);
GRANT SELECT ON public.transactions TO retail_analyst, retail_api, retail_operator;

CREATE VIEW ledger.reject_states ( -- One row for each rejected row, with its state.
  upload_id uuid, -- Upload that brought the row.
  line integer, -- Line of the row in its file.
  column_name text, -- Column title as in the file; empty if the whole row is invalid.
  code text, -- Reject code of the first rule that the row breaks.
  message text, -- Every problem of the row in words.
  original_text text, -- The row as it is in its file.
  first_file uuid, -- Object version in which the row was rejected for the first time, as file_id in ledger.uploads.
  first_line integer, -- Line of the row there.
  state text, -- open; corrected by a row of another file, or of a later version of its file; waived by an operator; retracted with its file; settled by another reading of the object version; or repeated: a later upload of the same object has the row on the same line.
  corrected_by uuid, -- First upload that corrects the row.
  corrected_by_line integer, -- Line of the corrected row in the file of that upload.
  reason text -- Reason of the operator who waived the row or retracted its file.
);
GRANT SELECT ON ledger.reject_states TO retail_analyst, retail_api, retail_operator;

CREATE VIEW ledger.upload_history ( -- One row for each upload, that is, each reading of an object version.
  upload_id uuid, -- Unique for each object version and parser revision.
  file_id uuid, -- The same for every reading of an object version.
  bucket text, -- Bucket of the file.
  object_key text, -- Folder and name of the file.
  version_id text, -- Object version; a file uploaded again under the same name is another version.
  parser_revision text, -- Parser revision that read the file; another revision that reads it again finds duplicates.
  store_id text, -- Store.
  status text, -- loading, complete, failed, or superseded by a later reading of the same version.
  rows_read bigint, -- Rows in the file; during loading, the rows received so far.
  rows_inserted bigint, -- Rows that are in transactions.
  rows_duplicate bigint, -- Rows whose id has the same content in transactions from another row.
  rows_conflicting bigint, -- Rows whose id has different content in transactions.
  rows_rejected bigint, -- Rows that break a rule.
  rows_retracted bigint, -- Rows of a file that was retracted.
  rows_replaced bigint, -- Rows whose id a later restatement gave different content.
  failure_code text, -- Reason why the whole file was refused, as in the data contract.
  failure_message text, -- The same reason in words.
  header_text text, -- Header as it is in the file.
  format jsonb, -- Detected format of the file.
  first_day date, -- First transaction date of the valid rows.
  last_day date, -- Last transaction date of the valid rows.
  received_at timestamp with time zone, -- Time of the upload.
  started_at timestamp with time zone, -- Time of the upload; for a later reading of the same version, time when its first batch was loaded.
  moved_at timestamp with time zone, -- Time when the last batch so far was loaded.
  completed_at timestamp with time zone -- Time when the last batch was loaded.
);
GRANT SELECT ON ledger.upload_history TO retail_analyst, retail_api, retail_operator;

CREATE VIEW reporting.conflicting_rows ( -- One row for each row whose id existed with different content, with both versions.
  received_on date, -- Date of the upload.
  store_id text, -- Store that uploaded the file.
  file_name text, -- File name without its folder.
  line integer, -- Line of the row in its file.
  id text, -- The same in both versions.
  transaction_date date, -- Date of the transaction.
  category text, -- SELL or BUY.
  product text, -- First 200 characters of the description.
  quantity numeric, -- Number of pieces, or a weight; negative for a return.
  amount_excl_tax numeric(12,2), -- Amount for the quantity, without tax; negative for a return.
  amount_inc_tax numeric(12,2), -- Amount for the quantity, with tax; negative for a return.
  kept_store_id text, -- Store of the version in transactions.
  kept_transaction_date date, -- Date in transactions.
  kept_category text, -- Category in transactions.
  kept_product text, -- Product in transactions.
  kept_quantity numeric, -- Quantity in transactions.
  kept_amount_excl_tax numeric(12,2), -- Amount without tax in transactions.
  kept_amount_inc_tax numeric(12,2), -- Amount with tax in transactions.
  kept_upload_id text, -- Upload that inserted the version in transactions.
  upload_id text -- As in upload_history.
);
GRANT SELECT ON reporting.conflicting_rows TO retail_analyst, retail_operator, retail_quicksight;

CREATE VIEW reporting.cumulated_balance ( -- The daily balances with a running total for each product and store.
  transaction_date date, -- Date with transactions of the product in the store.
  store_id text, -- Store.
  product text, -- Product.
  balance numeric(20,2), -- Balance of the date.
  cumulated_balance numeric(20,2) -- Balance of all dates up to and including this one.
);
GRANT SELECT ON reporting.cumulated_balance TO retail_analyst, retail_operator, retail_quicksight;

CREATE VIEW reporting.daily_balance ( -- One row for each date, store and product with transactions.
  transaction_date date, -- Date of the transactions.
  store_id text, -- Store.
  product text, -- Product.
  transactions bigint, -- Number of transactions.
  quantity_sold numeric, -- Quantity of the SELL transactions, without what was returned.
  quantity_bought numeric, -- Quantity of the BUY transactions, without what was returned.
  sold numeric(20,2), -- Amount of the SELL transactions, without returns.
  bought numeric(20,2), -- Amount of the BUY transactions, without returns.
  balance numeric(20,2) -- sold − bought.
);
GRANT SELECT ON reporting.daily_balance TO retail_analyst, retail_operator, retail_quicksight;

CREATE VIEW reporting.data_quality ( -- The row counts of each upload.
  received_on date, -- Date of the upload.
  store_id text, -- Store.
  file_name text, -- File name without its folder.
  upload_id text, -- As in transactions.
  status text, -- loading, complete, failed, or superseded by a later reading of the same version.
  rows_read bigint, -- Rows in the file; during loading, the rows received so far.
  rows_inserted bigint, -- Rows that are in transactions.
  rows_duplicate bigint, -- Rows whose id has the same content in transactions from another row.
  rows_conflicting bigint, -- Rows whose id has different content in transactions.
  rows_rejected bigint, -- Rows that break a rule.
  rows_retracted bigint, -- Rows of a file that was retracted.
  rows_replaced bigint, -- Rows whose id a later restatement gave different content.
  rejected_share numeric(5,4) -- rows_rejected / rows_read, from 0 to 1; null if no row was read.
);
GRANT SELECT ON reporting.data_quality TO retail_analyst, retail_operator, retail_quicksight;

CREATE VIEW reporting.rejected_rows ( -- One row for each rejected row, with its state.
  received_on date, -- Date of the upload.
  store_id text, -- Store.
  file_name text, -- File name without its folder.
  line integer, -- Line of the row in its file.
  column_name text, -- Column title as in the file; empty if the whole row is invalid.
  code text, -- Reject code of the first rule that the row breaks.
  message text, -- Every problem of the row in words.
  state text, -- open; corrected by a row of another file, or of a later version of its file; waived by an operator; retracted with its file; settled by another reading of the object version; or repeated: a later upload of the same object has the row on the same line.
  corrected_by text, -- First upload that corrects the row.
  reason text, -- Reason of the operator who waived the row or retracted its file.
  first_file text, -- Object version in which the row was rejected for the first time, as file_id in ledger.uploads.
  first_line integer, -- Line of the row there.
  upload_id text -- As in upload_history.
);
GRANT SELECT ON reporting.rejected_rows TO retail_analyst, retail_operator, retail_quicksight;

CREATE VIEW reporting.rejects_by_reason ( -- One row for each date, store, reject code and column.
  received_on date, -- Date of the upload.
  store_id text, -- Store.
  code text, -- Reject code.
  column_name text, -- Column title as in the file; empty if the whole row is invalid.
  rows_rejected bigint, -- Number of rejected rows.
  rows_open bigint, -- Number of these rows that are still open.
  uploads bigint -- Number of uploads with such rows.
);
GRANT SELECT ON reporting.rejects_by_reason TO retail_analyst, retail_operator, retail_quicksight;

CREATE VIEW reporting.transactions ( -- One row for each transaction.
  transaction_date date, -- Date of the transaction.
  store_id text, -- Store that uploaded the file.
  category text, -- SELL or BUY.
  product text, -- First 200 characters of the description; public.transactions has all of it.
  quantity numeric, -- Number of pieces, or a weight; negative for a return.
  amount_excl_tax numeric(12,2), -- Amount for the quantity, without tax; negative for a return.
  amount_inc_tax numeric(12,2), -- Amount for the quantity, with tax; negative for a return.
  balance numeric(12,2), -- amount_inc_tax of a SELL, −amount_inc_tax of a BUY.
  id text, -- Unique across all files.
  upload_id text, -- Upload that inserted the row, as in upload_history.
  upload_status text, -- complete if all rows of the file are loaded; otherwise loading or failed.
  line integer -- Line of the row in its file.
);
GRANT SELECT ON reporting.transactions TO retail_analyst, retail_operator, retail_quicksight;

CREATE VIEW reporting.upload_history ( -- One row for each upload, that is, each reading of an object version.
  received_on date, -- Date of the upload.
  store_id text, -- Store.
  file_name text, -- File name without its folder.
  status text, -- loading, complete, failed, or superseded by a later reading of the same version.
  rows_read bigint, -- Rows in the file; during loading, the rows received so far.
  rows_inserted bigint, -- Rows that are in transactions.
  rows_duplicate bigint, -- Rows whose id has the same content in transactions from another row.
  rows_conflicting bigint, -- Rows whose id has different content in transactions.
  rows_rejected bigint, -- Rows that break a rule.
  rows_retracted bigint, -- Rows of a file that was retracted.
  rows_replaced bigint, -- Rows whose id a later restatement gave different content.
  failure_code text, -- Reason why the whole file was refused, as in the data contract.
  failure_message text, -- The same reason in words.
  received_at timestamp without time zone, -- Time of the upload, UTC.
  completed_at timestamp without time zone, -- Time when the last batch was loaded, UTC.
  load_seconds numeric(12,3), -- Seconds from the upload to completed_at; for a later reading, from its first batch.
  first_day date, -- First transaction date of the valid rows.
  last_day date, -- Last transaction date of the valid rows.
  format text, -- Detected format of the file, as JSON.
  upload_id text, -- As in transactions.
  bucket text, -- Bucket of the file.
  object_key text, -- Folder and name of the file.
  version_id text, -- Object version; a file uploaded again under the same name is another version.
  parser_revision text -- Parser revision that read the file; another revision that reads it again finds duplicates.
);
GRANT SELECT ON reporting.upload_history TO retail_analyst, retail_operator, retail_quicksight;

CREATE FUNCTION ledger.announce(this_upload uuid, because_of uuid) RETURNS void LANGUAGE plpgsql SET search_path=pg_catalog, pg_temp;
CREATE FUNCTION ledger.apply_file(name text, sha256 text, is_repeatable boolean, content text) RETURNS text LANGUAGE plpgsql;
CREATE FUNCTION ledger.close_upload(this_upload uuid) RETURNS void LANGUAGE plpgsql;
CREATE FUNCTION ledger.continue_decisions(bucket text, file_key text, file_version text, max_rows integer DEFAULT 20000) RETURNS boolean LANGUAGE plpgsql;
CREATE FUNCTION ledger.copy_comments(source regclass, target regclass) RETURNS void LANGUAGE plpgsql SET search_path=pg_catalog, pg_temp;
CREATE FUNCTION ledger.count_open(this_upload uuid) RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION ledger.count_open(uuid) TO retail_api, retail_operator;
CREATE FUNCTION ledger.count_rejects(this_upload uuid) RETURNS TABLE(code text, field text, rejected bigint, open bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION ledger.count_rejects(uuid) TO retail_api, retail_operator;
CREATE FUNCTION ledger.find_corrected_uploads(ended ledger.uploads, decision ledger.decisions) RETURNS TABLE(upload_id uuid) LANGUAGE sql STABLE;
CREATE FUNCTION ledger.find_double_corrections(of_uploads json, max_rows integer) RETURNS TABLE(upload_id uuid, object_key text, line integer, corrected_by uuid[]) LANGUAGE sql STABLE SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION ledger.find_double_corrections(json,integer) TO retail_operator;
CREATE FUNCTION ledger.find_doubtful_readings(completed_since timestamp with time zone, revision text) RETURNS TABLE(upload_id uuid, rows_rejected bigint, rows_read bigint, failure_code text) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION ledger.find_doubtful_readings(timestamp with time zone,text) TO retail_operator;
CREATE FUNCTION ledger.find_notices(this_upload uuid) RETURNS json LANGUAGE sql STABLE SECURITY DEFINER SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION ledger.find_notices(uuid) TO retail_notifier;
CREATE FUNCTION ledger.find_open_by(this_upload uuid) RETURNS text LANGUAGE plpgsql STABLE SET search_path=pg_catalog, pg_temp;
CREATE FUNCTION ledger.find_receipt(receipt uuid, store text) RETURNS json LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION ledger.find_receipt(uuid,text) TO retail_api, retail_operator;
CREATE FUNCTION ledger.find_replay_losses(completed_since timestamp with time zone, revision text) RETURNS TABLE(upload_id uuid, refused bigint, missing bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION ledger.find_replay_losses(timestamp with time zone,text) TO retail_operator;
CREATE FUNCTION ledger.find_unfinished(lost_after interval, stuck_after interval, max_objects integer) RETURNS TABLE(bucket text, object_key text, version_id text, received_at text, reason text, settings text) LANGUAGE plpgsql SECURITY DEFINER SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION ledger.find_unfinished(interval,interval,integer) TO retail_sweeper;
CREATE FUNCTION ledger.find_unknown_uploads() RETURNS TABLE(upload_id uuid) LANGUAGE sql STABLE SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION ledger.find_unknown_uploads() TO retail_analyst, retail_operator;
CREATE FUNCTION ledger.format_time(moment timestamp with time zone) RETURNS text LANGUAGE sql STABLE;
GRANT EXECUTE ON FUNCTION ledger.format_time(timestamp with time zone) TO retail_api, retail_operator;
CREATE FUNCTION ledger.has_decision_work(bucket text, file_key text, file_version text) RETURNS boolean LANGUAGE sql STABLE;
CREATE FUNCTION ledger.insert_decision(upload json, decision json) RETURNS void LANGUAGE sql;
CREATE FUNCTION ledger.insert_other_versions(columns json, default_date date, store text, upload uuid, is_retracted boolean) RETURNS TABLE(fate text, ids uuid[]) LANGUAGE sql;
CREATE FUNCTION ledger.insert_rows(columns json, default_date date, store text, upload uuid, skip_existing boolean) RETURNS integer LANGUAGE plpgsql;
CREATE FUNCTION ledger.is_period_closed(d ledger.decisions, uploads uuid[]) RETURNS boolean LANGUAGE sql STABLE;
CREATE FUNCTION ledger.list_announced(because_of uuid) RETURNS json LANGUAGE sql STABLE SET search_path=pg_catalog, pg_temp;
CREATE FUNCTION ledger.load_batch(message json) RETURNS json LANGUAGE plpgsql SECURITY DEFINER SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION ledger.load_batch(json) TO retail_loader;
CREATE FUNCTION ledger.lock_file(bucket text, object_key text, version_id text, is_shared boolean) RETURNS void LANGUAGE plpgsql;
CREATE FUNCTION ledger.lock_settling() RETURNS void LANGUAGE sql;
CREATE FUNCTION ledger.note_listed(page json) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION ledger.note_listed(json) TO retail_sweeper;
CREATE FUNCTION ledger.note_notices_sent(ids json) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION ledger.note_notices_sent(json) TO retail_notifier;
CREATE FUNCTION ledger.note_sent(objects json) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION ledger.note_sent(json) TO retail_sweeper;
CREATE FUNCTION ledger.read_rows(columns json, default_date date) RETURNS TABLE(id uuid, transaction_date date, category text, name text, quantity numeric, amount_excl_tax numeric, amount_inc_tax numeric, line integer) LANGUAGE sql STABLE;
CREATE FUNCTION ledger.retry_notices(unsent_for interval, max_uploads integer) RETURNS TABLE(upload_id uuid) LANGUAGE sql SECURITY DEFINER SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION ledger.retry_notices(interval,integer) TO retail_sweeper;
CREATE FUNCTION ledger.set_password(role_name text, new_password text) RETURNS boolean LANGUAGE plpgsql SET search_path=pg_catalog, pg_temp;
CREATE FUNCTION ledger.settle(ids uuid[], cause uuid) RETURNS void LANGUAGE plpgsql SET plan_cache_mode=force_custom_plan;
CREATE FUNCTION ledger.settle_decision(d ledger.decisions, uploads uuid[], max_rows integer) RETURNS boolean LANGUAGE plpgsql;
CREATE FUNCTION ledger.verify(received_since timestamp with time zone, after_upload uuid, max_uploads integer) RETURNS TABLE(upload_id uuid, differences text[]) LANGUAGE sql STABLE SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION ledger.verify(timestamp with time zone,uuid,integer) TO retail_analyst, retail_operator;
CREATE FUNCTION reporting.transactions_as_of(moment timestamp with time zone) RETURNS TABLE(transaction_date date, store_id text, category text, product text, quantity numeric, amount_excl_tax numeric, amount_inc_tax numeric, balance numeric, id text, upload_id text, line integer) LANGUAGE sql STABLE SECURITY DEFINER SET search_path=pg_catalog, pg_temp;
GRANT EXECUTE ON FUNCTION reporting.transactions_as_of(timestamp with time zone) TO retail_analyst, retail_operator;
