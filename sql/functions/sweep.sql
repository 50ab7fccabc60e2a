-- Finds uploads in the bucket that are missing or incomplete in the ledger.
-- Promises: a sweep continues where the last one stopped, so that its cost does not grow with the bucket; an object is
-- sent again only after it was missing for a while, and then at growing intervals.

-- Records a page of the bucket's listing, {bucket, objects: [{key, versionId, receivedAt}], keyMarker, versionMarker},
-- and where the next page begins. Returns the number of objects that were not known and have no upload.
CREATE OR REPLACE FUNCTION ledger.note_listed(page json) RETURNS integer
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

  INSERT INTO ledger.sweep_cursors (bucket, key_marker, version_marker)
  VALUES (this_bucket, page ->> 'keyMarker', page ->> 'versionMarker')
  ON CONFLICT (bucket) DO UPDATE SET key_marker = EXCLUDED.key_marker, version_marker = EXCLUDED.version_marker;
  RETURN unseen;
END
$note_listed$;

-- Returns the objects to send again now: those without an upload for lost_after, and those whose upload stopped for
-- stuck_after. Forgets the objects that have an upload, or whose upload continued, in the meantime. An upload that
-- stopped is superseded if another revision of the parser's code has finished the same object by the same settings: no
-- batch of it will follow. A stuck upload comes with the hash of its settings, the second part of its revision.
CREATE OR REPLACE FUNCTION ledger.find_unfinished(lost_after interval, stuck_after interval, max_objects integer)
RETURNS TABLE (bucket text, object_key text, version_id text, received_at text, reason text, settings text)
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
        AND split_part(o.parser_revision, '-', 2) = split_part(u.parser_revision, '-', 2)
        AND o.status IN ('complete', 'failed')
    );

  DELETE FROM ledger.unfinished_objects AS f
  WHERE f.reason = 'lost' AND EXISTS (
      SELECT FROM ledger.uploads AS u
      WHERE u.bucket = f.bucket AND u.object_key = f.object_key AND u.version_id = f.version_id
    )
    OR f.reason = 'stuck' AND NOT EXISTS (
      SELECT FROM ledger.uploads AS u
      WHERE u.bucket = f.bucket AND u.object_key = f.object_key AND u.version_id = f.version_id
        AND u.status = 'loading' AND u.moved_at <= now() - stuck_after
    );

  INSERT INTO ledger.unfinished_objects (bucket, object_key, version_id, received_at, reason)
  SELECT DISTINCT ON (u.bucket, u.object_key, u.version_id)
    u.bucket, u.object_key, u.version_id, u.received_at, 'stuck'
  FROM ledger.uploads AS u
  WHERE u.status = 'loading' AND u.moved_at <= now() - stuck_after
  ON CONFLICT DO NOTHING;

  RETURN QUERY
  SELECT f.bucket, f.object_key, f.version_id, ledger.format_time(f.received_at), f.reason,
         CASE WHEN f.reason = 'stuck' THEN split_part((
           SELECT u.parser_revision FROM ledger.uploads AS u
           WHERE u.bucket = f.bucket AND u.object_key = f.object_key AND u.version_id = f.version_id
             AND u.status = 'loading' AND u.moved_at <= now() - stuck_after
           ORDER BY u.moved_at LIMIT 1), '-', 2) END
  FROM ledger.unfinished_objects AS f
  WHERE (f.reason = 'stuck' OR f.noticed_at <= now() - lost_after)
    AND (f.sent_at IS NULL
         OR f.sent_at <= now() - least(interval '1 day', lost_after * 2 ^ least(f.times_sent, 16)))
  ORDER BY f.noticed_at
  LIMIT max_objects;
END
$find_unfinished$;

-- Records that these objects, [{bucket, key, versionId}], were sent to the parser again. Returns their number.
CREATE OR REPLACE FUNCTION ledger.note_sent(objects json) RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $note_sent$
DECLARE
  sent integer;
BEGIN
  UPDATE ledger.unfinished_objects AS f
  SET sent_at = now(), times_sent = f.times_sent + 1
  FROM json_to_recordset(objects) AS o (bucket text, key text, "versionId" text)
  WHERE f.bucket = o.bucket AND f.object_key = o.key AND f.version_id = o."versionId";
  GET DIAGNOSTICS sent = ROW_COUNT;
  RETURN sent;
END
$note_sent$;

GRANT EXECUTE ON FUNCTION ledger.note_listed(json), ledger.find_unfinished(interval, interval, integer),
  ledger.note_sent(json) TO retail_sweeper;
