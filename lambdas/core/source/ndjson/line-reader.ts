import { MAX_RECORD_CHARACTERS } from '../csv/dialect.ts';
import type { SourceRecord } from '../record.ts';
import type { ReadItem } from './item-reader.ts';

/** State of a reader between two chunks of the text. */
export interface LineReaderState {
  /** Beginning of a line that is not complete yet. */
  readonly pending: string;
  /** Physical line on which the pending text starts. */
  readonly line: number;
  readonly isSkippingLongLine: boolean;
}

/**
 * Splits an NDJSON text, fed in chunks of any size, into lines, and reads each as an item. Blank lines are skipped. Chunk
 * boundaries do not change the result.
 */
export class LineReader {
  #readItem: ReadItem;
  #pending: string;
  #line: number;
  #isSkippingLongLine: boolean;

  constructor(readItem: ReadItem, { pending, line, isSkippingLongLine }: LineReaderState) {
    this.#readItem = readItem;
    this.#pending = pending;
    this.#line = line;
    this.#isSkippingLongLine = isSkippingLongLine;
  }

  get state(): LineReaderState {
    return { pending: this.#pending, line: this.#line, isSkippingLongLine: this.#isSkippingLongLine };
  }

  /** Returns the records that this chunk completes. */
  read(chunk: string): SourceRecord[] {
    const records: SourceRecord[] = [];
    // The pending text has no line terminator.
    let end = chunk.indexOf('\n');
    const text = this.#pending + chunk;
    if (end >= 0) end += this.#pending.length;
    let start = 0;
    for (; end >= 0; end = text.indexOf('\n', start)) {
      this.#readLine(text.slice(start, end), records);
      start = end + 1;
    }
    this.#pending = text.slice(start);
    if (this.#isSkippingLongLine) {
      this.#pending = '';
    } else if (this.#pending.length > MAX_RECORD_CHARACTERS) {
      // The rest of the line is in later chunks.
      records.push(this.#readItem(this.#pending, this.#line));
      this.#pending = '';
      this.#isSkippingLongLine = true;
    }
    return records;
  }

  /** Returns the record of a last line without a line terminator. */
  end(): SourceRecord[] {
    return this.#pending === '' ? [] : this.read('\n');
  }

  #readLine(text: string, records: SourceRecord[]): void {
    const line = this.#line++;
    if (this.#isSkippingLongLine) this.#isSkippingLongLine = false;
    else if (text.length > MAX_RECORD_CHARACTERS || text.trim() !== '')
      records.push(this.#readItem(text, line));
  }
}
