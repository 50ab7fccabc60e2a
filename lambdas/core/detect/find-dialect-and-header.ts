import { COLUMNS } from '../columns.ts';
import { excerptText } from '../excerpt-text.ts';
import type { Profile } from '../profile.ts';
import { type Failure, REJECT_CODES } from '../reject-codes.ts';
import { readCurrency, readNumber, splitSign } from '../rows/numbers.ts';
import { isRowId } from '../rows/row-id.ts';
import {
  DELIMITERS,
  type Dialect,
  MAX_RECORD_CHARACTERS,
  type Newline,
  QUOTES,
} from '../source/csv/dialect.ts';
import { type FirstRecord, readFirstRecord } from '../source/csv/first-record.ts';
import { countTitles, type Header, identifiesRow, readAmounts, readHeader } from './header.ts';

/** Maximum length of the header. It travels in every message with the longest row: the smallest message has to hold both. */
const MAX_HEADER_CHARACTERS = 8_192;
/** Number of lines that may be the header. */
const MAX_HEADER_LINE = 100;
/** Number of titles that make a line a faulty header rather than a heading above the header. */
const MIN_TITLES = 4;
/** Characters that text files do not have, except after the header. */
const BINARY = /[^\P{Cc}\t-\r\x7f-\x9f]/u;
/** Beginnings of text formats that are not CSV. */
const OTHER_FORMATS = [
  ['JSON', /^(?:\[\s*)?[[{]\s*["{}[\]\d]|^\[\s*["\]]/],
  ['HTML', /^<(?:!doctype html|html|head|body|table|div)\b/i],
  ['XML', /^<[?!a-z]/i],
  ['PDF', /^%PDF-/],
] as const;
/** Maximum length of the beginning of another format that a message quotes. */
const MAX_QUOTED_CHARACTERS = 80;
/** Number of values that make a line a row above the header. */
const MIN_VALUES = COLUMNS.filter(({ isRequired }) => isRequired).length;

export interface FoundHeader {
  readonly header: Header;
  readonly dialect: Dialect;
  /** Original text without the line terminator. */
  readonly text: string;
  /** Physical line on which it starts, from 1. */
  readonly line: number;
  readonly isCrLf: boolean;
  /** Offset in characters, and physical line, of what follows the header. */
  readonly next: { readonly offset: number; readonly line: number };
}

interface Candidate extends FirstRecord {
  readonly dialect: Dialect;
  readonly line: number;
  readonly start: number;
}

/**
 * Finds the first line that has all required titles in some dialect.
 * @param isWhole false if more text follows, so that the last line may be incomplete
 */
export function findHeader(
  text: string,
  newline: Newline,
  isWhole: boolean,
  profile?: Profile,
): FoundHeader | Failure {
  let best: { candidate: Candidate; titles: number } | undefined;
  let objection: { line: number; failure: Failure } | undefined;
  for (const candidate of listCandidates(text, newline)) {
    if (candidate.start + candidate.length === text.length && !isWhole) break;
    const header = readHeader(candidate.fields, profile);
    if (!('code' in header)) {
      const isAbove = objection !== undefined && objection.line < candidate.line;
      const failure = isAbove ? objection!.failure : objectToRowsAbove(text, candidate, header);
      return failure ?? locateHeader(text, candidate, header);
    }
    const titles = countTitles(candidate.fields, profile);
    const failure = titles >= MIN_TITLES ? header : objectToRow(candidate);
    if (failure !== undefined) objection ??= { line: candidate.line, failure };
    if (titles > (best?.titles ?? 0)) best = { candidate, titles };
  }
  return explainMissingHeader(text, newline, best?.candidate, profile);
}

/** Yields the offsets of the first physical lines of a text. */
export function* listLines(text: string, newline: Newline, maxLines: number) {
  let start = 0;
  for (let line = 1; line <= maxLines && start < text.length; line++) {
    const at = text.indexOf(newline, start);
    const end = at < 0 ? text.length : at;
    yield { line, start, end };
    start = end + 1;
  }
}

/** Yields the first lines that are not blank, each in every dialect that its characters allow. */
function* listCandidates(text: string, newline: Newline): Generator<Candidate> {
  for (const { line, start, end: lineEnd } of listLines(text, newline, MAX_HEADER_LINE)) {
    const lineText = text.slice(start, lineEnd);
    if (lineText.trim() === '') continue;
    const delimiters = DELIMITERS.filter((delimiter) => lineText.includes(delimiter));
    for (const delimiter of delimiters.length === 0 ? [',' as const] : delimiters) {
      for (const quote of QUOTES) {
        if (quote !== QUOTES[0] && !lineText.includes(quote)) continue;
        const dialect = { delimiter, quote, newline };
        const record = readFirstRecord(text.slice(start, start + MAX_RECORD_CHARACTERS), dialect);
        if (record === undefined) continue;
        if (hasOtherNewline(text.slice(start, start + record.length), dialect)) continue;
        yield { ...record, dialect, line, start };
      }
    }
  }
}

/** Tells whether the record is several lines that end with another line terminator than `newline`. */
function hasOtherNewline(record: string, { newline, quote }: Dialect): boolean {
  const other = newline === '\n' ? '\r' : '\n';
  const line = record.replace(/[\r\n]+$/, '');
  // Every second part is inside quotes.
  return line.split(quote).some((part, index) => index % 2 === 0 && part.includes(other));
}

/** Lines above the header are skipped, but a row must not be lost there. */
function objectToRow({ fields, line }: Candidate): Failure | undefined {
  if (fields.length < MIN_VALUES || !fields.some((field) => isRowId(field.trim()))) return undefined;
  return failForRow(line);
}

/** Rows whose id is computed have none that shows them above the header: their values do, in the columns of the header. */
function objectToRowsAbove(text: string, { dialect, start }: Candidate, header: Header): Failure | undefined {
  if (header.idPositions === undefined) return undefined;
  const above = text.slice(0, start);
  for (const { line, start: lineStart, end } of listLines(above, dialect.newline, MAX_HEADER_LINE)) {
    const fields = readFirstRecord(above.slice(lineStart, end), dialect)?.fields ?? [];
    const amounts = readAmounts(fields, header).map(
      (text) => readCurrency(splitSign(text).text)?.amount ?? '',
    );
    const hasAmount = amounts.some((amount) => readNumber(amount) !== undefined);
    if (identifiesRow(fields, header) && hasAmount) return failForRow(line);
  }
  return undefined;
}

function failForRow(line: number): Failure {
  const message = `Line ${line} looks like a row but is above the header. Move the header to the first line.`;
  return { code: 'column-missing', message };
}

function locateHeader(
  text: string,
  { dialect, line, start, length }: Candidate,
  header: Header,
): FoundHeader | Failure {
  const end = start + length;
  const terminated = text.slice(start, end);
  const headerText = terminated.replace(/\r?\n$|\r$/, '');
  if (headerText.length > MAX_HEADER_CHARACTERS) return failForLength();
  // Archives, pictures and old workbooks contain these characters, text files do not.
  if (/[\0\ufffd]/.test(headerText)) return failForBytes('its header contains');
  const endedLines = terminated.split(dialect.newline).length - 1;
  const lines = terminated.endsWith(dialect.newline) ? endedLines : endedLines + 1;
  return {
    header,
    dialect,
    text: headerText,
    line,
    isCrLf: terminated.endsWith('\r\n'),
    next: { offset: end, line: line + lines },
  };
}

function explainMissingHeader(
  text: string,
  newline: Newline,
  best: Candidate | undefined,
  profile: Profile | undefined,
): Failure {
  if (BINARY.test(text.slice(0, MAX_RECORD_CHARACTERS))) return failForBytes('it contains');
  // Without any title, the message is about the first line.
  const first = text.trimStart().slice(0, MAX_RECORD_CHARACTERS);
  const [otherFormat] = OTHER_FORMATS.find(([, beginning]) => beginning.test(first)) ?? [];
  if (best === undefined && otherFormat !== undefined) {
    const start = excerptText(first, MAX_QUOTED_CHARACTERS);
    const advice =
      otherFormat === 'JSON' ? 'Export it as CSV, or as one JSON object per line.' : 'Export it as CSV.';
    const message = `The file is not a CSV file: it looks like ${otherFormat}. It begins with: ${start} ${advice}`;
    return { code: 'not-csv', message };
  }
  const record = best ?? readFirstRecord(first, { delimiter: ',', quote: '"', newline });
  if (record === undefined) {
    const message = `The first line is not a header. ${REJECT_CODES['quotes-malformed']}`;
    return { code: 'not-csv', message };
  }
  if (record.length > MAX_HEADER_CHARACTERS) return failForLength();
  const header = readHeader(record.fields, profile);
  if ('code' in header) return header;
  const message =
    'The end of the header was not found. Use one line terminator throughout and put the header on the first line.';
  return { code: 'not-csv', message };
}

function failForBytes(what: string): Failure {
  const message = `The file is not a CSV file: ${what} bytes that text files do not have. Export it as CSV.`;
  return { code: 'not-csv', message };
}

function failForLength(): Failure {
  const limit = MAX_HEADER_CHARACTERS.toLocaleString('en-US');
  return { code: 'not-csv', message: `The header is longer than ${limit} characters. Remove columns.` };
}
