-- How a file was written, as far as it says so by itself (`FormatSummary` in lambdas/core/row-batch.ts), is kept with its
-- upload: the format of the head from the first batch on, all of them once the closing is in. And `load_batch`, whose promises
-- in 0006 hold as they stand, takes a fifth less time for rows that are new.
ALTER TABLE ledger.uploads ADD COLUMN format jsonb;

-- The rows of a message, whose columns are the texts of arrays. Without settings of its own the planner takes it into the
-- statement that asks for it.
CREATE FUNCTION ledger.rows_of(columns json, default_date date)
RETURNS TABLE (line integer, id uuid, transaction_date date, category text, name text, quantity integer,
               amount_excl_tax numeric, amount_inc_tax numeric)
LANGUAGE sql
STABLE
AS $rows_of$
  SELECT r.line, r.id, coalesce(r.transaction_date, default_date), r.category, r.name, r.quantity, r.excluding, r.including
  FROM (
    SELECT unnest(c.lines::integer[]) AS line, unnest(c.ids::uuid[]) AS id, unnest(c.dates::date[]) AS transaction_date,
           unnest(c.categories::text[]) AS category, unnest(c.names::text[]) AS name,
           unnest(c.quantities::integer[]) AS quantity, unnest(c."amountsExclTax"::numeric[]) AS excluding,
           unnest(c."amountsIncTax"::numeric[]) AS including
    FROM json_to_record(columns) AS c
      (lines text, ids text, dates text, categories text, names text, quantities text, "amountsExclTax" text,
       "amountsIncTax" text)
  ) AS r
$rows_of$;

REVOKE EXECUTE ON FUNCTION ledger.rows_of(json, date) FROM PUBLIC;

CREATE OR REPLACE FUNCTION ledger.load_batch(message json) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $load_batch$
DECLARE
  m           record;
  this_upload uuid;
  this_store  text;
  this_digest text;
  seen        ledger.batches%ROWTYPE;
  row_count   integer;
  inserted    integer := 0;
  duplicate   integer := 0;
  conflicting integer := 0;
  rejected    integer := 0;
  ledger_row  ledger.uploads%ROWTYPE;
