import { dateFromFileName } from './calendar.ts';
import { type Failure, unknownTitles } from './csv/header.ts';
import { RecordReader, readerStateAt } from './csv/record-reader.ts';
import { UploadText } from './csv/upload-text.ts';
import { type FileFormat, findFormat, HEAD_CHARACTERS, summarizeFormat } from './file-format.ts';
import type { FormatSummary, Upload } from './row-batch.ts';
import { type Checkpoint, UploadParse } from './upload-parse.ts';

export interface ParseSettings {
  /** The tax in hundredths of a percent. */
  readonly basisPoints: number;
  /** The largest message, in bytes. */
  readonly maxMessageBytes: number;
  /** Whether a file may have columns that nobody reads. */
  readonly unknownColumns: 'ignore' | 'refuse';
}

/** Reads an upload from its bytes: first its head, which says how it is written, then its rows. */
export class UploadReading {
  /** Why nothing of it can be read. */
  failure: Failure | undefined;
  /** How it is written, as far as its head says it. */
  summary: FormatSummary;
  #upload: Upload;
  #fileName: string;
  #settings: ParseSettings;
  #checkpoint: Checkpoint | undefined;
  #text: UploadText;
  #head = '';
  #rows: { readonly parse: UploadParse; readonly reader: RecordReader } | undefined;

  /** @param compression what the text was unpacked from */
  constructor(
    upload: Upload,
    fileName: string,
    compression: FormatSummary['compression'],
    settings: ParseSettings,
    checkpoint: Checkpoint | undefined,
  ) {
    this.#upload = upload;
    this.#fileName = fileName;
    this.#settings = settings;
    this.#checkpoint = checkpoint;
    this.#text = new UploadText(checkpoint?.text);
    this.summary = checkpoint?.summary ?? (compression === undefined ? {} : { compression });
    if (checkpoint !== undefined && checkpoint.text.byte > 0) this.#rows = this.#openRows(checkpoint.format);
  }

  push(chunk: Uint8Array): void {
    if (this.#rows === undefined) {
      this.#head += this.#text.push(chunk);
      if (this.#head.length >= HEAD_CHARACTERS) this.#readHead();
      return;
    }
    const { parse, reader } = this.#rows;
    parse.beginChunk(this.#text.position, reader.state);
    reader.push(this.#text.push(chunk));
    parse.detach();
  }

  /** Reads what is left when no more comes. */
  end(): void {
    const text = this.#text.end();
    if (this.#rows === undefined) {
      this.#head += text;
      this.#readHead();
    } else {
      this.#rows.reader.push(text);
    }
    this.#rows?.reader.end();
  }

  takeFull() {
    return this.#rows?.parse.takeFull() ?? [];
  }

  /** Where nothing failed, and the end is read. */
  close() {
    return this.#rows!.parse.close(this.#text.position.encoding ?? 'UTF-8');
  }

  #readHead(): void {
    const head = this.#head.slice(0, HEAD_CHARACTERS);
    if (this.#checkpoint === undefined) this.summary = { ...this.summary, encoding: this.#encodingOf(head) };
    const format = this.#checkpoint?.format ?? findFormat(head);
    if ('code' in format) {
      this.failure = format;
      return;
    }
    this.summary = this.#checkpoint?.summary ?? { ...this.summary, ...summarizeFormat(format) };
    this.failure = this.#objectionTo(format);
    if (this.failure !== undefined) return;
    this.#rows = this.#openRows(format);
    const { parse, reader } = this.#rows;
    parse.beginChunk({ byte: 0 }, reader.state);
    reader.push(this.#head.slice(format.characters));
    this.#head = '';
  }

  /** Of the head alone, since more of the text may have been decoded than it has. */
  #encodingOf(head: string): FormatSummary['encoding'] {
    const { encoding = 'UTF-8' } = this.#text.position;
    return encoding.startsWith('UTF-16') || /[^\0-\x7f]/.test(head) ? encoding : 'UTF-8';
  }

  #objectionTo({ header }: FileFormat): Failure | undefined {
    const unknown = unknownTitles(header);
    if (this.#settings.unknownColumns === 'refuse' && unknown.length > 0) {
      const titles = unknown.map((title) => `"${title}"`).join(', ');
      const message = `The header has ${titles.slice(0, 500).toWellFormed()}, and retail:unknownColumns is "refuse".`;
      return { code: 'column-unknown', message };
    }
    if (header.transactionDate === undefined && this.#dateOfName() === undefined) {
      const message =
        'Neither the file name (retail_DD_MM_YYYY.csv, a day that exists) nor a column transaction_date says the date.';
      return { code: 'date-unknown', message };
    }
    return undefined;
  }

  #openRows(format: FileFormat) {
    const checkpoint = this.#checkpoint;
    // A column says it for each row; the file's name is for files that have none.
    const date = format.header.transactionDate === undefined ? this.#dateOfName() : undefined;
    const facts = { upload: this.#upload, format, summary: this.summary, date };
    const parse = new UploadParse(facts, this.#settings, checkpoint);
    const isInside = checkpoint !== undefined && checkpoint.text.byte > 0;
    const state = isInside ? checkpoint.reader : readerStateAt(format.lines + 1);
    return { parse, reader: new RecordReader(parse, format.dialect, state) };
  }

  #dateOfName(): string | undefined {
    return dateFromFileName(this.#fileName);
  }
}
