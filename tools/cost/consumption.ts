import { readFileSync } from 'node:fs';

/** Functions whose work is measured, by folder under `lambdas/`. */
export const FUNCTIONS = ['parse', 'load', 'sweep', 'verify'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** Time of a function's invocations on the machine that measured them. */
export interface Work {
  readonly invocations: number;
  /** Processor time of the function's thread. */
  readonly cpuMilliseconds: number;
  /** Rest of the duration: time spent waiting for the queue, the bucket or the database. */
  readonly waitMilliseconds: number;
}

/** Resources that files and their rows used. */
export interface Usage {
  readonly uploadedBytes: number;
  readonly s3Writes: number;
  readonly s3Reads: number;
  /** Requests of 64 KB, the unit that SQS bills. */
  readonly sqsRequests: number;
  readonly messages: number;
  readonly parse: Work;
  readonly load: Work;
  readonly dataApiCalls: number;
  /** Requests of 32 KB, the unit that the Data API bills. */
  readonly dataApiRequests: number;
  /** Growth of the database. */
  readonly databaseBytes: number;
  /** Bytes written to the write-ahead log. */
  readonly walBytes: number;
  readonly logBytes: number;
}

/** One invocation of a scheduled function. */
export interface ScheduledUsage {
  readonly work: Work;
  readonly logBytes: number;
}

/** Measured consumption: `npm run bench -- --only consumption --write` measures it. */
export interface Consumption {
  readonly measured: { readonly date: string; readonly rows: number; readonly processors: number };
  /** One million rows of one file. */
  readonly perMillionRows: Usage;
  /** One more file, with a single row. */
  readonly perFile: Usage;
  readonly perSweep: ScheduledUsage;
  readonly perVerification: ScheduledUsage;
  /** Processor time of a function's start. */
  readonly startMilliseconds: Readonly<Record<FunctionName, number>>;
  /** Number of metrics that a function publishes. */
  readonly metrics: Readonly<Record<FunctionName, number>>;
  /** Size of a database that has the schema and no row. */
  readonly emptyDatabaseBytes: number;
}

export const CONSUMPTION_FILE = new URL('./consumption.json', import.meta.url);

export function readConsumption(): Consumption {
  return JSON.parse(readFileSync(CONSUMPTION_FILE, 'utf8')) as Consumption;
}
