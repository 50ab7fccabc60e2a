import Papa from 'papaparse';
import type { RejectCode } from '../reject-codes.ts';
import { hasUuid } from '../uuid.ts';
import { type Dialect, papaConfig } from './dialect.ts';

/**
 * The longest record, in characters. A record that is longer is given back line by line as malformed: this is
 * what keeps memory flat when a quote is never closed or a line never ends.
 */
export const MAX_RECORD_CHARACTERS = 65_536;
/** The most line ends that a record may hold. It bounds what an unclosed quote costs, line after line. */
export const MAX_RECORD_LINE_ENDS = 100;
/** After a malformed line, how many records in a row show that the worst is over. */
const RECORDS_TO_TRUST = 100;

/** Receives what stands in a CSV text, in order. Every line of the text reaches exactly one of the calls. */
export interface RecordSink {
  /**
   * @param line the physical line on which the record starts, from 1
   * @param text the record as it stands in the file; undefined where it is `fields` joined by the delimiter
   */
  record(fields: string[], line: number, text: string | undefined): void;
  /** One physical line that belongs to no record. */
  malformed(line: number, text: string, code: RejectCode): void;
}

/** Where a reader is between two pieces of the text. */
export interface ReaderState {
  /** What was pushed and is no whole record yet. */
  readonly pending: string;
  readonly line: number;
  readonly skippingLongLine: boolean;
  /** Of how many records each may be malformed as a line before was, and is looked at without much of what follows. */
  readonly waryRecords: number;
}

/** Of a reader that begins on this line. */
export function readerStateAt(line: number): ReaderState {
  return { pending: '', line, skippingLongLine: false, waryRecords: 0 };
}

/**
 * Cuts a CSV text into records, fed in pieces of any size: how the text is cut into pieces changes nothing.
 * A record whose quotes are wrong costs its first line only; reading goes on at the next line.
 */
export class RecordReader {
  #sink: RecordSink;
  #dialect: Dialect;
  #pending: string;
  #line: number;
  #skippingLongLine: boolean;
  #waryRecords: number;

  /** @param state of a reader that had read the text so far */
  constructor(sink: RecordSink, dialect: Dialect, state: ReaderState) {
    this.#sink = sink;
    this.#dialect = dialect;
    this.#pending = state.pending;
    this.#line = state.line;
    this.#skippingLongLine = state.skippingLongLine;
    this.#waryRecords = state.waryRecords;
  }

  get state(): ReaderState {
    return {
      pending: this.#pending,
      line: this.#line,
      skippingLongLine: this.#skippingLongLine,
      waryRecords: this.#waryRecords,
    };
  }

  push(text: string): void {
    this.#pending += text;
    this.#consume(false);
  }

  /** Takes what is left as the last record. */
  end(): void {
    this.#consume(true);
  }

