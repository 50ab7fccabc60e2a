import { Batcher } from './batches/batcher.ts';
import { type ClosingBatch, refuseUpload } from './batches/closing-batch.ts';
import { COLUMNS } from './columns.ts';
import { createCorrectionReader, type ReadCorrection } from './corrections.ts';
import type { DetectedFormat } from './detect/detect-format.ts';
import { hasColumn, objectToHeader } from './detect/header.ts';
import type { FormatSummary, RejectedRow, RowBatch, Upload } from './row-batch.ts';
import { describeProblems } from './rows/describe-problems.ts';
import { objectToDate } from './rows/plausible-dates.ts';
import { createFileCheck } from './rows/profile-check.ts';
import { classifyLine, type RowCheck } from './rows/row-check.ts';
import { type SumState, Totals } from './rows/totals.ts';
import { findStoreFault, type Rules } from './rules.ts';
import { FIRST_ITEM_LINE } from './source/ndjson/manifest.ts';
import { formatValues } from './source/ndjson/ndjson-format.ts';
import { type RecordsOfChunk, readRecords } from './source/read-records.ts';
import { describeBrokenLine, type SourceRecord } from './source/record.ts';
import type { SourceState } from './source/source.ts';
import { chooseSource } from './source/sources.ts';
import { openSheet } from './source/workbook-source.ts';
import { findKeyFault, parseUploadKey, readDateFromName } from './upload-key.ts';
import type { WorkbookFacts } from './workbook/open-workbook.ts';

/** Settings that decide how a file is read and cut into batches. */
export interface ParseSettings {
  /** The rules of the store. */
  readonly rules: Rules;
  readonly maxMessageBytes: number;
}

/** The bytes of an upload, uncompressed. */
export interface UploadBytes {
  /** Chunks of any size, from the byte of the checkpoint if there is one. */
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly compression?: FormatSummary['compression'];
  /** Present if `chunks` are the rows of a sheet. */
  readonly workbook?: WorkbookFacts | undefined;
  /** Point at which an earlier parse stopped. @default the beginning of the file */
  readonly checkpoint?: Checkpoint | undefined;
}

/**
 * Point at which a parse can continue: the beginning of a batch, so that the remaining batches are the same as without
 * a stop. It travels in a message, as JSON.
 */
export interface Checkpoint extends Counts {
  /** State before the chunk in which the batch begins. */
  readonly source: SourceState;
  /** Number of records of that chunk that belong to earlier batches. */
  readonly recordsToSkip: number;
  readonly batch: number;
  readonly format: DetectedFormat;
  readonly compression: FormatSummary['compression'];
  readonly sums: SumState;
}

/** Numbers of the records read so far. */
interface Counts {
  rowsRead: number;
  rowsRejected: number;
  readonly skippedLines: { headers: number; totals: number };
}

interface UploadFile {
  readonly upload: Upload;
  readonly format: DetectedFormat;
  readonly summary: FormatSummary;
  readonly compression: FormatSummary['compression'];
  /** Transaction date of every row; undefined if the file has a column for it. */
  readonly date: string | undefined;
}

/** One batch, and the point at which a parse continues after it. The last batch closes the upload. */
export type ParsedBatch = { readonly batch: RowBatch; readonly next: Checkpoint } | ClosingBatch;

/**
 * Parses the bytes of an upload into batches. The caller may stop after any batch and continue later from its `next`.
 * The last batch carries the totals. If the file cannot be read, it is the only one and carries the reason.
 */
export async function* parseBatches(
  upload: Upload,
  { chunks, compression, workbook, checkpoint }: UploadBytes,
  settings: ParseSettings,
): AsyncGenerator<ParsedBatch, void> {
  const fault = findKeyFault(upload.key) ?? findStoreFault(upload, settings.rules);
  if (fault !== undefined) {
    yield refuseUpload(upload, fault);
    return;
  }
  const { fileName, archiveName = '' } = parseUploadKey(upload.key)!;
  const openSource = workbook === undefined ? chooseSource(fileName) : openSheet(workbook);
  const { fileDay } = settings.rules.profile ?? {};
  const nameDate = readDateFromName(fileName, fileDay) ?? readDateFromName(archiveName, fileDay);
  const source = openSource(checkpoint && { state: checkpoint.source, format: checkpoint.format }, {
    fileName,
    date: nameDate,
    rules: settings.rules,
  });
  const packed = describeContainer({ compression, workbook });
  let rows: RowBatches | undefined;
  for await (const chunk of readRecords(source, chunks)) {
    const { format } = source;
    if (format === undefined) continue;
    if (rows === undefined) {
      const date = hasColumn(format.header, 'transactionDate') ? undefined : nameDate;
      const failure =
        format.failure ??
        objectToHeader(format.header, date, settings.rules.unknownColumns, settings.rules.profile) ??
        objectToDate(date, settings.rules, upload.receivedAt);
      const summary = { ...packed, ...format.summary };
      if (failure !== undefined) {
        yield refuseUpload(upload, failure, summary, format.receipts);
        return;
      }
      rows = new RowBatches({ upload, format, summary, date, compression }, settings, checkpoint);
    }
    yield* rows.add(chunk);
  }
  const { failure, encoding } = source;
  yield failure === undefined
    ? rows!.close(encoding)
    : refuseUpload(upload, failure, { ...packed, encoding });
}

/** Describes what contains the rows of an upload. */
export function describeContainer({ compression, workbook }: Pick<UploadBytes, 'compression' | 'workbook'>) {
  if (workbook !== undefined)
    return { syntax: workbook.syntax, ...(workbook.sheet && { sheet: workbook.sheet }) };
  return compression && { compression };
}

