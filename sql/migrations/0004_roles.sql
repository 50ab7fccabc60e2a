-- The database roles and what they may read. Each function and view grants its own use in its own file. The migrator
-- owns everything. Promises: a new function is for its owner alone until its file grants it; the loader, the sweeper and
-- the notifier may call their functions and read nothing else of the data; the function of the API reads for its pages
-- and calls its functions; the operator, the role of the command line and the verifier, may read everything; analysts,
-- who are people, may read the transactions and the results of the uploads; QuickSight may read the schema reporting.
-- sql/functions/set_password.sql has the settings of each role.
DO $roles$
DECLARE
  role_name     text;
  database_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY[
    'retail_loader', 'retail_sweeper', 'retail_notifier', 'retail_api', 'retail_operator', 'retail_analyst',
    'retail_quicksight'
  ] LOOP
    -- Roles belong to the server: another database on it may have created them.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', role_name);
    END IF;
  END LOOP;
  -- A query from a BI tool must not fill the disk with temporary tables.
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  -- On Aurora the master owns the databases that come with the server, where every role may create temporary tables.
  FOR database_name IN
    SELECT datname FROM pg_database
    WHERE datname IN ('postgres', 'template1') AND pg_has_role(datdba, 'USAGE')
  LOOP
    EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', database_name);
  END LOOP;
END
$roles$;

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE SCHEMA reporting;
COMMENT ON SCHEMA reporting IS 'Views for analysts and BI tools.';

GRANT USAGE ON SCHEMA ledger
  TO retail_loader, retail_sweeper, retail_notifier, retail_api, retail_operator, retail_analyst;
GRANT USAGE ON SCHEMA reporting TO retail_operator, retail_analyst, retail_quicksight;

GRANT SELECT ON ledger.sweep_cursors TO retail_sweeper;
-- ledger.reject_states has the rejected rows with their states.
GRANT SELECT ON public.transactions, ledger.other_versions, ledger.reject_codes, ledger.corrections, ledger.decisions
  TO retail_api;
GRANT SELECT ON public.transactions, ledger.uploads, ledger.batches, ledger.rejected_rows, ledger.other_versions,
  ledger.adjustments, ledger.decisions
  TO retail_analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA public, ledger TO retail_operator;
ALTER DEFAULT PRIVILEGES IN SCHEMA public, ledger GRANT SELECT ON TABLES TO retail_operator;
