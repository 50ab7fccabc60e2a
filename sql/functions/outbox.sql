-- The outbox: what the notifier (lambdas/notify) tells stores about their files.
-- Promises: every upload that ends has a notice; a notice stays until it is marked as sent, so that it is sent at least
-- once; its content never changes.

-- Writes a notice with the present result of an upload, unless its last notice says the same. To be called in the
-- transaction that ends the upload, or that changes its counts afterwards because of a batch of another one.
CREATE OR REPLACE FUNCTION ledger.announce(this_upload uuid, because_of uuid) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $announce$
DECLARE
  u        ledger.uploads%ROWTYPE;
  present  jsonb;
  former   jsonb;
  existing integer;
BEGIN
  -- A notice of a file is written by one transaction at a time: the next one counts what the former changed.
  PERFORM pg_advisory_xact_lock(hashtextextended('ledger.announce ' || o.file_id, 0))
  FROM ledger.uploads AS o WHERE o.upload_id = this_upload;
  SELECT * INTO u FROM ledger.uploads WHERE uploads.upload_id = this_upload;
  -- A decision of an operator is an object too, and not a file of a store.
  IF u.status IS NULL OR u.status NOT IN ('complete', 'failed') OR starts_with(u.object_key, 'incoming/decisions/') THEN
    RETURN;
  END IF;
  present := jsonb_strip_nulls(jsonb_build_object(
    'status', u.status,
    'rows', jsonb_build_object(
      'read', coalesce(u.rows_read, u.rows_inserted + u.rows_duplicate + u.rows_conflicting + u.rows_rejected
                                    + u.rows_retracted + u.rows_replaced),
      'inserted', u.rows_inserted, 'duplicate', u.rows_duplicate, 'conflicting', u.rows_conflicting,
      'rejected', u.rows_rejected, 'retracted', u.rows_retracted, 'replaced', u.rows_replaced),
    -- Counting 10,000 rows takes less than a second.
    'open', CASE WHEN u.rows_rejected BETWEEN 1 AND 10000
      THEN ledger.count_open(this_upload) END,
    'days', CASE WHEN u.first_day IS NOT NULL THEN jsonb_build_object('first', u.first_day, 'last', u.last_day) END,
    'failure', CASE WHEN u.failure_code IS NOT NULL
      THEN jsonb_build_object('code', u.failure_code, 'message', u.failure_message) END,
    -- Present if they differ; otherwise it is a text.
    'totals', CASE WHEN jsonb_typeof(u.format -> 'totals') = 'object' THEN u.format -> 'totals' END
  ));
  SELECT o.result - 'completedAt' - 'isRepeated' INTO former FROM ledger.outbox AS o
  WHERE o.upload_id = this_upload ORDER BY o.sequence DESC LIMIT 1;
  IF former = present THEN
    RETURN;
  END IF;
  present := present || jsonb_build_object('completedAt', ledger.format_time(u.completed_at));
  -- A later reading of the file brought nothing new.
  IF former IS NULL AND u.status = 'complete' AND u.rows_inserted = 0
     AND EXISTS (SELECT FROM ledger.outbox AS o WHERE o.file_id = u.file_id) THEN
    present := present || '{"isRepeated": true}';
  END IF;
  LOOP
    SELECT coalesce(max(o.sequence), 0) INTO existing FROM ledger.outbox AS o WHERE o.file_id = u.file_id;
    -- Another reading of the file may take the same number at the same moment: the second waits here and takes the next.
    INSERT INTO ledger.outbox (upload_id, file_id, caused_by, sequence, result)
    VALUES (this_upload, u.file_id, because_of, existing + 1, present)
    ON CONFLICT (file_id, sequence) DO NOTHING;
    EXIT WHEN FOUND;
  END LOOP;
END
$announce$;

