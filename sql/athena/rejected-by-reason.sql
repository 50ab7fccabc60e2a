-- How many rows each store had rejected, by reason: as long as the files are kept, and without the database.
SELECT store, reject_code, reject_column, count(*) AS rows_rejected
FROM rejected_rows
GROUP BY store, reject_code, reject_column
ORDER BY rows_rejected DESC, store, reject_code;
