import {
  type Consumption,
  combine,
  type FunctionName,
  mapFunctions,
  type Usage,
} from '../cost/consumption.ts';
import type { BenchContext } from './context.ts';
import { generateBytes } from './files.ts';
import { perMillion, round, sum } from './numbers.ts';
import { startPipelineRun } from './pipeline-run.ts';
import { countMinSqsRequests, countRequests } from './requests.ts';

const SMALL_FILES = 20;
/** A file that warms the functions up: without it, the first measured file seems to need more processor time. */
const WARM_UP_ROWS = 50_000;
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
) {
  await using run = await startPipelineRun(context.dir, context.assemblyDir);
  // Keeps the test event of S3 and the cold starts out of the small files.
  await run.load([1]);
  const emptyDatabaseBytes = (await run.readDatabaseState()).bytes;
  const small = await run.load(Array.from({ length: SMALL_FILES }, () => 1));
  const perFile = combine(small, small, (value) => Math.ceil(value / SMALL_FILES));
  await run.load([WARM_UP_ROWS]);
  // The CDK is imported only here, so that its memory is not part of the other measurements.
  const { readInventory } = await import('../cost/inventory.ts');
  const { functionMemoryMiB } = readInventory('dev');
  const files = [];
  let large = small;
  for (const rows of sizes) {
    large = await run.load([rows]);
    files.push(describeFile('measured', rows, large, sumLambdaSeconds(large, functionMemoryMiB)));
    context.note(`consumption: ${rows.toLocaleString('en-US')} rows loaded`);
  }
  for (const rows of countedSizes) {
    files.push(describeFile('counted', rows, await countRequests(generateBytes(rows, COUNT_SEED))));
    context.note(`consumption: ${rows.toLocaleString('en-US')} rows parsed and counted`);
  }
  const [perSweep, perVerification] = [await run.invoke('sweep'), await run.invoke('verify')];
  const rows = sizes.at(-1)!;
  const perUnit: Consumption = {
    measured: { date: context.measured.date, rows, processors: context.measured.processors },
    perMillionRows: combine(large, perFile, (value, ofFile) =>
      Math.ceil(perMillion(Math.max(0, value - ofFile), rows)),
    ),
    perFile,
    perSweep: combine(perSweep, perSweep, Math.ceil),
    perVerification: combine(perVerification, perVerification, Math.ceil),
    startMilliseconds: mapFunctions(run.measureStart),
    metrics: mapFunctions(run.countMetrics),
    emptyDatabaseBytes,
  };
  return {
    ...context.measured,
    /** Minimum for one million rows: messages that contain only the lines of the file and are full. */
    minSqsRequestsPerMillionRows: countMinSqsRequests(perMillion(large.uploadedBytes, rows)),
    files,
    ...perUnit,
  };
}

/**
 * Scales the consumption of one file to a million rows.
 * @param basis `counted`: derived from parsing alone. No function ran, so there are no Lambda seconds
 */
function describeFile(
  basis: 'measured' | 'counted',
  rows: number,
  requests: Pick<Usage, 'messages' | 'sqsRequests' | 'dataApiRequests'>,
  lambda?: ReturnType<typeof sumLambdaSeconds>,
) {
  const scale = (value: number, steps: number) => round(perMillion(value, rows), steps);
  return {
    rows,
    basis,
    messagesPerMillionRows: scale(requests.messages, 10),
    sqsRequestsPerMillionRows: scale(requests.sqsRequests, 10),
    dataApiRequestsPerMillionRows: scale(requests.dataApiRequests, 10),
    ...(lambda && {
      lambdaGbSecondsPerMillionRows: scale(lambda.gbSeconds, 100),
      lambdaProcessorSecondsPerMillionRows: scale(lambda.processorSeconds, 100),
    }),
  };
}

/** Sums the work of the parser, the loader and the notifier. The duration of an invocation here counts as its duration on Lambda. */
function sumLambdaSeconds(usage: Usage, memoryMiB: Readonly<Record<FunctionName, number>>) {
  const names = ['parse', 'load', 'notify'] as const;
  const mibMilliseconds = sum(
    names.map((name) => memoryMiB[name] * (usage[name].cpuMilliseconds + usage[name].waitMilliseconds)),
  );
  return {
    gbSeconds: mibMilliseconds / MIB_PER_GB / 1_000,
    processorSeconds: sum(names.map((name) => usage[name].cpuMilliseconds)) / 1_000,
  };
}
