-- Copies the comments of the columns of a table or view to the columns of a view that have the same names.
CREATE OR REPLACE FUNCTION ledger.copy_comments(source regclass, target regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $copy_comments$
DECLARE
  shared record;
BEGIN
  FOR shared IN
    SELECT s.attname AS name, col_description(source, s.attnum) AS comment
    FROM pg_attribute AS s JOIN pg_attribute AS t ON t.attname = s.attname AND t.attnum > 0
    WHERE s.attrelid = source AND t.attrelid = target AND s.attnum > 0
  LOOP
    EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', target, shared.name, shared.comment);
  END LOOP;
END
$copy_comments$;
