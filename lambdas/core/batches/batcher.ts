import { COLUMNS } from '../columns.ts';
import type { Correction } from '../corrections.ts';
import {
  type CallReceipt,
  type Closing,
  encodeMessage,
  type FormatSummary,
  type RejectedRow,
  ROW_BATCH_VERSION,
  type RowBatch,
  type RowColumns,
  type Upload,
} from '../row-batch.ts';

/** Bytes reserved in a message for numbers that grow while rows are added, and for the closing. */
const RESERVED_BYTES = 512;
/** An element that PostgreSQL arrays (PostgreSQL manual, 8.15.6) and JSON strings hold without escaping. */
const PLAIN_ELEMENT = /^(?![Nn][Uu][Ll][Ll]$)[!#-+\--[\]-z|~]+(?: +[!#-+\--[\]-z|~]+)*$/;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

/** Facts that every batch of a file repeats. */
export interface FileFacts {
  /** Transaction date from the file name. Without it each row has its own. */
  readonly date?: string | undefined;
  readonly header?: string | undefined;
  readonly format?: FormatSummary | undefined;
  /** True for a file whose rows may correct rejected rows of other files. @default false */
  readonly isCorrection?: boolean;
}

/**
 * Fills batches with rows and rejected rows in the order of the file, each as full as the limit allows. The same rows
 * always give the same batches.
 */
export class Batcher {
  #upload: Upload;
  #facts: FileFacts;
  #maxBytes: number;
  #emptyBytes: number;
  #lines = new ArrayText();
  #corrections: { readonly files: ArrayText; readonly lines: ArrayText } | undefined;
  #columns: { readonly index: number; readonly name: string; readonly isName: boolean; text: ArrayText }[];
  #number = 1;
  #bytes: number;
  #rowCount = 0;
  #rejects: RejectedRow[] = [];
  #receipts: readonly CallReceipt[] | undefined;

  /**
   * @param maxBytes of a message, as JSON
   * @param firstBatch number of the first batch
   * @param receipts of the first batch
   */
  constructor(
    upload: Upload,
    facts: FileFacts,
    maxBytes: number,
    firstBatch = 1,
    receipts?: readonly CallReceipt[],
  ) {
    this.#upload = upload;
    this.#facts = facts;
    this.#maxBytes = maxBytes;
    this.#columns = COLUMNS.flatMap(({ field, batchName, reader }, index) =>
      field === 'transactionDate' && facts.date !== undefined
        ? []
        : [{ index, name: batchName, isName: reader === 'name', text: new ArrayText() }],
    );
    this.#openCorrections();
    // The closing repeats the format.
    const formatBytes = facts.format === undefined ? 0 : encodeMessage(facts.format).length;
    this.#emptyBytes = encodeMessage(this.#build()).length + formatBytes + RESERVED_BYTES;
    this.#bytes = this.#emptyBytes;
    // Set after counting the bytes: the number of its digits must not change where batches end.
    this.#number = firstBatch;
    // Nor may the receipts, which only the first batch has: it may have no room for a row.
    this.#receipts = receipts;
    if (receipts !== undefined) this.#bytes += encodeMessage({ receipts }).length;
  }

  get number(): number {
    return this.#number;
  }

  /**
   * @param values one for each element of `COLUMNS`
   * @param corrects the rejected row of another file that the row corrects
   * @returns the batch before, if it had no room for the row
   */
  addRow(line: number, values: readonly string[], corrects?: Correction): RowBatch | undefined {
    const lineText = String(line);
    // One byte for the comma after each value.
    let bytes = lineText.length + 1 + this.#columns.length;
    let element = '';
    for (const { index, isName } of this.#columns) {
      const value = values[index]!;
      bytes += value.length;
      if (!isName) continue;
      element = value;
      if (PLAIN_ELEMENT.test(value)) continue;
      element = `"${value.replace(/[\\"]/g, '\\$&')}"`;
      bytes += encodeMessage(element).length - 2 - value.length;
    }
    const correctedFile = corrects?.file ?? 'NULL';
    const correctedLine = corrects === undefined ? 'NULL' : String(corrects.line);
    if (this.#corrections !== undefined) bytes += correctedFile.length + correctedLine.length + 2;
    const full = this.#makeRoom(bytes);
    this.#rowCount++;
    this.#lines.push(lineText);
    this.#corrections?.files.push(correctedFile);
    this.#corrections?.lines.push(correctedLine);
    for (const { index, isName, text } of this.#columns) text.push(isName ? element : values[index]!);
    return full;
  }

  /** @returns the batch before, if it had no room for the rejected row */
  addReject(reject: RejectedRow): RowBatch | undefined {
    // PostgreSQL cannot store NUL in a text; U+2400, SYMBOL FOR NULL, represents it.
    const text = copyText(reject.text.replaceAll('\0', '\u2400'));
    const storable = { ...reject, message: copyText(reject.message), text };
    const full = this.#makeRoom(encodeMessage(storable).length + 1);
    this.#rejects.push(storable);
    return full;
  }

  /**
   * Copies the values of the rows out of the chunk of text that they are slices of. Otherwise a few rows would keep the
   * whole chunk in memory.
   */
  detach(): void {
    this.#lines.detach();
    this.#corrections?.files.detach();
    this.#corrections?.lines.detach();
    for (const { text } of this.#columns) text.detach();
  }

  /** Returns the last batch, which carries the totals of the upload. It may have no row. */
  close(totals: Omit<Closing, 'batches'>): RowBatch & { readonly closing: Closing } {
    return { ...this.#build(), closing: { batches: this.#number, ...totals } };
  }

  #openCorrections(): void {
    if (this.#facts.isCorrection === true) {
      this.#corrections = { files: new ArrayText(), lines: new ArrayText() };
    }
  }

  #makeRoom(bytes: number): RowBatch | undefined {
    let full: RowBatch | undefined;
    if (this.#bytes + bytes > this.#maxBytes && this.#bytes > this.#emptyBytes) {
      full = this.#build();
      this.#number++;
      this.#lines = new ArrayText();
      for (const column of this.#columns) column.text = new ArrayText();
      this.#openCorrections();
      this.#rowCount = 0;
      this.#rejects = [];
      this.#receipts = undefined;
      this.#bytes = this.#emptyBytes;
    }
    this.#bytes += bytes;
    return full;
  }

  #build(): RowBatch {
    const { date, header, format } = this.#facts;
    const columns = this.#columns.map(({ name, text }) => [name, text.toString()]);
    const corrections = this.#corrections;
    return {
      version: ROW_BATCH_VERSION,
      upload: this.#upload,
      batch: this.#number,
      rowCount: this.#rowCount,
      ...(date === undefined ? {} : { date }),
      ...(header === undefined ? {} : { header }),
      ...(format === undefined ? {} : { format }),
      ...(this.#receipts === undefined ? {} : { receipts: this.#receipts }),
      rows: Object.fromEntries([['lines', this.#lines.toString()], ...columns]) as RowColumns,
      ...(corrections === undefined
        ? {}
        : { corrections: { files: corrections.files.toString(), lines: corrections.lines.toString() } }),
      rejects: this.#rejects,
    };
  }
}

/** Text of a growing PostgreSQL array. */
class ArrayText {
  /** Elements that may be slices of a chunk. */
  #attached: string[] = [];
  /** Copied elements, many in one text. */
  #detached: string[] = [];

  push(element: string): void {
    this.#attached.push(element);
  }

  detach(): void {
    const [only] = this.#attached;
    if (only === undefined) return;
    // Joining several elements makes a new text; joining one returns the same slice.
    this.#detached.push(this.#attached.length === 1 ? copyText(only) : this.#attached.join(','));
    this.#attached = [];
  }

  toString(): string {
    return `{${[...this.#detached, ...this.#attached].join(',')}}`;
  }
}

function copyText(text: string): string {
  return DECODER.decode(ENCODER.encode(text));
}
