import type { Consumption } from '../cost/consumption.ts';

/** Results of the benchmark, printed as JSON and kept in `docs/performance.json`. The names carry the units. */
export interface Results {
  readonly schemaVersion: 2;
  readonly throughput?: Throughput;
  readonly latency?: Latency;
  readonly memory?: Memory;
  readonly coldStart?: ColdStart;
  readonly consumption?: ConsumptionBySize & Partial<Consumption>;
}

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

/** Rows per second of the pipeline and of its parts. The first measurement is the reference. */
export interface Throughput extends Measured {
  readonly rows: number;
  readonly ratioToCopy: number;
  readonly measurements: readonly Measurement[];
  readonly copyRunsSeconds: readonly number[];
  readonly pipelineRunsSeconds: readonly number[];
  readonly messages: number;
  readonly maxMessageBytes: number;
  /** Undefined unless the system is Linux. */
  readonly peakMemoryMiB: { readonly cloud?: number | undefined; readonly bench: number };
}

export interface Percentiles {
  readonly p50Milliseconds: number;
  readonly p95Milliseconds: number;
}

/** Time to load one small file. */
export interface Latency extends Measured {
  readonly rows: number;
  readonly files: number;
  /** From the first byte sent to S3 until a reader sees the complete upload. */
  readonly pipeline: Percentiles;
  /** The part of it until S3 answers. */
  readonly put: Percentiles;
  /** First file after the start of the cloud, for which both functions start. */
  readonly firstFileMilliseconds: number;
  readonly copyWithConnection: Percentiles;
  readonly copyAlone: Percentiles;
  readonly p50RatioToCopy: number;
  readonly p95RatioToCopy: number;
}

export interface MemoryRun {
  readonly rows: number;
  readonly peakResidentMiB: number;
  /** Memory in use after the last row and a garbage collection. */
  readonly heapAfterMiB: number;
}

export interface Memory extends Measured {
  readonly functions: readonly {
    readonly name: string;
    /** Memory size of the Lambda function. */
    readonly memoryMiB: number;
    readonly runs: readonly MemoryRun[];
    /** Ratio of the largest peak to the smallest. */
    readonly peakRatio: number;
  }[];
}

export interface ColdStart extends Measured {
  readonly runs: number;
  readonly emptyModuleMilliseconds: number;
  readonly functions: readonly {
    readonly name: string;
    readonly bundleKiB: number;
    /** Median time of a new process to load the bundle, less the time for an empty module. */
    readonly initMilliseconds: number;
    readonly initProcessorMilliseconds: number;
  }[];
}

/** Consumption of one file, scaled to a million rows. */
export interface FileConsumption {
  readonly rows: number;
  /** `counted`: derived from parsing alone. No function ran, so there are no Lambda seconds. */
  readonly basis: 'measured' | 'counted';
  readonly messagesPerMillionRows: number;
  readonly sqsRequestsPerMillionRows: number;
  readonly dataApiRequestsPerMillionRows: number;
  readonly lambdaGbSecondsPerMillionRows?: number;
  readonly lambdaProcessorSecondsPerMillionRows?: number;
}

export interface ConsumptionBySize extends Measured {
  /** Minimum for one million rows: messages that contain only the lines of the file and are full. */
  readonly minSqsRequestsPerMillionRows: number;
  readonly files: readonly FileConsumption[];
}
