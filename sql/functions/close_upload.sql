-- Ends an upload whose batches are all loaded. Promises: the upload is complete only if every row that was read is
-- accounted for; the upload of a decision ends only when the decision is applied. The caller holds the upload's row.
CREATE OR REPLACE FUNCTION ledger.close_upload(this_upload uuid) RETURNS void
LANGUAGE plpgsql
AS $close_upload$
DECLARE
  ledger_row ledger.uploads%ROWTYPE;
  decision   ledger.decisions%ROWTYPE;
BEGIN
  SELECT * INTO ledger_row FROM ledger.uploads AS u WHERE u.upload_id = this_upload;
  IF ledger_row.batches_loaded IS DISTINCT FROM ledger_row.batches_expected THEN
    RETURN;
  END IF;
  SELECT * INTO decision FROM ledger.decisions AS d
  WHERE (d.bucket, d.object_key, d.version_id) = (ledger_row.bucket, ledger_row.object_key, ledger_row.version_id);
  IF decision.state IN ('waiting', 'settling') THEN
    RETURN;
  END IF;

  IF ledger_row.rows_read <> ledger_row.rows_inserted + ledger_row.rows_duplicate + ledger_row.rows_conflicting
                           + ledger_row.rows_rejected + ledger_row.rows_retracted + ledger_row.rows_replaced THEN
    ledger_row.failure_code := 'row-counts-differ';
    ledger_row.failure_message := 'The results of the rows do not add up to the rows read. Upload the file again.';
  ELSIF decision.state = 'refused' THEN
    ledger_row.failure_code := 'period-closed';
    ledger_row.failure_message := format('The decision changes rows of days until %s, which were closed. '
      'Decide again with --force to change them nevertheless.', decision.closed_until);
  ELSIF ledger_row.failure_code IN ('object-deleted', 'message-discarded') THEN
    ledger_row.failure_code := NULL;
    ledger_row.failure_message := NULL;
  END IF;
  -- The parser knows only at the end of the file whether the manifest matches its lines.
  IF ledger_row.format ->> 'manifest' = 'ignored' THEN
    DELETE FROM ledger.receipts AS r WHERE r.upload_id = this_upload;
  END IF;
  UPDATE ledger.uploads AS u
  SET status          = CASE WHEN ledger_row.failure_code IS NULL THEN 'complete' ELSE 'failed' END,
      failure_code    = ledger_row.failure_code,
      failure_message = ledger_row.failure_message,
      completed_at    = clock_timestamp()
  WHERE u.upload_id = this_upload;
  -- Also other uploads whose results or open rows its rows, or its decision, changed; in one order, so that two uploads that
  -- end never wait for each other in a circle.
  PERFORM ledger.announce(c.upload_id, this_upload)
  FROM (
    SELECT u.upload_id FROM ledger.uploads AS u
    WHERE u.upload_id = this_upload OR u.upload_id IN (
      SELECT a.upload_id FROM ledger.adjustments AS a WHERE a.cause = this_upload
      UNION
      SELECT r.upload_id FROM ledger.find_corrected_uploads(ledger_row, decision) AS r
    )
    ORDER BY u.file_id, u.upload_id
  ) AS c;
END
$close_upload$;

-- Returns uploads whose rejected rows may be open, or open no longer, because an upload or its decision ended: those
-- that its rows correct, or that the file of the decision is or corrects. At most 100, which bounds the time of a call.
CREATE OR REPLACE FUNCTION ledger.find_corrected_uploads(ended ledger.uploads, decision ledger.decisions)
RETURNS TABLE (upload_id uuid)
LANGUAGE sql
STABLE
AS $find_corrected_uploads$
  WITH correcting AS (
    SELECT u.upload_id, u.file_id, u.store_id FROM ledger.uploads AS u
    WHERE u.upload_id = ended.upload_id
       OR (u.bucket, u.object_key, u.version_id) = (decision.bucket, decision.file_key, decision.file_version)
  )
  SELECT DISTINCT u.upload_id
  FROM (
    SELECT b.file_id, b.store_id FROM correcting AS b
    UNION
    SELECT c.file_id, b.store_id FROM correcting AS b JOIN ledger.corrections AS c USING (upload_id)
    UNION
    SELECT r.corrects_file, b.store_id FROM correcting AS b JOIN ledger.rejected_rows AS r USING (upload_id)
    WHERE decision.bucket IS NOT NULL AND r.corrects_file IS NOT NULL
  ) AS files
  JOIN ledger.uploads AS u USING (file_id, store_id)
  WHERE u.rows_rejected > 0
  LIMIT 100
$find_corrected_uploads$;
