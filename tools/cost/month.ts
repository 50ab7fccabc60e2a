import { countAwakeMinutes, countQueryingSweeps } from './awake.ts';
import type { Consumption, FunctionName, Usage, Work } from './consumption.ts';
import type { Inventory } from './inventory.ts';

/** Uploads and queries of a stage. */
export interface Workload {
  readonly rowsPerDay: number;
  readonly filesPerDay: number;
  /** Months since the first row. Stored data grows with them. */
  readonly months: number;
  readonly athenaGb: number;
  readonly quicksightAuthors: number;
  readonly quicksightReaders: number;
}

/** A month is a twelfth of 365 days, 730 hours. */
export const DAYS_PER_MONTH = 365 / 12;
const HOURS_PER_MONTH = 730;
/** Memory at which Lambda gives a function one processor (Lambda developer guide, "Configure memory"). */
const MIB_PER_PROCESSOR = 1_769;
const MIB_PER_GB = 1_024;
/** Capacity units of a busy processor (AWS, "Aurora serverless advisory: ACU coefficient"). */
const ACU_PER_PROCESSOR = 4;
/** Capacity follows the load with a delay, in both directions. */
const ACU_SCALING_FACTOR = 2;
/** Minimum capacity of a database that is awake. */
const MIN_AWAKE_ACU = 0.5;
/** Lambda polls an idle queue with five pollers, each every 20 seconds. */
const EMPTY_RECEIVES_PER_MINUTE = 15;
/** A listing has pages of 1,000 versions; a sweep reads at most 20 pages, twice (lambdas/sweep). */
const VERSIONS_PER_PAGE = 1_000;
const MAX_PAGES = 20;
/** A page that the sweeper sends to the database has about 200 bytes for each version. */
const DATA_API_REQUESTS_PER_PAGE = 7;
/** Queries of a sweep besides its pages, and queries of a verification. */
const QUERIES_PER_SWEEP = 2;
const QUERIES_PER_VERIFICATION = 3;
/** SQS requests a data key again after an hour: two requests for a producer, one for a consumer. */
const KEY_REQUESTS_PER_QUEUE_AND_HOUR = 3;
/** S3 makes one request when an object is written and one when it is read. */
const KEY_REQUESTS_PER_FILE = 2;
/** Each of the first two yearly rotations of a key costs as much as the key (KMS pricing). */
const MAX_BILLED_ROTATIONS = 2;

export type Month = ReturnType<typeof computeMonth>;

