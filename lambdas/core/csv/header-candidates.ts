import { DELIMITERS, type Dialect, QUOTES, readFirstRecord } from './dialect.ts';
import { MAX_RECORD_CHARACTERS } from './record-reader.ts';

/** How many lines may stand before the header. */
const MAX_LINES_BEFORE = 100;

/** A line that may be the header, read in one dialect. */
export interface Candidate {
  readonly dialect: Dialect;
  /** The physical line, from 1. */
  readonly line: number;
  readonly start: number;
  readonly fields: readonly string[];
  /** Behind its line end. */
  readonly end: number;
}

/** The first lines that are not blank, each in every dialect that its characters allow. */
export function* headerCandidates(text: string, newline: Dialect['newline']): Generator<Candidate> {
  let line = 0;
  for (const { start, end } of linesOf(text, newline, MAX_LINES_BEFORE)) {
    line++;
    const lineText = text.slice(start, end);
    if (lineText.trim() !== '') yield* readLine(text, start, lineText, line, newline);
  }
}

/** Where the first physical lines of a text begin and end. */
export function* linesOf(text: string, newline: Dialect['newline'], most: number) {
  let start = 0;
  for (let line = 1; line <= most && start < text.length; line++) {
    const at = text.indexOf(newline, start);
    const end = at < 0 ? text.length : at;
    yield { start, end };
    start = end + 1;
  }
}

function* readLine(
  text: string,
  start: number,
  lineText: string,
  line: number,
  newline: Dialect['newline'],
): Generator<Candidate> {
  const delimiters = DELIMITERS.filter((delimiter) => lineText.includes(delimiter));
  for (const delimiter of delimiters.length === 0 ? [',' as const] : delimiters) {
    for (const quote of QUOTES) {
      if (quote !== QUOTES[0] && !lineText.includes(quote)) continue;
      const dialect = { delimiter, quote, newline };
      const record = readFirstRecord(text.slice(start, start + MAX_RECORD_CHARACTERS), dialect);
      if (record === undefined) continue;
      const end = start + record.length;
      if (hasOtherLineEnd(text.slice(start, end), dialect)) continue;
      yield { dialect, line, start, fields: record.fields, end };
    }
  }
}

/** Whether lines end within the record that do not end by `newline`: then it is more than one line. */
function hasOtherLineEnd(record: string, { newline, quote }: Dialect): boolean {
  const other = newline === '\n' ? '\r' : '\n';
  const line = record.replace(/[\r\n]+$/, '');
  if (!line.includes(other)) return false;
  // Every second part stands within quotes.
  return line.split(quote).some((part, index) => index % 2 === 0 && part.includes(other));
}
