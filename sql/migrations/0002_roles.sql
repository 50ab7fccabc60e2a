-- The database roles and what they may read. Each function and view grants its own use in its own file. The migrator
-- owns everything. Promises: a new function is for its owner alone until its file grants it; the loader and the sweeper
-- may call their functions and read nothing else of the data; the analyst may read everything; QuickSight may read the
-- schema reporting.
DO $roles$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['retail_loader', 'retail_analyst', 'retail_sweeper', 'retail_quicksight'] LOOP
    -- Roles belong to the server: another database on it may have created them.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', role_name);
    END IF;
  END LOOP;
  -- A query from a BI tool must not fill the disk with temporary tables.
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END
$roles$;

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

GRANT USAGE ON SCHEMA ledger TO retail_loader, retail_sweeper, retail_analyst;
GRANT SELECT ON ledger.sweep_cursors TO retail_sweeper;
GRANT SELECT ON ALL TABLES IN SCHEMA public, ledger TO retail_analyst;
ALTER DEFAULT PRIVILEGES IN SCHEMA public, ledger GRANT SELECT ON TABLES TO retail_analyst;

GRANT USAGE ON SCHEMA reporting TO retail_analyst, retail_quicksight;
ALTER ROLE retail_quicksight SET default_transaction_read_only = on;
-- A dashboard must not hold the database's capacity for long.
ALTER ROLE retail_quicksight SET statement_timeout = '2min';
