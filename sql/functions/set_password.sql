-- Gives a role the password of its secret and the settings of its job. The password is a parameter, and an error has
-- neither the statement nor the password, so that no log shows it.
-- Promises: the migrator can set the password of every role, including its own, any number of times and while it sets
-- another one; what a role has set for itself, as PostgreSQL allows every role, does not outlive the call.
CREATE OR REPLACE FUNCTION ledger.set_password(role_name text, new_password text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $set_password$
DECLARE
  setting text;
BEGIN
  -- Two calls for one role would fail on the same row of the catalog: the second waits here.
  PERFORM FROM ledger.migrations AS m WHERE m.file_name = 'functions/set_password.sql' FOR UPDATE;
  -- A role may change its own password but not its own right to log in (PostgreSQL manual, "ALTER ROLE").
  IF role_name = CURRENT_USER THEN
    EXECUTE format('ALTER ROLE %I PASSWORD %L', role_name, new_password);
    RETURN true;
  END IF;
  EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', role_name, new_password);
  EXECUTE format('ALTER ROLE %I RESET ALL', role_name);
  EXECUTE format('ALTER ROLE %I IN DATABASE %I RESET ALL', role_name, current_database());
  -- People's roles and the API's read. Their statements and open transactions must not hold the capacity of the database,
  -- or keep a migration waiting, for long. A caller of the API waits at most 30 seconds for its answer.
  IF role_name IN ('retail_analyst', 'retail_quicksight', 'retail_api') THEN
    FOREACH setting IN ARRAY ARRAY[
      'default_transaction_read_only = on',
      'statement_timeout = ' || CASE role_name
        WHEN 'retail_api' THEN '''25s''' WHEN 'retail_quicksight' THEN '''2min''' ELSE '''10min''' END,
      'idle_in_transaction_session_timeout = ''10min'''
    ] LOOP
      EXECUTE format('ALTER ROLE %I SET %s', role_name, setting);
    END LOOP;
  END IF;
  RETURN true;
EXCEPTION WHEN OTHERS THEN
  -- The context of the original error is the statement, which PostgreSQL would write to its log.
  RAISE EXCEPTION 'the password of % was not set: %', role_name, SQLERRM USING ERRCODE = SQLSTATE;
END
$set_password$;
