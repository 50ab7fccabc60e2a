-- The number of transactions on a date.
-- @param date YYYY-MM-DD
SELECT count(*) AS transactions
FROM transactions
WHERE transaction_date = CAST(:date AS date);
