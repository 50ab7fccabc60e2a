import { COLUMNS, type FileField, INDEX } from '../columns.ts';
import type { DetectedFormat } from '../detect/detect-format.ts';
import { type Header, readField, repeatsHeader } from '../detect/header.ts';
import { excerptText } from '../excerpt-text.ts';
import { hasNeutralizedValues, restoreFormula } from '../formulas.ts';
import { REJECT_CODES, type RejectCode } from '../reject-codes.ts';
import type { Rules } from '../rules.ts';
import { formatCents } from './money.ts';
import { createDateCheck } from './plausible-dates.ts';
import { hasRowId } from './row-id.ts';
import { type TaxFault, TaxTable } from './taxes.ts';
import { isCategory, READERS, type ReadValue } from './value-readers.ts';

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
 * @param numbers receives the quantity in thousandths and the amounts in cents, at the same indexes; NaN if not valid
 * @returns every rule that the record breaks; empty if `values` may be loaded
 */
export type RowCheck = (fields: readonly string[], values: string[], numbers: number[]) => readonly Problem[];

const NO_PROBLEMS: readonly Problem[] = [];

/** Facts about a file that its rows do not repeat. */
export interface RowFacts {
  /** Transaction date of every row; undefined if the file has a column for it. */
  readonly date: string | undefined;
  /** Time at which the file was received, ISO 8601. */
  readonly receivedAt: string;
}

export function createRowCheck(
  { header, values: format }: Pick<DetectedFormat, 'header' | 'values'>,
  rules: Rules,
  { date: fileDate = '', receivedAt }: RowFacts,
): RowCheck {
  const readers = { ...READERS, date: readPlausibleDate(createDateCheck(rules, receivedAt)) };
  const columns = COLUMNS.flatMap(({ reader }, index) => {
    const position = header.positions[index]!;
    return position < 0 ? [] : [{ index, position, read: readers[reader] }];
  });
  const width = header.titles.length;
  const titleOf = (field: FileField) => header.titles[header.positions[INDEX[field]]!]!;
  const ratePosition = header.positions[INDEX.taxRate]!;
  const taxes = new TaxTable(rules);
  const check: RowCheck = (fields, values, numbers) => {
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
      } else if ('units' in value) {
        values[index] = value.text;
        numbers[index] = value.units;
      } else {
        values[index] = '';
        numbers[index] = Number.NaN;
        problems ??= [];
        const message = quoteValue(value.message ?? REJECT_CODES[value.code], text);
        problems.push({ column: header.titles[position]!, code: value.code, message });
      }
    }
    const including = numbers[INDEX.amountIncTax]!;
    const row = {
      date: fileDate || values[INDEX.transactionDate]!,
      category: values[INDEX.category]!,
      name: values[INDEX.name]!,
      rate: ratePosition < 0 ? '' : fields[ratePosition]!.trim(),
    };
    let fault: TaxFault | undefined;
    if (header.derivesNet) {
      const net = Number.isNaN(including) ? including : taxes.deriveNet(row, including);
      if (typeof net !== 'number') fault = net;
      numbers[INDEX.amountExclTax] = typeof net === 'number' ? net : Number.NaN;
      values[INDEX.amountExclTax] = typeof net === 'number' ? formatCents(net) : '';
    }
    const excluding = numbers[INDEX.amountExclTax]!;
    const signs = checkSigns(values[INDEX.quantity]!, excluding, including, rules.returns);
    if (signs !== undefined) {
      problems ??= [];
      problems.push({ column: titleOf('quantity'), ...signs });
    }
    // Amounts that are not valid, or of different signs, have no tax. One that was computed fits.
    if (!header.derivesNet && excluding * including >= 0) fault = taxes.findFault(row, excluding, including);
    if (fault !== undefined) {
      problems ??= [];
      const isAboutRate = row.rate !== '' && fault.code === 'tax-rate-unknown';
      const message = isAboutRate ? quoteValue(fault.message, row.rate) : fault.message;
      problems.push({ column: titleOf(isAboutRate ? 'taxRate' : 'amountIncTax'), code: fault.code, message });
    }
    return problems ?? NO_PROBLEMS;
  };
  if (!hasNeutralizedValues(header.titles)) return check;
  return (fields, values, numbers) => check(fields.map(restoreFormula), values, numbers);
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

/** Reads a date that must be plausible too. */
function readPlausibleDate(findFault: ReturnType<typeof createDateCheck>): ReadValue {
  if (findFault === undefined) return READERS.date;
  return (text, format) => {
    const date = READERS.date(text, format);
    const message = typeof date === 'string' ? findFault(date) : undefined;
    return message === undefined ? date : { code: 'date-implausible', message };
  };
}

/**
 * Checks that the numbers of a row are those of a sale or purchase, or all those of a return.
 * @param quantity empty if it is not valid
 * @param excluding in cents, NaN if it is not valid, like `including`
 */
function checkSigns(
  quantity: string,
  excluding: number,
  including: number,
  returns: Rules['returns'],
): Pick<Problem, 'code' | 'message'> | undefined {
  const isReturned = quantity.startsWith('-');
  if (!isReturned && !(excluding < 0) && !(including < 0)) return undefined;
  if (returns === 'reject')
    return { code: 'return-not-allowed', message: REJECT_CODES['return-not-allowed'] };
  const isSold = quantity !== '' && !isReturned;
  if (!isSold && !(excluding > 0) && !(including > 0)) return undefined;
  const amounts = [excluding, including].map((cents) =>
    Number.isNaN(cents) ? 'not valid' : formatCents(cents),
  );
  const message =
    `The quantity is ${quantity || 'not valid'}, and the amounts are ${amounts.join(' and ')}. ` +
    'A return has a negative quantity and negative amounts. Correct the signs.';
  return { code: 'return-signs-differ', message };
}

/** Adds the value, as the file has it, to a message such as `The quantity is not …`. */
function quoteValue(message: string, value: string): string {
  if (value === '') return message.replace(' is not ', ' is empty, not ');
  return message.replace(/ (?=is |contains )/, () => ` "${excerptText(value, MAX_QUOTED_CHARACTERS)}" `);
}
