import { type DateFormat, isMonthFirst, readDate } from './calendar.ts';
import type { Dialect } from './csv/dialect.ts';
import { type FileHead, findHead } from './csv/file-head.ts';
import { type Failure, unknownTitles } from './csv/header.ts';
import { RecordReader, readerStateAt } from './csv/record-reader.ts';
import { type DecimalSign, readCurrency, readNumber } from './numbers.ts';
import type { FormatSummary } from './row-batch.ts';
import { isUuid } from './uuid.ts';

/** How much of a text decides how it is read, in characters: fixed, so that the pieces in which it comes change nothing. */
export const HEAD_CHARACTERS = 262_144;

/** Of unknown columns: what was found travels in every message. */
const MAX_TITLES = 20;
const MAX_TITLE_CHARACTERS = 60;

/** How one file is to be read. */
export interface FileFormat extends FileHead {
  readonly values: ValueFormat;
}

/** What the values at the beginning of a file say about all of them. */
export interface ValueFormat {
  /** Unknown where they do not say it, or contradict each other. */
  readonly decimalSeparator?: DecimalSign | undefined;
  readonly currency?: string | undefined;
  readonly dateFormat?: DateFormat | undefined;
  /** Whether some date can only be one whose month stands first. */
  readonly isMonthFirst: boolean;
}

/** @param head the first {@link HEAD_CHARACTERS} of the text, or all of it */
export function findFormat(head: string): FileFormat | Failure {
  const isWhole = head.length < HEAD_CHARACTERS;
  const fileHead = findHead(head, isWhole);
  if ('code' in fileHead) return fileHead;
  return { ...fileHead, values: readValueFormat(head.slice(fileHead.characters), isWhole, fileHead) };
}

/** What the ledger keeps of it. */
export function summarizeFormat({ dialect, isCrLf, headerLine, header, values }: FileFormat): FormatSummary {
  const { newline, ...signs } = dialect;
  const { decimalSeparator, currency, dateFormat } = values;
  return {
    lineTerminator: lineEndOf(newline, isCrLf),
    ...signs,
    headerLine,
    ...(decimalSeparator && { decimalSeparator }),
    ...(dateFormat && { dateFormat }),
    ...(currency && { currency }),
    unknownColumns: unknownTitles(header)
      .slice(0, MAX_TITLES)
      .map((title) => title.slice(0, MAX_TITLE_CHARACTERS).toWellFormed()),
  };
}

function lineEndOf(newline: Dialect['newline'], isCrLf: boolean): 'LF' | 'CRLF' | 'CR' {
  if (newline === '\r') return 'CR';
  return isCrLf ? 'CRLF' : 'LF';
}

function readValueFormat(rows: string, isWhole: boolean, { dialect, header }: FileHead): ValueFormat {
  const signs = new Set<DecimalSign>();
  const amounts = [header.amountExclTax, header.amountIncTax];
  const dateColumn = header.transactionDate;
  let currency: string | undefined;
  let dateFormat: DateFormat | undefined;
  let hasMonthFirst = false;
  const record = (fields: readonly string[]) => {
    // Totals and other lines that are no rows decide nothing.
    if (!isUuid(fields[header.id.index]?.trim() ?? '')) return;
    for (const { index } of amounts) {
      const read = readCurrency(fields[index]?.trim() ?? '');
      if (read === undefined) continue;
      currency ??= read.currency || undefined;
      const number = readNumber(read.amount);
      if (number !== undefined && 'shows' in number && number.shows !== undefined) signs.add(number.shows);
    }
    if (dateColumn === undefined) return;
    const date = fields[dateColumn.index]?.trim() ?? '';
    dateFormat ??= readDate(date)?.format;
    hasMonthFirst ||= isMonthFirst(date);
  };
  const reader = new RecordReader({ record, malformed: () => undefined }, dialect, readerStateAt(1));
  reader.push(rows);
  // Otherwise what is left is no whole record.
  if (isWhole) reader.end();
  const [decimalSeparator] = signs.size === 1 ? signs : [];
  return { decimalSeparator, currency, dateFormat, isMonthFirst: hasMonthFirst };
}
