-- What an analyst looks at: views that say in a column what the tables say in several, or in a sum.
-- Promises: who may read them needs no right on the tables below; QuickSight's role may read them and nothing else;
-- money is numeric to the cent; columns have only types that BI tools know (text, date, timestamp in UTC, integer,
-- bigint, numeric); a filter on transaction_date, product or received_on reaches an index, and no view costs more than
-- one pass over its rows and a sort. A product is the first 200 characters of its name, as its index has them.
CREATE SCHEMA reporting;

-- A row for each transaction. `balance` is what it brought in: tax included, negative where it is a BUY.
CREATE VIEW reporting.transactions AS
SELECT
  t.transaction_date, t.store_id, t.category, left(t.name, 200) AS product, t.quantity, t.amount_excl_tax, t.amount_inc_tax,
  (CASE t.category WHEN 'SELL' THEN t.amount_inc_tax ELSE -t.amount_inc_tax END)::numeric(12, 2) AS balance,
  t.id::text AS id, t.upload_id::text AS upload_id, t.line
FROM public.transactions AS t;

-- A row for each product that moved in a store on a day: tax included.
CREATE VIEW reporting.daily_balance AS
SELECT
  t.transaction_date, t.store_id, left(t.name, 200) AS product,
  count(*) AS transactions,
  coalesce(sum(t.quantity) FILTER (WHERE t.category = 'SELL'), 0) AS quantity_sold,
  coalesce(sum(t.quantity) FILTER (WHERE t.category = 'BUY'), 0) AS quantity_bought,
  coalesce(sum(t.amount_inc_tax) FILTER (WHERE t.category = 'SELL'), 0)::numeric(20, 2) AS sold,
  coalesce(sum(t.amount_inc_tax) FILTER (WHERE t.category = 'BUY'), 0)::numeric(20, 2) AS bought,
  sum(CASE t.category WHEN 'SELL' THEN t.amount_inc_tax ELSE -t.amount_inc_tax END)::numeric(20, 2) AS balance
FROM public.transactions AS t
GROUP BY t.transaction_date, t.store_id, left(t.name, 200);

-- The same days, each with the balance of its product in its store up to and including that day. A filter on the day
-- does not shorten the work, since every day before counts; a filter on the product does.
CREATE VIEW reporting.cumulated_balance AS
SELECT
  d.transaction_date, d.store_id, d.product, d.balance,
  (sum(d.balance) OVER (
    PARTITION BY d.product, d.store_id ORDER BY d.transaction_date ROWS UNBOUNDED PRECEDING
  ))::numeric(20, 2) AS cumulated_balance
FROM reporting.daily_balance AS d;

-- A row for each reading of each object that was dropped, superseded ones too.
CREATE VIEW reporting.load_history AS
SELECT
  (u.received_at AT TIME ZONE 'UTC')::date AS received_on, u.store_id,
  regexp_replace(u.object_key, '^.*/', '') AS file_name, u.status,
  h.rows_read, u.rows_inserted, u.rows_duplicate, u.rows_conflicting, u.rows_rejected,
  u.failure_code, u.failure_message,
  (u.received_at AT TIME ZONE 'UTC')::timestamp AS received_at,
  (u.completed_at AT TIME ZONE 'UTC')::timestamp AS completed_at,
  extract(epoch FROM u.completed_at - u.received_at)::numeric(12, 3) AS load_seconds,
  u.upload_id::text AS upload_id, u.bucket, u.object_key, u.version_id, u.parser_revision
FROM ledger.uploads AS u
-- While an upload is loading, the rows that are in so far.
CROSS JOIN LATERAL (
  SELECT coalesce(u.rows_read, u.rows_inserted + u.rows_duplicate + u.rows_conflicting + u.rows_rejected) AS rows_read
) AS h;

-- What became of the rows of each upload, by day and store. Not of superseded ones: another reading has their rows.
CREATE VIEW reporting.data_quality AS
SELECT
  h.received_on, h.store_id, h.file_name, h.upload_id, h.status,
  h.rows_read, h.rows_inserted, h.rows_duplicate, h.rows_conflicting, h.rows_rejected,
  (h.rows_rejected::numeric / nullif(h.rows_read, 0))::numeric(5, 4) AS rejected_share
FROM reporting.load_history AS h
WHERE h.status <> 'superseded';

-- How many rows were rejected, by day, store and reason. The column is called as in the header of its file.
CREATE VIEW reporting.rejects_by_reason AS
SELECT
  (u.received_at AT TIME ZONE 'UTC')::date AS received_on, u.store_id, r.code, r.column_name,
  count(*) AS rows_rejected, count(DISTINCT u.upload_id) AS uploads
FROM ledger.uploads AS u
JOIN ledger.rejected_rows AS r USING (upload_id)
WHERE u.status <> 'superseded'
GROUP BY (u.received_at AT TIME ZONE 'UTC')::date, u.store_id, r.code, r.column_name;

CREATE INDEX uploads_by_day ON ledger.uploads (((received_at AT TIME ZONE 'UTC')::date), store_id);

DO $roles$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'retail_quicksight') THEN
    CREATE ROLE retail_quicksight LOGIN;
  END IF;
END
$roles$;

-- Whoever writes a query in a BI tool fills no disk with temporary tables, and holds no capacity for long.
DO $temporary$
BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END
$temporary$;
ALTER ROLE retail_quicksight SET default_transaction_read_only = on;
ALTER ROLE retail_quicksight SET statement_timeout = '2min';

GRANT USAGE ON SCHEMA reporting TO retail_analyst, retail_quicksight;
GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO retail_analyst, retail_quicksight;
ALTER DEFAULT PRIVILEGES IN SCHEMA reporting GRANT SELECT ON TABLES TO retail_analyst, retail_quicksight;
