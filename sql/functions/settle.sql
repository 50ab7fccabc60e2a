-- Decides which version of an id is in transactions. Promises: the result follows from all accepted versions and all
-- decisions alone, in whatever order they came: among the versions whose file is not retracted, that of the latest
-- restatement, or else the earliest one; the results of an upload change only together with its rows.

-- Holds the right to settle until the end of the transaction. One transaction settles at a time, so that no version that
-- another one is keeping at the same moment is overlooked, and none waits for another in a circle. New ids need no
-- settling: their rows are inserted at the same time as others.
CREATE OR REPLACE FUNCTION ledger.lock_settling() RETURNS void
LANGUAGE sql
AS $lock_settling$
  SELECT pg_advisory_xact_lock(hashtext('ledger.settle'), 0)
$lock_settling$;

-- Holds an object version until the end of the transaction: its batches together, a decision about it alone.
CREATE OR REPLACE FUNCTION ledger.lock_file(bucket text, object_key text, version_id text, is_shared boolean)
RETURNS void
LANGUAGE plpgsql
AS $lock_file$
DECLARE
  file_hash bigint := hashtextextended(json_build_array(bucket, object_key, version_id)::text, 0);
BEGIN
  IF is_shared THEN
    PERFORM pg_advisory_xact_lock_shared(file_hash);
  ELSE
    PERFORM pg_advisory_xact_lock(file_hash);
  END IF;
END
$lock_file$;

