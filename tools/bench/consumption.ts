import { mkdtempDisposable } from 'node:fs/promises';
import { join } from 'node:path';
import { type Consumption, FUNCTIONS, type FunctionName, type Usage } from '../cost/consumption.ts';
import { readInventory } from '../cost/inventory.ts';
import type { BenchContext } from './context.ts';
import { perMillion, round } from './numbers.ts';
import { parse } from './parse.ts';
import {
  countMinSqsRequests,
  countSqsRequests,
  DATA_API_REQUEST_BYTES,
  PipelineRun,
  SQS_REQUESTS_PER_FILE,
} from './pipeline-run.ts';
import type { ConsumptionBySize, FileConsumption } from './results.ts';
import { generateBytes } from './sample.ts';

const SMALL_FILES = 20;
/** A file that warms the functions up: without it, the first measured file seems to need more processor time. */
const WARM_UP_ROWS = 50_000;
/** Bytes of a Data API request besides the message: names, ARNs and the statement. */
const CALL_BYTES = 400;
const COUNT_SEED = 30_000;
const MIB_PER_GB = 1_024;

/**
 * Measures the consumption of files that the pipeline loads: small ones, and one of each size.
 * @param countedSizes sizes of further files whose requests are derived from parsing alone
 */
export async function measureConsumption(
  context: BenchContext,
  sizes: readonly number[],
  countedSizes: readonly number[],
): Promise<ConsumptionBySize & Consumption> {
  await context.stopCloud();
  await using dir = await mkdtempDisposable(join(context.dir, 'consumption-'));
  await using run = await PipelineRun.start(dir.path, await context.assemblyDir());
  // Keeps the test event of S3 and the cold starts out of the small files.
  await run.load([1]);
  const emptyDatabaseBytes = (await run.readDatabaseState()).bytes;
  const small = await run.load(Array.from({ length: SMALL_FILES }, () => 1));
  const perFile = combine(small, small, (value) => Math.ceil(value / SMALL_FILES));
  await run.load([WARM_UP_ROWS]);
  const { functionMemoryMiB } = readInventory('dev');
  const files: FileConsumption[] = [];
  let large = small;
  for (const rows of sizes) {
    large = await run.load([rows]);
    files.push(describeMeasured(rows, large, functionMemoryMiB));
    context.note(`consumption: ${rows.toLocaleString('en-US')} rows loaded`);
  }
  for (const rows of countedSizes) {
    files.push(await countFile(rows));
    context.note(`consumption: ${rows.toLocaleString('en-US')} rows parsed and counted`);
  }
  const [perSweep, perVerification] = [await run.invoke('sweep'), await run.invoke('verify')];
  const rows = sizes.at(-1)!;
  const { date, processors } = context.measured();
  return {
    date,
    processors,
    minSqsRequestsPerMillionRows: countMinSqsRequests(perMillion(large.uploadedBytes, rows)),
    files,
    measured: { date, rows, processors },
    perMillionRows: combine(large, perFile, (value, ofFile) =>
      Math.ceil(perMillion(Math.max(0, value - ofFile), rows)),
    ),
    perFile,
    perSweep: combine(perSweep, perSweep, Math.ceil),
    perVerification: combine(perVerification, perVerification, Math.ceil),
    startMilliseconds: forEachFunction((name) => Math.ceil(mean(run.starts.get(name) ?? []))),
    metrics: forEachFunction((name) => run.metrics.get(name)?.size ?? 0),
    emptyDatabaseBytes,
  };
}

/** Scales the consumption of a loaded file. The duration of an invocation here counts as its duration on Lambda. */
function describeMeasured(
  rows: number,
  { messages, sqsRequests, dataApiRequests, ...works }: Usage,
  memoryMiB: Readonly<Record<'parse' | 'load', number>>,
): FileConsumption {
  const sum = (measure: (name: 'parse' | 'load') => number) => measure('parse') + measure('load');
  const processorSeconds = sum((name) => works[name].cpuMilliseconds) / 1_000;
  const gbSeconds =
    sum((name) => memoryMiB[name] * (works[name].cpuMilliseconds + works[name].waitMilliseconds)) /
    MIB_PER_GB /
    1_000;
  return {
    rows,
    basis: 'measured',
    messagesPerMillionRows: round(perMillion(messages, rows), 10),
    sqsRequestsPerMillionRows: round(perMillion(sqsRequests, rows), 10),
    dataApiRequestsPerMillionRows: round(perMillion(dataApiRequests, rows), 10),
    lambdaGbSecondsPerMillionRows: round(perMillion(gbSeconds, rows), 100),
    lambdaProcessorSecondsPerMillionRows: round(perMillion(processorSeconds, rows), 100),
  };
}

/**
 * Derives the requests of a file from its messages. The same file always gives the same messages, and each is sent,
 * received, deleted and loaded once. The file is generated while it is parsed.
 */
async function countFile(rows: number): Promise<FileConsumption> {
  const lengths: number[] = [];
  let dataApiRequests = 0;
  await parse(generateBytes(rows, COUNT_SEED), (message) => {
    lengths.push(message.length);
    // The request contains the message as a JSON string.
    const callBytes = JSON.stringify(message).length + CALL_BYTES;
    dataApiRequests += Math.ceil(callBytes / DATA_API_REQUEST_BYTES);
  });
  const sqsRequests = countSqsRequests(lengths) + SQS_REQUESTS_PER_FILE;
  return {
    rows,
    basis: 'counted',
    messagesPerMillionRows: round(perMillion(lengths.length, rows), 10),
    sqsRequestsPerMillionRows: round(perMillion(sqsRequests, rows), 10),
    dataApiRequestsPerMillionRows: round(perMillion(dataApiRequests, rows), 10),
  };
}

/** Combines the numbers of two objects that have the same shape. */
export function combine<Shape extends object>(
  one: Shape,
  two: Shape,
  compute: (one: number, two: number) => number,
): Shape {
  const entries = Object.entries(one).map(([key, value]) => {
    const other = two[key as keyof Shape];
    return [key, typeof value === 'number' ? compute(value, Number(other)) : combine(value, other, compute)];
  });
  return Object.fromEntries(entries) as Shape;
}

function forEachFunction(compute: (name: FunctionName) => number): Record<FunctionName, number> {
  const entries = FUNCTIONS.map((name) => [name, compute(name)]);
  return Object.fromEntries(entries) as Record<FunctionName, number>;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
