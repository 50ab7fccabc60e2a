-- Applies the decisions about a file, oldest first. Promises: a decision waits until a reading of its file has ended, and
-- is then judged once; a call changes a bounded number of rows, and the next call continues where it stopped, also after
-- an interruption; a decision that changes rows of a closed day is refused as a whole unless it is forced.

-- Keeps a decision, {kind, key, versionId, lines, reason, by, isForced, closedUntil, decidedAt} of the message, for the
-- object version of the upload. Another reading of the same object changes nothing.
CREATE OR REPLACE FUNCTION ledger.insert_decision(upload json, decision json) RETURNS void
LANGUAGE sql
AS $insert_decision$
  INSERT INTO ledger.decisions
    (bucket, object_key, version_id, received_at, kind, file_key, file_version, lines, reason, decided_by, is_forced,
     closed_until, decided_at, state)
  SELECT u.bucket, u.key, u."versionId", u."receivedAt", d.kind, d.key, d."versionId",
         (SELECT range_agg(int4range(l.line, l.line, '[]')) FROM unnest(d.lines) AS l (line)),
         d.reason, d.by, coalesce(d."isForced", false), d."closedUntil", d."decidedAt",
         -- The views of rejected rows read the decision itself.
         CASE d.kind WHEN 'waive' THEN 'done' ELSE 'waiting' END
  FROM json_to_record(upload) AS u (bucket text, key text, "versionId" text, "receivedAt" timestamptz),
       json_to_record(decision) AS d (kind text, key text, "versionId" text, lines integer[], reason text, by text,
                                      "isForced" boolean, "closedUntil" date, "decidedAt" timestamptz)
  ON CONFLICT DO NOTHING
$insert_decision$;

-- Returns whether rows in transactions that the decision would replace, or put in their place, are of a closed day.
CREATE OR REPLACE FUNCTION ledger.is_period_closed(d ledger.decisions, uploads uuid[]) RETURNS boolean
LANGUAGE sql
STABLE
AS $is_period_closed$
  SELECT d.closed_until IS NOT NULL AND NOT d.is_forced AND CASE d.kind
    WHEN 'retract' THEN
      -- The first day of an upload spares reading its rows.
      EXISTS (SELECT FROM ledger.uploads AS u WHERE u.upload_id = ANY (uploads) AND u.first_day <= d.closed_until)
      AND EXISTS (
        SELECT FROM public.transactions AS t
        WHERE t.upload_id = ANY (uploads) AND t.transaction_date <= d.closed_until
      )
      OR EXISTS (
        SELECT FROM public.transactions AS t JOIN ledger.other_versions AS o ON o.id = t.id
        WHERE t.upload_id = ANY (uploads) AND o.fate <> 'retracted' AND o.upload_id <> ALL (uploads)
          AND o.transaction_date <= d.closed_until
      )
    ELSE EXISTS (
      SELECT FROM ledger.other_versions AS o JOIN public.transactions AS t ON t.id = o.id
      WHERE o.upload_id = ANY (uploads) AND o.fate IN ('conflict', 'replaced')
        AND (d.lines IS NULL OR o.line <@ d.lines)
        AND least(o.transaction_date, t.transaction_date) <= d.closed_until
    ) END
$is_period_closed$;

-- Settles the next rows of a decision that is in effect, at most twice max_rows. Returns whether there may be more.
CREATE OR REPLACE FUNCTION ledger.settle_decision(d ledger.decisions, uploads uuid[], max_rows integer) RETURNS boolean
LANGUAGE plpgsql
AS $settle_decision$
DECLARE
  cause      uuid;
  ids        uuid[];
  last_place record;
