CREATE INDEX CONCURRENTLY uploads_by_start ON ledger.uploads (started_at);
