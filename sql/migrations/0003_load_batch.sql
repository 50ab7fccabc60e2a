-- Loads one message of the row queue (lambdas/contract/row-batch.ts) in one transaction and says what became
-- of its rows. Promises: the same batch again returns its first result and changes nothing; the first row with
-- an id wins; whatever order batches come in and however many at a time, the last one closes the upload.
CREATE FUNCTION ledger.load_batch(message json) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $load_batch$
DECLARE
  m           record;
  this_upload uuid;
  this_store  text;
  lines       integer[];
  ids         uuid[];
  dates       date[];
  categories  text[];
  names       text[];
  quantities  integer[];
  excluding   numeric[];
  including   numeric[];
  inserted    integer := 0;
  duplicate   integer := 0;
  conflicting integer := 0;
  rejected    integer := 0;
  ledger_row  ledger.uploads%ROWTYPE;
BEGIN
  -- Each level of the message is read once: it is up to 1 MiB of text.
  SELECT * INTO m FROM json_to_record(message) AS r
    (version text, upload json, batch integer, "rowCount" integer, date date, rows json, rejects json, closing json);
  IF m.version IS DISTINCT FROM '1' THEN
    RAISE EXCEPTION 'message format version % is not known to this database', m.version
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Deploy the migrations before the functions.';
  END IF;
  SELECT r.lines, r.ids, r.dates, r.categories, r.names, r.quantities, r."amountsExclTax", r."amountsIncTax"
  INTO lines, ids, dates, categories, names, quantities, excluding, including
  FROM json_to_record(m.rows) AS r
    (lines text, ids text, dates text, categories text, names text, quantities text, "amountsExclTax" text,
     "amountsIncTax" text);
  this_upload := m.upload ->> 'uploadId';
  this_store := m.upload ->> 'storeId';
  IF this_upload IS NULL OR m.batch IS NULL OR m."rowCount" IS DISTINCT FROM cardinality(ids) THEN
    RAISE EXCEPTION 'batch % of upload % says % rows and has %', m.batch, this_upload, m."rowCount", cardinality(ids)
      USING ERRCODE = 'invalid_parameter_value';
  END IF;

  INSERT INTO ledger.uploads (upload_id, bucket, object_key, version_id, store_id, received_at)
  VALUES (this_upload, m.upload ->> 'bucket', m.upload ->> 'key', m.upload ->> 'versionId', this_store,
          (m.upload ->> 'receivedAt')::timestamptz)
  ON CONFLICT (upload_id) DO NOTHING;

  -- Two deliveries of one batch at a time: the second waits here until the first is committed.
  INSERT INTO ledger.batches (upload_id, batch) VALUES (this_upload, m.batch) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN (
      SELECT json_build_object('seenBefore', true, 'inserted', b.rows_inserted, 'duplicate', b.rows_duplicate,
                               'conflicting', b.rows_conflicting, 'rejected', b.rows_rejected)
      FROM ledger.batches AS b WHERE b.upload_id = this_upload AND b.batch = m.batch
    );
  END IF;

  -- In the order of the ids, so that two batches with the same ids never wait for each other in a circle.
  INSERT INTO public.transactions
    (id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax, store_id, upload_id, line)
  SELECT r.id, coalesce(r.transaction_date, m.date), r.category, r.name, r.quantity, r.excluding, r.including,
         this_store, this_upload, r.line
  FROM unnest(lines, ids, dates, categories, names, quantities, excluding, including)
    AS r (line, id, transaction_date, category, name, quantity, excluding, including)
  ORDER BY r.id, r.line
  ON CONFLICT (id) DO NOTHING;
  GET DIAGNOSTICS inserted = ROW_COUNT;

  IF inserted < m."rowCount" THEN
    INSERT INTO ledger.conflicting_rows
      (upload_id, line, id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax, store_id)
    SELECT this_upload, r.line, r.id, coalesce(r.transaction_date, m.date), r.category, r.name, r.quantity,
           r.excluding, r.including, this_store
    FROM unnest(lines, ids, dates, categories, names, quantities, excluding, including)
      AS r (line, id, transaction_date, category, name, quantity, excluding, including)
    JOIN public.transactions AS t ON t.id = r.id
    WHERE (t.transaction_date, t.category, t.name, t.quantity, t.amount_excl_tax, t.amount_inc_tax, t.store_id)
      IS DISTINCT FROM (coalesce(r.transaction_date, m.date), r.category, r.name, r.quantity, r.excluding,
                        r.including, this_store);
    GET DIAGNOSTICS conflicting = ROW_COUNT;
    duplicate := m."rowCount" - inserted - conflicting;
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
      rows_inserted    = u.rows_inserted + inserted,
      rows_duplicate   = u.rows_duplicate + duplicate,
      rows_conflicting = u.rows_conflicting + conflicting,
      rows_rejected    = u.rows_rejected + rejected,
      batches_expected = coalesce((m.closing ->> 'batches')::integer, u.batches_expected),
      rows_read        = coalesce((m.closing ->> 'rowsRead')::bigint, u.rows_read),
      failure_code     = coalesce(m.closing -> 'failure' ->> 'code', u.failure_code),
      failure_message  = coalesce(m.closing -> 'failure' ->> 'message', u.failure_message)
  WHERE u.upload_id = this_upload
  RETURNING u.* INTO ledger_row;

  IF ledger_row.batches_loaded = ledger_row.batches_expected THEN
    UPDATE ledger.uploads AS u
    SET completed_at = clock_timestamp(),
        status = CASE WHEN u.failure_code IS NULL AND accounted.yes THEN 'complete' ELSE 'failed' END,
        failure_code = CASE WHEN accounted.yes THEN u.failure_code ELSE 'row-counts-differ' END,
        failure_message = CASE WHEN accounted.yes THEN u.failure_message
          ELSE 'The rows that were read are not the rows that were loaded or set aside. Drop the file again.' END
    FROM (
      SELECT ledger_row.rows_read = ledger_row.rows_inserted + ledger_row.rows_duplicate
        + ledger_row.rows_conflicting + ledger_row.rows_rejected AS yes
    ) AS accounted
    WHERE u.upload_id = this_upload;
  END IF;

  RETURN json_build_object('seenBefore', false, 'inserted', inserted, 'duplicate', duplicate,
                           'conflicting', conflicting, 'rejected', rejected);
END
$load_batch$;
