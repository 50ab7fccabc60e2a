import Papa from 'papaparse';
import type { RejectCode } from '../../reject-codes.ts';
import { hasRowId } from '../../rows/row-id.ts';
import type { SourceRecord } from '../record.ts';
import { type Dialect, MAX_RECORD_CHARACTERS } from './dialect.ts';
import { toPapaConfig } from './first-record.ts';

/** Maximum number of line terminators in a record. It bounds the cost of an unclosed quote on every line. */
export const MAX_RECORD_LINE_ENDS = 100;
/** Number of records after a malformed line that are read with bounded look-ahead. */
const WARY_RECORDS = 100;

/** State of a reader between two chunks of the text. */
export interface ReaderState {
  /** Text of a record that is not complete yet. */
  pending: string;
  /** Physical line on which the pending text starts. */
  line: number;
  isSkippingLongLine: boolean;
  /** Records still to be read with bounded look-ahead after a malformed line. */
  waryRecords: number;
}

/** Returns the state of a reader that starts on this line. */
export function startReaderAt(line: number): ReaderState {
  return { pending: '', line, isSkippingLongLine: false, waryRecords: 0 };
}

/**
 * Splits a CSV text, fed in chunks of any size, into records. Chunk boundaries do not change the result. A record with
 * malformed quotes costs only its first line; reading continues on the next line.
 */
export class RecordReader {
  #dialect: Dialect;
  #state: ReaderState;
  /** Number of delimiters in a value that spans lines which show that it contains another row. */
  #delimitersOfRow: number;
  #records: SourceRecord[] = [];

  /**
   * @param state of a reader that has read the preceding text
   * @param width number of columns, if no UUID shows where a row is
   */
  constructor(dialect: Dialect, state: ReaderState, width = Number.POSITIVE_INFINITY) {
    this.#dialect = dialect;
    this.#state = { ...state };
    this.#delimitersOfRow = width - 1;
  }

