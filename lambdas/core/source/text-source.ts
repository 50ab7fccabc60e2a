import { type DetectedFormat, HEAD_CHARACTERS } from '../detect/detect-format.ts';
import { type Encoding, TextReader } from '../detect/text.ts';
import type { Failure } from '../reject-codes.ts';
import type { SourceRecord } from './record.ts';
import type { ResumePoint, Source, SourceState } from './source.ts';

/** Splits a text, fed in chunks of any size, into records. Chunk boundaries do not change the result. */
interface Reader<ReaderState> {
  readonly state: ReaderState;
  read(text: string): SourceRecord[];
  end(): SourceRecord[];
}

/** Functions that tell one format of text files from another. */
export interface TextFormat<ReaderState> {
  /** Encoding of files without a byte order mark. @default the bytes show it */
  readonly encoding?: Encoding;
  /** @param head the first {@link HEAD_CHARACTERS} of the text, or all of it */
  detect(head: string, encoding: Encoding | undefined): DetectedFormat | Failure;
  /** @param state of a reader that has read the preceding text @default the state before the first row */
  openReader(format: DetectedFormat, state?: ReaderState): Reader<ReaderState>;
}

interface TextState<ReaderState> extends SourceState {
  readonly encoding?: Encoding | undefined;
  /** Absent at the beginning of the file. */
  readonly reader?: ReaderState;
}

/** A text file: its head shows the format, the rest is split into records. */
export class TextSource<ReaderState> implements Source {
  format: DetectedFormat | undefined;
  failure: Failure | undefined;
  #textFormat: TextFormat<ReaderState>;
  #text: TextReader;
  /** Text read before the format is known. */
  #head = '';
  /** Undefined until the format is known. */
  #reader: Reader<ReaderState> | undefined;

  constructor(textFormat: TextFormat<ReaderState>, at: ResumePoint | undefined) {
    const state = at?.state as TextState<ReaderState> | undefined;
    this.#textFormat = textFormat;
    this.format = at?.format;
    this.#text = new TextReader({ byte: 0, encoding: textFormat.encoding, ...state });
    if (this.format !== undefined && state?.reader !== undefined) {
      this.#reader = textFormat.openReader(this.format, state.reader);
    }
  }

  get state(): TextState<ReaderState> {
    return this.#reader === undefined ? { byte: 0 } : { ...this.#text.position, reader: this.#reader.state };
  }

  get encoding(): Encoding | undefined {
    // The bytes of a picture have no encoding.
    if (this.failure?.code === 'not-csv') return undefined;
    const { encoding = 'UTF-8' } = this.#text.position;
    if (this.#reader !== undefined || encoding.startsWith('UTF-16')) return encoding;
    // Chunk boundaries decide how much text after the head is decoded already: only the head counts.
    return /[^\0-\x7f]/.test(this.#head.slice(0, HEAD_CHARACTERS)) ? encoding : 'UTF-8';
  }

  read(chunk: Uint8Array): SourceRecord[] {
    const text = this.#text.read(chunk);
    if (this.#reader !== undefined) return this.#reader.read(text);
    this.#head += text;
    return this.#head.length < HEAD_CHARACTERS ? [] : this.#readHead();
  }

  end(): SourceRecord[] {
    const text = this.#text.end();
    if (this.#reader === undefined) this.#head += text;
    const records = this.#reader?.read(text) ?? this.#readHead();
    return records.concat(this.#reader?.end() ?? []);
  }

  #readHead(): SourceRecord[] {
    const format =
      this.format ?? this.#textFormat.detect(this.#head.slice(0, HEAD_CHARACTERS), this.encoding);
    if ('code' in format) {
      this.failure = format;
      return [];
    }
    this.format = format;
    this.#reader = this.#textFormat.openReader(format);
    const rows = this.#head.slice(format.firstRow.offset);
    this.#head = '';
    return this.#reader.read(rows);
  }
}
