-- What the sweeper found in the bucket and not, or not wholly, in the ledger.
-- Promises: a sweep goes on where the last one stopped, so that its cost does not grow with the bucket; an object
-- is sent again only when it was missed for a while, and then less and less often.
CREATE TABLE ledger.sweep_cursors (
  bucket         text PRIMARY KEY,
  -- Where the listing goes on; both empty where it begins anew.
  key_marker     text,
  version_marker text
);

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

-- Notes a page of the bucket's listing, {bucket, objects: [{key, versionId, receivedAt}], keyMarker, versionMarker},
-- with the place of the next page. Returns how many of the objects no upload is of.
CREATE FUNCTION ledger.note_listed(page json) RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $note_listed$
DECLARE
  this_bucket text := page ->> 'bucket';
  unseen      integer;
BEGIN
  INSERT INTO ledger.unfinished_objects (bucket, object_key, version_id, received_at, reason)
  SELECT this_bucket, o.key, o."versionId", o."receivedAt", 'lost'
  FROM json_to_recordset(page -> 'objects') AS o (key text, "versionId" text, "receivedAt" timestamptz)
  WHERE NOT EXISTS (
    SELECT FROM ledger.uploads AS u
    WHERE u.bucket = this_bucket AND u.object_key = o.key AND u.version_id = o."versionId"
  )
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS unseen = ROW_COUNT;
  INSERT INTO ledger.sweep_cursors VALUES (this_bucket, page ->> 'keyMarker', page ->> 'versionMarker')
  ON CONFLICT (bucket) DO UPDATE
  SET key_marker = EXCLUDED.key_marker, version_marker = EXCLUDED.version_marker;
  RETURN unseen;
END
$note_listed$;

-- The objects to send again now: no upload of them for so long, or an upload that has not moved for so long.
-- Forgets those that have come to their end, or move again, meanwhile. An upload that does not move and whose object
-- another revision of the parser has read to its end is superseded: nobody will finish it.
CREATE FUNCTION ledger.find_unfinished(lost_after interval, stuck_after interval, most integer)
RETURNS TABLE (bucket text, object_key text, version_id text, received_at text, reason text)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $find_unfinished$
BEGIN
  UPDATE ledger.uploads AS u
  SET status = 'superseded', completed_at = clock_timestamp()
  WHERE u.status = 'loading' AND u.moved_at <= now() - stuck_after
    AND EXISTS (
      SELECT FROM ledger.uploads AS o
      WHERE o.bucket = u.bucket AND o.object_key = u.object_key AND o.version_id = u.version_id
        AND o.status IN ('complete', 'failed'));
  DELETE FROM ledger.unfinished_objects AS f
  WHERE CASE f.reason
    WHEN 'lost' THEN EXISTS (
      SELECT FROM ledger.uploads AS u
      WHERE u.bucket = f.bucket AND u.object_key = f.object_key AND u.version_id = f.version_id)
    ELSE NOT EXISTS (
      SELECT FROM ledger.uploads AS u
      WHERE u.bucket = f.bucket AND u.object_key = f.object_key AND u.version_id = f.version_id
        AND u.status = 'loading' AND u.moved_at <= now() - stuck_after)
    END;
  INSERT INTO ledger.unfinished_objects (bucket, object_key, version_id, received_at, reason)
  SELECT DISTINCT ON (u.bucket, u.object_key, u.version_id)
    u.bucket, u.object_key, u.version_id, u.received_at, 'stuck'
  FROM ledger.uploads AS u
  WHERE u.status = 'loading' AND u.moved_at <= now() - stuck_after
  ON CONFLICT DO NOTHING;
  RETURN QUERY
  SELECT f.bucket, f.object_key, f.version_id,
         to_char(f.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), f.reason
  FROM ledger.unfinished_objects AS f
  WHERE (f.reason = 'stuck' OR f.noticed_at <= now() - lost_after)
    AND (f.sent_at IS NULL
         OR f.sent_at <= now() - least(interval '1 day', lost_after * 2 ^ least(f.times_sent, 16)))
  ORDER BY f.noticed_at
  LIMIT most;
END
$find_unfinished$;

-- Notes that these objects, [{bucket, key, versionId}], were sent to the parser again.
CREATE FUNCTION ledger.note_sent(objects json) RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $note_sent$
  UPDATE ledger.unfinished_objects AS f
  SET sent_at = now(), times_sent = f.times_sent + 1
  FROM json_to_recordset(objects) AS o (bucket text, key text, "versionId" text)
  WHERE f.bucket = o.bucket AND f.object_key = o.key AND f.version_id = o."versionId"
$note_sent$;

DO $roles$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'retail_sweeper') THEN
    CREATE ROLE retail_sweeper LOGIN;
  END IF;
END
$roles$;

REVOKE EXECUTE ON FUNCTION ledger.note_listed(json), ledger.find_unfinished(interval, interval, integer),
  ledger.note_sent(json) FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO retail_sweeper;
GRANT EXECUTE ON FUNCTION ledger.note_listed(json), ledger.find_unfinished(interval, interval, integer),
  ledger.note_sent(json) TO retail_sweeper;
GRANT SELECT ON ledger.sweep_cursors TO retail_sweeper;
