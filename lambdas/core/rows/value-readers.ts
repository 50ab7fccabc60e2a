import type { ReaderName } from '../columns.ts';
import type { ValueFormat } from '../detect/detect-format.ts';
import { REJECT_CODES, type RejectCode } from '../reject-codes.ts';
import { isIsoDate, readDate } from './dates.ts';
import { parseCents } from './money.ts';
import {
  type AmbiguousNumber,
  isSameCurrency,
  parseDecimal,
  readCurrency,
  splitSign,
  toPlainNumber,
} from './numbers.ts';
import { isRowId } from './row-id.ts';

const QUANTITY_DECIMALS = 3;
const MAX_QUANTITY_DIGITS = 9;
/** At most nine digits, and at most three decimals apart from zeros. */
const QUANTITY = /^0*(\d{1,9})(?:\.(\d{1,3})0*)?$/;
const LEADING_ZERO = /^-?0\d/;

/** A broken rule of one value; the message of the code is the default. */
interface Fault {
  readonly code: RejectCode;
  readonly message?: string;
}

/** A valid number, as text that PostgreSQL reads and as a whole number. */
interface Numeral {
  readonly text: string;
  /** Cents of an amount, thousandths of a quantity. */
  readonly units: number;
}

/** Reads a value without blanks around it, as the format of its file says. */
export type ReadValue = (text: string, format: ValueFormat) => string | Numeral | Fault;

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

/** Reads digits with a point and, if negative, a minus before them, as most tills write a number. */
function readUsual(text: string, parseDigits: (digits: string) => number): Numeral | undefined {
  const isNegative = text.startsWith('-');
  const digits = isNegative ? text.slice(1) : text;
  const units = parseDigits(digits);
  return units < 0 ? undefined : toNumeral(digits, units, isNegative);
}

/** Zero has no sign. */
function toNumeral(digits: string, units: number, isNegative: boolean): Numeral {
  return isNegative && units > 0 ? { text: `-${digits}`, units: -units } : { text: digits, units };
}

function parseThousandths(digits: string): number {
  return parseDecimal(digits, QUANTITY_DECIMALS, MAX_QUANTITY_DIGITS);
}

function readQuantity(text: string, { decimalSeparator }: ValueFormat): Numeral | Fault {
  const usual = readUsual(text, parseThousandths);
  const isDecided = decimalSeparator === '.' || !text.includes('.');
  if (usual !== undefined && usual.units !== 0 && isDecided && !LEADING_ZERO.test(text)) return usual;
  const { isNegative, text: unsigned } = splitSign(text);
  const plain = toPlainNumber(unsigned, decimalSeparator);
  if (typeof plain === 'object')
    return { code: 'quantity-ambiguous', message: describeReadings('quantity', plain, isNegative) };
  const [, whole, decimals] = QUANTITY.exec(plain ?? '') ?? [];
  if (whole === undefined || !/[1-9]/.test(plain!)) return { code: 'quantity-invalid' };
  const digits = decimals === undefined ? whole : `${whole}.${decimals}`;
  return toNumeral(digits, parseThousandths(digits), isNegative);
}

function readAmount(text: string, { decimalSeparator, currency }: ValueFormat): Numeral | Fault {
  const usual = readUsual(text, parseCents);
  if (usual !== undefined) return usual;
  // The amount has another sign, thousands separators, a decimal comma or a currency, or it is invalid.
  const { isNegative, text: unsigned } = splitSign(text);
  const read = readCurrency(unsigned);
  const plain = read && toPlainNumber(read.amount, decimalSeparator);
  if (read === undefined || plain === undefined) return { code: 'amount-invalid' };
  if (read.currency !== '' && !isSameCurrency(read.currency, currency)) {
    const fileHas = currency === undefined ? 'the file has no currency' : `the file is in ${currency}`;
    const message = `The amount is in ${read.currency}, but ${fileHas}. Drop each currency in a separate file.`;
    return { code: 'currency-mismatch', message };
  }
  if (typeof plain === 'object')
    return { code: 'amount-ambiguous', message: describeReadings('amount', plain, isNegative) };
  const cents = parseCents(plain);
  if (cents >= 0) return toNumeral(plain, cents, isNegative);
  const value = `${isNegative ? '-' : ''}${plain}`;
  const reading = value === text ? '' : ` The value was read as ${value}.`;
  return { code: 'amount-invalid', message: `${REJECT_CODES['amount-invalid']}${reading}` };
}

function describeReadings(
  what: 'amount' | 'quantity',
  { withThousands, withDecimals, separator }: AmbiguousNumber,
  isNegative: boolean,
): string {
  const sign = isNegative ? '-' : '';
  const advice =
    what === 'amount'
      ? 'Write it with two decimals.'
      : `Write it as ${sign}${withThousands} or ${sign}${withDecimals}0.`;
  return (
    `The ${what} is ambiguous: it is ${sign}${withThousands} if "${separator}" marks thousands, and ` +
    `${sign}${withDecimals} if it marks decimals. No other amount of the file decides it. ${advice}`
  );
}
