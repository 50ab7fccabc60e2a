import type { RejectCode } from '../lambdas/core/reject-codes.ts';

/** Short name of each reason for which a row is rejected. The rejected row itself has the whole message. */
const NAMES: Readonly<Record<RejectCode, string>> = {
  'too-few-columns': 'Values are missing',
  'too-many-columns': 'Too many values',
  'id-missing': 'Id is missing',
  'id-part-missing': 'Part of the id is missing',
  'id-not-uuid': 'Id is not a UUID',
  'date-missing': 'Date is missing',
  'date-invalid': 'Date does not exist or has an unknown format',
  'date-ambiguous': 'Date can be read in two ways',
  'date-implausible': 'Date is too early or in the future',
  'category-unknown': 'Category is not SELL or BUY',
  'name-missing': 'Description is missing',
  'name-invalid': 'Description has a forbidden character',
  'quotes-ambiguous': 'Quotes can be read in two ways',
  'name-not-utf8': 'Description has unreadable characters',
  'quantity-invalid': 'Quantity is not a valid number',
  'quantity-ambiguous': 'Quantity can be read in two ways',
  'amount-invalid': 'Amount is not a valid number',
  'amount-ambiguous': 'Amount can be read in two ways',
  'currency-mismatch': 'Another currency than the rest of the file',
  'return-signs-differ': 'Signs of a return differ',
  'return-not-allowed': 'Returns are not allowed',
  'tax-mismatch': 'Amounts do not fit the tax',
  'tax-rate-unknown': 'Tax rate is unknown',
  'quotes-malformed': 'Quotes are not closed',
  'row-too-long': 'Row is too long',
  'cell-invalid': 'Cell has an error or no result',
  'json-malformed': 'Line is not JSON',
  'json-not-object': 'Line is not a JSON object',
  'json-member-duplicated': 'Value is there twice',
  'json-member-unknown': 'Unknown member',
  'json-value-invalid': 'Value is not text or a number',
};

/** Names the reason of a rejected row. An older release had other codes, which are their own names. */
export function nameRejectCode(code: string): string {
  return Object.hasOwn(NAMES, code) ? NAMES[code as RejectCode] : code;
}
