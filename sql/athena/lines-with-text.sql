-- Every line, of whatever file, that holds a text such as an id: where a row came from, in any order of columns.
SELECT store, "$path" AS file, line
FROM raw_lines
WHERE line LIKE '%0284f92e-54f7-4766-880d-2cc5a8993a89%'
ORDER BY file;
