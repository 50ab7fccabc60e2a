-- The receipts of the API's calls, and the role of its function. Promises: retail_api may read the upload history and
-- rejected rows, look up a receipt, and nothing else.
CREATE TABLE ledger.receipts (
  receipt    uuid NOT NULL,
  upload_id  uuid NOT NULL REFERENCES ledger.uploads,
  first_line integer NOT NULL CHECK (first_line > 0),
  items      integer NOT NULL CHECK (items >= 0),
  -- The order serves look-ups by receipt. The same call may be in several uploads.
  PRIMARY KEY (receipt, upload_id)
);

COMMENT ON TABLE ledger.receipts IS 'One row for each call of the API in each upload that has its items.';
COMMENT ON COLUMN ledger.receipts.receipt IS 'Receipt that the caller got.';
COMMENT ON COLUMN ledger.receipts.first_line IS 'Line of the first item in the file; the others follow.';
COMMENT ON COLUMN ledger.receipts.items IS 'Number of items of the call.';

CREATE INDEX receipts_by_upload ON ledger.receipts (upload_id);

DO $role$
BEGIN
  -- Roles belong to the server: another database on it may have created it.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'retail_api') THEN
    CREATE ROLE retail_api LOGIN;
  END IF;
END
$role$;

GRANT USAGE ON SCHEMA ledger TO retail_api;
GRANT SELECT ON ledger.rejected_rows TO retail_api;
