-- The rows of a message: reading them, inserting them, and keeping those that are in conflict. These three functions
-- are the only place that lists the columns of a row, apart from the tables. Promises: rows are inserted in the order of
-- their ids and lines, so that the first line with an id wins and two batches never wait for each other in a circle.

-- The columns of the message are array texts, such as {a,b,c}. A function without its own settings is inlined into
-- the statement that calls it, and arrays in a select list are unnested without a copy of all rows in between.
CREATE OR REPLACE FUNCTION ledger.read_rows(columns json, default_date date)
RETURNS TABLE (id uuid, transaction_date date, category text, name text, quantity numeric, amount_excl_tax numeric,
               amount_inc_tax numeric, line integer)
LANGUAGE sql
STABLE
AS $read_rows$
  SELECT r.id, coalesce(r.transaction_date, default_date), r.category, r.name, r.quantity, r.amount_excl_tax,
         r.amount_inc_tax, r.line
  FROM (
    SELECT unnest(c.ids::uuid[]) AS id, unnest(c.dates::date[]) AS transaction_date,
           unnest(c.categories::text[]) AS category, unnest(c.names::text[]) AS name,
           unnest(c.quantities::numeric[]) AS quantity, unnest(c."amountsExclTax"::numeric[]) AS amount_excl_tax,
           unnest(c."amountsIncTax"::numeric[]) AS amount_inc_tax, unnest(c.lines::integer[]) AS line
    FROM json_to_record(columns) AS c
      (ids text, dates text, categories text, names text, quantities text, "amountsExclTax" text,
       "amountsIncTax" text, lines text)
  ) AS r
$read_rows$;

-- Inserts the rows into transactions and returns their number. With skip_existing it skips rows whose id exists;
-- without it such a row raises unique_violation.
CREATE OR REPLACE FUNCTION ledger.insert_rows(
  columns json, default_date date, store text, upload uuid, skip_existing boolean
) RETURNS integer
LANGUAGE plpgsql
AS $insert_rows$
DECLARE
  inserted integer;
BEGIN
  EXECUTE $insert$
    INSERT INTO public.transactions
      (id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax, line, store_id, upload_id)
    SELECT r.*, $3, $4 FROM ledger.read_rows($1, $2) AS r
    ORDER BY r.id, r.line
  $insert$ || CASE WHEN skip_existing THEN 'ON CONFLICT (id) DO NOTHING' ELSE '' END
  USING columns, default_date, store, upload;
  GET DIAGNOSTICS inserted = ROW_COUNT;
  RETURN inserted;
END
$insert_rows$;

-- Keeps the rows whose id is in transactions with different content and returns their number.
CREATE OR REPLACE FUNCTION ledger.insert_conflicts(columns json, default_date date, store text, upload uuid)
RETURNS integer
LANGUAGE plpgsql
AS $insert_conflicts$
DECLARE
  conflicting integer;
BEGIN
  INSERT INTO ledger.conflicting_rows
    (id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax, line, store_id, upload_id)
  SELECT r.*, store, upload FROM ledger.read_rows(columns, default_date) AS r
  JOIN public.transactions AS t ON t.id = r.id
  WHERE (t.transaction_date, t.category, t.name, t.quantity, t.amount_excl_tax, t.amount_inc_tax, t.store_id)
    IS DISTINCT FROM (r.transaction_date, r.category, r.name, r.quantity, r.amount_excl_tax, r.amount_inc_tax, store);
  GET DIAGNOSTICS conflicting = ROW_COUNT;
  RETURN conflicting;
END
$insert_conflicts$;