/** Computes the quantities of one month. The names carry the units. */
export function computeMonth(workload: Workload, inventory: Inventory, consumption: Consumption) {
  const { filesPerDay, months } = workload;
  const { settings, functionMemoryMiB } = inventory;
  const { perMillionRows, perFile, perSweep, perVerification, startMilliseconds, metrics } = consumption;
  const rows = workload.rowsPerDay * DAYS_PER_MONTH;
  const files = filesPerDay * DAYS_PER_MONTH;
  const sweeps = (HOURS_PER_MONTH * 60) / settings.sweepEveryMinutes;
  const verifications = HOURS_PER_MONTH / settings.verifyEveryHours;
  const sumUsed = (measure: (usage: Usage) => number) =>
    (rows / 1e6) * measure(perMillionRows) + files * measure(perFile);

  const versions = files * months;
  const pages = Math.min(MAX_PAGES, Math.max(1, Math.ceil(versions / VERSIONS_PER_PAGE)));
  // A bucket that does not fit into one listing is listed from its beginning and from the last position.
  const listings = versions <= MAX_PAGES * VERSIONS_PER_PAGE ? 1 : 2;
  const queryingSweeps = countQueryingSweeps(settings, filesPerDay, versions) * DAYS_PER_MONTH;
  const awakeMinutes = countAwakeMinutes(settings, filesPerDay, versions) * DAYS_PER_MONTH;

  const gbSecondsOf = (name: FunctionName, work: Pick<Work, 'cpuMilliseconds' | 'waitMilliseconds'>) =>
    computeGbSeconds(functionMemoryMiB[name], work.cpuMilliseconds, work.waitMilliseconds);
  const gbSecondsOfStart = (name: FunctionName) =>
    gbSecondsOf(name, { cpuMilliseconds: startMilliseconds[name], waitMilliseconds: 0 });
  const hoursWithMetrics = (timesPerDay: number) => Math.min(24, Math.ceil(timesPerDay)) * DAYS_PER_MONTH;

  const uploadedBytes = sumUsed((usage) => usage.uploadedBytes);
  const bucketBytes = uploadedBytes * months;
  const databaseBytesAfter = (age: number) =>
    consumption.emptyDatabaseBytes + sumUsed((usage) => usage.databaseBytes) * age;
  const dataApiCalls =
    sumUsed((usage) => usage.dataApiCalls) +
    queryingSweeps * (pages + QUERIES_PER_SWEEP) +
    verifications * QUERIES_PER_VERIFICATION;
  const logBytes =
    sumUsed((usage) => usage.logBytes) +
    sweeps * perSweep.logBytes +
    verifications * perVerification.logBytes;
  const rotations = Math.min(MAX_BILLED_ROTATIONS, Math.floor(months / 12));

  return {
    files,
    bucketBytes,
    databaseBytesAfter,
    s3Writes: sumUsed((usage) => usage.s3Writes) + sweeps * pages * listings,
    s3Reads: sumUsed((usage) => usage.s3Reads),
    sqsRequests: sumUsed((usage) => usage.sqsRequests),
    emptyReceives: inventory.polledQueues * EMPTY_RECEIVES_PER_MINUTE * HOURS_PER_MONTH * 60,
    invocations: sumUsed(({ parse, load }) => parse.invocations + load.invocations) + sweeps + verifications,
    // Estimated as if every file and every scheduled call met a cold start.
    lambdaGbSeconds:
      sumUsed(({ parse, load }) => gbSecondsOf('parse', parse) + gbSecondsOf('load', load)) +
      files * (gbSecondsOfStart('parse') + gbSecondsOfStart('load')) +
      sweeps * (gbSecondsOf('sweep', perSweep.work) + gbSecondsOfStart('sweep')) +
      verifications * (gbSecondsOf('verify', perVerification.work) + gbSecondsOfStart('verify')),
    dataApiCalls,
    dataApiRequests:
      sumUsed((usage) => usage.dataApiRequests) +
      queryingSweeps * (pages * DATA_API_REQUESTS_PER_PAGE + QUERIES_PER_SWEEP) +
      verifications * QUERIES_PER_VERIFICATION,
    awakeAcuSeconds: awakeMinutes * 60 * Math.max(settings.databaseMinAcu, MIN_AWAKE_ACU),
    // Estimated as if the database was busy whenever the loader waited for it.
    loadingAcuSeconds:
      (sumUsed(({ load }) => load.waitMilliseconds) / 1_000) * ACU_PER_PROCESSOR * ACU_SCALING_FACTOR,
    walBytes: sumUsed((usage) => usage.walBytes),
    logBytes,
    keptLogBytes: logBytes * Math.min(settings.logRetentionDays / DAYS_PER_MONTH, months),
    // A metric is billed for each hour that has a value: estimated as if each file came in a different hour.
    metricHours:
      (metrics.parse + metrics.load) * hoursWithMetrics(filesPerDay) +
      metrics.sweep * hoursWithMetrics(1_440 / settings.sweepEveryMinutes) +
      metrics.verify * hoursWithMetrics(24 / settings.verifyEveryHours),
    billedKeys: inventory.keys * (1 + rotations),
    keyRequests:
      inventory.keys === 0
        ? 0
        : inventory.queuesWithKey * KEY_REQUESTS_PER_QUEUE_AND_HOUR * HOURS_PER_MONTH +
          files * KEY_REQUESTS_PER_FILE +
          dataApiCalls,
    scheduledEvents: sweeps + verifications,
  };
}

/**
 * Memory times seconds of an invocation on Lambda. Work takes longer with less memory than that of one processor;
 * waiting does not.
 */
export function computeGbSeconds(
  memoryMiB: number,
  cpuMilliseconds: number,
  waitMilliseconds: number,
): number {
  const mibMilliseconds =
    cpuMilliseconds * Math.max(memoryMiB, MIB_PER_PROCESSOR) + waitMilliseconds * memoryMiB;
  return mibMilliseconds / MIB_PER_GB / 1_000;
}
