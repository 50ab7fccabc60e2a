import { REJECT_CODES } from '../reject-codes.ts';
import { hasUuid, isUuid } from '../uuid.ts';
import { type Dialect, newlinesOf, readFirstRecord } from './dialect.ts';
import { countTitles, type Failure, type Header, readHeader } from './header.ts';
import { type Candidate, headerCandidates, linesOf } from './header-candidates.ts';
import { MAX_RECORD_CHARACTERS } from './record-reader.ts';

/** A header travels in every message, with the longest row that may be rejected: both must fit into the smallest. */
export const MAX_HEADER_CHARACTERS = 8_192;
/** As many values as the columns that every row needs, and most of their titles. */
const LEAST_VALUES = 6;
const MOST_TITLES = 4;
/** How many lines below the header may say how values are quoted. */
const MAX_LINES_FOR_QUOTES = 100;

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

/**
 * Finds the header among the first lines: the titles that every file must have say where it is and what stands
 * between its values, so that nothing has to be guessed.
 * @param text the beginning of the file
 * @param isWhole whether it is all of it
 */
export function findHead(text: string, isWhole: boolean): FileHead | Failure {
  if (text.trim() === '') {
    return { code: 'file-empty', message: 'The file is empty: not even a header is in it.' };
  }
  const [newline, other] = newlinesOf(text);
  const head = findHeadIn(text, newline, isWhole);
  if (other === undefined || !('code' in head)) return head;
  // Line ends of the first kind may stand within quotes alone.
  const otherHead = findHeadIn(text, other, isWhole);
  return 'code' in otherHead ? head : otherHead;
}

function findHeadIn(text: string, newline: Dialect['newline'], isWhole: boolean): FileHead | Failure {
  let best: { candidate: Candidate; titles: number } | undefined;
  let objection: { line: number; failure: Failure } | undefined;
  for (const candidate of headerCandidates(text, newline)) {
    // Of a longer text it may be a part of a line.
    if (candidate.end === text.length && !isWhole) break;
    const header = readHeader(candidate.fields);
    if (!('code' in header)) {
      const isAbove = objection !== undefined && objection.line < candidate.line;
      return isAbove ? objection!.failure : headOf(text, candidate, header);
    }
    const titles = countTitles(candidate.fields);
    const failure = titles >= MOST_TITLES ? header : objectionToRow(candidate);
    if (failure !== undefined) objection ??= { line: candidate.line, failure };
    if (titles > (best?.titles ?? 0)) best = { candidate, titles };
  }
  return whyNoHeader(text, newline, best?.candidate);
}

/** Lines above the header are passed over, but a row must not be lost there. */
function objectionToRow({ fields, line }: Candidate): Failure | undefined {
  if (fields.length < LEAST_VALUES || !fields.some((field) => isUuid(field.trim()))) return undefined;
  const message = `Line ${line} looks like a row, and stands above the header. Put the header into the first line.`;
  return { code: 'column-missing', message };
}

function headOf(text: string, { dialect, line, start, end }: Candidate, header: Header): FileHead | Failure {
  const ended = text.slice(start, end);
  const headerText = ended.replace(/\r?\n$|\r$/, '');
  if (headerText.length > MAX_HEADER_CHARACTERS) return headerTooLong();
  // What archives, pictures and workbooks begin with, and no text does.
  if (/[\0\ufffd]/.test(headerText)) {
    return {
      code: 'not-csv',
      message: 'The file is not a CSV text: its header has bytes that no such text has.',
    };
  }
  return {
    dialect: { ...dialect, quote: quoteOf(text.slice(end), dialect, header) },
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
  for (const { start, end } of linesOf(rows, dialect.newline, MAX_LINES_FOR_QUOTES)) {
    const line = rows.slice(start, end);
    if (!hasUuid(line)) continue;
    const record = rows.slice(start, start + MAX_RECORD_CHARACTERS);
    const idIn = (quote: Dialect['quote']) =>
      readFirstRecord(record, { ...dialect, quote })?.fields[header.id.index]?.trim() ?? '';
    const inSingle = idIn("'");
    if (isUuid(inSingle)) return line.includes(`'${inSingle}'`) ? "'" : dialect.quote;
    if (isUuid(idIn(dialect.quote))) return dialect.quote;
  }
  return dialect.quote;
}

function whyNoHeader(text: string, newline: Dialect['newline'], best: Candidate | undefined): Failure {
  if (text.slice(0, MAX_RECORD_CHARACTERS).includes('\0')) {
    return { code: 'not-csv', message: 'The file is not a CSV text: it has bytes that no such text has.' };
  }
  // Of lines without any title the first is worth a word.
  const first = text.trimStart().slice(0, MAX_RECORD_CHARACTERS);
  const record = best ?? readFirstRecord(first, { delimiter: ',', quote: '"', newline });
  if (record === undefined) {
    const why = REJECT_CODES['quotes-malformed'];
    return { code: 'not-csv', message: `The first line cannot be a header: ${why}` };
  }
  const length = 'end' in record ? record.end - record.start : record.length;
  if (length > MAX_HEADER_CHARACTERS) return headerTooLong();
  const header = readHeader(record.fields);
  if ('code' in header) return header;
  const message =
    'Where the header ends cannot be told. Let all lines end in the same way, and put the header into the first one.';
  return { code: 'not-csv', message };
}

function headerTooLong(): Failure {
  const limit = MAX_HEADER_CHARACTERS.toLocaleString('en-US');
  return { code: 'not-csv', message: `The header is longer than ${limit} characters.` };
}
