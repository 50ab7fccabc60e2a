-- A role may change its own password but not its own right to log in (PostgreSQL manual, "ALTER ROLE"). Promises: the
-- migrator can give every role its password, its own too, as often as it likes.
CREATE OR REPLACE FUNCTION ledger.set_password(role_name text, new_password text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $set_password$
BEGIN
  IF role_name = CURRENT_USER THEN
    EXECUTE format('ALTER ROLE %I PASSWORD %L', role_name, new_password);
  ELSE
    EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', role_name, new_password);
  END IF;
END
$set_password$;
