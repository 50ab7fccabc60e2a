-- Loads one message of the row queue (lambdas/contract/row-batch.ts) in one transaction and says what became
-- of its rows. Promises: the same batch again returns its first result and changes nothing; the first row with
-- an id wins; whatever order batches come in and however many at a time, the last one closes the upload; a batch
-- that comes again with other rows is refused in sight.
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
    (version text, upload json, batch integer, "rowCount" integer, date date, header text, rows json, rejects json,
     closing json);
  IF m.version IS NULL OR m.version !~ '^[0-9]+$' THEN
    RAISE EXCEPTION 'the message is no batch of rows: it has no version' USING ERRCODE = 'invalid_parameter_value';
  ELSIF m.version <> '1' THEN
    -- Not the message's fault: it waits in its queue for the migration that knows it.
    RAISE EXCEPTION 'message format version % is not known to this database', m.version
      USING ERRCODE = 'feature_not_supported', HINT = 'Deploy the migrations of that version.';
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

  INSERT INTO ledger.uploads
    (upload_id, bucket, object_key, version_id, parser_revision, store_id, received_at, header_text)
  VALUES (this_upload, m.upload ->> 'bucket', m.upload ->> 'key', m.upload ->> 'versionId',
          coalesce(m.upload ->> 'revision', ''), this_store, (m.upload ->> 'receivedAt')::timestamptz, m.header)
  -- Whichever of its two keys is found first: two batches of a new upload may come at the same moment.
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
      moved_at         = clock_timestamp(),
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
