import { COLUMNS, INDEX, type ReaderName } from '../columns.ts';
import type { DetectedFormat, ValueFormat } from '../detect/detect-format.ts';
import { type Header, readField, repeatsHeader } from '../detect/header.ts';
import { excerptText } from '../excerpt-text.ts';
import { hasNeutralizedValues, restoreFormula } from '../formulas.ts';
import { REJECT_CODES, type RejectCode } from '../reject-codes.ts';
import type { Rules } from '../rules.ts';
import { isIsoDate, readDate } from './dates.ts';
import { addTax, formatCents, parseBasisPoints, parseCents } from './money.ts';
import { type AmbiguousNumber, readCurrency, toPlainNumber } from './numbers.ts';
import { hasRowId, isRowId } from './row-id.ts';

const POSITIVE_INTEGER = /^0*([1-9]\d{0,9})$/;
const MAX_INTEGER = 2_147_483_647;
/** Maximum length of the value that a message quotes. Every rejected row is stored with its message. */
const MAX_QUOTED_CHARACTERS = 40;
/** A total line below or between the rows, as tills and spreadsheets write it. */
const TOTAL =
  /^(?:(?:grand|sub)?[ -]?totals?|totale|totaal|total general|sum(?:me|a)?|(?:gesamt|zwischen)(?:summe)?|итого)(?!\p{L})/iu;

/** One rule that a row breaks. */
export interface Problem {
  /** Title of the column in the file; empty if the row as a whole is at fault. */
  readonly column: string;
  readonly code: RejectCode;
  readonly message: string;
}

/**
 * Checks one record against the data contract. Blanks around values are not part of them.
 * @param values receives a value for each element of `COLUMNS`, as text that PostgreSQL reads
 * @returns every rule that the record breaks; empty if `values` may be loaded
 */
export type RowCheck = (fields: readonly string[], values: string[]) => readonly Problem[];

/** A broken rule of one value; the message of the code is the default. */
type Fault = Pick<Problem, 'code'> & Partial<Pick<Problem, 'message'>>;

/** A valid amount, as text that PostgreSQL reads and in cents. */
interface Amount {
  readonly text: string;
  readonly cents: number;
}

const NO_PROBLEMS: readonly Problem[] = [];
const READERS: Readonly<Record<ReaderName, (text: string, format: ValueFormat) => string | Amount | Fault>> =
  {
    id: readId,
    date: readRowDate,
    category: (text) => (isCategory(text) ? text : { code: 'category-unknown' }),
    name: readName,
    quantity: readQuantity,
    amount: readAmount,
  };

export function createRowCheck(
  { header, values: format }: Pick<DetectedFormat, 'header' | 'values'>,
  { taxes }: Rules,
): RowCheck {
  const basisPoints = parseBasisPoints(taxes[0]!.percent);
  const columns = COLUMNS.flatMap(({ reader }, index) => {
    const position = header.positions[index]!;
    return position < 0 ? [] : [{ index, position, read: READERS[reader] }];
  });
  const width = header.titles.length;
  const cents = COLUMNS.map(() => -1);
  const check: RowCheck = (fields, values) => {
    if (fields.length !== width) {
      const problem = checkWidth(fields, width);
      if (problem !== undefined) return [problem];
    }
    let problems: Problem[] | undefined;
    for (const { index, position, read } of columns) {
      const text = fields[position]!.trim();
      const value = read(text, format);
      if (typeof value === 'string') {
        values[index] = value;
      } else if ('cents' in value) {
        values[index] = value.text;
        cents[index] = value.cents;
      } else {
        cents[index] = -1;
        problems ??= [];
        const message = quoteValue(value.message ?? REJECT_CODES[value.code], text);
        problems.push({ column: header.titles[position]!, code: value.code, message });
      }
    }
    const mismatch = checkTax(cents[INDEX.amountExclTax]!, cents[INDEX.amountIncTax]!, basisPoints);
    if (mismatch !== undefined) {
      problems ??= [];
      const column = header.titles[header.positions[INDEX.amountIncTax]!]!;
      problems.push({ column, code: 'tax-mismatch', message: mismatch });
    }
    return problems ?? NO_PROBLEMS;
  };
  if (!hasNeutralizedValues(header.titles)) return check;
  return (fields, values) => check(fields.map(restoreFormula), values);
}

/**
 * Tells what kind of line a record with problems is.
 * @param hasProfile true if the profile of the store gives the values of the file a meaning
 * @returns 'blank', 'header' or 'total'; undefined for a row
 */
