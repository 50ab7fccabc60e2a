import type { FailureCode, RejectCode } from './reject-codes.ts';

/** The version of the message format. `ledger.load_batch` refuses a message of a version that it does not know. */
export const ROW_BATCH_VERSION = 1;

/** One object version that somebody dropped, as one revision of the parser reads it. */
export interface Upload {
  /** Derived from bucket, key, version and revision: whoever computes it gets the same. */
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly storeId: string;
  /** Of the parser: the same revision gives the same batches. Another one is another upload of the same object. */
  readonly revision: string;
  /** When the object was created, ISO 8601. */
  readonly receivedAt: string;
}

/** A row that breaks a rule, with what a person needs to correct it. */
export interface RejectedRow {
  /** The physical line on which the row starts; the header of a plain file is line 1. */
  readonly line: number;
  /** The column as it is called in the header, empty where the row as a whole is at fault. */
  readonly column: string;
  readonly code: RejectCode;
  /** In plain words, every problem of the row. */
  readonly message: string;
  /** The row exactly as it stands in the file, without its line end. */
  readonly text: string;
}

/**
 * Accepted rows by column. Each column is the text of a PostgreSQL array, `{a,b,c}`: the Data API has no array
 * parameters, and this costs neither names nor quotes for each row. All arrays have the same length.
 */
export interface RowColumns {
  readonly lines: string;
  readonly ids: string;
  /** Absent where every row has the batch's `date`. */
  readonly dates?: string;
  readonly categories: string;
  readonly names: string;
  readonly quantities: string;
  readonly amountsExclTax: string;
  readonly amountsIncTax: string;
}

/** How a file is written, as far as it says so by itself. The ledger keeps it. */
export interface FormatSummary {
  /** Absent where the object is the text itself. */
  readonly compression?: 'gzip' | 'zip';
  readonly encoding?: 'UTF-8' | 'UTF-16LE' | 'UTF-16BE' | 'Windows-1252';
  readonly lineTerminator?: 'LF' | 'CRLF' | 'CR';
  readonly delimiter?: ',' | ';' | '\t' | '|';
  readonly quote?: '"' | "'";
  /** The physical line of the header, from 1. */
  readonly headerLine?: number;
  /** Absent where the amounts do not say it. */
  readonly decimalSeparator?: '.' | ',';
  /** Of the column `transaction_date`. */
  readonly dateFormat?: 'YYYY-MM-DD' | 'DD/MM/YYYY' | 'DD.MM.YYYY';
  /** The sign or code that stands at amounts. */
  readonly currency?: string;
  /** Titles of columns that are not read. */
  readonly unknownColumns?: readonly string[];
  /** Lines below the header that are no rows. */
  readonly skippedLines?: { readonly headers: number; readonly totals: number };
}

/** The totals of an upload, carried by its last batch. */
export interface Closing {
  /** How many batches the upload has; their numbers are 1 to `batches`. */
  readonly batches: number;
  readonly rowsRead: number;
  /** Present where the upload as a whole was refused. */
  readonly failure?: { readonly code: FailureCode; readonly message: string };
  /** All that was format; absent where nothing was read. */
  readonly format?: FormatSummary;
}

/** The message on the row queue. One call of `ledger.load_batch` loads it. */
export interface RowBatch {
  readonly version: typeof ROW_BATCH_VERSION;
  readonly upload: Upload;
  /** From 1; the same object version always gives the same batches under the same numbers. */
  readonly batch: number;
  readonly rowCount: number;
  /** The transaction date of every row, `YYYY-MM-DD`, where the file's name says it. */
  readonly date?: string;
  /** The file's header as it stands, absent where the file could not be read. */
  readonly header?: string;
  /** What the beginning of the file says; the closing has all of it. */
  readonly format?: FormatSummary;
  readonly rows: RowColumns;
  readonly rejects: readonly RejectedRow[];
  readonly closing?: Closing;
}
