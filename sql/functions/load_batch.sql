-- Loads one message of the row queue (lambdas/core/row-batch.ts) in one transaction and returns the result of its rows.
-- Promises: the same batch again returns its first result and adds no row; a batch that comes again with other rows is
-- refused; the earliest row with an id wins unless an operator decides otherwise; the last batch closes the upload, in
-- whatever order and however many at a time the batches come. "more" in the result means that decisions about the file
-- are not applied yet: the same message again applies the next step.
CREATE OR REPLACE FUNCTION ledger.load_batch(message json) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $load_batch$
DECLARE
  m               record;
  this_upload     uuid;
  this_store      text;
  this_digest     text;
  seen            ledger.batches%ROWTYPE;
  has_known_ids   boolean;
  is_unchanged    boolean;
  is_retracted    boolean;
  row_count       integer;
  inserted        integer := 0;
  duplicate       integer := 0;
  conflicting     integer := 0;
  rejected        integer := 0;
  retracted       integer := 0;
  batch_first_day date;
  batch_last_day  date;
  has_more        boolean;
  other           record;
  other_ids       uuid[] := '{}';
  -- Key and version of the file whose decisions this message may bring forward.
  decided_key     text;
  decided_version text;
BEGIN
  -- Each level of the message is read once: it is up to 1 MiB of text.
  SELECT * INTO m FROM json_to_record(message) AS r
    (version text, upload json, batch integer, "rowCount" integer, date date, header text, format jsonb, rows json,
     corrections json, rejects json, receipts json, closing json, decision json);
  IF m.version IS NULL OR m.version !~ '^[0-9]+$' THEN
    RAISE EXCEPTION 'the message is not a batch of rows: it has no version' USING ERRCODE = 'invalid_parameter_value';
  ELSIF m.version <> '1' THEN
    -- The message is valid: it waits in its queue until the migration for its version is deployed.
    RAISE EXCEPTION 'message format version % is not known to this database', m.version
      USING ERRCODE = 'feature_not_supported', HINT = 'Deploy the migrations of that version.';
  END IF;
  this_upload := m.upload ->> 'uploadId';
  this_store := m.upload ->> 'storeId';
  IF this_upload IS NULL OR m.batch IS NULL THEN
    RAISE EXCEPTION 'the message does not say which batch of which upload it is'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  decided_key := coalesce(m.decision ->> 'key', m.upload ->> 'key');
  decided_version := coalesce(m.decision ->> 'versionId', m.upload ->> 'versionId');

  INSERT INTO ledger.uploads
    (upload_id, file_id, bucket, object_key, version_id, parser_revision, store_id, received_at, started_at, header_text, format)
  VALUES (this_upload, (m.upload ->> 'fileId')::uuid, m.upload ->> 'bucket', m.upload ->> 'key', m.upload ->> 'versionId',
          coalesce(m.upload ->> 'revision', ''), this_store, (m.upload ->> 'receivedAt')::timestamptz,
          -- The time that a later reading takes does not count from the drop. Queues keep messages for 14 days: whatever
          -- starts later is a replay.
          CASE WHEN (m.upload ->> 'receivedAt')::timestamptz < now() - interval '14 days' OR EXISTS (
            SELECT FROM ledger.uploads AS o
            WHERE o.bucket = m.upload ->> 'bucket' AND o.object_key = m.upload ->> 'key'
              AND o.version_id = m.upload ->> 'versionId'
          ) THEN now() ELSE (m.upload ->> 'receivedAt')::timestamptz END,
          m.header, m.format)
  -- Without a target: two batches of a new upload may come at the same moment, and either key may be found first.
  ON CONFLICT DO NOTHING;

  -- The failures that do not follow from the file itself: some batches may be loaded already, and others may still be on
  -- their way and complete the upload after all.
  IF m.closing -> 'failure' ->> 'code' IN ('object-deleted', 'object-unreadable', 'message-discarded') THEN
    -- First, since a transaction that settles may wait for the upload's row.
    has_more := ledger.continue_decisions(m.upload ->> 'bucket', decided_key, decided_version);
    UPDATE ledger.uploads AS u
    SET status = 'failed', failure_code = m.closing -> 'failure' ->> 'code',
        failure_message = m.closing -> 'failure' ->> 'message',
        completed_at = clock_timestamp(), moved_at = clock_timestamp()
    -- An object that is sent again and is still unreadable fails at another time, by which a replay sees that it ended.
    WHERE u.upload_id = this_upload AND (u.status = 'loading' OR u.failure_code IN ('object-unreadable', 'message-discarded'));
    is_unchanged := NOT FOUND;
    PERFORM ledger.announce(this_upload, this_upload);
    RETURN json_build_object('seenBefore', is_unchanged, 'inserted', 0, 'duplicate', 0, 'conflicting', 0, 'rejected', 0,
                             'more', has_more OR ledger.has_decision_work(m.upload ->> 'bucket', decided_key,
                                                                          decided_version),
                             'announced', ledger.list_announced(this_upload));
  END IF;

  -- If one batch is delivered twice at the same time, the second waits here until the first is committed.
  this_digest := md5(concat(m.rows, m.corrections, m.rejects, m.closing, m.decision));
  INSERT INTO ledger.batches (upload_id, batch, digest) VALUES (this_upload, m.batch, this_digest)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT * INTO seen FROM ledger.batches AS b WHERE b.upload_id = this_upload AND b.batch = m.batch;
    IF seen.digest <> this_digest THEN
      RAISE EXCEPTION 'batch % of upload % came before with other rows', m.batch, this_upload
        USING ERRCODE = 'invalid_parameter_value';
    END IF;
    has_more := ledger.continue_decisions(m.upload ->> 'bucket', decided_key, decided_version);
    RETURN json_build_object('seenBefore', true, 'inserted', seen.rows_inserted, 'duplicate', seen.rows_duplicate,
                             'conflicting', seen.rows_conflicting, 'rejected', seen.rows_rejected,
                             'more', has_more, 'announced', ledger.list_announced(this_upload));
  END IF;

  -- A decision about the file comes into effect before this batch or after it, not between its rows.
  PERFORM ledger.lock_file(m.upload ->> 'bucket', m.upload ->> 'key', m.upload ->> 'versionId', is_shared => true);
  is_retracted := EXISTS (
    SELECT FROM ledger.decisions AS d
    WHERE d.bucket = m.upload ->> 'bucket' AND d.file_key = m.upload ->> 'key'
      AND d.file_version = m.upload ->> 'versionId' AND d.kind = 'retract' AND d.state IN ('settling', 'done')
  );
  IF m.decision IS NOT NULL THEN
    PERFORM ledger.insert_decision(m.upload, m.decision);
  END IF;

  -- Usually all ids are new: a plain INSERT that stops at the first known id takes a fifth less time than looking up
  -- every id. A file with one known id probably has more.
  has_known_ids := EXISTS (
    SELECT FROM ledger.uploads AS u WHERE u.upload_id = this_upload AND u.rows_duplicate + u.rows_conflicting > 0
  );
  IF NOT has_known_ids AND NOT is_retracted THEN
    BEGIN
      inserted := ledger.insert_rows(m.rows, m.date, this_store, this_upload, skip_existing => false);
      row_count := inserted;
    EXCEPTION WHEN unique_violation THEN
      has_known_ids := true;
    END;
  END IF;
  IF has_known_ids OR is_retracted THEN
    PERFORM ledger.lock_settling();
    IF NOT is_retracted THEN
      inserted := ledger.insert_rows(m.rows, m.date, this_store, this_upload, skip_existing => true);
    END IF;
    FOR other IN
      SELECT * FROM ledger.insert_other_versions(m.rows, m.date, this_store, this_upload, is_retracted)
    LOOP
      CASE other.fate
        WHEN 'duplicate' THEN duplicate := cardinality(other.ids);
        WHEN 'conflict' THEN conflicting := cardinality(other.ids);
        WHEN 'retracted' THEN retracted := cardinality(other.ids);
      END CASE;
      other_ids := other_ids || other.ids;
    END LOOP;
    row_count := inserted + duplicate + conflicting + retracted;
  END IF;
  IF row_count IS DISTINCT FROM m."rowCount" THEN
    RAISE EXCEPTION 'batch % of upload % says % rows and has %', m.batch, this_upload, m."rowCount", row_count
      USING ERRCODE = 'invalid_parameter_value';
  END IF;

  WITH kept AS (
    INSERT INTO ledger.rejected_rows
      (upload_id, line, column_name, code, message, original_text, corrects_file, corrects_line)
    SELECT this_upload, r.line, r."column", r.code, r.message, r.text, (r.corrects ->> 'file')::uuid,
           (r.corrects ->> 'line')::integer
    FROM json_to_recordset(m.rejects)
      AS r (line integer, "column" text, code text, message text, text text, corrects json)
    RETURNING code
  ), codes AS (
    -- In one order: another batch of the upload may have the same codes at the same moment.
    INSERT INTO ledger.reject_codes (code, store_id, received_at, upload_id)
    SELECT DISTINCT kept.code, u.store_id, u.received_at, u.upload_id
    FROM kept JOIN ledger.uploads AS u ON u.upload_id = this_upload
    ORDER BY kept.code
    ON CONFLICT DO NOTHING
  )
  SELECT count(*) INTO rejected FROM kept;

  IF m.corrections IS NOT NULL THEN
    INSERT INTO ledger.corrections (upload_id, by_line, file_id, line)
    SELECT this_upload, c.by_line, c.file_id, c.line
    FROM unnest((m.rows ->> 'lines')::integer[], (m.corrections ->> 'files')::uuid[],
                (m.corrections ->> 'lines')::integer[]) AS c (by_line, file_id, line)
    WHERE c.file_id IS NOT NULL;
  END IF;

  -- A call that came twice is in the file twice.
  INSERT INTO ledger.receipts (receipt, upload_id, first_line, items)
  SELECT r.receipt, this_upload, r."firstLine", r.items
  FROM json_to_recordset(m.receipts) AS r (receipt uuid, "firstLine" integer, items integer)
  ORDER BY r."firstLine"
  ON CONFLICT DO NOTHING;

  UPDATE ledger.batches AS b
  SET rows_inserted = inserted, rows_duplicate = duplicate, rows_conflicting = conflicting, rows_rejected = rejected,
      rows_retracted = retracted
  WHERE b.upload_id = this_upload AND b.batch = m.batch;

  -- Either all rows have the date of the message, or each has its own.
  SELECT min(d), max(d) INTO batch_first_day, batch_last_day
  FROM unnest(coalesce((m.rows ->> 'dates')::date[], CASE WHEN row_count > 0 THEN ARRAY[m.date] END)) AS d;

  -- Last, since every batch of the upload locks this row: the holder of the lock sees the result of all earlier ones.
  -- A batch of an object that was unreadable shows that S3 returns it now: the sweeper has to watch the upload again.
  UPDATE ledger.uploads AS u
  SET status           = CASE WHEN u.failure_code = 'object-unreadable' THEN 'loading' ELSE u.status END,
      batches_loaded   = u.batches_loaded + 1,
      moved_at         = clock_timestamp(),
      rows_inserted    = u.rows_inserted + inserted,
      rows_duplicate   = u.rows_duplicate + duplicate,
      rows_conflicting = u.rows_conflicting + conflicting,
      rows_rejected    = u.rows_rejected + rejected,
      rows_retracted   = u.rows_retracted + retracted,
      first_day        = least(u.first_day, batch_first_day),
      last_day         = greatest(u.last_day, batch_last_day),
      batches_expected = coalesce((m.closing ->> 'batches')::integer, u.batches_expected),
      rows_read        = coalesce((m.closing ->> 'rowsRead')::bigint, u.rows_read),
      format           = coalesce((m.closing -> 'format')::jsonb, u.format),
      failure_code     = coalesce(m.closing -> 'failure' ->> 'code', nullif(u.failure_code, 'object-unreadable')),
      failure_message  = coalesce(m.closing -> 'failure' ->> 'message',
                                  CASE WHEN u.failure_code <> 'object-unreadable' THEN u.failure_message END),
      completed_at     = CASE WHEN u.failure_code = 'object-unreadable' THEN NULL ELSE u.completed_at END
  WHERE u.upload_id = this_upload;
  -- A retracted row changes nothing about other versions.
  IF NOT is_retracted AND cardinality(other_ids) > 0 THEN
    PERFORM ledger.settle(other_ids, this_upload);
  END IF;
  PERFORM ledger.close_upload(this_upload);

  RETURN json_build_object('seenBefore', false, 'inserted', inserted, 'duplicate', duplicate,
                           'conflicting', conflicting, 'rejected', rejected,
                           'more', ledger.has_decision_work(m.upload ->> 'bucket', decided_key, decided_version),
                           'announced', ledger.list_announced(this_upload));
END
$load_batch$;

GRANT EXECUTE ON FUNCTION ledger.load_batch(json) TO retail_loader;