-- Returns the uploads with unsent notices that batches of an upload caused, as a JSON array of at most 100: the loader
-- tells the notifier, and the sweeper finds the others.
CREATE OR REPLACE FUNCTION ledger.list_announced(because_of uuid) RETURNS json
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $list_announced$
  SELECT coalesce(json_agg(a.upload_id), '[]')
  FROM (SELECT DISTINCT o.upload_id FROM ledger.outbox AS o
        WHERE o.caused_by = because_of AND o.sent_at IS NULL LIMIT 100) AS a
$list_announced$;

-- Returns the next unsent notices of an upload as a JSON array of receipts (lambdas/core/file-receipt.ts). Its size is
-- limited: a response of the Data API has at most 1 MiB.
CREATE OR REPLACE FUNCTION ledger.find_notices(this_upload uuid) RETURNS json
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $find_notices$
  SELECT coalesce(json_agg(json_build_object(
    'id', o.notice_id, 'sequence', o.sequence, 'uploadId', u.upload_id, 'fileId', u.file_id, 'storeId', u.store_id,
    'key', u.object_key, 'versionId', u.version_id, 'receivedAt', ledger.format_time(u.received_at),
    'result', o.result, 'byCode', r.by_code, 'first', r.first) ORDER BY o.sequence), '[]')
  FROM (
    SELECT * FROM ledger.outbox WHERE outbox.upload_id = this_upload AND outbox.sent_at IS NULL
    ORDER BY outbox.sequence LIMIT 10
  ) AS o
  JOIN ledger.uploads AS u USING (upload_id)
  CROSS JOIN LATERAL (
    SELECT
      (SELECT coalesce(json_agg(json_build_object('code', c.code, 'rows', c.rows) ORDER BY c.rows DESC, c.code), '[]')
       FROM (SELECT r.code, count(*) AS rows FROM ledger.rejected_rows AS r
             WHERE r.upload_id = this_upload GROUP BY r.code) AS c) AS by_code,
      (SELECT coalesce(json_agg(json_build_object(
         'line', f.line, 'column', left(f.column_name, 100), 'code', f.code, 'message', left(f.message, 500),
         'text', left(f.original_text, 300)) ORDER BY f.line), '[]')
       FROM (SELECT * FROM ledger.rejected_rows AS r WHERE r.upload_id = this_upload ORDER BY r.line LIMIT 10) AS f
      ) AS first
  ) AS r
$find_notices$;

-- Marks notices, a JSON array of their ids, as sent. Returns how many were not yet.
CREATE OR REPLACE FUNCTION ledger.note_notices_sent(ids json) RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $note_notices_sent$
DECLARE
  noted integer;
BEGIN
  UPDATE ledger.outbox AS o SET sent_at = clock_timestamp()
  WHERE o.sent_at IS NULL AND o.notice_id IN (SELECT json_array_elements_text(ids)::uuid);
  GET DIAGNOSTICS noted = ROW_COUNT;
  RETURN noted;
END
$note_notices_sent$;

-- Returns uploads with notices that were not sent for a time, and records that the notifier is told about them again. It
-- is told at growing intervals.
CREATE OR REPLACE FUNCTION ledger.retry_notices(unsent_for interval, max_uploads integer)
RETURNS TABLE (upload_id uuid)
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $retry_notices$
  WITH due AS (
    SELECT o.notice_id FROM ledger.outbox AS o
    WHERE o.sent_at IS NULL AND o.created_at <= now() - unsent_for
      AND (o.retried_at IS NULL
           OR o.retried_at <= now() - least(interval '1 day', unsent_for * 2 ^ least(o.times_retried, 16)))
    ORDER BY o.created_at LIMIT max_uploads
    FOR UPDATE SKIP LOCKED
  ), retried AS (
    UPDATE ledger.outbox AS o SET retried_at = now(), times_retried = o.times_retried + 1
    FROM due WHERE o.notice_id = due.notice_id
    RETURNING o.upload_id
  )
  SELECT DISTINCT retried.upload_id FROM retried
$retry_notices$;

GRANT EXECUTE ON FUNCTION ledger.find_notices(uuid), ledger.note_notices_sent(json) TO retail_notifier;
GRANT EXECUTE ON FUNCTION ledger.retry_notices(interval, integer) TO retail_sweeper;
