/** What the benchmark found: its JSON, here and in `docs/performance.json`. Names carry their units. */
export interface Results {
  readonly schemaVersion: 1;
  readonly throughput?: Throughput;
  readonly queue?: QueueUse;
  readonly smallFile?: SmallFile;
  readonly memory?: Memory;
  readonly coldStart?: ColdStart;
  readonly growth?: Growth;
}

/** When and where a part was measured. */
export interface Measured {
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly processors: number;
}

export interface Measurement {
  readonly what: string;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly ratioToCopy: number;
}

/** Rows a second of the whole way and of its parts. The first measurement is the reference. */
export interface Throughput extends Measured {
  readonly rows: number;
  readonly ratioToCopy: number;
  readonly measurements: readonly Measurement[];
  readonly copyRunsSeconds: readonly number[];
  readonly messages: number;
  readonly largestMessageBytes: number;
  /** Undefined where the system does not say it. */
  readonly peakMemoryMiB: { readonly cloud?: number | undefined; readonly bench: number };
}

/** What SQS bills for a million rows, and the least that it could. */
export interface QueueUse extends Measured {
  readonly rows: number;
  readonly rowBytesPerMillionRows: number;
  readonly messagesPerMillionRows: number;
  readonly leastMessagesPerMillionRows: number;
  /** Of 64 KB each: sent, received and deleted. */
  readonly requestsPerMillionRows: number;
  readonly leastRequestsPerMillionRows: number;
}

export interface Percentiles {
  readonly p50Milliseconds: number;
  readonly p95Milliseconds: number;
}

export interface SmallFile extends Measured {
  readonly rows: number;
  readonly runs: number;
  /** From the first byte that is sent to S3 until a reader sees the complete upload. */
  readonly pipeline: Percentiles;
  /** Of it, until S3 has answered. */
  readonly put: Percentiles;
  /** The very first file, for which every function starts. */
  readonly firstFileMilliseconds: number;
  readonly copyWithConnection: Percentiles;
  readonly copyAlone: Percentiles;
  readonly p50RatioToCopy: number;
  readonly p95RatioToCopy: number;
}

export interface MemoryRun {
  readonly rows: number;
  readonly peakResidentMiB: number;
  /** After the last row, when everything that nobody holds is collected. */
  readonly heapAfterMiB: number;
}

export interface Memory extends Measured {
  readonly functions: readonly {
    readonly name: string;
    /** Of the Lambda function. */
    readonly memoryMiB: number;
    readonly runs: readonly MemoryRun[];
    /** Of the largest peak to the smallest. */
    readonly peakRatio: number;
  }[];
}

export interface FunctionStart {
  readonly name: string;
  readonly bundleKiB: number;
  /** Of a fresh process, without what an empty module takes: median. */
  readonly initMilliseconds: number;
  readonly initProcessorMilliseconds: number;
  readonly largestPackages: readonly { readonly name: string; readonly kiB: number }[];
}

export interface ColdStart extends Measured {
  readonly runs: number;
  readonly emptyModuleMilliseconds: number;
  readonly functions: readonly FunctionStart[];
}

/** What a file of so many rows used, for a million of them. */
export interface GrowthRun {
  readonly rows: number;
  /** `counted` is from the parse alone: no function ran, so it has no seconds of its own. */
  readonly basis: 'measured' | 'counted';
  readonly messagesPerMillionRows: number;
  readonly sqsRequestsPerMillionRows: number;
  readonly dataApiRequestsPerMillionRows: number;
  readonly lambdaGbSecondsPerMillionRows?: number;
  readonly lambdaProcessorSecondsPerMillionRows?: number;
}

export interface Growth extends Measured {
  readonly runs: readonly GrowthRun[];
}
