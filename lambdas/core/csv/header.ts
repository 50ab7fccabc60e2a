import { REJECT_COLUMNS } from '../columns.ts';
import type { FailureCode } from '../reject-codes.ts';

/** Where each value of a row stands: its index in the record, and what the file calls the column. */
export interface Header {
  readonly id: Column;
  readonly category: Column;
  readonly name: Column;
  readonly quantity: Column;
  readonly amountExclTax: Column;
  readonly amountIncTax: Column;
  readonly transactionDate: Column | undefined;
  /** Every title, in the file's order. */
  readonly titles: readonly string[];
}

export interface Column {
  readonly index: number;
  readonly title: string;
}

/** Why a file cannot be read at all. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
}

const TITLES = {
  id: ['id'],
  category: ['category'],
  name: ['description', 'name'],
  quantity: ['quantity'],
  amountExclTax: ['amount_excl_tax'],
  amountIncTax: ['amount_inc_tax'],
  transactionDate: ['transaction_date'],
} as const;
type ColumnName = keyof typeof TITLES;
const READ: ReadonlySet<string> = new Set(Object.values(TITLES).flat());
const KNOWN: ReadonlySet<string> = new Set([...READ, ...REJECT_COLUMNS]);

/**
 * Finds the columns by their titles: any order, any case, blanks around them; others are ignored.
 * @returns the header, or why these fields are none
 */
export function readHeader(fields: readonly string[]): Header | Failure {
  const titles = fields.map((field) => field.trim());
  const found: Partial<Record<ColumnName, Column>> = {};
  for (const [name, accepted] of Object.entries(TITLES) as [ColumnName, readonly string[]][]) {
    const matches = titles.flatMap((title, index) =>
      accepted.includes(title.toLowerCase()) ? [{ index, title }] : [],
    );
    if (matches.length > 1) {
      const both = matches.map(({ title, index }) => `"${title}" (column ${index + 1})`).join(' and ');
      return {
        code: 'column-duplicated',
        message: `The header has ${both} for the same value. Keep one of them.`,
      };
    }
    if (matches[0] !== undefined) found[name] = matches[0];
  }
  const missing = (Object.keys(TITLES) as ColumnName[]).filter(
    (name) => name !== 'transactionDate' && found[name] === undefined,
  );
  if (missing.length > 0) {
    const wanted = missing.map((name) => TITLES[name].join(' or ')).join(', ');
    return {
      code: 'column-missing',
      message: `The header has no column ${wanted}. It has: ${printable(titles.join(', '))}.`,
    };
  }
  return { ...(found as Omit<Header, 'titles'>), titles };
}

/** How many of the fields are titles of columns that are read. */
export function countTitles(fields: readonly string[]): number {
  return fields.filter((field) => READ.has(field.trim().toLowerCase())).length;
}

/** The titles of columns that nobody reads. */
export function unknownTitles({ titles }: Header): string[] {
  return titles.filter((title) => title !== '' && !KNOWN.has(title.toLowerCase()));
}

/** Whether the fields are the header once more, as where files were put together. */
export function repeatsHeader(fields: readonly string[], { titles }: Header): boolean {
  return (
    fields.length === titles.length &&
    fields.every((field, index) => field.trim().toLowerCase() === titles[index]!.toLowerCase())
  );
}

/** As much as a message has room for. Of a file that is no CSV it may hold what a terminal would obey. */
function printable(text: string): string {
  return text
    .slice(0, 500)
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ');
}