BEGIN
  -- Each level of the message is read once: it is up to 1 MiB of text.
  SELECT * INTO m FROM json_to_record(message) AS r
    (version text, upload json, batch integer, "rowCount" integer, date date, header text, format jsonb, rows json,
     rejects json, closing json);
  IF m.version IS NULL OR m.version !~ '^[0-9]+$' THEN
    RAISE EXCEPTION 'the message is no batch of rows: it has no version' USING ERRCODE = 'invalid_parameter_value';
  ELSIF m.version <> '1' THEN
    -- Not the message's fault: it waits in its queue for the migration that knows it.
    RAISE EXCEPTION 'message format version % is not known to this database', m.version
      USING ERRCODE = 'feature_not_supported', HINT = 'Deploy the migrations of that version.';
  END IF;
  this_upload := m.upload ->> 'uploadId';
  this_store := m.upload ->> 'storeId';
  IF this_upload IS NULL OR m.batch IS NULL THEN
    RAISE EXCEPTION 'the message does not say which batch of which upload it is'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;

  INSERT INTO ledger.uploads
    (upload_id, bucket, object_key, version_id, parser_revision, store_id, received_at, header_text, format)
  VALUES (this_upload, m.upload ->> 'bucket', m.upload ->> 'key', m.upload ->> 'versionId',
          coalesce(m.upload ->> 'revision', ''), this_store, (m.upload ->> 'receivedAt')::timestamptz, m.header,
          m.format)
  -- Whichever of its two keys is met first: two batches of a new upload may come at the same moment.
  ON CONFLICT DO NOTHING;

  -- The one failure that the file itself does not decide: it may come when batches are in already, or while the
  -- last ones are still on their way, which then complete the upload after all.
  IF m.closing -> 'failure' ->> 'code' = 'object-deleted' THEN
    UPDATE ledger.uploads AS u
    SET status = 'failed', failure_code = 'object-deleted', failure_message = m.closing -> 'failure' ->> 'message',
        completed_at = clock_timestamp(), moved_at = clock_timestamp()
    WHERE u.upload_id = this_upload AND u.status = 'loading';
    RETURN json_build_object('seenBefore', NOT FOUND, 'inserted', 0, 'duplicate', 0, 'conflicting', 0, 'rejected', 0);
  END IF;

  -- Two deliveries of one batch at a time: the second waits here until the first is committed.
  this_digest := md5(concat(m.rows, m.rejects, m.closing));
  INSERT INTO ledger.batches (upload_id, batch, digest) VALUES (this_upload, m.batch, this_digest)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT * INTO seen FROM ledger.batches AS b WHERE b.upload_id = this_upload AND b.batch = m.batch;
    IF seen.digest <> this_digest THEN
      RAISE EXCEPTION 'batch % of upload % came before with other rows', m.batch, this_upload
        USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN json_build_object('seenBefore', true, 'inserted', seen.rows_inserted, 'duplicate', seen.rows_duplicate,
                             'conflicting', seen.rows_conflicting, 'rejected', seen.rows_rejected);
  END IF;

  -- In the order of the ids, so that two batches with the same ids never wait for each other in a circle. Mostly all are
  -- new: to ask for each id costs a fifth more than to be refused at the first that is not, and then to begin anew. A
  -- file that had one is likely to have more.
  BEGIN
    IF EXISTS (
      SELECT FROM ledger.uploads AS u WHERE u.upload_id = this_upload AND u.rows_duplicate + u.rows_conflicting > 0
    ) THEN
      RAISE unique_violation;
    END IF;
    INSERT INTO public.transactions
      (id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax, store_id, upload_id, line)
    SELECT r.id, r.transaction_date, r.category, r.name, r.quantity, r.amount_excl_tax, r.amount_inc_tax, this_store,
           this_upload, r.line
    FROM ledger.rows_of(m.rows, m.date) AS r
    ORDER BY r.id, r.line;
    GET DIAGNOSTICS inserted = ROW_COUNT;
    row_count := inserted;
  EXCEPTION WHEN unique_violation THEN
    INSERT INTO public.transactions
      (id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax, store_id, upload_id, line)
    SELECT r.id, r.transaction_date, r.category, r.name, r.quantity, r.amount_excl_tax, r.amount_inc_tax, this_store,
           this_upload, r.line
    FROM ledger.rows_of(m.rows, m.date) AS r
    ORDER BY r.id, r.line
    ON CONFLICT (id) DO NOTHING;
    GET DIAGNOSTICS inserted = ROW_COUNT;

    INSERT INTO ledger.conflicting_rows
      (upload_id, line, id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax, store_id)
    SELECT this_upload, r.line, r.id, r.transaction_date, r.category, r.name, r.quantity, r.amount_excl_tax,
           r.amount_inc_tax, this_store
    FROM ledger.rows_of(m.rows, m.date) AS r
    JOIN public.transactions AS t ON t.id = r.id
    WHERE (t.transaction_date, t.category, t.name, t.quantity, t.amount_excl_tax, t.amount_inc_tax, t.store_id)
      IS DISTINCT FROM (r.transaction_date, r.category, r.name, r.quantity, r.amount_excl_tax, r.amount_inc_tax,
                        this_store);
    GET DIAGNOSTICS conflicting = ROW_COUNT;
    row_count := cardinality((m.rows ->> 'ids')::text[]);
    duplicate := row_count - inserted - conflicting;
  END;
  IF row_count IS DISTINCT FROM m."rowCount" THEN
    RAISE EXCEPTION 'batch % of upload % says % rows and has %', m.batch, this_upload, m."rowCount", row_count
      USING ERRCODE = 'invalid_parameter_value';
  END IF;

  INSERT INTO ledger.rejected_rows (upload_id, line, column_name, code, message, original_text)
  SELECT this_upload, r.line, r."column", r.code, r.message, r.text
  FROM json_to_recordset(m.rejects) AS r (line integer, "column" text, code text, message text, text text);
  GET DIAGNOSTICS rejected = ROW_COUNT;

  UPDATE ledger.batches AS b
  SET rows_inserted = inserted, rows_duplicate = duplicate, rows_conflicting = conflicting, rows_rejected = rejected
  WHERE b.upload_id = this_upload AND b.batch = m.batch;

  -- Last of all, since every batch of the upload needs this row: whoever holds it sees all that came before.
  UPDATE ledger.uploads AS u
  SET batches_loaded   = u.batches_loaded + 1,
      moved_at         = clock_timestamp(),
      rows_inserted    = u.rows_inserted + inserted,
      rows_duplicate   = u.rows_duplicate + duplicate,
      rows_conflicting = u.rows_conflicting + conflicting,
      rows_rejected    = u.rows_rejected + rejected,
      batches_expected = coalesce((m.closing ->> 'batches')::integer, u.batches_expected),
      rows_read        = coalesce((m.closing ->> 'rowsRead')::bigint, u.rows_read),
      format           = coalesce((m.closing -> 'format')::jsonb, u.format),
      failure_code     = coalesce(m.closing -> 'failure' ->> 'code', u.failure_code),
      failure_message  = coalesce(m.closing -> 'failure' ->> 'message', u.failure_message)
  WHERE u.upload_id = this_upload
  RETURNING u.* INTO ledger_row;

  IF ledger_row.batches_loaded = ledger_row.batches_expected THEN
    UPDATE ledger.uploads AS u
    SET completed_at = clock_timestamp(),
        status = CASE WHEN outcome.failure IS NULL THEN 'complete' ELSE 'failed' END,
        failure_code = outcome.failure,
        failure_message = CASE outcome.failure WHEN 'row-counts-differ'
          THEN 'The rows that were read are not the rows that were loaded or set aside. Drop the file again.'
          ELSE CASE WHEN outcome.failure IS NOT NULL THEN u.failure_message END END
    FROM (
      SELECT CASE
        WHEN ledger_row.rows_read <> ledger_row.rows_inserted + ledger_row.rows_duplicate
          + ledger_row.rows_conflicting + ledger_row.rows_rejected THEN 'row-counts-differ'
        ELSE nullif(ledger_row.failure_code, 'object-deleted') END AS failure
    ) AS outcome
    WHERE u.upload_id = this_upload;
  END IF;

  RETURN json_build_object('seenBefore', false, 'inserted', inserted, 'duplicate', duplicate,
                           'conflicting', conflicting, 'rejected', rejected);
END
$load_batch$;

CREATE OR REPLACE VIEW ledger.upload_history AS
SELECT
  upload_id, bucket, object_key, version_id, store_id, status,
  coalesce(rows_read, rows_inserted + rows_duplicate + rows_conflicting + rows_rejected) AS rows_read,
  rows_inserted, rows_duplicate, rows_conflicting, rows_rejected,
  failure_code, failure_message, received_at, completed_at, parser_revision, moved_at, format
FROM ledger.uploads
ORDER BY received_at, object_key;
