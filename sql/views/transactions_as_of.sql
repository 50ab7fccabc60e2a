-- The transactions as they were known at a time. Promises: the answer follows from the files and decisions that were
-- received until then, so that it is the same after a rebuild; as of now, it is what reporting.transactions has.
DROP FUNCTION IF EXISTS reporting.transactions_as_of(timestamptz);

CREATE FUNCTION reporting.transactions_as_of(moment timestamptz)
RETURNS TABLE (transaction_date date, store_id text, category text, product text, quantity numeric,
               amount_excl_tax numeric, amount_inc_tax numeric, balance numeric, id text, upload_id text, line integer)
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $transactions_as_of$
  WITH versions AS (
    SELECT t.*, true AS is_only FROM public.transactions AS t
    WHERE NOT EXISTS (SELECT FROM ledger.other_versions AS o WHERE o.id = t.id)
    UNION ALL
    SELECT t.*, false FROM public.transactions AS t
    WHERE EXISTS (SELECT FROM ledger.other_versions AS o WHERE o.id = t.id)
    UNION ALL
    SELECT o.id, o.transaction_date, o.category, o.name, o.quantity, o.amount_excl_tax, o.amount_inc_tax, o.store_id,
           o.upload_id, o.line, false
    FROM ledger.other_versions AS o
  ), decisions AS MATERIALIZED (
    SELECT d.* FROM ledger.decisions AS d WHERE d.state IN ('settling', 'done') AND d.received_at <= moment
  ), files AS MATERIALIZED (
    SELECT u.*, EXISTS (
        SELECT FROM decisions AS d
        WHERE (d.bucket, d.file_key, d.file_version) = (u.bucket, u.object_key, u.version_id) AND d.kind = 'retract'
      ) AS is_retracted
    FROM ledger.uploads AS u WHERE u.received_at <= moment
  ), known AS (
    SELECT v.*, f.received_at, f.object_key, f.version_id, f.started_at, CASE WHEN NOT v.is_only THEN (
        SELECT max(concat(d.object_key, ' ', d.version_id) COLLATE "C") FROM decisions AS d
        WHERE (d.bucket, d.file_key, d.file_version) = (f.bucket, f.object_key, f.version_id)
          AND d.kind = 'restate' AND (d.lines IS NULL OR v.line <@ d.lines)
      ) END AS decision
    FROM versions AS v JOIN files AS f USING (upload_id)
    WHERE NOT f.is_retracted
  ), valid AS (
    SELECT k.* FROM known AS k WHERE k.is_only
    UNION ALL
    -- The order of ledger.settle.
    (SELECT DISTINCT ON (k.id) k.* FROM known AS k WHERE NOT k.is_only
     ORDER BY k.id, k.decision DESC NULLS LAST, k.received_at, k.object_key COLLATE "C",
              k.version_id COLLATE "C", k.line, k.started_at, k.upload_id)
  )
  SELECT v.transaction_date, v.store_id, v.category, left(v.name, 200), trim_scale(v.quantity), v.amount_excl_tax, v.amount_inc_tax,
         CASE v.category WHEN 'SELL' THEN v.amount_inc_tax ELSE -v.amount_inc_tax END, v.id::text, v.upload_id::text,
         v.line
  FROM valid AS v
$transactions_as_of$;

COMMENT ON FUNCTION reporting.transactions_as_of(timestamptz) IS
  'The transactions as the files and decisions until a time made them.';

GRANT EXECUTE ON FUNCTION reporting.transactions_as_of(timestamptz) TO retail_operator, retail_analyst;
