-- The transactions, and what each product brought in by date.
-- Promises: money is numeric to the cent; columns have only types that BI tools know (text, date, timestamp in UTC,
-- integer, bigint, numeric); a filter on transaction_date or product uses an index; no view costs more than one reading of
-- its rows and a sort.
-- CASCADE: a release that is rolled back drops the views that a newer one built on these.
DROP VIEW IF EXISTS reporting.transactions, reporting.daily_balance, reporting.cumulated_balance CASCADE;

CREATE VIEW reporting.transactions AS
SELECT
  -- The index on the name holds its first 200 characters.
  t.transaction_date, t.store_id, t.category, left(t.name, 200) AS product,
  trim_scale(t.quantity) AS quantity, t.amount_excl_tax, t.amount_inc_tax,
  (CASE t.category WHEN 'SELL' THEN t.amount_inc_tax ELSE -t.amount_inc_tax END)::numeric(12, 2) AS balance,
  t.id::text AS id, t.upload_id::text AS upload_id,
  -- Another reading of the same file has loaded all rows of a superseded one.
  CASE u.status WHEN 'superseded' THEN 'complete' ELSE u.status END AS upload_status, t.line
FROM public.transactions AS t
-- PostgreSQL leaves the join out of a query without upload_status: the key is unique.
LEFT JOIN ledger.uploads AS u ON u.upload_id = t.upload_id;

COMMENT ON VIEW reporting.transactions IS 'One row for each transaction.';
SELECT ledger.copy_comments('public.transactions', 'reporting.transactions');
COMMENT ON COLUMN reporting.transactions.product IS
  'First 200 characters of the description; public.transactions has all of it.';
COMMENT ON COLUMN reporting.transactions.balance IS 'amount_inc_tax of a SELL, −amount_inc_tax of a BUY.';
COMMENT ON COLUMN reporting.transactions.upload_id IS 'Upload that inserted the row, as in upload_history.';
COMMENT ON COLUMN reporting.transactions.upload_status IS
  'complete if all rows of the file are loaded; otherwise loading or failed.';

CREATE VIEW reporting.daily_balance AS
SELECT
  t.transaction_date, t.store_id, left(t.name, 200) AS product,
  count(*) AS transactions,
  trim_scale(coalesce(sum(t.quantity) FILTER (WHERE t.category = 'SELL'), 0)) AS quantity_sold,
  trim_scale(coalesce(sum(t.quantity) FILTER (WHERE t.category = 'BUY'), 0)) AS quantity_bought,
  coalesce(sum(t.amount_inc_tax) FILTER (WHERE t.category = 'SELL'), 0)::numeric(20, 2) AS sold,
  coalesce(sum(t.amount_inc_tax) FILTER (WHERE t.category = 'BUY'), 0)::numeric(20, 2) AS bought,
  sum(CASE t.category WHEN 'SELL' THEN t.amount_inc_tax ELSE -t.amount_inc_tax END)::numeric(20, 2) AS balance
FROM public.transactions AS t
GROUP BY t.transaction_date, t.store_id, left(t.name, 200);

COMMENT ON VIEW reporting.daily_balance IS 'One row for each date, store and product with transactions.';
COMMENT ON COLUMN reporting.daily_balance.transaction_date IS 'Date of the transactions.';
COMMENT ON COLUMN reporting.daily_balance.store_id IS 'Store.';
COMMENT ON COLUMN reporting.daily_balance.product IS 'Product.';
COMMENT ON COLUMN reporting.daily_balance.transactions IS 'Number of transactions.';
COMMENT ON COLUMN reporting.daily_balance.quantity_sold IS 'Quantity of the SELL transactions, without what was returned.';
COMMENT ON COLUMN reporting.daily_balance.quantity_bought IS 'Quantity of the BUY transactions, without what was returned.';
COMMENT ON COLUMN reporting.daily_balance.sold IS 'Amount of the SELL transactions, without returns.';
COMMENT ON COLUMN reporting.daily_balance.bought IS 'Amount of the BUY transactions, without returns.';
COMMENT ON COLUMN reporting.daily_balance.balance IS 'sold − bought.';

-- A filter on the date leaves the work as it is, since every earlier date counts. A filter on the product shortens it.
CREATE VIEW reporting.cumulated_balance AS
SELECT
  d.transaction_date, d.store_id, d.product, d.balance,
  (sum(d.balance) OVER (
    PARTITION BY d.product, d.store_id ORDER BY d.transaction_date ROWS UNBOUNDED PRECEDING
  ))::numeric(20, 2) AS cumulated_balance
FROM reporting.daily_balance AS d;

COMMENT ON VIEW reporting.cumulated_balance IS
  'The daily balances with a running total for each product and store.';
SELECT ledger.copy_comments('reporting.daily_balance', 'reporting.cumulated_balance');
COMMENT ON COLUMN reporting.cumulated_balance.transaction_date IS
  'Date with transactions of the product in the store.';
COMMENT ON COLUMN reporting.cumulated_balance.balance IS 'Balance of the date.';
COMMENT ON COLUMN reporting.cumulated_balance.cumulated_balance IS
  'Balance of all dates up to and including this one.';

GRANT SELECT ON reporting.transactions, reporting.daily_balance, reporting.cumulated_balance
  TO retail_operator, retail_analyst, retail_quicksight;
