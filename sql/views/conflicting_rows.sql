-- The conflicting rows. Promises: superseded uploads are left out; a filter on received_on uses an index.
-- CASCADE: a release that is rolled back drops the views that a newer one built on these.
DROP VIEW IF EXISTS reporting.conflicting_rows CASCADE;

CREATE VIEW reporting.conflicting_rows AS
SELECT
  (u.received_at AT TIME ZONE 'UTC')::date AS received_on, u.store_id,
  regexp_replace(u.object_key, '^.*/', '') AS file_name, c.line, c.id::text AS id,
  c.transaction_date, c.category, left(c.name, 200) AS product, trim_scale(c.quantity) AS quantity,
  c.amount_excl_tax, c.amount_inc_tax,
  t.store_id AS kept_store_id, t.transaction_date AS kept_transaction_date, t.category AS kept_category,
  left(t.name, 200) AS kept_product, trim_scale(t.quantity) AS kept_quantity,
  t.amount_excl_tax AS kept_amount_excl_tax,
  t.amount_inc_tax AS kept_amount_inc_tax, t.upload_id::text AS kept_upload_id, c.upload_id::text AS upload_id
FROM ledger.uploads AS u
JOIN ledger.other_versions AS c ON c.upload_id = u.upload_id AND c.fate = 'conflict'
LEFT JOIN public.transactions AS t ON t.id = c.id
WHERE u.status <> 'superseded';

COMMENT ON VIEW reporting.conflicting_rows IS
  'One row for each row whose id existed with different content, with both versions.';
SELECT ledger.copy_comments('public.transactions', 'reporting.conflicting_rows');
COMMENT ON COLUMN reporting.conflicting_rows.received_on IS 'Date of the upload.';
COMMENT ON COLUMN reporting.conflicting_rows.file_name IS 'File name without its folder.';
COMMENT ON COLUMN reporting.conflicting_rows.id IS 'The same in both versions.';
COMMENT ON COLUMN reporting.conflicting_rows.product IS 'First 200 characters of the description.';
COMMENT ON COLUMN reporting.conflicting_rows.upload_id IS 'As in upload_history.';
COMMENT ON COLUMN reporting.conflicting_rows.kept_store_id IS 'Store of the version in transactions.';
COMMENT ON COLUMN reporting.conflicting_rows.kept_transaction_date IS 'Date in transactions.';
COMMENT ON COLUMN reporting.conflicting_rows.kept_category IS 'Category in transactions.';
COMMENT ON COLUMN reporting.conflicting_rows.kept_product IS 'Product in transactions.';
COMMENT ON COLUMN reporting.conflicting_rows.kept_quantity IS 'Quantity in transactions.';
COMMENT ON COLUMN reporting.conflicting_rows.kept_amount_excl_tax IS 'Amount without tax in transactions.';
COMMENT ON COLUMN reporting.conflicting_rows.kept_amount_inc_tax IS 'Amount with tax in transactions.';
COMMENT ON COLUMN reporting.conflicting_rows.kept_upload_id IS 'Upload that inserted the version in transactions.';

GRANT SELECT ON reporting.conflicting_rows TO retail_operator, retail_analyst, retail_quicksight;
