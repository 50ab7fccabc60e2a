import { FILE_COLUMNS, type Field, INDEX } from '../columns.ts';
import { excerptText } from '../excerpt-text.ts';
import { isAddedColumn } from '../formulas.ts';
import type { Profile } from '../profile.ts';
import type { Failure } from '../reject-codes.ts';
import { isRowId } from '../rows/row-id.ts';
import { type ColumnSum, findSums } from './sums.ts';
import { COMMON_COLUMN_OF, normalizeTitle } from './titles.ts';

/** Titles of a file and the position of each column of a row among them. */
export interface Header {
  /** Every title, in the order of the file. */
  readonly titles: readonly string[];
  /** Position in `titles` of each element of {@link FILE_COLUMNS}; -1 for a column that the file does not have. */
  readonly positions: readonly number[];
  /**
   * Positions of the columns from which the id is computed; -1 is the date in the file name.
   * @default the file has a column for the id
   */
  readonly idPositions?: readonly number[];
  /** Amounts that are computed from other columns. @default none */
  readonly sums?: readonly ColumnSum[];
  /** True if the amount excluding tax is computed from the one including tax. @default false */
  readonly derivesNet?: true;
}

/** Maximum length of the titles that a message quotes, in characters. */
const MAX_QUOTED_CHARACTERS = 500;
const PLAIN_COLUMN_OF: ReadonlyMap<string, number> = new Map(
  FILE_COLUMNS.flatMap(({ titles }, index) => titles.map((title) => [title, index] as const)),
);
const AMOUNTS = [INDEX.amountExclTax, INDEX.amountIncTax];
const DATE_TITLE = FILE_COLUMNS[INDEX.transactionDate]!.titles[0];

/**
 * Finds the columns by their titles, in any order and case and with blanks around them. The titles of the profile take
 * precedence over those of plain files. Titles in other languages count only if a required column is missing otherwise.
 * @returns the header, or the reason why these fields are not a header
 */
export function readHeader(fields: readonly string[], profile?: Profile): Header | Failure {
  const titles = fields.map((field) => field.trim());
  const found = new ColumnFinder(titles);
  if (profile?.titles !== undefined) found.add(profileColumns(profile), normalizeTitle);
  found.add(PLAIN_COLUMN_OF, toPlainKey, isPlain(titles) ? undefined : hasConstant(profile));
  const idColumns = findIdColumns(titles, profile);
  const sums = findSums(titles, profile).filter(({ column }) => found.positions[column]!.length === 0);
  const isMissing = ({ isRequired, field, titles: [title] }: (typeof FILE_COLUMNS)[number], index: number) =>
    isRequired &&
    found.positions[index]!.length === 0 &&
    !(field === 'id' && idColumns !== undefined) &&
    !sums.some(({ column }) => column === index) &&
    profile?.constants?.[title] === undefined;
  if (FILE_COLUMNS.some(isMissing)) found.add(COMMON_COLUMN_OF, normalizeTitle, isDecided(profile, sums));
  const derivesNet =
    profile?.derive !== undefined && isMissing(FILE_COLUMNS[INDEX.amountExclTax]!, INDEX.amountExclTax);
  const duplicated = [...found.positions, ...(idColumns ?? [])].find(({ length }) => length > 1);
  if (duplicated !== undefined) {
    const both = duplicated.map((index) => `"${titles[index]}" (column ${index + 1})`).join(' and ');
    const message = `The header has ${both} for the same value. Keep one of them.`;
    return { code: 'column-duplicated', message };
  }
  const missing = FILE_COLUMNS.filter(
    (column, index) => isMissing(column, index) && !(derivesNet && index === INDEX.amountExclTax),
  );
  if (missing.length > 0) {
    const wanted = missing.map((column) => describeColumn(column, profile)).join(', ');
    const message =
      `The header has no column ${wanted}. It has: ${excerptText(titles.join(', '), MAX_QUOTED_CHARACTERS)}. ` +
      'Rename its columns, or describe them in a profile of the store.';
    return { code: 'column-missing', message };
  }
  const positions = found.positions.map(([position = -1]) => position);
  const datePosition = positions[INDEX.transactionDate]!;
  return {
    titles,
    positions,
    ...(idColumns && { idPositions: idColumns.map(([position = datePosition]) => position) }),
    ...(sums.length > 0 && { sums }),
    ...(derivesNet && { derivesNet }),
  };
}

/**
 * Finds the columns from which the profile computes the id. An empty list is the transaction date.
 * @returns undefined if the file lacks one of them, so that it needs a column for the id
 */
function findIdColumns(titles: readonly string[], profile: Profile | undefined): number[][] | undefined {
  if (profile?.id === undefined) return undefined;
  const keys = titles.map(normalizeTitle);
  const found = profile.id.from.map((title) =>
    keys.flatMap((key, position) => (key === normalizeTitle(title) ? [position] : [])),
  );
  const isFound = profile.id.from.every((title, index) => found[index]!.length > 0 || title === DATE_TITLE);
  return isFound ? found : undefined;
}

