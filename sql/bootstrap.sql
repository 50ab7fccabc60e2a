DO $bootstrap$
-- Creates the history of the migrations and the function that applies them.
-- Promises: running it again changes nothing; it creates only what applying a file needs; one session at a time applies
-- a file. Only the owner of the table may take the lock that excludes the others, unlike an advisory lock.
-- The runner sends this file as a statement, and every other file as a parameter of the function. The Data API does
-- not document how it finds parameters in a statement, so this file has no apostrophe in a comment and no single colon.
BEGIN
  LOOP
    BEGIN
      CREATE SCHEMA IF NOT EXISTS ledger;
      CREATE TABLE IF NOT EXISTS ledger.migrations (
        file_name  text PRIMARY KEY,
        checksum   text NOT NULL,
        applied_at timestamptz NOT NULL
      );
      EXIT;
    EXCEPTION WHEN unique_violation OR duplicate_schema OR duplicate_table THEN
      NULL; -- Another session created it at the same moment.
    END;
  END LOOP;
  LOCK TABLE ledger.migrations IN SHARE ROW EXCLUSIVE MODE;
  COMMENT ON TABLE ledger.migrations IS 'One row for each SQL file that was applied, with the checksum of its text.';

  -- Applies a file and records it in one transaction. Returns applied, unchanged, or busy while another session
  -- applies a file. A numbered file is applied once. A database that has another file under its number, or had another
  -- text of it, was made by another version and is refused; newer numbers are of a release that was rolled back. A
  -- repeatable file is applied again when its text changed, or when a numbered file was applied after it, which may have
  -- dropped its objects.
  CREATE OR REPLACE FUNCTION ledger.apply_file(name text, sha256 text, is_repeatable boolean, content text) RETURNS text
  LANGUAGE plpgsql
  AS $apply_file$
  DECLARE
    known ledger.migrations%ROWTYPE;
  BEGIN
    BEGIN
      LOCK TABLE ledger.migrations IN SHARE ROW EXCLUSIVE MODE NOWAIT;
    EXCEPTION WHEN lock_not_available THEN
      RETURN 'busy';
    END;
    SELECT * INTO known FROM ledger.migrations AS m
    WHERE CASE WHEN is_repeatable THEN m.file_name = name
          ELSE split_part(m.file_name, '_', 1) = split_part(name, '_', 1) END;
    IF NOT is_repeatable AND (known.file_name, known.checksum) <> (name, sha256) THEN
      RAISE EXCEPTION 'another version made this database, which has % with another name or text than % of this release. Nothing was changed. Rebuild the database from the bucket (docs/restore.md)',
        known.file_name, name
        USING HINT = 'After editing a file that was applied, restore it and write the change as a new migration.';
    ELSIF known.checksum = sha256 AND NOT (is_repeatable AND EXISTS (
      SELECT FROM ledger.migrations AS m
      WHERE starts_with(m.file_name, 'migrations/') AND m.applied_at > known.applied_at
    )) THEN
      RETURN 'unchanged';
    END IF;
    EXECUTE content;
    INSERT INTO ledger.migrations (file_name, checksum, applied_at) VALUES (name, sha256, clock_timestamp())
    ON CONFLICT (file_name) DO UPDATE SET checksum = EXCLUDED.checksum, applied_at = EXCLUDED.applied_at;
    RETURN 'applied';
  END
  $apply_file$;
  REVOKE EXECUTE ON FUNCTION ledger.apply_file(text, text, boolean, text) FROM PUBLIC;
END
$bootstrap$
