import { COLUMNS, type Field, INDEX, REJECT_COLUMNS } from '../columns.ts';
import { excerptText } from '../excerpt-text.ts';
import type { Failure } from '../reject-codes.ts';

/** Titles of a file and the position of each column of a row among them. */
export interface Header {
  /** Every title, in the order of the file. */
  readonly titles: readonly string[];
  /** Position in `titles` of each element of {@link COLUMNS}; -1 for a column that the file does not have. */
  readonly positions: readonly number[];
}

/** Maximum length of the titles that a message quotes, in characters. */
const MAX_QUOTED_CHARACTERS = 500;
const ACCEPTED_TITLES: ReadonlySet<string> = new Set(COLUMNS.flatMap(({ titles }) => titles));

/**
 * Finds the columns by their titles, in any order and case and with blanks around them.
 * @returns the header, or the reason why these fields are not a header
 */
export function readHeader(fields: readonly string[]): Header | Failure {
  const titles = fields.map((field) => field.trim());
  const found = COLUMNS.map((column) => {
    const accepted: readonly string[] = column.titles;
    return titles.flatMap((title, index) => (accepted.includes(title.toLowerCase()) ? [index] : []));
  });
  const duplicated = found.find((positions) => positions.length > 1);
  if (duplicated !== undefined) {
    const both = duplicated.map((index) => `"${titles[index]}" (column ${index + 1})`).join(' and ');
    const message = `The header has ${both} for the same value. Keep one of them.`;
    return { code: 'column-duplicated', message };
  }
  const missing = COLUMNS.filter(({ isRequired }, index) => isRequired && found[index]!.length === 0);
  if (missing.length > 0) {
    const wanted = missing.map((column) => column.titles.join(' or ')).join(', ');
    const message = `The header has no column ${wanted}. It has: ${excerptText(titles.join(', '), MAX_QUOTED_CHARACTERS)}.`;
    return { code: 'column-missing', message };
  }
  return { titles, positions: found.map(([position = -1]) => position) };
}

export function countTitles(fields: readonly string[]): number {
  return fields.filter((field) => ACCEPTED_TITLES.has(field.trim().toLowerCase())).length;
}

/** Lists the titles of columns that are ignored, except those of rejected rows. */
export function listUnknownTitles({ titles }: Header): string[] {
  const known = new Set([...ACCEPTED_TITLES, ...REJECT_COLUMNS]);
  return titles.filter((title) => title !== '' && !known.has(title.toLowerCase()));
}

export function hasColumn({ positions }: Header, field: Field): boolean {
  return positions[INDEX[field]]! >= 0;
}

/**
 * Returns the reason for which a file with this header is refused, if there is one.
 * @param date of every row, from the file name
 * @param unknownColumns treatment of columns without a meaning
 */
export function objectToHeader(
  header: Header,
  date: string | undefined,
  unknownColumns: 'ignore' | 'refuse',
): Failure | undefined {
  const unknown = listUnknownTitles(header);
  if (unknownColumns === 'refuse' && unknown.length > 0) {
    const titles = unknown.map((title) => `"${title}"`).join(', ');
    const message =
      `The header has unknown columns: ${excerptText(titles, MAX_QUOTED_CHARACTERS)}. ` +
      'Remove them, or set retail:unknownColumns to "ignore".';
    return { code: 'column-unknown', message };
  }
  if (date === undefined && !hasColumn(header, 'transactionDate')) {
    const message =
      'The transaction date is unknown. Name the file retail_DD_MM_YYYY.csv, with an existing day, or add a column ' +
      'transaction_date.';
    return { code: 'date-unknown', message };
  }
  return undefined;
}

/** Tells whether a record repeats the header, as in files that were joined. */
export function repeatsHeader(fields: readonly string[], { titles }: Header): boolean {
  return (
    fields.length === titles.length &&
    fields.every((field, index) => field.trim().toLowerCase() === titles[index]!.toLowerCase())
  );
}

/** Returns the value of a column without blanks around it, or an empty text if the record is too short. */
export function readField(fields: readonly string[], { positions }: Header, field: Field): string {
  return fields[positions[INDEX[field]]!]?.trim() ?? '';
}
