import type { Profile } from '../profile.ts';
import { hasRowId, isRowId } from '../rows/row-id.ts';
import { type Dialect, MAX_RECORD_CHARACTERS } from '../source/csv/dialect.ts';
import { readFirstRecord } from '../source/csv/first-record.ts';
import { type FoundHeader, listLines } from './find-dialect-and-header.ts';
import { identifiesRow, readField } from './header.ts';

export interface FoundQuote {
  readonly quote: Dialect['quote'];
  /** True if single quotes around a value may be part of it. */
  readonly isOpen: boolean;
}

/** Number of lines below the header of which an id may show the quote. */
const MAX_LINES_FOR_QUOTE = 100;
/** Number of lines with a single quote before a value that may show the quote. */
const MAX_QUOTED_LINES = 200;

/** Detects the quote. A header often has no quotes although rows do. */
export function detectQuote(rows: string, found: FoundHeader, profile: Profile | undefined): FoundQuote {
  if (profile?.quote !== undefined) return { quote: profile.quote, isOpen: false };
  const { dialect, text } = found;
  if (dialect.quote === "'" || readQuoteOfId(rows, found) === "'") return { quote: "'", isOpen: false };
  const double = new RegExp(`(?:^|[${dialect.delimiter}])"`, 'm');
  if (double.test(text) || double.test(rows)) return { quote: '"', isOpen: false };
  return readQuoteOfValues(rows, found);
}

/** Reads the quote of the first id. @returns undefined if no row has an id */
function readQuoteOfId(rows: string, { dialect, header }: FoundHeader): Dialect['quote'] | undefined {
  for (const { start, end } of listLines(rows, dialect.newline, MAX_LINES_FOR_QUOTE)) {
    const line = rows.slice(start, end);
    if (!hasRowId(line)) continue;
    const text = rows.slice(start, start + MAX_RECORD_CHARACTERS);
    const readId = (quote: Dialect['quote']) =>
      readField(readFirstRecord(text, { ...dialect, quote })?.fields ?? [], header, 'id');
    const id = readId("'");
    if (isRowId(id)) return line.includes(`'${id}'`) ? "'" : dialect.quote;
    if (isRowId(readId(dialect.quote))) return dialect.quote;
  }
  return undefined;
}

/** Decides by the values that begin with a single quote, in a file without double quotes. */
function readQuoteOfValues(rows: string, { dialect, header }: FoundHeader): FoundQuote {
  const quotedValue = new RegExp(`(?:^|[${dialect.delimiter}])'`);
  const width = header.titles.length;
  let isQuote = false;
  let isPart = false;
  let quotedLines = 0;
  let nextRecord = 0;
  for (const { start, end } of listLines(rows, dialect.newline, Number.POSITIVE_INFINITY)) {
    const line = rows.slice(start, end);
    if (start < nextRecord || !quotedValue.test(line)) continue;
    if (++quotedLines > MAX_QUOTED_LINES) break;
    const plain = line.split(dialect.delimiter);
    const quoted = readFirstRecord(rows.slice(start, start + MAX_RECORD_CHARACTERS), {
      ...dialect,
      quote: "'",
    });
    const isRow = (fields: readonly string[]) => fields.length === width && identifiesRow(fields, header);
    // A value that has another row in it is not closed.
    const hasRowWithin = (field: string) =>
      field.includes(dialect.newline) && (hasRowId(field) || field.split(dialect.delimiter).length >= width);
    const isRowQuoted = quoted !== undefined && isRow(quoted.fields) && !quoted.fields.some(hasRowWithin);
    if (isRowQuoted) nextRecord = start + quoted.length;
    const isOneLine = nextRecord <= end + 1;
    if (isRowQuoted && (plain.length !== width || plain.some(hasDoubledQuotes) || !isOneLine)) isQuote = true;
    if (!isRowQuoted && isRow(plain)) isPart = true;
  }
  if (isQuote === isPart) return { quote: '"', isOpen: true };
  return { quote: isQuote ? "'" : '"', isOpen: false };
}

/** Tells whether a value in single quotes has others in it, all of them doubled: 'Levi''s'. */
function hasDoubledQuotes(value: string): boolean {
  const inner = /^\s*'(.*)'\s*$/.exec(value)?.[1];
  return inner?.includes("''") === true && !inner.replaceAll("''", '').includes("'");
}
