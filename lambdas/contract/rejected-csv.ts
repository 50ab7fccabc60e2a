import Papa from 'papaparse';
import { REJECT_COLUMNS } from './csv-columns.ts';
import type { RejectedRow } from './row-batch.ts';

/**
 * The first line of a CSV of rejected rows. The columns in front are ignored when the file is dropped again.
 * @param header of the file that they come from, as it stands there
 */
export function rejectedCsvHeader(header: string): string {
  return `${REJECT_COLUMNS.join(',')},${header}\n`;
}

/** A rejected row: the reason, then the row as it stands in its file. */
export function rejectedCsvRow({ line, column, code, message, text }: RejectedRow): string {
  const reason: unknown[] = [line, column, code, message];
  // As it stands, a quote that is never closed would take the rows below with it: such a text is one value.
  if (code === 'quotes-malformed') return `${Papa.unparse([[...reason, text]])}\n`;
  return `${Papa.unparse([reason])},${text}\n`;
}
