import { NEUTRALIZED_COLUMN, REJECT_COLUMNS } from './columns.ts';

/**
 * Value that a spreadsheet may run as a formula (OWASP, "CSV Injection"), with any number of apostrophes before it. A
 * sign before a plain number is harmless.
 */
const FORMULA = /^(?!\s*[+-][\d.,\s]*$)'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;
const NEUTRALIZED = /^'+(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;

/** Puts an apostrophe before a value that a spreadsheet may run as a formula. */
export function neutralizeFormula(value: string): string {
  return FORMULA.test(value) ? `'${value}` : value;
}

/** Returns the value that {@link neutralizeFormula} got. */
export function restoreFormula(value: string): string {
  return NEUTRALIZED.test(value) ? value.slice(1) : value;
}

/** Tells whether a file has a column that this program added: its values are neutralized. */
export function hasNeutralizedValues(titles: readonly string[]): boolean {
  return titles.some(isAddedColumn);
}

/** True for a column of rejected rows or of an export that is not part of the rows. */
export function isAddedColumn(title: string): boolean {
  return ([...REJECT_COLUMNS, NEUTRALIZED_COLUMN] as readonly string[]).includes(title.trim().toLowerCase());
}
