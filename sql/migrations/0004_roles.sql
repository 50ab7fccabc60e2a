-- Who may do what. The owner of everything is the role that migrates. Promises: the loader may call
-- ledger.load_batch and nothing else; the analyst may read and nothing else.
DO $roles$
BEGIN
  -- Roles belong to the server, not to the database: another database on it may have made them.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'retail_loader') THEN
    CREATE ROLE retail_loader LOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'retail_analyst') THEN
    CREATE ROLE retail_analyst LOGIN;
  END IF;
END
$roles$;

REVOKE EXECUTE ON FUNCTION ledger.load_batch(json) FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO retail_loader, retail_analyst;
GRANT EXECUTE ON FUNCTION ledger.load_batch(json) TO retail_loader;
GRANT SELECT ON ALL TABLES IN SCHEMA public, ledger TO retail_analyst;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO retail_analyst;
ALTER DEFAULT PRIVILEGES IN SCHEMA ledger GRANT SELECT ON TABLES TO retail_analyst;

-- Gives a role the password of its secret. The password comes as a parameter, so that no log shows it.
CREATE FUNCTION ledger.set_password(role_name text, new_password text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $set_password$
BEGIN
  EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', role_name, new_password);
END
$set_password$;

REVOKE EXECUTE ON FUNCTION ledger.set_password(text, text) FROM PUBLIC;
