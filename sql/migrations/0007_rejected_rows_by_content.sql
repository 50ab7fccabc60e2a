-- Find a rejected row that came again: on the same line of another version of its file, or in a file of corrections.
CREATE INDEX rejected_rows_by_content ON ledger.rejected_rows (line, md5(original_text));
CREATE INDEX rejected_rows_by_original ON ledger.rejected_rows (corrects_file, corrects_line)
WHERE corrects_file IS NOT NULL;
