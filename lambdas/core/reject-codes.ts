/** Reasons for which a row is rejected. The codes are stable: people and programs may rely on them. */
export const REJECT_CODES = {
  'too-few-columns': 'The row has fewer values than the header has columns. Add the missing values.',
  'too-many-columns':
    'The row has more values than the header has columns. Remove or quote the extra values.',
  'id-missing': 'The id is empty. Give the row its UUID.',
  'id-part-missing':
    'A column that is part of the id is empty. Fill it in, or give the row its UUID in a column id.',
  'id-not-uuid': 'The id is not a UUID such as 0284f92e-54f7-4766-880d-2cc5a8993a89.',
  'date-missing': 'The transaction date is empty. Write it as YYYY-MM-DD.',
  'date-invalid': 'The transaction date is not an existing day in a known format. Write it as YYYY-MM-DD.',
  'date-ambiguous':
    'The transaction date is ambiguous: dates of the file have both orders of day and month, or the time is in UTC. Write it as YYYY-MM-DD.',
  'date-implausible':
    'The transaction date is too early, or too far in the future. Correct it, or change the settings.',
  'category-unknown':
    'The category is not SELL or BUY. A return has the category of the sale or purchase, and negative numbers. The operator can give other words a meaning, with a profile.',
  'name-missing': 'The product description is empty.',
  'name-invalid':
    'The product description contains a NUL character, which PostgreSQL cannot store. Remove it.',
  'quotes-ambiguous':
    'The product description is in single quotes, and no row shows whether they are part of it. Write it in double quotes, or without quotes.',
  'name-not-utf8':
    'The product description contains bytes that are not valid in the encoding of the file. Save the file as UTF-8.',
  'quantity-invalid':
    'The quantity is not a number from 0.001 to 999999999.999 with at most three decimals, negative for a return.',
  'quantity-ambiguous':
    'The quantity is ambiguous: its separator may mark thousands or decimals. Write it as 1234 or 1.2340.',
  'amount-invalid': 'The amount is not a number of at most 9999999999.99 with at most two decimals.',
  'amount-ambiguous':
    'The amount is ambiguous: its separator may mark thousands or decimals. Write it with two decimals.',
  'currency-mismatch':
    'The currency of the amount is not the currency of the file. Drop rows of each currency in a separate file.',
  'return-signs-differ': 'A return has a negative quantity and negative amounts. Correct the signs.',
  'return-not-allowed':
    'The row is a return: it has a negative number. Remove it, or set retail:returns to "accept".',
  'tax-mismatch':
    'The amount including tax is not the amount excluding tax plus a tax on the row. Correct one of them.',
  'tax-rate-unknown':
    'No tax of the setting retail:taxes applies to the row, or the column tax_rate has another rate. Correct the row, or add the tax.',
  'quotes-malformed':
    'A quoted value is not closed, or is followed by other characters than the delimiter. Correct the quotes.',
  'row-too-long': 'The row is longer than 65,536 characters. Shorten it.',
  'cell-invalid':
    'The cell has an error, or a formula without its result. Correct it, or open the workbook in a spreadsheet program and save it.',
  'json-malformed':
    'The line is not valid JSON. Write each item as one JSON object on a separate line, without line terminators in it.',
  'json-not-object':
    'The line is JSON but not an object. Write each item as one JSON object on a separate line.',
  'json-member-duplicated': 'The item has two members for the same value. Keep one of them.',
  'json-member-unknown':
    'The item has a member that the settings do not allow. Remove it, or set retail:unknownColumns to "ignore".',
  'json-value-invalid': 'The value is not a string, a number or null.',
} as const;
export type RejectCode = keyof typeof REJECT_CODES;

/** Reasons for which an upload is refused: none of its rows is loaded. */
export const FAILURE_CODES = {
  'key-invalid': 'The object key does not name an allowed store, or contains a NUL character.',
  'store-unknown': 'No setting names the store of the file.',
  'file-empty': 'The file is empty or has only blank lines.',
  'not-csv': 'The file is not a CSV file.',
  'not-utf8': 'The file is NDJSON but not UTF-8.',
  'column-missing': 'The header has no title for a required column.',
  'column-duplicated': 'A column appears twice in the header.',
  'column-unknown': 'The header has a column that the settings do not allow.',
  'date-unknown': 'Neither the file name nor a column has the transaction date.',
  'date-implausible': 'The date of the file name is too early, or too far in the future.',
  'archive-unusable':
    'The archive has no file, too many files, or files with the same or forbidden names, or was itself in an archive.',
  'workbook-unusable':
    'The workbook is damaged, protected with a password, of an old format, or has no sheet or several sheets with a header.',
  'archive-damaged': 'The archive cannot be unpacked.',
  'file-too-large': 'The file is larger than the settings allow, unpacked if it is an archive.',
  'too-many-rejected-rows': 'More rows break a rule than the settings allow.',
  'decision-invalid':
    'The object in the folder of decisions is not a decision that a command of retail wrote.',
  'period-closed': 'The decision changes rows of days that were closed. Decide again with --force.',
  'object-deleted': 'The object version was deleted before it was read.',
  'object-unreadable':
    'S3 did not return the object, which is archived or encrypted with a foreign key, or it takes too long to unpack.',
  'message-discarded': 'An operator discarded a message of the upload that could not be processed.',
  'call-discarded': 'An operator discarded calls of the API that could not be processed.',
} as const;
export type FailureCode = keyof typeof FAILURE_CODES;

/** Reason for which a file cannot be read at all, and what the uploader can do. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
}
