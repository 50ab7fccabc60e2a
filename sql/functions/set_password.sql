-- Gives a role the password of its secret. The password is a parameter, so that no log shows it.
-- Promises: the migrator can set the password of every role, including its own, any number of times.
CREATE OR REPLACE FUNCTION ledger.set_password(role_name text, new_password text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $set_password$
BEGIN
  -- A role may change its own password but not its own right to log in (PostgreSQL manual, "ALTER ROLE").
  IF role_name = CURRENT_USER THEN
    EXECUTE format('ALTER ROLE %I PASSWORD %L', role_name, new_password);
  ELSE
    EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', role_name, new_password);
  END IF;
  RETURN true;
END
$set_password$;