  #consume(final: boolean): void {
    const { newline, quote } = this.#dialect;
    // The last line is read as every other one.
    if (final && this.#pending !== '' && !this.#pending.endsWith(newline)) this.#pending += newline;
    while (this.#pending !== '') {
      const before = this.#pending.length;
      if (this.#skippingLongLine) this.#skipLine(newline);
      else if (this.#pending.includes(quote)) this.#readQuoted(newline, final);
      else this.#readPlain(newline, final);
      if (this.#pending.length === before && !this.#giveUpLongRecord(newline, final)) return;
    }
  }

  /** No quote in sight: each line is a record. */
  #readPlain(newline: string, final: boolean): void {
    const end = final ? this.#pending.length : this.#pending.lastIndexOf(newline) + 1;
    if (end === 0) return;
    const withoutLastEnd = this.#pending.startsWith(newline, end - newline.length)
      ? end - newline.length
      : end;
    const text = this.#pending.slice(0, withoutLastEnd);
    this.#pending = this.#pending.slice(end);
    const mayHaveLongLines = text.length > MAX_RECORD_CHARACTERS;
    const rows = this.#splitPlain(text);
    if (rows.length === 0) rows.push(['']);
    const { delimiter } = this.#dialect;
    for (const fields of rows) {
      if (mayHaveLongLines && fields.join(delimiter).length > MAX_RECORD_CHARACTERS) {
        this.#rejectLine(fields.join(delimiter), 'row-too-long');
      } else {
        this.#sink.record(fields, this.#line++, undefined);
      }
    }
  }

  /** Not through Papa.parse, which takes a byte order mark away from every piece. */
  #splitPlain(text: string): string[][] {
    const parser = new Papa.Parser({ ...papaConfig(this.#dialect), fastMode: true });
    return (parser.parse(text, 0, false) as Papa.ParseResult<string[]>).data;
  }

  /** Reads whole records until the text ends or one of them is malformed. */
  #readQuoted(newline: string, final: boolean): void {
    // No more than the longest record: a quote that is never closed is looked for in all of it.
    const most = this.#pending.slice(0, MAX_RECORD_CHARACTERS + 2 * newline.length);
    const text = this.#waryRecords > 0 ? firstLinesOf(most, newline) : most;
    const isWhole = text.length === this.#pending.length;
    let start = 0;
    let isMalformed = false;
    const parser = new Papa.Parser({
      ...papaConfig(this.#dialect),
      step: (result: Papa.ParseStepResult<string[][]>) => {
        const next = result.meta.cursor;
        // Behind the last line end papaparse sees one more record, with nothing in it.
        if (start === text.length) return;
        isMalformed = result.errors.length > 0 || next - start > MAX_RECORD_CHARACTERS + newline.length;
        if (isMalformed) {
          parser.abort();
          return;
        }
        const end = text.startsWith(newline, next - newline.length) ? next - newline.length : next;
        const record = text.slice(start, end);
        const lineEnds = countOf(newline, record);
        const fields = result.data[0] ?? [''];
        isMalformed =
          lineEnds > MAX_RECORD_LINE_ENDS ||
          (lineEnds > 0 && fields.some((field) => holdsRow(field, newline)));
        if (isMalformed) {
          parser.abort();
          return;
        }
        this.#sink.record(fields, this.#line, record);
        this.#line += lineEnds + 1;
        if (this.#waryRecords > 0) this.#waryRecords--;
        start = next;
      },
    });
    parser.parse(text, 0, !(final && isWhole));
    this.#pending = this.#pending.slice(start);
    if (isMalformed) this.#rejectFirstLine(newline, final);
  }

  /** Whether a record that has no end yet is too long to wait for. */
  #giveUpLongRecord(newline: string, final: boolean): boolean {
    const isLong =
      this.#pending.length > MAX_RECORD_CHARACTERS || countOf(newline, this.#pending) > MAX_RECORD_LINE_ENDS;
    if (!final && !isLong) return false;
    this.#rejectFirstLine(newline, final);
    return true;
  }

  #rejectFirstLine(newline: string, final: boolean): void {
    const end = this.#pending.indexOf(newline);
    const length = end < 0 ? this.#pending.length : end;
    const code = length > MAX_RECORD_CHARACTERS ? 'row-too-long' : 'quotes-malformed';
    if (end < 0 && !final) {
      // The line goes on in pieces that have not come yet.
      if (code === 'quotes-malformed') return;
      this.#skippingLongLine = true;
    }
    this.#waryRecords = RECORDS_TO_TRUST;
    this.#rejectLine(this.#pending.slice(0, length), code);
    this.#pending = end < 0 ? '' : this.#pending.slice(end + newline.length);
  }

  #rejectLine(text: string, code: RejectCode): void {
    this.#sink.malformed(this.#line++, text.slice(0, MAX_RECORD_CHARACTERS).toWellFormed(), code);
  }

  /** Throws away the rest of a line that is rejected already. */
  #skipLine(newline: string): void {
    const end = this.#pending.indexOf(newline);
    this.#skippingLongLine = end < 0;
    this.#pending = end < 0 ? '' : this.#pending.slice(end + newline.length);
  }
}

/** Whether a value that spans lines has taken a row with it: its quote was never closed, and another one ended it. */
function holdsRow(value: string, newline: string): boolean {
  return value.includes(newline) && hasUuid(value);
}

/** As many lines as say whether the first record is too long. */
function firstLinesOf(text: string, newline: string): string {
  let end = 0;
  for (let lines = 0; lines < MAX_RECORD_LINE_ENDS + 2; lines++) {
    const at = text.indexOf(newline, end);
    if (at < 0) return text;
    end = at + newline.length;
  }
  return text.slice(0, end);
}

function countOf(part: string, text: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}
