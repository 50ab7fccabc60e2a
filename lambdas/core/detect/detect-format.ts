import type { Profile } from '../profile.ts';
import type { Failure } from '../reject-codes.ts';
import type { CallReceipt, FormatSummary } from '../row-batch.ts';
import { type DateNotation, readDate, showsOtherOrder } from '../rows/dates.ts';
import { type DecimalSeparator, readCurrency, readNumber, splitSign } from '../rows/numbers.ts';
import type { Rules } from '../rules.ts';
import type { Dialect, Newline } from '../source/csv/dialect.ts';
import { RecordReader, startReaderAt } from '../source/csv/record-reader.ts';
import { type FoundHeader, findHeader } from './find-dialect-and-header.ts';
import { type Header, identifiesRow, listUnknownTitles, readAmounts, readField } from './header.ts';
import { detectQuote } from './quote.ts';

/** Characters used for format detection. Fixed, so that chunk boundaries cannot change the result. */
export const HEAD_CHARACTERS = 262_144;
/** Limits for unknown columns, since the summary travels in every message. */
export const MAX_TITLES = 20;
const MAX_TITLE_CHARACTERS = 60;

/** Everything that the beginning of a file shows about the way in which it is written. */
export interface DetectedFormat {
  readonly dialect: Dialect;
  readonly header: Header;
  readonly headerText: string;
  /** Offset in characters, and physical line, of the first row. */
  readonly firstRow: { readonly offset: number; readonly line: number };
  readonly values: ValueFormat;
  /** Calls whose items the file has, in their order. @default the file has no manifest */
  readonly receipts?: readonly CallReceipt[];
  /** Number of items of these calls. */
  readonly manifestItems?: number;
  /** Reason to refuse the file although its format is known. */
  readonly failure?: Failure;
  /** The part of it that messages and the ledger keep. */
  readonly summary: FormatSummary;
}

export interface ValueFormat {
  /** Unknown if no amount shows it, or if amounts contradict each other. */
  readonly decimalSeparator?: DecimalSeparator | undefined;
  readonly currency?: string | undefined;
  readonly dateFormat?: string | undefined;
  readonly dates: DateNotation & {
    /** True if some date is valid only in the other order of day and month. */
    readonly hasOtherOrder?: boolean;
  };
  /** True if single quotes around a value may be part of it. */
  readonly isQuoteOpen?: boolean;
}

/**
 * Detects the format of a CSV file, step by step.
 * @param head the first {@link HEAD_CHARACTERS} of the text, or all of it
 */
export function detectFormat(
  head: string,
  encoding: FormatSummary['encoding'],
  rules: Rules,
): DetectedFormat | Failure {
  const { profile } = rules;
  const isWhole = head.length < HEAD_CHARACTERS;
  if (head.trim() === '') {
    return { code: 'file-empty', message: 'The file is empty: it does not even have a header.' };
  }
  // 1. Line terminators that the text may use
  const newlines = listNewlines(head);
  // 2. Header and delimiter
  const found = detectHeader(head, newlines, isWhole, profile);
  if ('code' in found) return found;
  const { header, text: headerText, next: firstRow } = found;
  // 3. Quote
  const rows = head.slice(firstRow.offset);
  const { quote, isOpen } = detectQuote(rows, found, profile);
  const dialect = { ...found.dialect, quote };
  // 4. Decimal separator, currency and date format
  const values = {
    ...detectValues(rows, isWhole, dialect, header, rules),
    ...(isOpen && { isQuoteOpen: true }),
  };
  // 5. Summary
  const summary = {
    encoding,
    ...summarize(found, dialect, values),
    ...(profile && { profile: profile.name }),
  };
  return { dialect, header, headerText, firstRow, values, summary };
}

/** Lists the possible line terminators, the likelier first. A CR before LF belongs to LF. */
function listNewlines(text: string): Newline[] {
  if (!text.includes('\r')) return ['\n'];
  return text.includes('\n') ? ['\n', '\r'] : ['\r'];
}

function detectHeader(
  text: string,
  newlines: readonly Newline[],
  isWhole: boolean,
  profile: Profile | undefined,
): FoundHeader | Failure {
  // With two candidates, those of the first kind may all be inside quotes.
  let failure: Failure | undefined;
  for (const newline of newlines) {
    const found = findHeader(text, newline, isWhole, profile);
    if (!('code' in found)) return found;
    failure ??= found;
  }
  return failure!;
}

function detectValues(
  rows: string,
  isWhole: boolean,
  dialect: Dialect,
  header: Header,
  { dateOrder, profile }: Rules,
): ValueFormat {
  const dates: DateNotation = {
    order: profile?.dateOrder ?? dateOrder,
    ...(profile?.dateFormats && { formats: profile.dateFormats }),
    ...(profile?.timeZone && { timeZone: profile.timeZone }),
  };
  const reader = new RecordReader(dialect, startReaderAt(1));
  // Unless the text is whole, its last record is not.
  const records = [...reader.read(rows), ...(isWhole ? reader.end() : [])];
  const separators = new Set<DecimalSeparator>();
  /** Those of quantities, which count if no amount shows one. */
  const others = new Set<DecimalSeparator>();
  let currency = profile?.currency;
  let dateFormat: ValueFormat['dateFormat'];
  let hasOtherOrder = false;
  for (const { fields = [] } of records) {
    // Totals and other lines that are not rows decide nothing.
    if (!identifiesRow(fields, header)) continue;
    for (const amount of readAmounts(fields, header)) {
      const read = readCurrency(splitSign(amount).text);
      if (read === undefined) continue;
      currency ??= read.currency || undefined;
      const separator = readNumber(read.amount)?.shows;
      if (separator !== undefined) separators.add(separator);
    }
    const separator = readNumber(splitSign(readField(fields, header, 'quantity')).text)?.shows;
    if (separator !== undefined) others.add(separator);
    const date = readField(fields, header, 'transactionDate');
    dateFormat ??= readDate(date, dates)?.format;
    hasOtherOrder ||= dates.formats === undefined && showsOtherOrder(date, dates);
  }
  if (profile?.decimalSeparator !== undefined) separators.add(profile.decimalSeparator);
  const shown = separators.size === 0 ? others : separators;
  const [decimalSeparator] = shown.size === 1 ? shown : [];
  return {
    decimalSeparator,
    currency,
    dateFormat,
    dates: { ...dates, ...(hasOtherOrder && { hasOtherOrder }) },
  };
}

function summarize(
  { header, line, isCrLf }: FoundHeader,
  { delimiter, quote, newline }: Dialect,
  { decimalSeparator, dateFormat, currency }: ValueFormat,
): Omit<FormatSummary, 'encoding'> {
  return {
    lineTerminator: newline === '\r' ? 'CR' : isCrLf ? 'CRLF' : 'LF',
    delimiter,
    quote,
    headerLine: line,
    ...(decimalSeparator && { decimalSeparator }),
    ...(dateFormat && { dateFormat }),
    ...(currency && { currency }),
    unknownColumns: listUnknownTitles(header)
      .slice(0, MAX_TITLES)
      .map((title) => title.slice(0, MAX_TITLE_CHARACTERS).toWellFormed()),
  };
}
