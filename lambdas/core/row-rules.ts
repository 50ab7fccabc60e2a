import { REJECT_CODES, type RejectCode } from '../contract/reject-codes.ts';
import { isIsoDate } from './calendar.ts';
import type { Column, Header } from './csv/header.ts';
import { addTax, formatCents, parseCents } from './money.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
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
  header: Header,
  basisPoints: number,
  row: Row,
): readonly Problem[] {
  const shape = checkWidth(fields, header);
  if (shape !== undefined) return [shape];
  row.id = valueOf(fields, header.id);
  row.transactionDate =
    header.transactionDate === undefined ? undefined : valueOf(fields, header.transactionDate);
  row.category = valueOf(fields, header.category);
  row.name = valueOf(fields, header.name);
  row.quantity = valueOf(fields, header.quantity);
  row.amountExclTax = valueOf(fields, header.amountExclTax);
  row.amountIncTax = valueOf(fields, header.amountIncTax);

  let problems: Problem[] | undefined;
  const report = (column: Column, code: RejectCode, detail: string = REJECT_CODES[code]): void => {
    problems ??= [];
    problems.push({ column: column.title, code, detail });
  };
  if (!UUID.test(row.id)) report(header.id, row.id === '' ? 'id-missing' : 'id-not-uuid');
  if (row.transactionDate !== undefined && !isIsoDate(row.transactionDate)) {
    report(header.transactionDate!, row.transactionDate === '' ? 'date-missing' : 'date-invalid');
  }
  if (row.category !== 'SELL' && row.category !== 'BUY') report(header.category, 'category-unknown');
  const nameCode = checkName(row.name);
  if (nameCode !== undefined) report(header.name, nameCode);
  const quantity = POSITIVE_INTEGER.exec(row.quantity);
  if (quantity === null || Number(quantity[1]) > MAX_INTEGER) {
    report(header.quantity, 'quantity-not-positive-integer');
  }
  const excluding = parseCents(row.amountExclTax);
  const including = parseCents(row.amountIncTax);
  if (excluding < 0) report(header.amountExclTax, 'amount-invalid');
  if (including < 0) report(header.amountIncTax, 'amount-invalid');
  if (excluding >= 0 && including >= 0 && including !== addTax(excluding, basisPoints)) {
    report(
      header.amountIncTax,
      'tax-mismatch',
      `The amount including tax is ${formatCents(including)}, but ${formatCents(excluding)} plus ` +
        `${formatCents(basisPoints)} % is ${formatCents(addTax(excluding, basisPoints))}.`,
    );
  }
  return problems ?? NO_PROBLEMS;
}

const NO_PROBLEMS: readonly Problem[] = [];

function valueOf(fields: readonly string[], column: Column): string {
  return fields[column.index]!.trim();
}

function checkWidth(fields: readonly string[], header: Header): Problem | undefined {
  if (fields.length === header.width) return undefined;
  const counts = `The row has ${fields.length} values, the header ${header.width} columns.`;
  if (fields.length < header.width) return { column: '', code: 'too-few-columns', detail: counts };
  const hasMore = fields.slice(header.width).some((field) => field.trim() !== '');
  return hasMore ? { column: '', code: 'too-many-columns', detail: counts } : undefined;
}

function checkName(name: string): RejectCode | undefined {
  if (name === '') return 'name-missing';
  if (name.includes('\0')) return 'name-invalid';
  // What the decoder puts in the place of bytes that are no UTF-8.
  if (name.includes('\ufffd')) return 'name-not-utf8';
  return undefined;
}
