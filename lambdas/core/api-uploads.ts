import type { Origin, Range, TransactionValues } from './api-numbers.ts';
import type { RejectCode } from './reject-codes.ts';
import type { FormatSummary } from './row-batch.ts';

/* Answers of the HTTP API about uploads. */

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** Numbers of rows of an upload. `read` is the sum of the others except `open`. */
interface RowCounts {
  readonly read: number;
  readonly inserted: number;
  readonly duplicate: number;
  readonly conflicting: number;
  readonly rejected: number;
  readonly retracted: number;
  readonly replaced: number;
  /** Rejected rows that are still to be corrected. */
  readonly open: number;
}

export type UploadStatus = 'loading' | 'complete' | 'failed' | 'superseded';

/** An upload, as the ledger has it. */
export interface UploadEntry {
  readonly uploadId: string;
  /** Object version, which rows that correct this file name as `reject_file`. */
  readonly fileId: string;
  readonly store: string;
  /** Folder and name of the file. */
  readonly key: string;
  /** Version of the object, as in the answer of S3 to the form. */
  readonly versionId: string;
  readonly status: UploadStatus;
  readonly rows: RowCounts;
  readonly failure: Failure | null;
  /** First and last transaction date of the valid rows. */
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  readonly receivedAt: string;
  /** Time when the last batch so far was loaded. */
  readonly movedAt: string;
  readonly completedAt: string | null;
}

/** `GET /uploads`, the newest first. */
export interface UploadsAnswer {
  readonly uploads: readonly UploadEntry[];
  /** Value of `before` for the next page; absent on the last. */
  readonly next?: string;
}

/** `GET /uploads/{id}` */
export interface UploadAnswer extends UploadEntry {
  /**
   * Header as it is in the file: the texts of its rejected rows have these columns. Null if the file has none, or one of
   * more than 2,500 characters.
   */
  readonly header: string | null;
  /** Format that the parser detected; null if nothing was detected, or its JSON is as long. */
  readonly format: FormatSummary | null;
  readonly parserRevision: string;
  /** Uploads whose rejected rows this one corrects, and uploads that correct rows of this one: at most 50. */
  readonly corrects: readonly string[];
  readonly correctedBy: readonly string[];
  /** Decisions about this object version, the oldest first: the last 10. */
  readonly decisions: readonly DecisionEntry[];
}

/** Decision of an operator about a file. */
export interface DecisionEntry {
  readonly kind: 'retract' | 'restate' | 'waive';
  readonly reason: string;
  readonly by: string;
  readonly decidedAt: string;
  readonly state: 'waiting' | 'settling' | 'done' | 'refused';
  /** Lines in PostgreSQL's notation, such as `{[2,4),[7,8)}`; null for the whole file. */
  readonly lines: string | null;
}

export type RejectState = 'open' | 'corrected' | 'waived' | 'retracted' | 'settled' | 'repeated';

export interface RejectedEntry {
  readonly line: number;
  /** Title of the column at fault, as in the file; empty if the row as a whole is. */
  readonly field: string;
  readonly code: RejectCode;
  readonly message: string;
  /** The row as it is in its file. */
  readonly text: string;
  /** True if the text is only the beginning of the row. */
  readonly isCut: boolean;
  readonly state: RejectState;
  /** First upload that corrects the row. */
  readonly correctedBy: string | null;
  /** Object version and line in which the row was rejected for the first time: a correction names them. */
  readonly firstFile: string;
  readonly firstLine: number;
}

/** `GET /uploads/{id}/rejects`, by line. */
export interface RejectsAnswer {
  readonly rejects: readonly RejectedEntry[];
  /** Value of `after` for the next page; absent on the last. */
  readonly next?: number;
}

/** `GET /uploads/{id}/reject-codes`: the most frequent first, at most 200. */
export interface RejectCodesAnswer {
  readonly codes: readonly {
    readonly code: RejectCode;
    /** Title of the column at fault, as in the file; empty if the row as a whole is. */
    readonly field: string;
    readonly rows: number;
    readonly open: number;
  }[];
}

/** `GET /uploads/{id}/conflicts`, by line. */
export interface ConflictsAnswer {
  readonly conflicts: readonly {
    readonly id: string;
    readonly line: number;
    /** The version of this upload, which is not in the table. */
    readonly here: TransactionValues;
    /** The version in the table. Null if it belongs to a store of which the caller may not read, or was retracted. */
    readonly kept: (TransactionValues & { readonly origin: Origin | null }) | null;
  }[];
  /** Value of `after` for the next page; absent on the last. */
  readonly next?: number;
}

/**
 * A day of a store. `none`: nothing arrived and nothing was expected; `missing`: nothing arrived until the deadline;
 * `failed`: a file was refused; `rejects`: rows are to be corrected; `late`: the first file arrived after the deadline.
 * `complete`: none of these. The first one that applies, in this order.
 */
export type DayState = 'complete' | 'late' | 'rejects' | 'failed' | 'missing' | 'none';

export interface StoreDay {
  readonly store: string;
  /** Day on which the files arrived, in the time zone of the deadlines of the store; without any, in UTC. */
  readonly day: string;
  readonly state: DayState;
  readonly uploads: number;
  /** Uploads that are not complete yet. */
  readonly loading: number;
  readonly failed: number;
  /** Rows that were read. */
  readonly rows: number;
  readonly rejected: number;
  readonly open: number;
  readonly firstArrival: string | null;
  /** Time until which a file is expected. */
  readonly expected: string | null;
}

/** `GET /days`: every store and day, by store and day. */
export interface DaysAnswer extends Range {
  readonly days: readonly StoreDay[];
  /** Value of `after` for the next page; absent on the last. */
  readonly next?: string;
}
