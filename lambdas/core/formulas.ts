import { NEUTRALIZED_COLUMN, REJECT_COLUMNS } from './columns.ts';

/**
 * Value that a spreadsheet may run as a formula (OWASP, "CSV Injection"), with any number of apostrophes before it. A
 * sign before a plain number is harmless.
 */
const FORMULA = /^(?!\s*[+-][\d.,\s]*$)'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;
const NEUTRALIZED = /^'+(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;
/**
 * The same after what begins another cell in a spreadsheet with another list separator, as in much of Europe, or another
 * row: there the quotes of CSV do not keep a value together.
 */
const CELL =
  /([;,\t\r\n])(?!(?:[^\S\t\r\n]|")*[+-][\d. ]*(?:$|[;,\t\r\n]))(?='*(?:[^\S\t\r\n]|")*[=+\-@＝＋－＠])/g;
const NEUTRALIZED_CELL = /([;,\t\r\n])'(?='*(?:[^\S\t\r\n]|")*[=+\-@＝＋－＠])/g;

/** Puts an apostrophe before what a spreadsheet may run as a formula, in a value or in a part of it. */
export function neutralizeFormula(value: string): string {
  const safe = value.replace(CELL, "$1'");
  return FORMULA.test(safe) ? `'${safe}` : safe;
}

/** Returns the value that {@link neutralizeFormula} got. */
export function restoreFormula(value: string): string {
  return (NEUTRALIZED.test(value) ? value.slice(1) : value).replace(NEUTRALIZED_CELL, '$1');
}

/** Tells whether a file has a column that this program added: its values are neutralized. */
export function hasNeutralizedValues(titles: readonly string[]): boolean {
  return titles.some(isAddedColumn);
}

/** True for a column of rejected rows or of an export that is not part of the rows. */
export function isAddedColumn(title: string): boolean {
  return ([...REJECT_COLUMNS, NEUTRALIZED_COLUMN] as readonly string[]).includes(title.trim().toLowerCase());
}
