/** Why a row was rejected. The codes are stable: people and programs may rely on them. */
export const REJECT_CODES = {
  'too-few-columns': 'The row has fewer columns than the header.',
  'too-many-columns': 'The row has more values than the header has columns.',
  'id-missing': 'The id is empty.',
  'id-not-uuid': 'The id is not a UUID such as 0284f92e-54f7-4766-880d-2cc5a8993a89.',
  'date-missing': 'The transaction date is empty.',
  'date-invalid':
    'The transaction date is not a day of the calendar written as YYYY-MM-DD, DD/MM/YYYY or DD.MM.YYYY.',
  'date-ambiguous':
    'The transaction date is another day where the month stands first, as it does elsewhere in the file.',
  'category-unknown': 'The category is neither SELL nor BUY.',
  'name-missing': 'The description of the product is empty.',
  'name-invalid': 'The description of the product has a NUL character, which PostgreSQL cannot store.',
  'name-not-utf8': 'The description of the product has bytes that are no text in the encoding of the file.',
  'quantity-not-positive-integer': 'The quantity is not a whole number from 1 to 2147483647.',
  'quantity-ambiguous': 'The quantity is one number with thousands separators and another with decimals.',
  'amount-invalid': 'The amount is not a number from 0 to 9999999999.99 with at most two decimals.',
  'amount-ambiguous': 'The amount is one number with thousands separators and another with decimals.',
  'currency-mismatch': 'The amount is in another currency than the file.',
  'tax-mismatch': 'The amount including tax is not the amount excluding tax plus the tax, to the cent.',
  'quotes-malformed': 'A quoted field is not closed, or something stands between its end and the delimiter.',
  'row-too-long': 'The row is longer than a row may be.',
} as const;
export type RejectCode = keyof typeof REJECT_CODES;

/** Why a whole upload was refused: none of its rows was loaded. */
export const FAILURE_CODES = {
  'key-invalid': 'The object key does not name a store that is allowed.',
  'file-empty': 'The file has no header.',
  'not-csv': 'The file is not a CSV text.',
  'column-missing': 'A column that every row needs is not in the header.',
  'column-duplicated': 'A column stands twice in the header.',
  'column-unknown': 'The header has a column that the settings do not allow.',
  'date-unknown': 'Neither the file name nor a column says the transaction date.',
  'archive-not-one-file': 'The archive does not hold exactly one file.',
  'archive-damaged': 'The archive cannot be unpacked.',
  'archive-too-large': 'The archive unpacks to more than the settings allow.',
  'object-deleted': 'The object version was deleted before it was read.',
} as const;
export type FailureCode = keyof typeof FAILURE_CODES;
