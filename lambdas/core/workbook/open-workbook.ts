import { detectFormat } from '../detect/detect-format.ts';
import { excerptText } from '../excerpt-text.ts';
import type { FormatSummary } from '../row-batch.ts';
import type { Rules } from '../rules.ts';
import type { Sheet } from './cells.ts';
import { openOds } from './ods.ts';
import { openXlsx } from './xlsx.ts';
import { WorkbookError, type WorkbookParts } from './xml.ts';

export interface WorkbookFacts {
  readonly syntax: Exclude<NonNullable<FormatSummary['syntax']>, 'NDJSON'>;
  /** Name of the sheet that has the transactions. */
  readonly sheet?: string;
}

export interface Workbook extends WorkbookFacts {
  /** Reads the rows from the beginning, for the source of workbooks. */
  readonly unpack: () => AsyncGenerator<Uint8Array>;
}

/** Number of rows that may be the header. */
const MAX_HEADER_ROW = 100;
const MAX_NAME_CHARACTERS = 100;
const ENCODER = new TextEncoder();

/** Tells which kind of workbook an archive is, by the names of its files. */
export function detectWorkbook(paths: Iterable<string>): Workbook['syntax'] | undefined {
  const names = new Set(paths);
  if (names.has('[Content_Types].xml') && names.has('_rels/.rels')) return 'XLSX';
  return names.has('mimetype') && names.has('content.xml') ? 'ODS' : undefined;
}

/**
 * Opens the only visible sheet of a workbook that has a header; without one, the first that has cells.
 * @throws {WorkbookError} if the workbook cannot be read, or several sheets have a header
 */
export async function openWorkbook(
  syntax: Workbook['syntax'],
  parts: WorkbookParts,
  rules: Rules,
): Promise<Workbook> {
  const sheets = await (syntax === 'ODS' ? openOds(parts) : openXlsx(parts));
  let first: Sheet | undefined;
  let chosen: Sheet | undefined;
  for (const sheet of sheets) {
    const head = await readHead(sheet);
    if (head === '') continue;
    first ??= sheet;
    if ('code' in detectFormat(head, 'UTF-8', rules)) continue;
    if (chosen !== undefined) {
      const names = [chosen, sheet].map(({ name }) => `"${excerptText(name, MAX_NAME_CHARACTERS)}"`);
      throw new WorkbookError(
        `has a header in each of the sheets ${names.join(' and ')}. Save each sheet as a separate file, or hide one.`,
      );
    }
    chosen = sheet;
  }
  const sheet = chosen ?? first;
  if (sheet === undefined)
    throw new WorkbookError('has no visible sheet with cells. Show the sheet with the rows.');
  return { syntax, sheet: excerptText(sheet.name, MAX_NAME_CHARACTERS), unpack: () => encode(sheet.rows()) };
}

/** Reads the beginning of a sheet, in whole rows. */
async function readHead(sheet: Sheet): Promise<string> {
  let head = '';
  for await (const rows of sheet.rows()) {
    head += rows;
    if (head.split('\n').length > MAX_HEADER_ROW) break;
  }
  return head.split('\n', MAX_HEADER_ROW).join('\n');
}

/** Yields after each chunk of the file, also if it completes no row, so that the caller can watch the time. */
async function* encode(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield ENCODER.encode(text);
}
