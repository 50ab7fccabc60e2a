-- The rows of a message: reading them, inserting them, and keeping those whose id another version has. These functions
-- and settle.sql are the only places that list the columns of a row, apart from the tables. Promises: rows are inserted in the order of
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

-- Keeps the rows that are not in transactions, each with its fate beside the version that is. The caller then settles
-- their ids: a version that came later may have to take the place of an earlier one. Returns the ids by fate.
CREATE OR REPLACE FUNCTION ledger.insert_other_versions(
  columns json, default_date date, store text, upload uuid, is_retracted boolean
) RETURNS TABLE (fate text, ids uuid[])
LANGUAGE sql
AS $insert_other_versions$
  WITH kept AS (
    INSERT INTO ledger.other_versions
      (id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax, line, store_id, upload_id, fate)
    SELECT r.*, store, upload, CASE
        WHEN is_retracted THEN 'retracted'
        WHEN (t.transaction_date, t.category, t.name, t.quantity, t.amount_excl_tax, t.amount_inc_tax, t.store_id)
          IS DISTINCT FROM
          (r.transaction_date, r.category, r.name, r.quantity, r.amount_excl_tax, r.amount_inc_tax, store)
        THEN 'conflict' ELSE 'duplicate' END
    FROM ledger.read_rows(columns, default_date) AS r
    LEFT JOIN public.transactions AS t ON t.id = r.id
    WHERE (t.upload_id, t.line) IS DISTINCT FROM (upload, r.line)
    RETURNING id, fate
  )
  SELECT k.fate, array_agg(k.id) FROM kept AS k GROUP BY k.fate
$insert_other_versions$;
