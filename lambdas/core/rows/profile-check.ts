import { FILE_COLUMNS, INDEX } from '../columns.ts';
import type { DetectedFormat, ValueFormat } from '../detect/detect-format.ts';
import type { Header } from '../detect/header.ts';
import { type ColumnSum, describeSum } from '../detect/sums.ts';
import { hasNeutralizedValues, restoreFormula } from '../formulas.ts';
import type { Profile } from '../profile.ts';
import { REJECT_CODES } from '../reject-codes.ts';
import type { Rules } from '../rules.ts';
import { computeRowId } from './computed-id.ts';
import { readDate } from './dates.ts';
import { formatCents } from './money.ts';
import { checkWidth, createRowCheck, type Problem, type RowCheck, type RowFacts } from './row-check.ts';
import { READERS } from './value-readers.ts';

/** Facts about a file that its rows do not repeat. */
interface FileFacts extends RowFacts {
  /** The ids of rows may be computed from it. */
  readonly storeId: string;
}

type PlainFormat = Pick<DetectedFormat, 'header' | 'values'>;

/** Category of {@link CATEGORY_VALUES} that makes a row a return. */
const RETURN = /^(SELL|BUY) return$/;
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
  const readers = FILE_COLUMNS.map((_, column) => {
    const sum = header.sums?.find((own) => own.column === column);
    return sum === undefined ? createReader(column, header, profile) : createAdder(sum, valueFormat);
  });
  const check = createRowCheck({ header: toPlainHeader(header, profile), values: valueFormat }, rules, facts);
  const isNeutralized = hasNeutralizedValues(header.titles);
  return (written, values, numbers) => {
    if (written.length !== width) {
      const problem = checkWidth(written, width);
      if (problem !== undefined) return [problem];
    }
    const fields = isNeutralized ? written.map(restoreFormula) : written;
    const plain = readers.map((read) => read(fields));
    negateReturn(plain);
    if (header.idPositions === undefined) return check(plain, values, numbers);
    const parts = header.idPositions.map((position) =>
      position < 0 ? facts.date! : fields[position]!.trim(),
    );
    const datePart = header.idPositions.indexOf(header.positions[INDEX.transactionDate]!);
    if (datePart >= 0)
      parts[datePart] = readDate(parts[datePart]!, valueFormat.dates)?.iso ?? parts[datePart]!;
    plain[INDEX.id] = computeRowId(facts.storeId, parts);
    const missing = parts.indexOf('');
    if (missing < 0) return check(plain, values, numbers);
    const column = header.titles[header.idPositions[missing]!]!;
    return [describeMissingPart(column), ...check(plain, values, numbers)];
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
    Object.entries(meanings).map(([value, meaning]) => [value.trim().toLowerCase(), meaning]),
  );
  return (fields) => {
    const value = fields[position]!.trim();
    return meaningOf.get(value.toLowerCase()) ?? value;
  };
}

/** Makes the function that computes an amount. A part that is not an amount is the value, so that the check rejects it. */
function createAdder({ parts }: ColumnSum, format: ValueFormat): (fields: readonly string[]) => string {
  return (fields) => {
    let cents = 0;
    for (const { position, isSubtracted } of parts) {
      const text = fields[position]!.trim();
      const amount = READERS.amount(text, format);
      if (typeof amount === 'string' || 'code' in amount) return text;
      cents += isSubtracted ? -amount.units : amount.units;
    }
    return cents < 0 ? `-${formatCents(-cents)}` : formatCents(cents);
  };
}

/** Makes the header of the plain records, with the titles of the file for messages. */
function toPlainHeader(
  { titles, positions, idPositions, sums = [], derivesNet }: Header,
  profile: Profile,
): Header {
  const sumOf = (index: number) => sums.find(({ column }) => column === index);
  return {
    titles: FILE_COLUMNS.map((column, index) => {
      const sum = sumOf(index);
      return sum === undefined ? (titles[positions[index]!] ?? column.titles[0]) : describeSum(sum, titles);
    }),
    positions: FILE_COLUMNS.map(({ field, titles: [title] }, index) => {
      const isComputed = sumOf(index) !== undefined || profile.constants?.[title] !== undefined;
      const hasValue = positions[index]! >= 0 || isComputed;
      return hasValue || (field === 'id' && idPositions !== undefined) ? index : -1;
    }),
    ...(derivesNet && { derivesNet }),
  };
}

/** Makes the numbers of a return negative, unless the file writes them so. */
function negateReturn(plain: string[]): void {
  const category = RETURN.exec(plain[INDEX.category]!.trim())?.[1];
  if (category === undefined) return;
  plain[INDEX.category] = category;
  for (const column of NEGATED) {
    const value = plain[column]!.trim();
    if (value !== '' && !SIGNED.test(value)) plain[column] = `-${value}`;
  }
}

function describeMissingPart(column: string): Problem {
  const message = REJECT_CODES['id-part-missing'].replace('A column', () => `The column "${column}"`);
  return { column, code: 'id-part-missing', message };
}