/** Checks the records of one upload and cuts them into batches. */
class RowBatches {
  #file: UploadFile;
  #check: RowCheck;
  #readCorrection: ReadCorrection | undefined;
  #batcher: Batcher;
  #values: string[] = COLUMNS.map(() => '');
  #numbers: number[] = COLUMNS.map(() => Number.NaN);
  #counts: Counts;
  #totals: Totals;
  #recordsToSkip: number;
  #lastLine: number;

  constructor(file: UploadFile, settings: ParseSettings, checkpoint: Partial<Checkpoint> = {}) {
    const { upload, format, summary, date } = file;
    const { receipts, ...kept } = format;
    this.#file = { ...file, format: kept }; // Only the first batch has receipts, and no checkpoint is in it.
    this.#lastLine = format.firstRow.line - 1;
    const { storeId, receivedAt } = upload;
    this.#check = createFileCheck(format, settings.rules, { storeId, date, receivedAt });
    this.#readCorrection = createCorrectionReader(format.header, format.dialect);
    const isCorrection = this.#readCorrection !== undefined;
    const facts = { date, header: format.headerText, format: summary, isCorrection };
    this.#batcher = new Batcher(upload, facts, settings.maxMessageBytes, checkpoint.batch, receipts);
    const { rowsRead = 0, rowsRejected = 0, skippedLines, recordsToSkip = 0 } = checkpoint;
    this.#counts = { rowsRead, rowsRejected, skippedLines: { headers: 0, totals: 0, ...skippedLines } };
    this.#totals = new Totals(format.header, format.values, checkpoint.sums);
    this.#recordsToSkip = recordsToSkip;
  }

  /** Yields the batches that these records fill. */
  *add({ state, offset, records }: RecordsOfChunk): Generator<ParsedBatch, void> {
    for (let index = 0; index < records.length; index++) {
      const record = records[index]!;
      if (this.#recordsToSkip > 0) {
        this.#recordsToSkip--;
        continue;
      }
      const reject = this.#findReject(record);
      if (reject === 'skip') continue;
      const corrects = this.#readCorrection?.(record);
      const batch =
        reject === undefined
          ? this.#batcher.addRow(record.line, this.#values, corrects)
          : this.#batcher.addReject(corrects === undefined ? reject : { ...reject, corrects });
      // The record is the first one of the next batch, and not counted yet.
      if (batch !== undefined) yield { batch, next: this.#createCheckpoint(state, offset + index) };
      this.#counts.rowsRead++;
      if (reject === undefined) {
        this.#totals.addRow(this.#numbers);
      } else {
        this.#counts.rowsRejected++;
        // A profile may give its values another sign.
        this.#totals.addReject(this.#file.summary.profile === undefined ? record.fields : undefined);
      }
    }
    this.#lastLine = records.at(-1)?.line ?? this.#lastLine;
    this.#batcher.detach();
  }

  /** @param encoding of the whole text */
  close(encoding: FormatSummary['encoding']): ClosingBatch {
    const { rowsRead, rowsRejected, skippedLines } = this.#counts;
    const { result: totals } = this.#totals;
    const judged = { ...this.#judgeManifest(), ...(totals && { totals }) };
    const format = { ...this.#file.summary, encoding, ...judged, skippedLines };
    const batch = this.#batcher.close({ rowsRead, format });
    return { batch, next: undefined, totals: { batches: batch.batch, rowsRead, rowsRejected } };
  }

  /** Checks a record. @returns undefined if it is a row, whose values are then in `#values` */
  #findReject(record: SourceRecord): RejectedRow | 'skip' | undefined {
    const { line, fields, text } = record;
    if (fields === undefined) {
      return { line, ...describeBrokenLine(record), text: text.replace(/\r$/, '') };
    }
    const problems = this.#check(fields, this.#values, this.#numbers);
    const [first] = problems;
    if (first === undefined) return undefined;
    const { header, dialect, summary } = this.#file.format;
    const isCsv = summary.syntax === undefined;
    const isItem = summary.syntax === 'NDJSON';
    const kind = !isItem && classifyLine(fields, header, summary.profile !== undefined);
    if (kind === 'header') this.#counts.skippedLines.headers++;
    if (kind === 'total') {
      this.#counts.skippedLines.totals++;
      this.#totals.compare(line, fields);
    }
    if (kind) return 'skip';
    const message = describeProblems(problems, isItem ? fields : undefined);
    const original = text ?? (isCsv ? fields.join(dialect.delimiter) : formatValues(fields));
    return { line, column: first.column, code: first.code, message, text: original.replace(/\r$/, '') };
  }

  /** Compares the manifest with the lines below it: each is an item, except blank ones at the end. */
  #judgeManifest(): Pick<FormatSummary, 'manifest'> {
    const { manifestItems: items } = this.#file.format;
    const isRight = items === this.#counts.rowsRead && this.#lastLine === FIRST_ITEM_LINE - 1 + items;
    return items === undefined || isRight ? {} : { manifest: 'ignored' };
  }

  #createCheckpoint(source: SourceState, recordsToSkip: number): Checkpoint {
    const { format, compression } = this.#file;
    const batch = this.#batcher.number;
    const counts = { ...this.#counts, skippedLines: { ...this.#counts.skippedLines } };
    const { state: sums } = this.#totals;
    return { source, recordsToSkip, batch, ...counts, sums, format, compression };
  }
}
