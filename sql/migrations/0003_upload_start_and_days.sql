-- When the reading of an upload started, and the days of its rows.
ALTER TABLE ledger.uploads
  -- When the object was created; for a later reading, when its first batch was loaded.
  ADD COLUMN started_at timestamptz NOT NULL DEFAULT now(),
  -- First and last transaction date of the valid rows so far.
  ADD COLUMN first_day date,
  ADD COLUMN last_day date;

UPDATE ledger.uploads AS u SET started_at = u.received_at;
UPDATE ledger.uploads AS u
SET first_day = t.first_day, last_day = t.last_day
FROM (
  SELECT upload_id, min(transaction_date) AS first_day, max(transaction_date) AS last_day
  FROM public.transactions GROUP BY upload_id
) AS t
WHERE t.upload_id = u.upload_id;
