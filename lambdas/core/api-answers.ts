import type { Failure } from './api-uploads.ts';
import type { Rules } from './rules.ts';

export type * from './api-checks.ts';
export type * from './api-numbers.ts';
export type * from './api-uploads.ts';

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
  /** Those of them to which the caller may send, and whose files are not refused. */
  readonly sends: readonly string[];
  /** True if the caller may send for every other store too, because files of unknown stores are accepted. */
  readonly sendsOthers: boolean;
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

export type AlarmSeverity = 'critical' | 'warning';

/** An alarm of CloudWatch. */
export interface Alarm {
  readonly name: string;
  /** Heading in the runbook, such as `Load/DlqNotEmpty`. */
  readonly heading: string;
  /** `critical`: rows do not arrive, or are wrong. `warning`: it will get worse, or a store has to be told. */
  readonly severity: AlarmSeverity;
  readonly meaning: string;
  /** An unknown alarm has no data, or not enough. */
  readonly state: 'alarm' | 'ok' | 'unknown';
  /** Time of the last change of the state. */
  readonly since?: string;
  /** Why CloudWatch gave it this state. */
  readonly reason: string;
  /** File and heading of the runbook. */
  readonly runbook: string;
  /** Advice of the runbook for an alarm that is raised: paragraphs, with code between backticks. */
  readonly advice?: string;
}

/** `GET /alarms` */
export interface AlarmsAnswer {
  /** False in a stage without alarms (`retail:monitoring`). */
  readonly isMonitored: boolean;
  /** The raised ones first. */
  readonly alarms: readonly Alarm[];
}
