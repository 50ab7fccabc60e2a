import { readFileSync } from 'node:fs';

/** Functions whose work is measured; each by its folder under `lambdas/`. */
export const FUNCTIONS = ['parse', 'load', 'sweep', 'verify'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** What a function's invocations took on the machine that measured them. */
export interface Work {
  readonly invocations: number;
  /** Processor time of the function's thread. */
  readonly cpuMilliseconds: number;
  /** The rest of its time: for the queue, the bucket or the database. */
  readonly waitMilliseconds: number;
}

/** What some files with some rows used. Every number is whole. */
export interface Usage {
  readonly uploadedBytes: number;
  readonly s3Writes: number;
  readonly s3Reads: number;
  /** Of 64 KB each, as SQS bills them. */
  readonly sqsRequests: number;
  readonly messages: number;
  readonly parse: Work;
  readonly load: Work;
  readonly dataApiCalls: number;
  /** Of 32 KB each, as the Data API bills them. */
  readonly dataApiRequests: number;
  /** How much larger the database became. */
  readonly databaseBytes: number;
  /** How much the database wrote to its log. */
  readonly walBytes: number;
  readonly logBytes: number;
}

/** One invocation of a function that a schedule calls. */
export interface ScheduledUsage {
  readonly work: Work;
  readonly logBytes: number;
}

export interface Consumption {
  readonly measured: { readonly date: string; readonly rows: number; readonly processors: number };
  /** A million rows of one file. */
  readonly perMillionRows: Usage;
  /** One more file, with a single row. */
  readonly perFile: Usage;
  readonly perSweep: ScheduledUsage;
  readonly perVerification: ScheduledUsage;
  /** Processor time of a function's start. */
  readonly startMilliseconds: Readonly<Record<FunctionName, number>>;
  /** Metrics that a function publishes. */
  readonly metrics: Readonly<Record<FunctionName, number>>;
  /** The database with the schema and no row. */
  readonly emptyDatabaseBytes: number;
}

export const CONSUMPTION_FILE = new URL('./consumption.json', import.meta.url);

export function readConsumption(): Consumption {
  return JSON.parse(readFileSync(CONSUMPTION_FILE, 'utf8')) as Consumption;
}