BEGIN
  SELECT u.upload_id INTO cause FROM ledger.uploads AS u
  WHERE (u.bucket, u.object_key, u.version_id) = (d.bucket, d.object_key, d.version_id)
  ORDER BY u.started_at, u.upload_id LIMIT 1;

  -- Settling takes the rows of a retracted file out of transactions: what is left is the rest of the work.
  IF d.kind = 'retract' THEN
    SELECT array_agg(t.id) INTO ids FROM (
      SELECT t.id FROM public.transactions AS t WHERE t.upload_id = ANY (uploads) LIMIT max_rows
    ) AS t;
  ELSE
    -- Rows that are valid already: only the versions beside them change.
    SELECT array_agg(t.id ORDER BY t.id) INTO ids FROM (
      SELECT t.id FROM public.transactions AS t
      WHERE t.upload_id = ANY (uploads) AND t.id > d.last_id AND (d.lines IS NULL OR t.line <@ d.lines)
        AND EXISTS (SELECT FROM ledger.other_versions AS o WHERE o.id = t.id AND o.fate IN ('conflict', 'replaced'))
      ORDER BY t.id LIMIT max_rows
    ) AS t;
    UPDATE ledger.decisions AS s SET last_id = coalesce(ids[cardinality(ids)], s.last_id)
    WHERE (s.bucket, s.object_key, s.version_id) = (d.bucket, d.object_key, d.version_id);
  END IF;
  IF ids IS NOT NULL THEN
    PERFORM ledger.settle(ids, cause);
    IF cardinality(ids) = max_rows THEN
      RETURN true;
    END IF;
  END IF;

  SELECT array_agg(o.id) AS ids, (array_agg(o.upload_id ORDER BY o.upload_id DESC, o.line DESC))[1] AS upload,
         (array_agg(o.line ORDER BY o.upload_id DESC, o.line DESC))[1] AS line
  INTO last_place
  FROM (
    SELECT o.id, o.upload_id, o.line FROM ledger.other_versions AS o
    WHERE o.upload_id = ANY (uploads) AND (o.upload_id, o.line) > (d.last_upload, d.last_line)
      AND o.fate <> 'retracted' AND (d.lines IS NULL OR o.line <@ d.lines)
    ORDER BY o.upload_id, o.line LIMIT max_rows
  ) AS o;
  IF last_place.ids IS NULL THEN
    RETURN false;
  END IF;
  PERFORM ledger.settle(last_place.ids, cause);
  UPDATE ledger.decisions AS s SET last_upload = last_place.upload, last_line = last_place.line
  WHERE (s.bucket, s.object_key, s.version_id) = (d.bucket, d.object_key, d.version_id);
  RETURN cardinality(last_place.ids) = max_rows;
END
$settle_decision$;

-- Applies a step of the oldest decision about a file that is not finished. Returns whether another call has work.
CREATE OR REPLACE FUNCTION ledger.continue_decisions(
  bucket text, file_key text, file_version text, max_rows integer DEFAULT 20000
) RETURNS boolean
LANGUAGE plpgsql
AS $continue_decisions$
DECLARE
  d       ledger.decisions%ROWTYPE;
  uploads uuid[];
  result  text := 'done';
BEGIN
  IF NOT ledger.has_decision_work(bucket, file_key, file_version) THEN
    RETURN false;
  END IF;
  PERFORM ledger.lock_file(bucket, file_key, file_version, is_shared => false);
  PERFORM ledger.lock_settling();
  SELECT s.* INTO d FROM ledger.decisions AS s
  WHERE (s.bucket, s.file_key, s.file_version)
      = (continue_decisions.bucket, continue_decisions.file_key, continue_decisions.file_version)
    AND s.state IN ('waiting', 'settling')
  ORDER BY s.object_key COLLATE "C", s.version_id COLLATE "C" LIMIT 1;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  uploads := ARRAY(
    SELECT u.upload_id FROM ledger.uploads AS u
    WHERE (u.bucket, u.object_key, u.version_id) = (d.bucket, d.file_key, d.file_version)
  );

  IF d.state = 'waiting' AND ledger.is_period_closed(d, uploads) THEN
    result := 'refused';
  ELSE
    UPDATE ledger.decisions AS s SET state = 'settling'
    WHERE (s.bucket, s.object_key, s.version_id) = (d.bucket, d.object_key, d.version_id);
    IF ledger.settle_decision(d, uploads, max_rows) THEN
      -- The sweeper sees by it that the decision makes progress.
      UPDATE ledger.uploads AS u SET moved_at = clock_timestamp()
      WHERE (u.bucket, u.object_key, u.version_id) = (d.bucket, d.object_key, d.version_id);
      RETURN true;
    END IF;
  END IF;
  UPDATE ledger.decisions AS s SET state = result
  WHERE (s.bucket, s.object_key, s.version_id) = (d.bucket, d.object_key, d.version_id);
  PERFORM ledger.close_upload(u.upload_id) FROM ledger.uploads AS u
  WHERE (u.bucket, u.object_key, u.version_id) = (d.bucket, d.object_key, d.version_id) AND u.status = 'loading';
  RETURN ledger.has_decision_work(bucket, file_key, file_version);
END
$continue_decisions$;

-- Returns whether a decision about a file can be applied: a reading of the file has ended.
CREATE OR REPLACE FUNCTION ledger.has_decision_work(bucket text, file_key text, file_version text) RETURNS boolean
LANGUAGE sql
STABLE
AS $has_decision_work$
  SELECT EXISTS (
    SELECT FROM ledger.decisions AS d
    WHERE (d.bucket, d.file_key, d.file_version) = ($1, $2, $3) AND d.state IN ('waiting', 'settling')
  ) AND EXISTS (
    SELECT FROM ledger.uploads AS u
    WHERE (u.bucket, u.object_key, u.version_id) = ($1, $2, $3) AND u.status <> 'loading'
  )
$has_decision_work$;
