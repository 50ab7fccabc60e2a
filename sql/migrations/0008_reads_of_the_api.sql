-- What the API reads for its pages. Promises: retail_api may read the tables of this file, and the views and functions
-- that grant it their own use; a page of uploads is found by an index, whatever store or state it is for.
CREATE INDEX uploads_by_store ON ledger.uploads (store_id, received_at, upload_id);
CREATE INDEX uploads_failed ON ledger.uploads (received_at) WHERE status = 'failed';
CREATE INDEX uploads_rejected ON ledger.uploads (received_at) WHERE rows_rejected > 0;

-- ledger.reject_states has the rows with their states.
REVOKE SELECT ON ledger.rejected_rows FROM retail_api;
GRANT SELECT ON public.transactions, ledger.other_versions, ledger.corrections, ledger.decisions TO retail_api;
