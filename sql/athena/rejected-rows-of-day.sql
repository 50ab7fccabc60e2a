-- The rejected rows of the files of one day, with their reasons. Change the day, which is part of the file name.
SELECT store, "$path" AS file, CAST(reject_line AS integer) AS line, reject_code, reject_message,
       id, category, description, quantity, amount_excl_tax, amount_inc_tax
FROM rejected_rows
WHERE "$path" LIKE '%/retail_16_03_2025%'
ORDER BY file, line;
