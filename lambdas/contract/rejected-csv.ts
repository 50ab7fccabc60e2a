import Papa from 'papaparse';
import type { RejectedRow } from './row-batch.ts';

/** The columns that say what is wrong; they stand before the file's own, and are ignored when it is dropped again. */
const REASON_TITLES = ['reject_line', 'reject_column', 'reject_code', 'reject_message'];

/**
 * The first line of a CSV of rejected rows.
 * @param header of the file that they come from, as it stands there
 */
export function rejectedCsvHeader(header: string): string {
  return `${REASON_TITLES.join(',')},${header}\n`;
}

/** A rejected row: the reason, then the row as it stands in its file. */
export function rejectedCsvRow({ line, column, code, message, text }: RejectedRow): string {
  const reason: unknown[] = [line, column, code, message];
  // As it stands, a quote that is never closed would take the rows below with it: such a text is one value.
  if (code === 'quotes-malformed') return `${Papa.unparse([[...reason, text]])}\n`;
  return `${Papa.unparse([reason])},${text}\n`;
}
