import { type Header, repeatsHeader } from './csv/header.ts';
import type { FormatSummary } from './row-batch.ts';
import { hasUuid } from './uuid.ts';

/** How many lines below the header were no rows, blank lines aside. */
export type PassedOver = NonNullable<FormatSummary['skippedLines']>;

/** A sum below or between the rows, as tills and spreadsheets write it. */
const TOTAL =
  /^(?:(?:grand|sub)?[ -]?totals?|totale|totaal|total general|sum(?:me|a)?|(?:gesamt|zwischen)(?:summe)?|итого)(?!\p{L})/iu;

/**
 * What a record is that breaks the rules of a row because it is none.
 * @returns undefined where it is a row
 */
export function kindOfLine(
  fields: readonly string[],
  header: Header,
): 'blank' | 'header' | 'total' | undefined {
  const first = fields.find((field) => field.trim() !== '')?.trim();
  if (first === undefined) return 'blank';
  if (repeatsHeader(fields, header)) return 'header';
  const id = fields[header.id.index]?.trim() ?? '';
  const category = fields[header.category.index]?.trim() ?? '';
  const isTotal = TOTAL.test(first) && !hasUuid(id) && category !== 'SELL' && category !== 'BUY';
  return isTotal ? 'total' : undefined;
}
