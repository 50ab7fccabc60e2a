-- The header of each uploaded file. It shows files whose columns are in another order than raw_rows expects.
SELECT store, "$path" AS file, line AS header
FROM raw_lines
WHERE lower(line) LIKE '%amount_inc_tax%'
ORDER BY store, file;