  get state(): Readonly<ReaderState> {
    return { ...this.#state };
  }

  /** Returns the records that this chunk completes. */
  read(text: string): SourceRecord[] {
    this.#state.pending += text;
    return this.#consume(false);
  }

  /** Returns the records that remain at the end of the text. */
  end(): SourceRecord[] {
    return this.#consume(true);
  }

  #consume(isEnd: boolean): SourceRecord[] {
    const { newline, quote } = this.#dialect;
    // The last line is read like every other one.
    if (isEnd && this.#state.pending !== '' && !this.#state.pending.endsWith(newline))
      this.#state.pending += newline;
    while (this.#state.pending !== '') {
      const before = this.#state.pending.length;
      if (this.#state.isSkippingLongLine) this.#skipLine(newline);
      else if (this.#state.pending.includes(quote)) this.#readQuoted(newline);
      else this.#readPlain(newline, isEnd);
      if (this.#state.pending.length === before && !this.#rejectLongRecord(newline, isEnd)) break;
    }
    const records = this.#records;
    this.#records = [];
    return records;
  }

  /** Reads text without quotes, in which each line is a record. */
  #readPlain(newline: string, isEnd: boolean): void {
    const end = isEnd ? this.#state.pending.length : this.#state.pending.lastIndexOf(newline) + 1;
    if (end === 0) return;
    const text = this.#state.pending.slice(0, end - newline.length);
    this.#state.pending = this.#state.pending.slice(end);
    const mayHaveLongLines = text.length > MAX_RECORD_CHARACTERS;
    const rows = this.#splitPlain(text);
    if (rows.length === 0) rows.push(['']);
    const { delimiter } = this.#dialect;
    for (const fields of rows) {
      if (mayHaveLongLines && fields.join(delimiter).length > MAX_RECORD_CHARACTERS) {
        this.#rejectLine(fields.join(delimiter), 'row-too-long');
      } else {
        this.#records.push({ line: this.#state.line++, fields, text: undefined, code: undefined });
      }
    }
  }

  /** Splits lines without Papa.parse, which removes a byte order mark from every chunk. */
  #splitPlain(text: string): string[][] {
    const parser = new Papa.Parser({ ...toPapaConfig(this.#dialect), fastMode: true });
    return (parser.parse(text, 0, false) as Papa.ParseResult<string[]>).data;
  }

  /** Reads whole records until the text ends or one of them is malformed. */
  #readQuoted(newline: string): void {
    // At most the longest record: papaparse searches all of the text for the end of an unclosed quote.
    const longest = this.#state.pending.slice(0, MAX_RECORD_CHARACTERS + 2 * newline.length);
    const text = this.#state.waryRecords > 0 ? takeFirstLines(longest, newline) : longest;
    let start = 0;
    let isMalformed = false;
    const parser = new Papa.Parser({
      ...toPapaConfig(this.#dialect),
      step: ({ data, errors, meta }: Papa.ParseStepResult<string[][]>) => {
        const next = meta.cursor;
        const end = text.startsWith(newline, next - newline.length) ? next - newline.length : next;
        const record = text.slice(start, end);
        const lineEnds = countOccurrences(newline, record);
        const fields = data[0]!;
        isMalformed =
          errors.length > 0 ||
          next - start > MAX_RECORD_CHARACTERS + newline.length ||
          lineEnds > MAX_RECORD_LINE_ENDS ||
          (lineEnds > 0 && fields.some((field) => this.#containsRow(field, newline)));
        if (isMalformed) {
          parser.abort();
          return;
        }
        this.#records.push({ line: this.#state.line, fields, text: record, code: undefined });
        this.#state.line += lineEnds + 1;
        if (this.#state.waryRecords > 0) this.#state.waryRecords--;
        start = next;
      },
    });
    // The last record, which is without a line terminator, is not complete.
    parser.parse(text, 0, true);
    this.#state.pending = this.#state.pending.slice(start);
    if (isMalformed) this.#rejectFirstLine(newline);
  }

  /** Tells whether a value that spans lines contains another row: its quote was not closed, and that row's quote closed it. */
  #containsRow(value: string, newline: string): boolean {
    if (!value.includes(newline)) return false;
    return hasRowId(value) || countOccurrences(this.#dialect.delimiter, value) >= this.#delimitersOfRow;
  }

  /** Rejects the first line of an incomplete record that is too long to wait for. @returns whether it did */
  #rejectLongRecord(newline: string, isEnd: boolean): boolean {
    const isLong =
      this.#state.pending.length > MAX_RECORD_CHARACTERS ||
      countOccurrences(newline, this.#state.pending) > MAX_RECORD_LINE_ENDS;
    if (!isEnd && !isLong) return false;
    this.#rejectFirstLine(newline);
    return true;
  }

  #rejectFirstLine(newline: string): void {
    const end = this.#state.pending.indexOf(newline);
    const length = end < 0 ? this.#state.pending.length : end;
    const code = length > MAX_RECORD_CHARACTERS ? 'row-too-long' : 'quotes-malformed';
    // Without a line terminator, the rest of the line is in later chunks.
    this.#state.isSkippingLongLine = end < 0;
    this.#state.waryRecords = WARY_RECORDS;
    this.#rejectLine(this.#state.pending.slice(0, length), code);
    this.#state.pending = end < 0 ? '' : this.#state.pending.slice(end + newline.length);
  }

  #rejectLine(line: string, code: RejectCode): void {
    const text = line.slice(0, MAX_RECORD_CHARACTERS).toWellFormed();
    this.#records.push({ line: this.#state.line++, fields: undefined, text, code });
  }

  /** Drops the rest of a line that is rejected already. */
  #skipLine(newline: string): void {
    const end = this.#state.pending.indexOf(newline);
    this.#state.isSkippingLongLine = end < 0;
    this.#state.pending = end < 0 ? '' : this.#state.pending.slice(end + newline.length);
  }
}

/** Returns enough lines to tell whether the first record has too many. */
function takeFirstLines(text: string, newline: string): string {
  let end = 0;
  for (let lines = 0; lines < MAX_RECORD_LINE_ENDS + 2; lines++) {
    const at = text.indexOf(newline, end);
    if (at < 0) return text;
    end = at + newline.length;
  }
  return text.slice(0, end);
}

function countOccurrences(part: string, text: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}
