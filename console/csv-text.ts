import { neutralizeFormula } from '../lambdas/core/formulas.ts';

/** Spreadsheet programs need it to read UTF-8. */
const BYTE_ORDER_MARK = '\ufeff';

/** A column of a table and of its CSV. */
export interface CsvColumn<Row> {
  readonly title: string;
  /** Value for the CSV: plain text or a number, without the separators of a locale. */
  readonly value: (row: Row) => string | number | null;
}

/** Writes a table as CSV. What a spreadsheet may run as a formula gets an apostrophe before it. */
export function writeCsv<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const lines = [
    columns.map(({ title }) => quote(title)),
    ...rows.map((row) => columns.map(({ value }) => quote(String(value(row) ?? '')))),
  ];
  return `${BYTE_ORDER_MARK}${lines.map((line) => line.join(',')).join('\r\n')}\r\n`;
}

/** Makes a file name of parts: letters, digits, ".", "-" and "_" stay, in every script. */
export function buildFileName(parts: readonly (string | undefined)[], ending: string): string {
  const stem = parts
    .filter((part) => part !== undefined && part !== '')
    .map((part) => part!.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+|-+$/g, ''))
    .filter((part) => part !== '')
    .join('_')
    .slice(0, 120);
  return `${stem || 'table'}.${ending}`;
}

function quote(value: string): string {
  const safe = neutralizeFormula(value);
  return /[",;\t\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
