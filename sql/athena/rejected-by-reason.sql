-- The number of rejected rows of each store, by reason. It works without the database.
SELECT store, reject_code, reject_column, count(*) AS rows_rejected
FROM rejected_rows
GROUP BY store, reject_code, reject_column
ORDER BY rows_rejected DESC, store, reject_code;