-- Puts the valid version of each id into transactions, and gives every other version its fate. The caller holds
-- lock_settling. The changes are added to the results of the uploads and kept in ledger.adjustments with the cause.
CREATE OR REPLACE FUNCTION ledger.settle(ids uuid[], cause uuid) RETURNS void
LANGUAGE plpgsql
-- A plan for any number of ids is one for ten: with thousands it would compare each with every other.
SET plan_cache_mode = force_custom_plan
AS $settle$
BEGIN
  WITH versions AS MATERIALIZED (
    SELECT t.*, 'inserted' AS fate FROM public.transactions AS t WHERE t.id = ANY (settle.ids)
    UNION ALL
    SELECT o.* FROM ledger.other_versions AS o WHERE o.id = ANY (settle.ids)
  ), files AS MATERIALIZED (
    SELECT u.upload_id, u.bucket, u.object_key, u.version_id, u.received_at, u.started_at,
           EXISTS (
             SELECT FROM ledger.decisions AS d
             WHERE (d.bucket, d.file_key, d.file_version) = (u.bucket, u.object_key, u.version_id)
               AND d.kind = 'retract' AND d.state IN ('settling', 'done')
           ) AS is_retracted,
           EXISTS (
             SELECT FROM ledger.decisions AS d
             WHERE (d.bucket, d.file_key, d.file_version) = (u.bucket, u.object_key, u.version_id)
               AND d.kind = 'restate' AND d.state IN ('settling', 'done')
           ) AS has_restatement
    FROM ledger.uploads AS u WHERE u.upload_id IN (SELECT v.upload_id FROM versions AS v)
  ), ranked AS (
    -- The first version is the valid one, unless every file is retracted. A window, since joining the versions with
    -- the valid ones may take time that grows with the square of their number.
    SELECT v.id, v.upload_id, v.line, v.fate, f.is_retracted, f.received_at,
           row_number() OVER by_rank = 1 AS is_first,
           NOT first_value(f.is_retracted) OVER by_rank AS has_valid,
           first_value(r.received_at) OVER by_rank AS restated_at,
           ROW (v.transaction_date, v.category, v.name, v.quantity, v.amount_excl_tax, v.amount_inc_tax, v.store_id)
             = first_value(ROW (v.transaction_date, v.category, v.name, v.quantity, v.amount_excl_tax, v.amount_inc_tax,
                                v.store_id)) OVER by_rank AS is_same
    FROM versions AS v
    JOIN files AS f USING (upload_id)
    LEFT JOIN LATERAL (
      SELECT concat(d.object_key, ' ', d.version_id) COLLATE "C" AS decision, d.received_at
      FROM ledger.decisions AS d
      WHERE (d.bucket, d.file_key, d.file_version) = (f.bucket, f.object_key, f.version_id)
        AND d.kind = 'restate' AND d.state IN ('settling', 'done') AND (d.lines IS NULL OR v.line <@ d.lines)
        -- Spares the look-up for each row of other files.
        AND f.has_restatement AND NOT f.is_retracted
      ORDER BY decision DESC LIMIT 1
    ) AS r ON true
    WINDOW by_rank AS (
      PARTITION BY v.id
      ORDER BY f.is_retracted, r.decision DESC NULLS LAST, f.received_at,
               f.object_key COLLATE "C", f.version_id COLLATE "C", v.line, f.started_at, f.upload_id
    )
  ), changed AS MATERIALIZED (
    SELECT * FROM (
      SELECT r.id, r.upload_id, r.line, r.fate, r.has_valid, CASE
          WHEN r.is_retracted THEN 'retracted'
          WHEN r.is_first THEN 'inserted'
          WHEN r.is_same THEN 'duplicate'
          WHEN r.received_at < r.restated_at THEN 'replaced'
          ELSE 'conflict' END AS new_fate
      FROM ranked AS r
    ) AS judged
    WHERE fate <> new_fate
  ), promoted AS (
    DELETE FROM ledger.other_versions AS o USING changed AS c
    WHERE c.new_fate = 'inserted' AND o.upload_id = c.upload_id AND o.line = c.line
    RETURNING o.*
  ), put_aside AS (
    INSERT INTO ledger.other_versions
    SELECT t.*, c.new_fate FROM public.transactions AS t JOIN changed AS c ON c.id = t.id AND c.fate = 'inserted'
  ), removed AS (
    DELETE FROM public.transactions AS t USING changed AS c
    WHERE t.id = c.id AND c.fate = 'inserted' AND NOT c.has_valid
  ), replaced AS (
    UPDATE public.transactions AS t
    SET (transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax, store_id, upload_id, line)
      = (p.transaction_date, p.category, p.name, p.quantity, p.amount_excl_tax, p.amount_inc_tax, p.store_id,
         p.upload_id, p.line)
    FROM promoted AS p WHERE p.id = t.id
  ), labelled AS (
    UPDATE ledger.other_versions AS o SET fate = c.new_fate FROM changed AS c
    WHERE 'inserted' NOT IN (c.fate, c.new_fate) AND o.upload_id = c.upload_id AND o.line = c.line
  ), differences AS (
    SELECT d.upload_id,
           sum(d.difference) FILTER (WHERE d.fate = 'inserted') AS inserted,
           sum(d.difference) FILTER (WHERE d.fate = 'duplicate') AS duplicate,
           sum(d.difference) FILTER (WHERE d.fate = 'conflict') AS conflicting,
           sum(d.difference) FILTER (WHERE d.fate = 'retracted') AS retracted,
           sum(d.difference) FILTER (WHERE d.fate = 'replaced') AS replaced
    FROM (
      SELECT c.upload_id, c.fate, -1 AS difference FROM changed AS c
      UNION ALL SELECT c.upload_id, c.new_fate, 1 FROM changed AS c
    ) AS d
    GROUP BY d.upload_id
  ), adjusted AS (
    INSERT INTO ledger.adjustments
      (upload_id, cause, rows_inserted, rows_duplicate, rows_conflicting, rows_retracted, rows_replaced)
    SELECT d.upload_id, settle.cause, coalesce(d.inserted, 0), coalesce(d.duplicate, 0), coalesce(d.conflicting, 0),
           coalesce(d.retracted, 0), coalesce(d.replaced, 0)
    FROM differences AS d
    RETURNING *
  )
  UPDATE ledger.uploads AS u
  SET rows_inserted    = u.rows_inserted + a.rows_inserted,
      rows_duplicate   = u.rows_duplicate + a.rows_duplicate,
      rows_conflicting = u.rows_conflicting + a.rows_conflicting,
      rows_retracted   = u.rows_retracted + a.rows_retracted,
      rows_replaced    = u.rows_replaced + a.rows_replaced
  FROM adjusted AS a WHERE a.upload_id = u.upload_id;
END
$settle$;
