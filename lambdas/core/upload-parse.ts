import { REJECT_CODES, type RejectCode } from '../contract/reject-codes.ts';
import type { RowBatch, Upload } from '../contract/row-batch.ts';
import { type Failure, type Header, readHeader } from './csv/header.ts';
import type { ReaderState, RecordSink } from './csv/record-reader.ts';
import { RowBatcher } from './row-batcher.ts';
import { checkRow, type Problem, type Row } from './row-rules.ts';

/** A header travels in every message, with the longest row that may be rejected: both must fit into the smallest. */
export const MAX_HEADER_CHARACTERS = 8_192;

/**
 * Where a parse can go on: at the beginning of a batch, so that the batches that follow are the same as if it had
 * never stopped. It names the beginning of the chunk in which that batch begins, and what to pass over.
 */
export interface Checkpoint {
  /** Of the object, the first byte to read. */
  readonly byte: number;
  readonly reader: ReaderState;
  /** How many records and malformed lines belong to batches before. */
  readonly recordsToSkip: number;
  /** The number of the batch that begins. */
  readonly batch: number;
  readonly rowsRead: number;
  readonly rowsRejected: number;
  readonly header: Header;
  readonly headerText: string;
}

interface Limits {
  readonly basisPoints: number;
  readonly maxMessageBytes: number;
}

/** Takes the records of one upload: the first is its header, the others are its rows. */
export class UploadParse implements RecordSink {
  failure: Failure | undefined;
  #date: string | undefined;
  #limits: Limits;
  #upload: Upload;
  #batcher: RowBatcher | undefined;
  #header: Header | undefined;
  #headerText = '';
  #rowsRead = 0;
  #rowsRejected = 0;
  #row = {} as Row;
  #chunk: { byte: number; reader: ReaderState } | undefined;
  #recordsOfChunk = 0;
  #recordsToSkip = 0;
  /** Of the full batches that were not taken, where the next one begins. */
  #checkpoints: Checkpoint[] = [];

  /** @param date what the file's name says */
  constructor(upload: Upload, date: string | undefined, limits: Limits, checkpoint: Checkpoint | undefined) {
    this.#upload = upload;
    this.#date = date;
    this.#limits = limits;
    if (checkpoint === undefined) return;
    this.#recordsToSkip = checkpoint.recordsToSkip;
    this.#rowsRead = checkpoint.rowsRead;
    this.#rowsRejected = checkpoint.rowsRejected;
    this.#beginRows(checkpoint.header, checkpoint.headerText, checkpoint.batch);
  }

  /** @param byte the first one that `reader` has not seen */
  beginChunk(byte: number, reader: ReaderState): void {
    this.#chunk = { byte, reader };
    this.#recordsOfChunk = 0;
  }

  record(fields: string[], line: number, text: string | undefined): void {
    if (this.#isPassedOver() || isBlank(fields)) return;
    if (this.#header === undefined) {
      this.#readHeader(fields, withoutCarriageReturn(text ?? fields.join(',')));
      return;
    }
    const problems = checkRow(fields, this.#header, this.#limits.basisPoints, this.#row);
    if (problems.length > 0) {
      this.#reject(line, problems, withoutCarriageReturn(text ?? fields.join(',')));
      return;
    }
    const before = this.#batcher!.number;
    this.#batcher!.addRow(line, this.#row);
    this.#count(before, 0);
  }

  malformed(line: number, text: string, code: RejectCode): void {
    if (this.#isPassedOver()) return;
    if (this.#header === undefined) {
      this.failure = { code: 'not-a-csv', message: `Line ${line} cannot be a header: ${REJECT_CODES[code]}` };
      return;
    }
    this.#reject(line, [{ column: '', code, detail: REJECT_CODES[code] }], withoutCarriageReturn(text));
  }

  missingHeader(): Failure | undefined {
    if (this.#header !== undefined) return undefined;
    return { code: 'file-empty', message: 'The file is empty: not even a header is in it.' };
  }

  /** Takes the batches that are full, each with where the parse can go on behind it. */
  takeFull(): { batch: RowBatch; next: Checkpoint }[] {
    const checkpoints = this.#checkpoints.splice(0);
    return (this.#batcher?.takeFull() ?? []).map((batch, index) => ({ batch, next: checkpoints[index]! }));
  }

  close() {
    const last = this.#batcher!.close({ rowsRead: this.#rowsRead });
    const totals = { batches: last.batch, rowsRead: this.#rowsRead, rowsRejected: this.#rowsRejected };
    return { last, totals };
  }

  #isPassedOver(): boolean {
    this.#recordsOfChunk++;
    if (this.failure !== undefined) return true;
    if (this.#recordsToSkip === 0) return false;
    this.#recordsToSkip--;
    return true;
  }

  #readHeader(fields: string[], text: string): void {
    const header = readHeader(fields);
    // What archives, pictures and workbooks begin with, and no text in UTF-8 does.
    if (/[\0\ufffd]/.test(text)) {
      const message = 'The file is not a CSV text in UTF-8: its first line has bytes that no such text has.';
      this.failure = { code: 'not-a-csv', message };
    } else if ('code' in header) {
      this.failure = header;
    } else if (text.length > MAX_HEADER_CHARACTERS) {
      const limit = MAX_HEADER_CHARACTERS.toLocaleString('en-US');
      this.failure = { code: 'not-a-csv', message: `The header is longer than ${limit} characters.` };
    } else if (header.transactionDate === undefined && this.#date === undefined) {
      this.failure = {
        code: 'date-unknown',
        message:
          'Neither the file name (retail_DD_MM_YYYY.csv, a day that exists) nor a column transaction_date says the date.',
      };
    } else {
      this.#beginRows(header, text, 1);
    }
  }

  #beginRows(header: Header, text: string, firstBatch: number): void {
    this.#header = header;
    this.#headerText = text;
    // A column says it for each row; the file's name is for files that have none.
    const date = header.transactionDate === undefined ? this.#date : undefined;
    const facts = { date, header: text };
    this.#batcher = new RowBatcher(this.#upload, facts, this.#limits.maxMessageBytes, firstBatch);
  }

  #reject(line: number, problems: readonly Problem[], text: string): void {
    const first = problems[0]!;
    const message = problems.map(({ detail }) => detail).join(' ');
    const before = this.#batcher!.number;
    this.#batcher!.addReject({ line, column: first.column, code: first.code, message, text });
    this.#count(before, 1);
  }

  /** Counts the row that was added, and notes where it began a new batch. */
  #count(batchBefore: number, rejected: 0 | 1): void {
    if (this.#batcher!.number !== batchBefore) {
      this.#checkpoints.push({
        ...this.#chunk!,
        recordsToSkip: this.#recordsOfChunk - 1,
        batch: this.#batcher!.number,
        rowsRead: this.#rowsRead,
        rowsRejected: this.#rowsRejected,
        header: this.#header!,
        headerText: this.#headerText,
      });
    }
    this.#rowsRead++;
    this.#rowsRejected += rejected;
  }
}

function isBlank(fields: readonly string[]): boolean {
  return fields.length === 1 && fields[0]!.trim() === '';
}

function withoutCarriageReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
