CREATE INDEX CONCURRENTLY rejected_rows_again ON ledger.rejected_rows (upload_id) WHERE corrects_file IS NOT NULL;
