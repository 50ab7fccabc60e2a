import { type DetectedFormat, detectFormat, HEAD_CHARACTERS } from '../../detect/detect-format.ts';
import { type Encoding, TextReader } from '../../detect/text.ts';
import type { Failure } from '../../reject-codes.ts';
import type { SourceRecord } from '../record.ts';
import type { OpenSource, Source, SourceState } from '../source.ts';
import { type ReaderState, RecordReader, startReaderAt } from './record-reader.ts';

interface CsvState extends SourceState {
  readonly encoding?: Encoding | undefined;
  /** Absent at the beginning of the file. */
  readonly reader?: ReaderState;
}

/** Opens a CSV file: its head shows the format, the rest is split into records. */
export const openCsv: OpenSource = (at) => new CsvSource(at?.state as CsvState | undefined, at?.format);

class CsvSource implements Source {
  format: DetectedFormat | undefined;
  failure: Failure | undefined;
  #text: TextReader;
  /** Text read before the format is known. */
  #head = '';
  /** Undefined until the format is known. */
  #reader: RecordReader | undefined;

  constructor(state: CsvState | undefined, format: DetectedFormat | undefined) {
    this.format = format;
    this.#text = new TextReader(state);
    if (format !== undefined && state?.reader !== undefined) {
      this.#reader = new RecordReader(format.dialect, state.reader);
    }
  }

  get state(): CsvState {
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
    const format = this.format ?? detectFormat(this.#head.slice(0, HEAD_CHARACTERS), this.encoding);
    if ('code' in format) {
      this.failure = format;
      return [];
    }
    this.format = format;
    this.#reader = new RecordReader(format.dialect, startReaderAt(format.firstRow.line));
    const rows = this.#head.slice(format.firstRow.offset);
    this.#head = '';
    return this.#reader.read(rows);
  }
}
