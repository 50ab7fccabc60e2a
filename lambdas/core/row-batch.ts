import type { Column } from './columns.ts';
import type { Correction } from './corrections.ts';
import type { Failure, RejectCode } from './reject-codes.ts';

/** Version of the message format. `ledger.load_batch` refuses a message of an unknown version. */
export const ROW_BATCH_VERSION = 1;

/** One object version, as one revision of the parser reads it. */
export interface Upload {
  /** Derived from bucket, key, version and revision, so that every reader computes the same id. */
  readonly uploadId: string;
  /** Derived from bucket, key and version: every revision of the parser computes the same id. */
  readonly fileId: string;
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly storeId: string;
  /** Revision of the parser. The same revision gives the same batches; another one makes another upload. */
  readonly revision: string;
  /** Creation time of the object, ISO 8601. */
  readonly receivedAt: string;
}

/** A row that breaks a rule, with what a person needs to correct it. */
export interface RejectedRow {
  /** The physical line on which the row starts; the header of a plain file is line 1. */
  readonly line: number;
  /** Title of the column in the file, or empty if the row as a whole is at fault. */
  readonly column: string;
  readonly code: RejectCode;
  /** Every problem of the row, in sentences. */
  readonly message: string;
  /** The original text of the row, without its line terminator. */
  readonly text: string;
  /** The rejected row of another file that this row was to correct. */
  readonly corrects?: Correction;
}

/** Rejected rows of other files that the accepted rows correct: array texts with an element, or NULL, for each row. */
interface Corrections {
  readonly files: string;
  readonly lines: string;
}

/**
 * Values of the accepted rows, by column. Each column is the text of a PostgreSQL array, `{a,b,c}`: the Data API has
 * no array parameters, and this form repeats neither names nor quotes for each row. All arrays have the same length.
 */
export type RowColumns = Readonly<
  Record<'lines' | Exclude<Column, { field: 'transactionDate' }>['batchName'], string> &
    // Absent if every row has the batch's `date`.
    Partial<Record<Extract<Column, { field: 'transactionDate' }>['batchName'], string>>
>;

/** Encoding, dialect and notations of a file, as detected. The ledger keeps it. */
export interface FormatSummary {
  /** Absent for an object that is not compressed. */
  readonly compression?: 'gzip' | 'zip';
  /** Number of files in an archive of several, each of which became a separate upload. */
  readonly files?: number;
  /** Absent for CSV. */
  readonly syntax?: 'NDJSON' | 'XLSX' | 'ODS';
  /** Sheet of a workbook. */
  readonly sheet?: string;
  readonly encoding?: 'UTF-8' | 'UTF-16LE' | 'UTF-16BE' | 'Windows-1252';
  readonly lineTerminator?: 'LF' | 'CRLF' | 'CR';
  readonly delimiter?: ',' | ';' | '\t' | '|';
  readonly quote?: '"' | "'";
  /** The physical line of the header, from 1. */
  readonly headerLine?: number;
  /** Absent if the amounts do not show it. */
  readonly decimalSeparator?: '.' | ',';
  /** Format of the column `transaction_date`, such as `DD.MM.YYYY`. */
  readonly dateFormat?: string;
  /** Name of the profile of the store. Absent if the store has none, and for NDJSON. */
  readonly profile?: string;
  /** Currency sign or code of the amounts. */
  readonly currency?: string;
  /** Present if the file has a manifest; it is ignored if its numbers of items do not match the lines. */
  readonly manifest?: 'used' | 'ignored';
  /** Titles of the columns that are ignored. */
  readonly unknownColumns?: readonly string[];
  /** Number of repeated headers and of total lines below the header. */
  readonly skippedLines?: { readonly headers: number; readonly totals: number };
  /**
   * Comparison of the total lines with the rows, rejected ones too: the first difference, with the line of the total, its
   * column, the number that it has, and the sum of the rows that it follows. Absent if there was nothing to compare.
   */
  readonly totals?: 'agree' | WrongTotal;
}

/** A total in a file that differs from the sum of the rows above it. */
export interface WrongTotal {
  readonly line: number;
  readonly column: string;
  readonly written: string;
  readonly rows: string;
}

/** A call of the API whose items are lines of the file. */
export interface CallReceipt {
  readonly receipt: string;
  /** Line of its first item; the others follow, one on each line. */
  readonly firstLine: number;
  readonly items: number;
}

/** Totals of an upload, which its last batch carries. */
export interface Closing {
  /** Number of batches of the upload; they are numbered 1 to `batches`. */
  readonly batches: number;
  readonly rowsRead: number;
  /** Present if the upload as a whole was refused. */
  readonly failure?: Failure;
  /** The complete format summary; absent if nothing was read. */
  readonly format?: FormatSummary;
}

/** A decision of an operator about an object version of the same bucket. */
export interface DecisionMessage {
  readonly kind: 'retract' | 'restate' | 'waive';
  readonly key: string;
  readonly versionId: string;
  /** Absent for all lines. */
  readonly lines?: readonly number[] | undefined;
  readonly reason: string;
  /** The person who decides. */
  readonly by: string;
  readonly isForced: boolean;
  /** Last closed day, `YYYY-MM-DD`; absent if days are never closed. */
  readonly closedUntil?: string | undefined;
  /** ISO 8601, by the clock of that person. */
  readonly decidedAt: string;
}

/** Message of the row queue. One call of `ledger.load_batch` loads it. */
export interface RowBatch {
  readonly version: typeof ROW_BATCH_VERSION;
  readonly upload: Upload;
  /** Number of the batch, from 1. The same object version always gives the same batches under the same numbers. */
  readonly batch: number;
  readonly rowCount: number;
  /** Transaction date of every row, `YYYY-MM-DD`, if the file name has it. */
  readonly date?: string;
  /** Original text of the header; absent if the file could not be read. */
  readonly header?: string;
  /** The format as the beginning of the file shows it; the closing has the complete summary. */
  readonly format?: FormatSummary;
  /** Calls whose items the file has. Only the first batch has them. */
  readonly receipts?: readonly CallReceipt[];
  readonly rows: RowColumns;
  /** Absent for a file that corrects no other one. */
  readonly corrections?: Corrections;
  readonly rejects: readonly RejectedRow[];
  /** Only the object of a decision has one, and no rows. Calls of `load_batch` are repeated until it is applied. */
  readonly decision?: DecisionMessage;
  readonly closing?: Closing;
}

/** Encodes a message as JSON in ASCII: its length in characters is its size in bytes, and SQS accepts every character. */
export function encodeMessage(message: unknown): string {
  return JSON.stringify(message).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
