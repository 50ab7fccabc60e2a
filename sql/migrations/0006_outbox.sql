-- The notices about uploads that ended, and the role of the function that sends them. Promises: a notice is written in
-- the transaction that ends its upload or changes its counts; the notices of a file are numbered without gaps;
-- retail_notifier may read unsent notices, mark them as sent, and nothing else.
CREATE TABLE ledger.outbox (
  notice_id     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  upload_id     uuid NOT NULL REFERENCES ledger.uploads,
  file_id       uuid NOT NULL,
  -- The upload whose batch caused the notice: the upload itself, or a decision about its rows.
  caused_by     uuid NOT NULL,
  sequence      integer NOT NULL CHECK (sequence > 0),
  -- The result of the upload at that moment: a repeated notice says the same.
  result        jsonb NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  sent_at       timestamptz,
  -- When the sweeper told the notifier about the notice again.
  retried_at    timestamptz,
  times_retried integer NOT NULL DEFAULT 0,
  UNIQUE (file_id, sequence)
);

CREATE INDEX outbox_by_upload ON ledger.outbox (upload_id);
CREATE INDEX outbox_unsent ON ledger.outbox (created_at) WHERE sent_at IS NULL;
CREATE INDEX outbox_unsent_by_cause ON ledger.outbox (caused_by) WHERE sent_at IS NULL;

COMMENT ON TABLE ledger.outbox IS
  'One row for each receipt of a file: its upload ended, or its counts changed afterwards.';

DO $role$
BEGIN
  -- Roles belong to the server: another database on it may have created it.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'retail_notifier') THEN
    CREATE ROLE retail_notifier LOGIN;
  END IF;
END
$role$;

GRANT USAGE ON SCHEMA ledger TO retail_notifier;
