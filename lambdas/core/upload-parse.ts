import type { ReaderState, RecordSink } from './csv/record-reader.ts';
import type { TextPosition } from './csv/upload-text.ts';
import type { FileFormat } from './file-format.ts';
import { kindOfLine, type PassedOver } from './passed-over.ts';
import { REJECT_CODES, type RejectCode } from './reject-codes.ts';
import type { FormatSummary, RowBatch, Upload } from './row-batch.ts';
import { RowBatcher } from './row-batcher.ts';
import { checkRow, type Problem, type Row } from './row-rules.ts';

/**
 * Where a parse can go on: at the beginning of a batch, so that the batches that follow are the same as if it had
 * never stopped. It names the beginning of the chunk in which that batch begins, and what to pass over.
 */
export interface Checkpoint extends Counts {
  /** Of the unpacked text; byte 0 stands for the beginning of the file, whatever is before its header. */
  readonly text: TextPosition;
  readonly reader: ReaderState;
  /** How many records and malformed lines of the chunk belong to batches before. */
  readonly recordsToSkip: number;
  /** The number of the batch that begins. */
  readonly batch: number;
  readonly format: FileFormat;
  readonly summary: FormatSummary;
}

/** What was counted so far. */
export interface Counts {
  readonly rowsRead: number;
  readonly rowsRejected: number;
  readonly skippedLines: PassedOver;
}

interface Limits {
  readonly basisPoints: number;
  readonly maxMessageBytes: number;
}

/** What is the same for all rows of an upload. */
export interface UploadFacts {
  readonly upload: Upload;
  readonly format: FileFormat;
  /** What the beginning of the file says, for the ledger. */
  readonly summary: FormatSummary;
  /** The transaction date of every row, where no column says it. */
  readonly date: string | undefined;
}

/** Takes the records of one upload below its header. */
export class UploadParse implements RecordSink {
  #format: FileFormat;
  #summary: FormatSummary;
  #limits: Limits;
  #batcher: RowBatcher;
  #rowsRead = 0;
  #rowsRejected = 0;
  #skippedLines = { headers: 0, totals: 0 };
  #row = {} as Row;
  #chunk: { text: TextPosition; reader: ReaderState } | undefined;
  #recordsOfChunk = 0;
  #recordsToSkip = 0;
  /** Of the full batches that were not taken, where the next one begins. */
  #checkpoints: Checkpoint[] = [];

  constructor(
    { upload, format, summary, date }: UploadFacts,
    limits: Limits,
    checkpoint: Checkpoint | undefined,
  ) {
    this.#format = format;
    this.#summary = summary;
    this.#limits = limits;
    const facts = { date, header: format.headerText, format: summary };
    this.#batcher = new RowBatcher(upload, facts, limits.maxMessageBytes, checkpoint?.batch);
    if (checkpoint === undefined) return;
    this.#recordsToSkip = checkpoint.recordsToSkip;
    this.#rowsRead = checkpoint.rowsRead;
    this.#rowsRejected = checkpoint.rowsRejected;
    this.#skippedLines = { ...checkpoint.skippedLines };
  }

  /** @param text the position of the first byte that `reader` has not seen */
  beginChunk(text: TextPosition, reader: ReaderState): void {
    this.#chunk = { text, reader };
    this.#recordsOfChunk = 0;
  }

  record(fields: string[], line: number, text: string | undefined): void {
    if (this.#belongsToBatchesBefore()) return;
    const problems = checkRow(fields, this.#format, this.#limits.basisPoints, this.#row);
    if (problems.length > 0) {
      this.#rejectOrPassOver(fields, line, problems, text);
      return;
    }
    const before = this.#batcher.number;
    this.#batcher.addRow(line, this.#row);
    this.#count(before, 0);
  }

  malformed(line: number, text: string, code: RejectCode): void {
    if (this.#belongsToBatchesBefore()) return;
    this.#reject(line, [{ column: '', code, detail: REJECT_CODES[code] }], text);
  }

  /** Lets go of the texts that were read. */
  detach(): void {
    this.#batcher.detach();
  }

  /** Takes the batches that are full, each with where the parse can go on behind it. */
  takeFull(): { batch: RowBatch; next: Checkpoint }[] {
    const checkpoints = this.#checkpoints.splice(0);
    return this.#batcher.takeFull().map((batch, index) => ({ batch, next: checkpoints[index]! }));
  }

  /** @param encoding what all of the text turned out to be written in */
  close(encoding: FormatSummary['encoding']) {
    const format = { ...this.#summary, encoding, skippedLines: this.#skippedLines };
    const last = this.#batcher.close({ rowsRead: this.#rowsRead, format });
    const totals = { batches: last.batch, rowsRead: this.#rowsRead, rowsRejected: this.#rowsRejected };
    return { last, totals };
  }

  #belongsToBatchesBefore(): boolean {
    this.#recordsOfChunk++;
    if (this.#recordsToSkip === 0) return false;
    this.#recordsToSkip--;
    return true;
  }

  #rejectOrPassOver(
    fields: string[],
    line: number,
    problems: readonly Problem[],
    text: string | undefined,
  ): void {
    const { header, dialect } = this.#format;
    const kind = kindOfLine(fields, header);
    if (kind === undefined) this.#reject(line, problems, text ?? fields.join(dialect.delimiter));
    else if (kind === 'header') this.#skippedLines.headers++;
    else if (kind === 'total') this.#skippedLines.totals++;
  }

  #reject(line: number, problems: readonly Problem[], text: string): void {
    const [first, ...others] = problems as [Problem, ...Problem[]];
    // The column of the first stands by itself.
    const message = [first.detail, ...others.map(({ column, detail }) => `${column}: ${detail}`)].join(' ');
    const before = this.#batcher.number;
    const row = text.endsWith('\r') ? text.slice(0, -1) : text;
    this.#batcher.addReject({ line, column: first.column, code: first.code, message, text: row });
    this.#count(before, 1);
  }

  /** Counts the row that was added, and notes where it began a new batch. */
  #count(batchBefore: number, rejected: 0 | 1): void {
    if (this.#batcher.number !== batchBefore) {
      this.#checkpoints.push({
        ...this.#chunk!,
        recordsToSkip: this.#recordsOfChunk - 1,
        batch: this.#batcher.number,
        rowsRead: this.#rowsRead,
        rowsRejected: this.#rowsRejected,
        skippedLines: { ...this.#skippedLines },
        format: this.#format,
        summary: this.#summary,
      });
    }
    this.#rowsRead++;
    this.#rowsRejected += rejected;
  }
}
