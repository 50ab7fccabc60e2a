import type { RejectCode } from './reject-codes.ts';
import type { FormatSummary } from './row-batch.ts';
import type { Rules } from './rules.ts';

/**
 * Answers of the HTTP API, by route. Amounts and quantities are decimal text, so that no digit is lost; days are
 * `YYYY-MM-DD`; times are ISO 8601, in UTC. An answer with `next` continues at another page.
 */

/** `GET /session`: who the caller is. */
export interface SessionAnswer {
  readonly stage: string;
  /** An operator may use every store, a sender may send and read, a viewer may only read. */
  readonly role: Role;
  /** Stores of which the caller may read. */
  readonly stores: readonly string[];
  /** Those of them to which the caller may send. */
  readonly sends: readonly string[];
}
export type Role = 'operator' | 'sender' | 'viewer';

/** `GET /stores/{store}/rules`: everything that judges the files of a store. */
export interface RulesAnswer {
  readonly rules: Rules;
  readonly limits: {
    readonly maxMessageBytes: number;
    readonly maxUnpackedMiB: number;
    readonly maxRejectedRows: number;
  };
  /** Changes whenever the parser could read a file differently. */
  readonly parserRevision: string;
}

/** An item that the parser will reject. */
export interface RefusedItem {
  /** Place of the item in the call, from 0. */
  readonly index: number;
  /** Name of the member at fault; empty if the item as a whole is. */
  readonly field: string;
  readonly code: string;
  /** Every problem of the item, in sentences. */
  readonly message: string;
}

/** `POST /stores/{store}/transactions` */
export interface AcceptedCall {
  readonly receipt: string;
  /** Number of items that will be loaded. */
  readonly accepted: number;
  readonly refused: readonly RefusedItem[];
}

/** `POST /stores/{store}/uploads`: a multipart form, to which the file is added as the last field, `file`. */
export interface FormAnswer {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly expiresAt: string;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** Result of a call in the first upload that had it. The counts and the rejects are present once it is complete. */
export interface CallResult {
  readonly uploadId: string;
  readonly status: string;
  readonly items: number;
  readonly inserted?: number;
  readonly duplicate?: number;
  readonly conflicting?: number;
  readonly rejected?: number;
  readonly retracted?: number;
  readonly replaced?: number;
  /** The first 100 rejected items. */
  readonly rejects?: readonly RefusedItem[];
  readonly failure?: Failure;
  readonly receivedAt: string;
  readonly completedAt?: string;
}

/** Numbers of rows of an upload. `read` is the sum of the others except `open`. */
export interface RowCounts {
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
  readonly versionId: string;
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

/** Columns of a transaction. */
export interface TransactionValues {
  readonly store: string;
  readonly day: string;
  readonly category: 'SELL' | 'BUY';
  /** First 200 characters of the description. */
  readonly product: string;
  readonly quantity: string;
  readonly amountExclTax: string;
  readonly amountIncTax: string;
}

/** Place in a file. */
export interface Origin {
  readonly uploadId: string;
  /** Folder and name of the file. */
  readonly key: string;
  readonly line: number;
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

/** `GET /products`: names by the alphabet, at most 50. */
export interface ProductsAnswer {
  /** The first 200 characters of descriptions. */
  readonly products: readonly string[];
  /** True if there are more. */
  readonly hasMore: boolean;
}

/** `GET /numbers/balance`: days with transactions of a product, the oldest first. */
export interface BalanceAnswer {
  readonly days: readonly {
    readonly day: string;
    readonly sold: string;
    readonly bought: string;
    /** `sold` − `bought`. */
    readonly balance: string;
    /** Balance of all days up to and including this one, also of those before `since`. */
    readonly cumulated: string;
  }[];
}

/** Days of an answer, both included: those of the request, or those that took their place. */
export interface Range {
  readonly since: string;
  readonly until: string;
}

/** `GET /numbers/top-products`: by the amount sold, the highest first. */
export interface TopProductsAnswer extends Range {
  readonly products: readonly {
    readonly product: string;
    readonly transactions: number;
    readonly quantitySold: string;
    readonly sold: string;
    readonly bought: string;
    readonly balance: string;
  }[];
}

/** `GET /numbers/sold`: by day and store. */
export interface SoldAnswer extends Range {
  readonly days: readonly {
    readonly day: string;
    readonly store: string;
    readonly transactions: number;
    readonly sold: string;
    readonly bought: string;
  }[];
  /** Value of `after` for the next page; absent on the last. */
  readonly next?: string;
}

/** `GET /numbers/rejects`: rows that were rejected, by reason, the most frequent first. */
export interface RejectNumbersAnswer extends Range {
  readonly reasons: readonly {
    readonly code: RejectCode;
    readonly rows: number;
    readonly open: number;
    readonly uploads: number;
  }[];
}

/** A transaction with the place in its file. */
export interface TransactionEntry extends TransactionValues {
  readonly id: string;
  readonly origin: Origin | null;
}

/** `GET /transactions`, by day and id. */
export interface TransactionsAnswer {
  readonly transactions: readonly TransactionEntry[];
  /** Value of `after` for the next page; absent on the last. */
  readonly next?: string;
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

export interface QueueCounts {
  readonly waiting: number;
  readonly inProgress: number;
  readonly deadLetters: number;
}

/** `GET /status`: approximate numbers of messages. */
export type StatusAnswer = Readonly<Record<'calls' | 'uploads' | 'rows', QueueCounts>>;

export type DeadLetterQueueName = 'calls' | 'uploads' | 'rows' | 'notices';

/** A message that no function could handle. */
export interface DeadLetter {
  readonly queue: DeadLetterQueueName;
  readonly id: string;
  readonly reason: string;
  /** Time when the message came to its queue. */
  readonly since: string;
  /** Subject of the message: the file, and its part. */
  readonly about: string;
}

/** `GET /dead-letters` */
export interface DeadLettersAnswer {
  readonly queues: readonly {
    readonly queue: DeadLetterQueueName;
    /** Approximate number of messages. */
    readonly count: number;
    /** Some of them, at most ten. */
    readonly letters: readonly DeadLetter[];
  }[];
}

/** `POST /dead-letters/{queue}/redrive` */
export interface RedriveAnswer {
  /** Messages that were sent back to their queue. */
  readonly sent: readonly DeadLetter[];
  /** True if the call ended before it had received all messages: the next one continues. */
  readonly hasMore: boolean;
}

/** Body of an answer from 400 on, in `application/problem+json` (RFC 9457). */
export interface ProblemAnswer {
  /** `urn:retail:problem:` and a code. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** Says what happened, and what to do. */
  readonly detail: string;
}
