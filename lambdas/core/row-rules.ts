import { isIsoDate, readDate } from './calendar.ts';
import type { Column, Header } from './csv/header.ts';
import type { FileFormat, ValueFormat } from './file-format.ts';
import { addTax, formatCents, parseCents } from './money.ts';
import { plainNumber, readCurrency, type TwoReadings } from './numbers.ts';
import { REJECT_CODES, type RejectCode } from './reject-codes.ts';
import { isUuid } from './uuid.ts';

const POSITIVE_INTEGER = /^0*([1-9]\d{0,9})$/;
const MAX_INTEGER = 2_147_483_647;

/** The values of a row that keeps every rule, as text that PostgreSQL reads. */
export interface Row {
  id: string;
  /** `YYYY-MM-DD`, or undefined where the file has no such column. */
  transactionDate: string | undefined;
  category: string;
  name: string;
  quantity: string;
  amountExclTax: string;
  amountIncTax: string;
}

/** One rule that a row breaks. */
export interface Problem {
  /** What the file calls the column; empty where the row as a whole is at fault. */
  readonly column: string;
  readonly code: RejectCode;
  readonly detail: string;
}

/**
 * Checks one record against the data contract. Blanks around values are not part of them.
 * @param basisPoints the tax in hundredths of a percent
 * @param row filled with the values; reused by the caller, since this runs once for every row
 * @returns every rule that the record breaks; empty where `row` may be loaded
 */
export function checkRow(
  fields: readonly string[],
  { header, values }: Pick<FileFormat, 'header' | 'values'>,
  basisPoints: number,
  row: Row,
): readonly Problem[] {
  const shape = checkWidth(fields, header);
  if (shape !== undefined) return [shape];
  let problems: Problem[] | undefined;
  const report = (column: Column, code: RejectCode, detail: string = REJECT_CODES[code]): void => {
    problems ??= [];
    problems.push({ column: column.title, code, detail });
  };
  row.id = valueOf(fields, header.id);
  if (!isUuid(row.id)) report(header.id, row.id === '' ? 'id-missing' : 'id-not-uuid');
  row.transactionDate = undefined;
  if (header.transactionDate !== undefined) {
    const date = readRowDate(valueOf(fields, header.transactionDate), values);
    if ('iso' in date) row.transactionDate = date.iso;
    else report(header.transactionDate, date.code, date.detail);
  }
  row.category = valueOf(fields, header.category);
  if (row.category !== 'SELL' && row.category !== 'BUY') report(header.category, 'category-unknown');
  row.name = valueOf(fields, header.name);
  const nameCode = checkName(row.name);
  if (nameCode !== undefined) report(header.name, nameCode);
  const quantity = readQuantity(valueOf(fields, header.quantity), values);
  if ('plain' in quantity) row.quantity = quantity.plain;
  else report(header.quantity, quantity.code, quantity.detail);

  const excluding = readAmount(valueOf(fields, header.amountExclTax), values);
  const including = readAmount(valueOf(fields, header.amountIncTax), values);
  if ('code' in excluding) report(header.amountExclTax, excluding.code, excluding.detail);
  else row.amountExclTax = excluding.plain;
  if ('code' in including) report(header.amountIncTax, including.code, including.detail);
  else row.amountIncTax = including.plain;
  if (
    'cents' in excluding &&
    'cents' in including &&
    including.cents !== addTax(excluding.cents, basisPoints)
  ) {
    report(
      header.amountIncTax,
      'tax-mismatch',
      `The amount including tax is ${formatCents(including.cents)}, but ${formatCents(excluding.cents)} plus ` +
        `${formatCents(basisPoints)} % is ${formatCents(addTax(excluding.cents, basisPoints))}.`,
    );
  }
  return problems ?? NO_PROBLEMS;
}

const NO_PROBLEMS: readonly Problem[] = [];

function valueOf(fields: readonly string[], column: Column): string {
  return fields[column.index]!.trim();
}

function checkWidth(fields: readonly string[], header: Header): Problem | undefined {
  if (fields.length === header.titles.length) return undefined;
  const counts = `The row has ${fields.length} values, the header ${header.titles.length} columns.`;
  if (fields.length < header.titles.length) return { column: '', code: 'too-few-columns', detail: counts };
  const hasMore = fields.slice(header.titles.length).some((field) => field.trim() !== '');
  return hasMore ? { column: '', code: 'too-many-columns', detail: counts } : undefined;
}

function checkName(name: string): RejectCode | undefined {
  if (name === '') return 'name-missing';
  if (name.includes('\0')) return 'name-invalid';
  // What the decoder puts in the place of bytes that are no text.
  if (name.includes('\ufffd')) return 'name-not-utf8';
  return undefined;
}

/** Why a value is none, in plain words where the code alone does not say it. */
interface Fault {
  readonly code: RejectCode;
  readonly detail?: string;
}

function readRowDate(text: string, { isMonthFirst }: ValueFormat): { iso: string } | Fault {
  if (isIsoDate(text)) return { iso: text };
  if (text === '') return { code: 'date-missing' };
  const date = readDate(text);
  if (date === undefined) return { code: 'date-invalid' };
  return isMonthFirst && date.monthFirst !== undefined ? { code: 'date-ambiguous' } : date;
}

function readQuantity(text: string, { decimalSeparator }: ValueFormat): { plain: string } | Fault {
  let digits = POSITIVE_INTEGER.exec(text)?.[1];
  if (digits === undefined) {
    const plain = plainNumber(text, decimalSeparator);
    if (typeof plain === 'object') return { code: 'quantity-ambiguous', detail: describeReadings(plain) };
    digits = POSITIVE_INTEGER.exec(plain ?? '')?.[1];
  }
  if (digits === undefined || Number(digits) > MAX_INTEGER) return { code: 'quantity-not-positive-integer' };
  return { plain: digits };
}

/** @returns the amount in cents, and as text */
function readAmount(text: string, values: ValueFormat): { cents: number; plain: string } | Fault {
  const cents = parseCents(text);
  return cents >= 0 ? { cents, plain: text } : readLocalAmount(text, values);
}

/** An amount with groups, another decimal sign or a currency. */
function readLocalAmount(text: string, values: ValueFormat): { cents: number; plain: string } | Fault {
  const read = readCurrency(text);
  const plain = read && plainNumber(read.amount, values.decimalSeparator);
  if (read === undefined || plain === undefined) return { code: 'amount-invalid' };
  if (read.currency !== '' && read.currency !== values.currency) {
    const other = values.currency === undefined ? 'has no currency' : `is in ${values.currency}`;
    return { code: 'currency-mismatch', detail: `The amount is in ${read.currency}, but the file ${other}.` };
  }
  if (typeof plain === 'object') return { code: 'amount-ambiguous', detail: describeReadings(plain) };
  const cents = parseCents(plain);
  if (cents >= 0) return { cents, plain };
  return { code: 'amount-invalid', detail: `${REJECT_CODES['amount-invalid']} It is read as ${plain}.` };
}

function describeReadings({ grouped, decimal, sign }: TwoReadings): string {
  return (
    `It is ${grouped} where "${sign}" stands between thousands, and ${decimal} where it stands before decimals; ` +
    'the other amounts of the file do not decide it. Write it without the sign.'
  );
}
