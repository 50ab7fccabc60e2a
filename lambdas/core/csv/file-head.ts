import { REJECT_CODES } from '../../contract/reject-codes.ts';
import { DELIMITERS, type Dialect, newlinesOf, QUOTES, readFirstRecord } from './dialect.ts';
import { countTitles, type Failure, type Header, readHeader } from './header.ts';
import { MAX_RECORD_CHARACTERS } from './record-reader.ts';

/** A header travels in every message, with the longest row that may be rejected: both must fit into the smallest. */
export const MAX_HEADER_CHARACTERS = 8_192;
/** How many lines may stand before the header. */
const MAX_LINES_BEFORE = 100;
const UUID_LIKE = /^[0-9a-f-]{36}$/i;

/** The header of a file, and what it says about the lines below. */
export interface FileHead {
  readonly dialect: Dialect;
  readonly isCrLf: boolean;
  readonly header: Header;
  /** The header as it stands in the file. */
  readonly headerText: string;
  /** The physical line on which the header stands, from 1. */
  readonly headerLine: number;
  /** How long the text is up to the first row, in characters and in lines. */
  readonly characters: number;
  readonly lines: number;
}

/** A line that may be the header, read in one dialect. */
interface Candidate {
  readonly dialect: Dialect;
  readonly line: number;
  readonly start: number;
  readonly fields: readonly string[];
  readonly end: number;
}

/**
 * Finds the header among the first lines: the titles that every file must have say where it is and what stands
 * between its values, so that nothing has to be guessed.
 * @param text the beginning of the file, or all of it
 */
export function findHead(text: string): FileHead | Failure {
  const [newline, other] = newlinesOf(text);
  const head = findHeadIn(text, newline);
  if (other === undefined || !('code' in head)) return head;
  // Line ends of the other kind may stand within quotes alone.
  const otherHead = findHeadIn(text, other);
  return 'code' in otherHead ? head : otherHead;
}

function findHeadIn(text: string, newline: Dialect['newline']): FileHead | Failure {
  let best: { candidate: Candidate; titles: number } | undefined;
  let firstLine: { line: number; text: string } | undefined;
  for (const { line, start, end } of linesOf(text, newline)) {
    const lineText = text.slice(start, end);
    if (lineText.trim() === '') continue;
    firstLine ??= { line, text: lineText };
    for (const candidate of readLine(text, start, lineText, line, newline)) {
      const header = readHeader(candidate.fields);
      if (!('code' in header)) return headOf(text, candidate, header);
      const titles = countTitles(candidate.fields);
      // Of lines without any title only the first is worth a word.
      if (best === undefined ? titles > 0 || line === firstLine.line : titles > best.titles) {
        best = { candidate, titles };
      }
    }
  }
  if (firstLine === undefined)
    return { code: 'file-empty', message: 'The file is empty: not even a header is in it.' };
  return whyNoHeader(text, firstLine, best?.candidate);
}

function* linesOf(text: string, newline: string) {
  let start = 0;
  for (let line = 1; line <= MAX_LINES_BEFORE && start < text.length; line++) {
    const at = text.indexOf(newline, start);
    const end = at < 0 ? text.length : at;
    yield { line, start, end };
    start = end + 1;
  }
}

/** The line in each dialect that its characters allow. */
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
      yield { dialect, line, start, fields: record.fields, end: start + record.length };
    }
  }
}

function headOf(text: string, { dialect, line, start, end }: Candidate, header: Header): FileHead | Failure {
  const ended = text.slice(start, end);
  const headerText = ended.replace(/\r?\n$|\r$/, '');
  if (headerText.length > MAX_HEADER_CHARACTERS) return headerTooLong();
  // What archives, pictures and workbooks begin with, and no text does.
  if (/[\0\ufffd]/.test(headerText)) {
    return {
      code: 'not-a-csv',
      message: 'The file is not a CSV text: its header has bytes that no such text has.',
    };
  }
  return {
    dialect: { ...dialect, quote: quoteOf(text.slice(end, end + MAX_RECORD_CHARACTERS), dialect, header) },
    isCrLf: ended.endsWith('\r\n'),
    header,
    headerText,
    headerLine: line,
    characters: end,
    lines: line - 1 + ended.split(dialect.newline).length - (ended.endsWith(dialect.newline) ? 1 : 0),
  };
}

/** A header often has no quotes where rows have some: the first id, which is nothing but a UUID, says which. */
function quoteOf(rows: string, dialect: Dialect, header: Header): Dialect['quote'] {
  const quote = "'";
  const first = readFirstRecord(rows, { ...dialect, quote });
  const id = first?.fields[header.id.index]?.trim() ?? '';
  const isQuoted = UUID_LIKE.test(id) && rows.slice(0, first?.length).includes(quote + id + quote);
  return isQuoted ? quote : dialect.quote;
}

function whyNoHeader(
  text: string,
  firstLine: { line: number; text: string },
  best: Candidate | undefined,
): Failure {
  if (text.slice(0, MAX_RECORD_CHARACTERS).includes('\0')) {
    return { code: 'not-a-csv', message: 'The file is not a CSV text: it has bytes that no such text has.' };
  }
  if (best === undefined) {
    const why = `Line ${firstLine.line} cannot be a header: ${REJECT_CODES['quotes-malformed']}`;
    return { code: 'not-a-csv', message: why };
  }
  if (best.end - best.start > MAX_HEADER_CHARACTERS) return headerTooLong();
  return readHeader(best.fields) as Failure;
}

function headerTooLong(): Failure {
  const limit = MAX_HEADER_CHARACTERS.toLocaleString('en-US');
  return { code: 'not-a-csv', message: `The header is longer than ${limit} characters.` };
}
