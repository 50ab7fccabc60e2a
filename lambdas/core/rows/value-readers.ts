import type { ReaderName } from '../columns.ts';
import type { ValueFormat } from '../detect/detect-format.ts';
import { REJECT_CODES, type RejectCode } from '../reject-codes.ts';
import { isIsoDate, readDate } from './dates.ts';
import { parseCents } from './money.ts';
import { type AmbiguousNumber, readCurrency, splitSign, toPlainNumber } from './numbers.ts';
import { isRowId } from './row-id.ts';

/** Digits of a whole number of pieces, as most tills write them. */
const PIECES = /^0*([1-9]\d{0,8})$/;
/** At most nine digits, and at most three decimals apart from zeros. */
const QUANTITY = /^0*(\d{1,9})(?:\.(\d{1,3})0*)?$/;

/** A broken rule of one value; the message of the code is the default. */
export interface Fault {
  readonly code: RejectCode;
  readonly message?: string;
}

/** A valid amount, as text that PostgreSQL reads and in cents. */
export interface Amount {
  readonly text: string;
  readonly cents: number;
}

/** Reads a value without blanks around it, as the format of its file says. */
export type ReadValue = (text: string, format: ValueFormat) => string | Amount | Fault;

export const READERS: Readonly<Record<ReaderName, ReadValue>> = {
  id: readId,
  date: readRowDate,
  category: (text) => (isCategory(text) ? text : { code: 'category-unknown' }),
  name: readName,
  quantity: readQuantity,
  amount: readAmount,
};

export function isCategory(text: string): boolean {
  return text === 'SELL' || text === 'BUY';
}

function readId(text: string): string | Fault {
  if (isRowId(text)) return text;
  return { code: text === '' ? 'id-missing' : 'id-not-uuid' };
}

function readRowDate(text: string, { dates }: ValueFormat): string | Fault {
  if (isIsoDate(text)) return text;
  if (text === '') return { code: 'date-missing' };
  const date = readDate(text, dates);
  if (date === undefined) return describeInvalidDate(dates);
  if (date.isUtc) {
    const message =
      'The transaction date is ambiguous: its time is in UTC, so that the day in the store may be another one. Write the ' +
      'local date as YYYY-MM-DD, or add the time zone to the profile of the store.';
    return { code: 'date-ambiguous', message };
  }
  if (!dates.hasOtherOrder || date.other === undefined) return date.iso;
  const message =
    `The transaction date is ambiguous: it is ${date.iso} or ${date.other}, and the file has dates of both orders of ` +
    'day and month. Write it as YYYY-MM-DD.';
  return { code: 'date-ambiguous', message };
}

function describeInvalidDate({ formats }: ValueFormat['dates']): Fault {
  if (formats === undefined) return { code: 'date-invalid' };
  const known = ['YYYY-MM-DD', ...formats].join(' or ');
  return {
    code: 'date-invalid',
    message: `The transaction date is not an existing day written as ${known}.`,
  };
}

function readName(text: string, { isQuoteOpen }: ValueFormat): string | Fault {
  if (isQuoteOpen && text.startsWith("'") && text.length > 1 && text.endsWith("'"))
    return { code: 'quotes-ambiguous' };
  if (text === '') return { code: 'name-missing' };
  if (text.includes('\0')) return { code: 'name-invalid' };
  // The decoder writes U+FFFD for bytes that are invalid in the encoding.
  return text.includes('\ufffd') ? { code: 'name-not-utf8' } : text;
}

function readQuantity(text: string, { decimalSeparator }: ValueFormat): string | Fault {
  const pieces = PIECES.exec(text)?.[1];
  if (pieces !== undefined) return pieces;
  const { isNegative, text: unsigned } = splitSign(text);
  const plain = toPlainNumber(unsigned, decimalSeparator);
  if (typeof plain === 'object')
    return { code: 'quantity-ambiguous', message: describeReadings('quantity', plain, isNegative) };
  const [, whole, decimals] = QUANTITY.exec(plain ?? '') ?? [];
  if (whole === undefined || !/[1-9]/.test(plain!)) return { code: 'quantity-invalid' };
  return `${isNegative ? '-' : ''}${whole}${decimals === undefined ? '' : `.${decimals}`}`;
}

function readAmount(text: string, { decimalSeparator, currency }: ValueFormat): Amount | Fault {
  const plainCents = parseCents(text);
  if (plainCents >= 0) return { text, cents: plainCents };
  // The amount has a sign, thousands separators, a decimal comma or a currency, or it is invalid.
  const { isNegative, text: unsigned } = splitSign(text);
  const read = readCurrency(unsigned);
  const plain = read && toPlainNumber(read.amount, decimalSeparator);
  if (read === undefined || plain === undefined) return { code: 'amount-invalid' };
  if (read.currency !== '' && read.currency !== currency) {
    const fileHas = currency === undefined ? 'the file has no currency' : `the file is in ${currency}`;
    const message = `The amount is in ${read.currency}, but ${fileHas}. Drop each currency in a separate file.`;
    return { code: 'currency-mismatch', message };
  }
  if (typeof plain === 'object')
    return { code: 'amount-ambiguous', message: describeReadings('amount', plain, isNegative) };
  const cents = parseCents(plain);
  const sign = isNegative && cents !== 0 ? '-' : '';
  if (cents >= 0) return { text: sign + plain, cents: sign === '' ? cents : -cents };
  const message = `${REJECT_CODES['amount-invalid']} The value was read as ${sign}${plain}.`;
  return { code: 'amount-invalid', message };
}

function describeReadings(
  what: 'amount' | 'quantity',
  { withThousands, withDecimals, separator }: AmbiguousNumber,
  isNegative: boolean,
): string {
  const sign = isNegative ? '-' : '';
  const advice =
    what === 'amount' ? 'Write it with two decimals.' : `Write it as ${withThousands} or ${withDecimals}0.`;
  return (
    `The ${what} is ambiguous: it is ${sign}${withThousands} if "${separator}" marks thousands, and ` +
    `${sign}${withDecimals} if it marks decimals. No other amount of the file decides it. ${advice}`
  );
}
