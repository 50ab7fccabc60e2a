import { FILE_COLUMNS, INDEX } from '../columns.ts';
import type { DetectedFormat } from '../detect/detect-format.ts';
import type { Header } from '../detect/header.ts';
import { hasNeutralizedValues, restoreFormula } from '../formulas.ts';
import type { Profile } from '../profile.ts';
import { REJECT_CODES } from '../reject-codes.ts';
import type { Rules } from '../rules.ts';
import { computeRowId } from './computed-id.ts';
import { readDate } from './dates.ts';
import { checkWidth, createRowCheck, type Problem, type RowCheck, type RowFacts } from './row-check.ts';

/** Facts about a file that its rows do not repeat. */
interface FileFacts extends RowFacts {
  /** The ids of rows may be computed from it. */
  readonly storeId: string;
}

type PlainFormat = Pick<DetectedFormat, 'header' | 'values'>;

/** Ending of a value of {@link CATEGORY_VALUES} that makes a row a return. */
const RETURN = ' return';
/** A number with a sign, in any of the notations of a negative amount. */
const SIGNED = /^\(.*\)$|^[^\d]*[-−]|[-−]\s*$/;
const NEGATED = [INDEX.quantity, INDEX.amountExclTax, INDEX.amountIncTax];

/** Makes the check of the rows of a file, by the profile of its store if there is one. */
export function createFileCheck(format: DetectedFormat, rules: Rules, facts: FileFacts): RowCheck {
  if (rules.profile === undefined || format.summary.profile === undefined)
    return createRowCheck(format, rules, facts);
  return createProfileCheck(format, rules, rules.profile, facts);
}

/** Makes a check that reads each record as a record of a plain file, and checks that one. */
function createProfileCheck(format: PlainFormat, rules: Rules, profile: Profile, facts: FileFacts): RowCheck {
  const { header, values: valueFormat } = format;
  const width = header.titles.length;
  const readers = FILE_COLUMNS.map((_, column) => createReader(column, header, profile));
  const check = createRowCheck({ header: toPlainHeader(header, profile), values: valueFormat }, rules, facts);
  const isNeutralized = hasNeutralizedValues(header.titles);
  return (written, values) => {
    if (written.length !== width) {
      const problem = checkWidth(written, width);
      if (problem !== undefined) return [problem];
    }
    const fields = isNeutralized ? written.map(restoreFormula) : written;
    const plain = readers.map((read) => read(fields));
    negateReturn(plain);
    if (header.idPositions === undefined) return check(plain, values);
    const parts = header.idPositions.map((position) =>
      position < 0 ? facts.date! : fields[position]!.trim(),
    );
    const datePart = header.idPositions.indexOf(header.positions[INDEX.transactionDate]!);
    if (datePart >= 0)
      parts[datePart] = readDate(parts[datePart]!, valueFormat.dates)?.iso ?? parts[datePart]!;
    plain[INDEX.id] = computeRowId(facts.storeId, parts);
    const missing = parts.indexOf('');
    if (missing < 0) return check(plain, values);
    const column = header.titles[header.idPositions[missing]!]!;
    return [describeMissingPart(column), ...check(plain, values)];
  };
}

/** Makes the function that reads the value of one column from a record. */
function createReader(
  column: number,
  header: Header,
  profile: Profile,
): (fields: readonly string[]) => string {
  const title = FILE_COLUMNS[column]!.titles[0];
  const position = header.positions[column]!;
  if (position < 0) {
    const constant = profile.constants?.[title] ?? '';
    return () => constant;
  }
  const meanings = profile.values?.[title];
  if (meanings === undefined) return (fields) => fields[position]!;
  const meaningOf = new Map(
    Object.entries(meanings).map(([value, meaning]) => [value.toLowerCase(), meaning]),
  );
  return (fields) => {
    const value = fields[position]!.trim();
    return meaningOf.get(value.toLowerCase()) ?? value;
  };
}

/** Makes the header of the plain records, with the titles of the file for messages. */
function toPlainHeader({ titles, positions, idPositions }: Header, profile: Profile): Header {
  return {
    titles: FILE_COLUMNS.map((column, index) => titles[positions[index]!] ?? column.titles[0]),
    positions: FILE_COLUMNS.map(({ field, titles: [title] }, index) => {
      const hasValue = positions[index]! >= 0 || profile.constants?.[title] !== undefined;
      return hasValue || (field === 'id' && idPositions !== undefined) ? index : -1;
    }),
  };
}

/** Makes the numbers of a return negative, unless the file writes them so. */
function negateReturn(plain: string[]): void {
  const category = plain[INDEX.category]!;
  if (!category.endsWith(RETURN)) return;
  plain[INDEX.category] = category.slice(0, -RETURN.length);
  for (const column of NEGATED) {
    const value = plain[column]!.trim();
    if (value !== '' && !SIGNED.test(value)) plain[column] = `-${value}`;
  }
}

function describeMissingPart(column: string): Problem {
  const message = REJECT_CODES['id-part-missing'].replace('A column', () => `The column "${column}"`);
  return { column, code: 'id-part-missing', message };
}