export function classifyLine(fields: readonly string[], header: Header, hasProfile = false) {
  const first = fields.find((field) => field.trim() !== '')?.trim();
  if (first === undefined) return 'blank';
  if (repeatsHeader(fields, header)) return 'header';
  if (!TOTAL.test(first) || hasPartOfId(fields, header)) return undefined;
  const category = readField(fields, header, 'category');
  const isRow = hasProfile ? category !== '' && !TOTAL.test(category) : isCategory(category);
  return isRow ? undefined : 'total';
}

/** A total line may have its title in a column from which ids are computed. */
function hasPartOfId(fields: readonly string[], header: Header): boolean {
  if (header.idPositions === undefined) return hasRowId(readField(fields, header, 'id'));
  const parts = header.idPositions.map((position) => fields[position]?.trim() ?? '');
  return parts.some((part) => part !== '' && !TOTAL.test(part));
}

/** A row may have extra values if they are blank. */
export function checkWidth(fields: readonly string[], width: number): Problem | undefined {
  const isShort = fields.length < width;
  if (!isShort && fields.slice(width).every((field) => field.trim() === '')) return undefined;
  const advice = isShort ? 'Add the missing values.' : 'Remove or quote the extra values.';
  const message = `The row has ${fields.length} values, the header ${width} columns. ${advice}`;
  return { column: '', code: isShort ? 'too-few-columns' : 'too-many-columns', message };
}

/**
 * Compares two amounts, in cents or -1 if they are not valid.
 * @returns a message if they differ by another tax
 */
function checkTax(excluding: number, including: number, basisPoints: number): string | undefined {
  if (excluding < 0 || including < 0) return undefined;
  const expected = addTax(excluding, basisPoints);
  if (including === expected) return undefined;
  return (
    `The amount including tax is ${formatCents(including)}, but ${formatCents(excluding)} plus ` +
    `${formatCents(basisPoints)} % is ${formatCents(expected)}. Correct one of them.`
  );
}

/** Adds the value, as the file has it, to a message such as `The quantity is not …`. */
function quoteValue(message: string, value: string): string {
  if (value === '') return message.replace(' is not ', ' is empty, not ');
  return message.replace(/ (?=is |contains )/, () => ` "${excerptText(value, MAX_QUOTED_CHARACTERS)}" `);
}

function isCategory(text: string): boolean {
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
  let digits = POSITIVE_INTEGER.exec(text)?.[1];
  if (digits === undefined) {
    const plain = toPlainNumber(text, decimalSeparator);
    if (typeof plain === 'object')
      return { code: 'quantity-ambiguous', message: describeReadings('quantity', plain) };
    digits = POSITIVE_INTEGER.exec(plain ?? '')?.[1];
  }
  const isValid = digits !== undefined && Number(digits) <= MAX_INTEGER;
  return isValid ? digits! : { code: 'quantity-not-positive-integer' };
}

function readAmount(text: string, { decimalSeparator, currency }: ValueFormat): Amount | Fault {
  const plainCents = parseCents(text);
  if (plainCents >= 0) return { text, cents: plainCents };
  // The amount has thousands separators, a decimal comma or a currency, or it is invalid.
  const read = readCurrency(text);
  const plain = read && toPlainNumber(read.amount, decimalSeparator);
  if (read === undefined || plain === undefined) return { code: 'amount-invalid' };
  if (read.currency !== '' && read.currency !== currency) {
    const fileHas = currency === undefined ? 'the file has no currency' : `the file is in ${currency}`;
    const message = `The amount is in ${read.currency}, but ${fileHas}. Drop each currency in a separate file.`;
    return { code: 'currency-mismatch', message };
  }
  if (typeof plain === 'object')
    return { code: 'amount-ambiguous', message: describeReadings('amount', plain) };
  const cents = parseCents(plain);
  if (cents >= 0) return { text: plain, cents };
  const message = `${REJECT_CODES['amount-invalid']} The value was read as ${plain}.`;
  return { code: 'amount-invalid', message };
}

function describeReadings(
  what: 'amount' | 'quantity',
  { withThousands, withDecimals, separator }: AmbiguousNumber,
): string {
  const advice = what === 'amount' ? 'Write it with two decimals.' : 'Write it without the separator.';
  return (
    `The ${what} is ambiguous: it is ${withThousands} if "${separator}" marks thousands, and ${withDecimals} if it ` +
    `marks decimals. No other amount of the file decides it. ${advice}`
  );
}
