import Papa from 'papaparse';
import { REJECT_COLUMNS } from './columns.ts';
import type { FormatSummary, RejectedRow } from './row-batch.ts';

/** How the file is written from which the rows come, as far as it is known. */
export type RowsWritten = Pick<FormatSummary, 'delimiter' | 'quote'>;

/**
 * The first line of a CSV of rejected rows. The columns in front are ignored when the file is dropped again.
 * @param header of the file that they come from, as it stands there
 */
export function rejectedCsvHeader(header: string, { delimiter = ',' }: RowsWritten): string {
  return `${[...REJECT_COLUMNS, header].join(delimiter)}\n`;
}

/** A rejected row: the reason, then the row as it stands in its file. */
export function rejectedCsvRow(
  { line, column, code, message, text }: RejectedRow,
  { delimiter = ',', quote = '"' }: RowsWritten,
): string {
  const unparse = (values: unknown[]) => Papa.unparse([values], { delimiter, quoteChar: quote });
  const reason: unknown[] = [line, column, code, message];
  // As it stands, a quote that is never closed would take the rows below with it: such a text is one value.
  if (code === 'quotes-malformed' || code === 'row-too-long') return `${unparse([...reason, text])}\n`;
  return `${unparse(reason)}${delimiter}${text}\n`;
}
