CREATE INDEX CONCURRENTLY rejected_rows_by_code ON ledger.rejected_rows (upload_id, code);
