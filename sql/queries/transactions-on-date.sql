-- How many transactions a day has.
-- @param date YYYY-MM-DD
SELECT count(*) AS transactions
FROM transactions
WHERE transaction_date = CAST(:date AS date);
