import Papa from 'papaparse';
import { REJECT_COLUMNS } from './columns.ts';
import type { FormatSummary, RejectedRow } from './row-batch.ts';

export type RejectedFormat = Pick<FormatSummary, 'delimiter' | 'quote'>;

/**
 * Writes the first line of a CSV of rejected rows. The columns in front are ignored if the file is uploaded again.
 * @param header original text of the header
 */
export function writeRejectedHeader(header: string, { delimiter = ',' }: RejectedFormat): string {
  return `${[...REJECT_COLUMNS, header].join(delimiter)}\n`;
}

export function writeRejectedRow(
  { line, column, code, message, text }: RejectedRow,
  { delimiter = ',', quote = '"' }: RejectedFormat,
): string {
  const unparse = (values: unknown[]) => Papa.unparse([values], { delimiter, quoteChar: quote });
  const reason: unknown[] = [line, column, code, message];
  // An unclosed quote in the original text would include the rows below: such a text is one quoted value.
  if (code === 'quotes-malformed' || code === 'row-too-long') return `${unparse([...reason, text])}\n`;
  return `${unparse(reason)}${delimiter}${text}\n`;
}
