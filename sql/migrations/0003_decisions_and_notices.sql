-- Work on uploads after they were loaded: decisions of operators, notices to stores, and sweeps for
-- objects that were lost. Promises: a decision is kept before it is applied; a notice is written in the transaction that
-- ends its upload or changes its counts; the notices of a file are numbered without gaps.

CREATE TABLE ledger.decisions (
  -- The object of the decision.
  bucket       text NOT NULL,
  object_key   text NOT NULL,
  version_id   text NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('retract', 'restate', 'waive')),
  -- The object version that the decision is about, in the same bucket.
  file_key     text NOT NULL,
  file_version text NOT NULL,
  -- NULL means every line.
  lines        int4multirange,
  reason       text NOT NULL,
  decided_by   text NOT NULL,
  is_forced    boolean NOT NULL,
  -- Last closed day at the time of the decision; NULL if days are never closed.
  closed_until date,
  -- By the clock of the person who decided; the key begins with it, and orders decisions.
  decided_at   timestamptz NOT NULL,
  received_at  timestamptz NOT NULL,
  -- A decision waits for its file, and is then applied step by step. It is in effect from the first step.
  state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'settling', 'done', 'refused')),
  -- How far the steps have come: the last row of other_versions, and the last id of transactions.
  last_upload  uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  last_line    integer NOT NULL DEFAULT 0,
  last_id      uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  PRIMARY KEY (bucket, object_key, version_id)
);

CREATE INDEX decisions_by_file ON ledger.decisions (bucket, file_key, file_version);

COMMENT ON TABLE ledger.decisions IS 'One row for each decision of an operator about a file that was uploaded.';
COMMENT ON COLUMN ledger.decisions.kind IS
  'retract: the file''s rows leave transactions; restate: its rows are the valid versions of their ids; waive: its rejected rows need no correction.';
COMMENT ON COLUMN ledger.decisions.state IS
  'waiting for the file, settling (in effect, with rows still to change), done, or refused.';

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

CREATE TABLE ledger.sweep_cursors (
  bucket         text PRIMARY KEY,
  -- Position at which the listing of the bucket continues; both are empty at the beginning.
  key_marker     text,
  version_marker text
);

COMMENT ON TABLE ledger.sweep_cursors IS 'One row for each bucket: where the next sweep continues.';

CREATE TABLE ledger.unfinished_objects (
  bucket      text NOT NULL,
  object_key  text NOT NULL,
  version_id  text NOT NULL,
  received_at timestamptz NOT NULL,
  reason      text NOT NULL CHECK (reason IN ('lost', 'stuck')),
  noticed_at  timestamptz NOT NULL DEFAULT now(),
  times_sent  integer NOT NULL DEFAULT 0,
  sent_at     timestamptz,
  PRIMARY KEY (bucket, object_key, version_id)
);

COMMENT ON TABLE ledger.unfinished_objects IS
  'One row for each object version that has no upload, or whose upload has stopped.';
