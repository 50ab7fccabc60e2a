-- The amount sold by product according to the files, before rules and duplicates. Compare it with the database.
SELECT store, description AS product, count(*) AS file_rows, sum(CAST(amount_inc_tax AS decimal(12, 2))) AS sold
FROM raw_rows
WHERE category = 'SELL' AND regexp_like(amount_inc_tax, '^-?[0-9]{1,10}([.][0-9]{1,2})?$')
GROUP BY store, description
ORDER BY sold DESC;
