import { REJECT_CODES, type RejectCode } from '../contract/reject-codes.ts';
import type { RejectedRow, RowBatch, Upload } from '../contract/row-batch.ts';
import { parseUploadKey } from '../contract/upload-key.ts';
import { dateFromFileName } from './calendar.ts';
import { type Failure, type Header, readHeader } from './csv/header.ts';
import { RecordReader } from './csv/record-reader.ts';
import { RowBatcher } from './row-batcher.ts';
import { checkRow, type Problem, type Row } from './row-rules.ts';

export interface ParseSettings {
  /** The tax in hundredths of a percent. */
  readonly basisPoints: number;
  /** The largest message, in bytes. */
  readonly maxMessageBytes: number;
}

/** Where the parse goes: each call is waited for before more is read. */
export interface ParseSink {
  batch(batch: RowBatch): Promise<void>;
  /** Rejected rows, in order, with the text of the file's header. */
  rejects(rows: readonly RejectedRow[], headerText: string): Promise<void>;
}

export interface ParseTotals {
  readonly batches: number;
  readonly rowsRead: number;
  readonly rowsRejected: number;
  readonly failure?: Failure;
}

/**
 * Turns the bytes of an upload into batches. The last batch carries the totals; where the file as a whole
 * cannot be read it is the only one, and carries the reason.
 * @param chunks the object's bytes, cut anywhere
 */
export async function parseUpload(
  upload: Upload,
  chunks: AsyncIterable<Uint8Array>,
  settings: ParseSettings,
  sink: ParseSink,
): Promise<ParseTotals> {
  const uploadKey = parseUploadKey(upload.key);
  if (uploadKey === undefined) {
    return refuseUpload(upload, settings, sink, {
      code: 'key-invalid',
      message: `The key "${upload.key}" is not incoming/store=<store>/<file name> with a store of letters, digits, ".", "_" and "-".`,
    });
  }
  const parse = new UploadParse(upload, dateFromFileName(uploadKey.fileName), settings);
  const reader = new RecordReader(parse);
  const decoder = new TextDecoder('utf-8');
  for await (const chunk of chunks) {
    reader.push(decoder.decode(chunk, { stream: true }));
    if (parse.failure !== undefined) break;
    await parse.drain(sink);
  }
  if (parse.failure === undefined) {
    reader.push(decoder.decode());
    reader.end();
  }
  const failure = parse.failure ?? parse.missingHeader();
  if (failure !== undefined) return refuseUpload(upload, settings, sink, failure);
  await parse.drain(sink);
  return parse.close(sink);
}

/** Sends the one batch that says why nothing of an upload was loaded. */
export async function refuseUpload(
  upload: Upload,
  settings: ParseSettings,
  sink: Pick<ParseSink, 'batch'>,
  failure: Failure,
): Promise<ParseTotals> {
  const batcher = new RowBatcher(upload, undefined, settings.maxMessageBytes);
  await sink.batch(batcher.close({ rowsRead: 0, failure }));
  return { batches: 1, rowsRead: 0, rowsRejected: 0, failure };
}

/** Takes the records of one upload: the first is its header, the others are its rows. */
class UploadParse {
  failure: Failure | undefined;
  #date: string | undefined;
  #basisPoints: number;
  #batcher: RowBatcher | undefined;
  #upload: Upload;
  #maxMessageBytes: number;
  #header: Header | undefined;
  #headerText = '';
  #rowsRead = 0;
  #rowsRejected = 0;
  #rejects: RejectedRow[] = [];
  #row = {} as Row;

  constructor(upload: Upload, date: string | undefined, settings: ParseSettings) {
    this.#upload = upload;
    this.#date = date;
    this.#basisPoints = settings.basisPoints;
    this.#maxMessageBytes = settings.maxMessageBytes;
  }

  record(fields: string[], line: number, text: string | undefined): void {
    if (this.failure !== undefined || isBlank(fields)) return;
    if (this.#header === undefined) {
      this.#readHeader(fields, withoutCarriageReturn(text ?? fields.join(',')));
      return;
    }
    this.#rowsRead++;
    const problems = checkRow(fields, this.#header, this.#basisPoints, this.#row);
    if (problems.length === 0) this.#batcher!.addRow(line, this.#row);
    else this.#reject(line, problems, withoutCarriageReturn(text ?? fields.join(',')));
  }

  malformed(line: number, text: string, code: RejectCode): void {
    if (this.failure !== undefined) return;
    if (this.#header === undefined) {
      this.failure = { code: 'not-a-csv', message: `Line ${line} cannot be a header: ${REJECT_CODES[code]}` };
      return;
    }
    this.#rowsRead++;
    this.#reject(line, [{ column: '', code, detail: REJECT_CODES[code] }], withoutCarriageReturn(text));
  }

  missingHeader(): Failure | undefined {
    if (this.#header !== undefined) return undefined;
    return { code: 'file-empty', message: 'The file is empty: not even a header is in it.' };
  }

  /** Hands over what is ready. */
  async drain(sink: ParseSink): Promise<void> {
    if (this.#rejects.length > 0) await sink.rejects(this.#rejects.splice(0), this.#headerText);
    for (const batch of this.#batcher?.takeFull() ?? []) await sink.batch(batch);
  }

  async close(sink: ParseSink): Promise<ParseTotals> {
    const batch = this.#batcher!.close({ rowsRead: this.#rowsRead });
    await sink.batch(batch);
    return { batches: batch.batch, rowsRead: this.#rowsRead, rowsRejected: this.#rowsRejected };
  }

  #readHeader(fields: string[], text: string): void {
    const header = readHeader(fields);
    // What archives, pictures and workbooks begin with, and no text in UTF-8 does.
    if (/[\0\ufffd]/.test(text)) {
      const message = 'The file is not a CSV text in UTF-8: its first line has bytes that no such text has.';
      this.failure = { code: 'not-a-csv', message };
    } else if ('code' in header) {
      this.failure = header;
    } else if (header.transactionDate === undefined && this.#date === undefined) {
      this.failure = {
        code: 'date-unknown',
        message:
          'Neither the file name (retail_DD_MM_YYYY.csv, a day that exists) nor a column transaction_date says the date.',
      };
    } else {
      this.#header = header;
      this.#headerText = text;
      // A column says it for each row; the file's name is for files that have none.
      const date = header.transactionDate === undefined ? this.#date : undefined;
      this.#batcher = new RowBatcher(this.#upload, date, this.#maxMessageBytes);
    }
  }

  #reject(line: number, problems: readonly Problem[], text: string): void {
    const first = problems[0]!;
    const message = problems.map(({ detail }) => detail).join(' ');
    const reject = { line, column: first.column, code: first.code, message, text };
    this.#rowsRejected++;
    this.#rejects.push(reject);
    this.#batcher!.addReject(reject);
  }
}

function isBlank(fields: readonly string[]): boolean {
  return fields.length === 1 && fields[0]!.trim() === '';
}

function withoutCarriageReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
