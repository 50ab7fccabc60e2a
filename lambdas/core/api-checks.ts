/** Kind of a finding: the first three are those of the sweeper, and all but `lost` and `unsent` those of the verifier. */
export type CheckFindingKind = 'lost' | 'stuck' | 'unsent' | 'difference' | 'endangered' | 'missing';

/** Something that a check found. The upload, the store and the name of the file are present where they are known. */
export interface CheckFinding {
  readonly kind: CheckFindingKind;
  /** A sentence. */
  readonly text: string;
  readonly uploadId?: string;
  readonly store?: string;
  readonly fileName?: string;
  /** Day of a missing file, in the time zone of the store. */
  readonly day?: string;
}

/** Numbers of a sweep. */
export interface SweepCounts {
  /** Versions of files in the bucket that were listed. */
  readonly files: number;
  /** Those of them that were compared with the ledger: none if no file came for hours. */
  readonly compared: number;
  /** Files without an upload that were sent to the parser. */
  readonly lost: number;
  /** Uploads without progress that were sent to the parser again. */
  readonly stuck: number;
  /** Uploads whose receipts were not sent, and now are. */
  readonly unsent: number;
}

/** Numbers of a verification. */
export interface VerifyCounts {
  readonly uploads: number;
  /** Rows that these uploads have read. */
  readonly rows: number;
  readonly differences: number;
  readonly stuck: number;
  /** Stores that have a deadline. */
  readonly stores: number;
  /** Days of stores without a file by their deadline. */
  readonly missing: number;
}

/** Result of the last run of a check that ended. */
export interface CheckResult<Counts> {
  readonly finishedAt: string;
  readonly counts: Counts;
  /** At most 100. */
  readonly findings: readonly CheckFinding[];
  readonly moreFindings: number;
}

export interface CheckState<Counts> {
  readonly everyMinutes: number;
  /** Absent before the first run. */
  readonly last?: CheckResult<Counts>;
  /** Time of the next run. Absent before the first run. */
  readonly dueAt?: string;
  /** True if the next run should have ended, with its repetitions. */
  readonly isOverdue: boolean;
}

/** `GET /checks` */
export interface ChecksAnswer {
  readonly sweep: CheckState<SweepCounts>;
  readonly verify: CheckState<VerifyCounts>;
}