/** Names a missing column as the uploader may write it. */
function describeColumn(
  { field, titles }: (typeof FILE_COLUMNS)[number],
  profile: Profile | undefined,
): string {
  if (field === 'id' && profile?.id !== undefined) return `id (or all of ${profile.id.from.join(', ')})`;
  return [...(profile?.titles?.[titles[0]] ?? []), ...titles].join(' or ');
}

/** Assigns the titles of a file to columns. A title and a column are assigned once. */
class ColumnFinder {
  readonly positions: number[][] = FILE_COLUMNS.map(() => []);
  #titles: readonly string[];
  #assigned = new Set<number>();

  constructor(titles: readonly string[]) {
    this.#titles = titles;
  }

  /** Assigns the titles of a list to the columns that have none and are not excluded. */
  add(
    columnOf: ReadonlyMap<string, number>,
    toKey: (title: string) => string,
    isExcluded?: (column: number) => boolean,
  ): void {
    const isOpen = this.positions.map(({ length }, column) => length === 0 && !isExcluded?.(column));
    this.#titles.forEach((title, position) => {
      const column = columnOf.get(toKey(title));
      if (column === undefined || !isOpen[column] || this.#assigned.has(position)) return;
      this.positions[column]!.push(position);
      this.#assigned.add(position);
    });
  }
}

const toPlainKey = (title: string) => title.toLowerCase();

/** Tells whether a file has every usual title: whatever the profile says, it has the usual columns. */
function isPlain(titles: readonly string[]): boolean {
  const keys = new Set(titles.map(toPlainKey));
  return FILE_COLUMNS.every(
    ({ isRequired, titles: usual }) => !isRequired || usual.some((title) => keys.has(title)),
  );
}

/** Tells for which columns the profile has a constant, so that a title such as "Category" means another thing. */
function hasConstant(profile: Profile | undefined) {
  return (column: number) => profile?.constants?.[FILE_COLUMNS[column]!.titles[0]] !== undefined;
}

/** Tells for which columns the profile gives the values, so that no title in another language may be meant. */
function isDecided(profile: Profile | undefined, sums: readonly ColumnSum[]) {
  return (column: number) => {
    const { field } = FILE_COLUMNS[column]!;
    if (field === 'transactionDate' && profile?.fileDay !== undefined) return true;
    if (field === 'id' && profile?.id !== undefined) return true;
    return hasConstant(profile)(column) || sums.some((sum) => sum.column === column);
  };
}

function profileColumns({ titles = {} }: Profile): Map<string, number> {
  return new Map(
    FILE_COLUMNS.flatMap(({ titles: [column] }, index) =>
      (titles[column] ?? []).map((title) => [normalizeTitle(title), index] as const),
    ),
  );
}

export function countTitles(fields: readonly string[], profile?: Profile): number {
  const own = profileColumns(profile ?? { name: '' });
  return fields.filter((field) => {
    const key = normalizeTitle(field);
    return own.has(key) || COMMON_COLUMN_OF.has(key);
  }).length;
}

/** Lists the titles of columns that are ignored, except those of rejected rows and exports. */
export function listUnknownTitles({ titles, positions, idPositions = [], sums = [] }: Header): string[] {
  const summed = sums.flatMap(({ parts }) => parts.map(({ position }) => position));
  const known = new Set([...positions, ...idPositions, ...summed]);
  return titles.filter((title, index) => title !== '' && !known.has(index) && !isAddedColumn(title));
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
  profile?: Profile,
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
    const pattern = profile?.fileDay === undefined ? '' : ` or by the pattern of the profile ${profile.name}`;
    const similar = unknown.find(
      (title) => COMMON_COLUMN_OF.get(normalizeTitle(title)) === INDEX.transactionDate,
    );
    const column =
      similar === undefined
        ? 'add a column transaction_date'
        : `rename the column "${excerptText(similar, MAX_QUOTED_CHARACTERS)}" to transaction_date`;
    const message = `The transaction date is unknown. Name the file retail_DD_MM_YYYY.csv${pattern}, with an existing day, or ${column}.`;
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

/** Returns the values of the amounts, and those from which amounts are computed. */
export function readAmounts(fields: readonly string[], { positions, sums = [] }: Header): string[] {
  const own = AMOUNTS.map((column) => positions[column]!);
  const summed = sums.flatMap(({ parts }) => parts.map(({ position }) => position));
  return [...own, ...summed].map((position) => fields[position]?.trim() ?? '');
}

/** Returns the value of a column without blanks around it, or an empty text if the record is too short. */
export function readField(fields: readonly string[], { positions }: Header, field: Field): string {
  return fields[positions[INDEX[field]]!]?.trim() ?? '';
}

/** Tells whether a record has the id of a row, or everything from which it is computed. */
export function identifiesRow(fields: readonly string[], header: Header): boolean {
  if (header.idPositions === undefined) return isRowId(readField(fields, header, 'id'));
  return header.idPositions.every((position) => position < 0 || (fields[position] ?? '').trim() !== '');
}
