-- The lines of all uploaded files that contain a text, such as the id of a row.
SELECT store, "$path" AS file, line
FROM raw_lines
WHERE line LIKE '%0284f92e-54f7-4766-880d-2cc5a8993a89%'
ORDER BY file;
