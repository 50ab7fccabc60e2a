import { encodeAscii } from './ascii.ts';
import { ColumnText, detachedText } from './column-text.ts';
import {
  type Closing,
  type FormatSummary,
  type RejectedRow,
  ROW_BATCH_VERSION,
  type RowBatch,
  type Upload,
} from './row-batch.ts';
import type { Row } from './row-rules.ts';

/** Room for what a message has besides rows: numbers that grow while rows are added, and the closing. */
const RESERVED_BYTES = 512;

/** An element that stands in a PostgreSQL array and in a JSON string as it is (PostgreSQL manual, 8.15.6). */
const PLAIN_ELEMENT = /^[!#-+\--[\]-z|~]+(?: +[!#-+\--[\]-z|~]+)*$/;

/** What is the same for every row of a file. */
export interface FileFacts {
  /** The transaction date, where the file's name says it. */
  readonly date?: string | undefined;
  /** The text of the header. */
  readonly header?: string | undefined;
  readonly format?: FormatSummary | undefined;
}

/**
 * Fills batches with rows and rejected rows in the order in which they come, each batch as near to the limit as
 * it fits: the same rows always give the same batches.
 */
export class RowBatcher {
  #upload: Upload;
  #date: string | undefined;
  #header: string | undefined;
  #format: FormatSummary | undefined;
  #maxBytes: number;
  #emptyBytes: number;
  #separators: number;
  #full: RowBatch[] = [];
  #number = 1;
  #bytes: number;
  #columns = emptyColumns();
  #rowCount = 0;
  #rejects: RejectedRow[] = [];
  #detachedRejects = 0;

  /**
   * @param maxBytes the largest message, in bytes of its JSON text
   * @param firstBatch the number of the batch that the next row begins
   */
  constructor(upload: Upload, { date, header, format }: FileFacts, maxBytes: number, firstBatch = 1) {
    this.#upload = upload;
    this.#date = date;
    this.#header = header;
    this.#format = format;
    this.#maxBytes = maxBytes;
    // A comma after each value, in each column that there is.
    this.#separators = date === undefined ? 8 : 7;
    // What was format stands in the closing once more.
    const foundBytes = format === undefined ? 0 : jsonBytes(format);
    this.#emptyBytes = encodeBatch(this.#build()).length + foundBytes + RESERVED_BYTES;
    this.#bytes = this.#emptyBytes;
    // After the bytes are known: how many digits it has must not change where batches end.
    this.#number = firstBatch;
  }

  /** The number of the batch that is being filled. */
  get number(): number {
    return this.#number;
  }

  addRow(line: number, row: Row): void {
    const lineText = String(line);
    const date = this.#date === undefined ? row.transactionDate! : '';
    let name = row.name;
    let nameBytes = name.length;
    if (!PLAIN_ELEMENT.test(name) || name.toUpperCase() === 'NULL') {
      name = `"${name.replace(/[\\"]/g, '\\$&')}"`;
      nameBytes = jsonBytes(name) - 2;
    }
    this.#makeRoom(
      lineText.length +
        row.id.length +
        date.length +
        row.category.length +
        nameBytes +
        row.quantity.length +
        row.amountExclTax.length +
        row.amountIncTax.length +
        this.#separators,
    );
    const columns = this.#columns;
    this.#rowCount++;
    columns.lines.push(lineText);
    columns.ids.push(row.id);
    if (this.#date === undefined) columns.dates.push(date);
    columns.categories.push(row.category);
    columns.names.push(name);
    columns.quantities.push(row.quantity);
    columns.amountsExclTax.push(row.amountExclTax);
    columns.amountsIncTax.push(row.amountIncTax);
  }

  addReject(reject: RejectedRow): void {
    // PostgreSQL has no text with a NUL in it; the visible sign for it stands in its place.
    const storable = { ...reject, text: reject.text.replaceAll('\0', '\u2400') };
    this.#makeRoom(encodeAscii(JSON.stringify(storable)).length + 1);
    this.#rejects.push(storable);
  }

  /**
   * Lets go of the texts from which rows were cut. So they are gone by the time at which the garbage collector would
   * keep them, and the text between rows that are few and far between is not held with them.
   */
  detach(): void {
    for (const column of Object.values(this.#columns)) column.detach();
    for (; this.#detachedRejects < this.#rejects.length; this.#detachedRejects++) {
      const reject = this.#rejects[this.#detachedRejects]!;
      this.#rejects[this.#detachedRejects] = { ...reject, text: detachedText(reject.text) };
    }
  }

  /** Takes the batches that are full. */
  takeFull(): RowBatch[] {
    return this.#full.splice(0);
  }

  /** The last batch, which carries the totals of the upload; it may have no row. */
  close(totals: Omit<Closing, 'batches'>): RowBatch {
    return { ...this.#build(), closing: { batches: this.#number, ...totals } };
  }

  #makeRoom(bytes: number): void {
    if (this.#bytes + bytes > this.#maxBytes && this.#bytes > this.#emptyBytes) {
      this.#full.push(this.#build());
      this.#number++;
      this.#columns = emptyColumns();
      this.#rowCount = 0;
      this.#rejects = [];
      this.#detachedRejects = 0;
      this.#bytes = this.#emptyBytes;
    }
    this.#bytes += bytes;
  }

  #build(): RowBatch {
    const { dates, ...columns } = this.#columns;
    return {
      version: ROW_BATCH_VERSION,
      upload: this.#upload,
      batch: this.#number,
      rowCount: this.#rowCount,
      ...(this.#date === undefined ? {} : { date: this.#date }),
      ...(this.#header === undefined ? {} : { header: this.#header }),
      ...(this.#format === undefined ? {} : { format: this.#format }),
      rows: {
        lines: columns.lines.toString(),
        ids: columns.ids.toString(),
        ...(this.#date === undefined ? { dates: dates.toString() } : {}),
        categories: columns.categories.toString(),
        names: columns.names.toString(),
        quantities: columns.quantities.toString(),
        amountsExclTax: columns.amountsExclTax.toString(),
        amountsIncTax: columns.amountsIncTax.toString(),
      },
      rejects: this.#rejects,
    };
  }
}

/** The message's text. */
export function encodeBatch(batch: RowBatch): string {
  return encodeAscii(JSON.stringify(batch));
}

function emptyColumns() {
  const column = () => new ColumnText();
  return {
    lines: column(),
    ids: column(),
    dates: column(),
    categories: column(),
    names: column(),
    quantities: column(),
    amountsExclTax: column(),
    amountsIncTax: column(),
  };
}

function jsonBytes(value: unknown): number {
  return encodeAscii(JSON.stringify(value)).length;
}
