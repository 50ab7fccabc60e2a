import { API_MEMORY_MIB, type ApiWorkload, consumeApi } from './api.ts';
import { type Consumption, combine, type FunctionName, type Work } from './consumption.ts';
import {
  countAwakeMinutes,
  countQueryingSweeps,
  MAX_PAGES,
  sumDatabaseBackups,
  VERSIONS_PER_PAGE,
} from './database.ts';
import type { Inventory } from './inventory.ts';
import { computeCost, DAYS_PER_MONTH, HOURS_PER_MONTH, type PriceName } from './prices.ts';

/** Uploads and queries of a stage. */
export interface Workload extends ApiWorkload {
  readonly rowsPerDay: number;
  readonly filesPerDay: number;
  /** Months since the first row. Stored data grows with them. */
  readonly months: number;
  readonly athenaGb: number;
  readonly quicksightAuthors: number;
  readonly quicksightReaders: number;
}

export interface Line {
  readonly service: string;
  readonly item: string;
  readonly price: PriceName;
  readonly quantity: number;
  readonly usd: number;
}

/** Memory at which Lambda gives a function one processor (Lambda developer guide, "Configure memory"). */
const MIB_PER_PROCESSOR = 1_769;
const MIB_PER_GB = 1_024;
/** Capacity units of a busy processor (AWS, "Aurora serverless advisory: ACU coefficient"). */
const ACU_PER_PROCESSOR = 4;
/** Capacity follows the load with a delay, in both directions. */
const ACU_SCALING_FACTOR = 2;
/** Minimum capacity of a database that is awake. */
const MIN_AWAKE_ACU = 0.5;
/** Minimum size of an Aurora volume. No source says that less is billed. */
const MIN_VOLUME_BYTES = 10 * 2 ** 30;
/** Aurora writes its log in pieces of 4 KB (Aurora pricing, "I/Os"). */
const BYTES_PER_IO = 4_096;
/** Lambda polls an idle queue with five pollers, each every 20 seconds. */
const EMPTY_RECEIVES_PER_MINUTE = 15;
/** A page that the sweeper sends to the database has about 200 bytes for each version. */
const DATA_API_REQUESTS_PER_PAGE = 7;
/** Queries of a sweep besides its pages, and queries of a verification. */
const QUERIES_PER_SWEEP = 2;
const QUERIES_PER_VERIFICATION = 3;
/** SQS requests a data key again after an hour: two requests for a producer, one for a consumer. */
const KEY_REQUESTS_PER_QUEUE_AND_HOUR = 3;
/** Each of the first two yearly rotations of a key costs as much as the key (KMS pricing). */
const MAX_BILLED_ROTATIONS = 2;
/** AWS Backup bills a smaller object as 128 KB. */
const MIN_BACKUP_BYTES_PER_OBJECT = 131_072;
/** E-mails to each address, in a month with some alarms. */
const EMAILS_PER_ADDRESS = 30;

/** Estimates the cost of a stage in one month at list prices, without free tiers. */
export function estimate(workload: Workload, inventory: Inventory, consumption: Consumption): Line[] {
  const lines: Line[] = [];
  const add = (service: string, item: string, price: PriceName, quantity: number) => {
    lines.push({ service, item, price, quantity, usd: computeCost(quantity, price) });
  };
  const { filesPerDay, months } = workload;
  const { settings } = inventory;
  const { perSweep, perVerification, metrics } = consumption;
  const millionRows = (workload.rowsPerDay * DAYS_PER_MONTH) / 1e6;
  const files = filesPerDay * DAYS_PER_MONTH;
  const sweeps = (HOURS_PER_MONTH * 60) / settings.sweepEveryMinutes;
  const verifications = HOURS_PER_MONTH / settings.verifyEveryHours;
  // Each run overwrites its result in the bucket.
  const checks = sweeps * perSweep.s3Objects + verifications * perVerification.s3Objects;
  const used = combine(consumption.perMillionRows, consumption.perFile, (ofRows, ofFile) => {
    return millionRows * ofRows + files * ofFile;
  });

  const api = consumeApi(workload);
  for (const [item, price, quantity] of api.gateway) add('API Gateway', item, price, quantity);

  const versions = files * months;
  const pages = Math.min(MAX_PAGES, Math.max(1, Math.ceil(versions / VERSIONS_PER_PAGE)));
  // A bucket that does not fit into one listing is listed from its beginning and from the last position.
  const listings = versions <= MAX_PAGES * VERSIONS_PER_PAGE ? 1 : 2;
  const bucketBytes = used.uploadedBytes * months;
  add('S3', 'storage', 's3Storage', bucketBytes);
  add('S3', 'writes and listings', 's3Writes', used.s3Writes + sweeps * pages * listings + checks);
  add('S3', 'reads', 's3Reads', used.s3Reads);

  const emptyReceives = inventory.polledQueues * EMPTY_RECEIVES_PER_MINUTE * HOURS_PER_MONTH * 60;
  add('SQS', 'requests of 64 KB', 'sqsRequests', used.sqsRequests + api.sqsRequests);
  add('SQS', 'polling of empty queues', 'sqsRequests', emptyReceives);

  const gbSeconds = (name: FunctionName, { cpuMilliseconds, waitMilliseconds }: Work, starts: number) => {
    const startMilliseconds = starts * consumption.startMilliseconds[name];
    const memoryMiB = inventory.functionMemoryMiB[name];
    return computeGbSeconds(memoryMiB, cpuMilliseconds + startMilliseconds, waitMilliseconds);
  };
  // Estimated as if every file and every scheduled call met a cold start.
  const lambdaGbSeconds =
    gbSeconds('parse', used.parse, files) +
    gbSeconds('load', used.load, files) +
    gbSeconds('notify', used.notify, files) +
    sweeps * gbSeconds('sweep', perSweep.work, 1) +
    verifications * gbSeconds('verify', perVerification.work, 1) +
    computeGbSeconds(API_MEMORY_MIB, api.cpuMilliseconds, api.waitMilliseconds);
  const invocations =
    used.parse.invocations + used.load.invocations + used.notify.invocations + sweeps + verifications;
  add('Lambda', 'memory and time', 'lambdaDuration', lambdaGbSeconds);
  add('Lambda', 'invocations', 'lambdaRequests', invocations + api.invocations);

  const queryingSweeps = countQueryingSweeps(settings, filesPerDay, versions) * DAYS_PER_MONTH;
  const otherQueries = queryingSweeps * QUERIES_PER_SWEEP + verifications * QUERIES_PER_VERIFICATION;
  const pagesSent = queryingSweeps * pages;
  const dataApiCalls = used.dataApiCalls + pagesSent + otherQueries;
  const dataApiRequests = used.dataApiRequests + pagesSent * DATA_API_REQUESTS_PER_PAGE + otherQueries;
  add('Data API', 'requests of 32 KB', 'dataApiRequests', dataApiRequests);

  const awakeSeconds = countAwakeMinutes(settings, filesPerDay, versions) * DAYS_PER_MONTH * 60;
  const awakeAcu = Math.max(settings.databaseMinAcu, MIN_AWAKE_ACU);
  // Estimated as if the database was busy whenever the loader waited for it.
  const busySeconds = used.load.waitMilliseconds / 1_000;
  const busyAcu = ACU_PER_PROCESSOR * ACU_SCALING_FACTOR;
  const measureDatabase = (age: number) => consumption.emptyDatabaseBytes + used.databaseBytes * age;
  add('Aurora', 'capacity while awake', 'auroraCapacity', awakeSeconds * awakeAcu);
  add('Aurora', 'capacity for loading', 'auroraCapacity', busySeconds * busyAcu);
  add('Aurora', 'storage', 'auroraStorage', Math.max(measureDatabase(months), MIN_VOLUME_BYTES));
  add('Aurora', 'writes', 'auroraIo', used.walBytes / BYTES_PER_IO);

  const scheduledLogBytes = sweeps * perSweep.logBytes + verifications * perVerification.logBytes;
  const logBytes = used.logBytes + scheduledLogBytes + api.logBytes;
  const keptMonths = Math.min(settings.logRetentionDays / DAYS_PER_MONTH, months);
  // A metric is billed for each hour that has a value: estimated as if each file came in a different hour.
  const countHours = (timesPerDay: number) => Math.min(24, Math.ceil(timesPerDay)) * DAYS_PER_MONTH;
  const metricHours =
    (metrics.parse + metrics.load + metrics.notify) * countHours(filesPerDay) +
    metrics.sweep * countHours(1_440 / settings.sweepEveryMinutes) +
    (metrics.verify + inventory.storesWithDeadline) * countHours(24 / settings.verifyEveryHours);
  add('CloudWatch', 'logs written', 'logsIngested', logBytes);
  add('CloudWatch', 'logs kept', 'logsStored', logBytes * keptMonths);
  add('CloudWatch', 'custom metrics', 'customMetrics', metricHours);
  add('CloudWatch', 'alarms', 'alarms', inventory.alarmMetrics);
  add('CloudWatch', 'composite alarms', 'compositeAlarms', inventory.compositeAlarms);
  add('CloudWatch', 'dashboards', 'dashboards', inventory.dashboards);
  add('X-Ray', 'traces', 'traces', invocations);

  const rotations = Math.min(MAX_BILLED_ROTATIONS, Math.floor(months / 12));
  const queueKeyRequests = inventory.queuesWithKey * KEY_REQUESTS_PER_QUEUE_AND_HOUR * HOURS_PER_MONTH;
  // S3 makes one request when an object is written and one when it is read.
  const keyRequests = queueKeyRequests + used.s3Objects + used.s3Reads + checks + dataApiCalls;
  add('KMS', 'keys', 'kmsKeys', inventory.keys * (1 + rotations));
  add('KMS', 'requests', 'kmsRequests', inventory.keys === 0 ? 0 : keyRequests);
  add('Secrets Manager', 'secrets', 'secrets', inventory.secrets);
  add('Secrets Manager', 'requests', 'secretRequests', dataApiCalls);

  if (settings.backupPlan) {
    const regions = settings.backupCopyRegion === undefined ? 1 : 2;
    // The other objects of a file are small: its receipts, and the record of its reading.
    const smallObjects = Math.max(0, used.s3Objects * months - versions);
    // The continuous backup, which is not copied, keeps each version of the results.
    const keptDays = Math.min(settings.backupRetentionDays, months * DAYS_PER_MONTH);
    const resultBytes = (checks / DAYS_PER_MONTH) * keptDays * MIN_BACKUP_BYTES_PER_OBJECT;
    const fileBytes =
      Math.max(bucketBytes, versions * MIN_BACKUP_BYTES_PER_OBJECT) +
      smallObjects * MIN_BACKUP_BYTES_PER_OBJECT;
    const sumBackups = (freeDays: number) => sumDatabaseBackups(settings, freeDays, months, measureDatabase);
    add('AWS Backup', 'files', 'backupOfS3', regions * fileBytes + resultBytes);
    add('AWS Backup', 'database', 'backupOfAurora', sumBackups(settings.backupRetentionDays));
    if (regions === 2) add('AWS Backup', 'database, copies', 'backupOfAurora', sumBackups(0));
  }
  add('EventBridge', 'schedules', 'events', sweeps + verifications);
  add('EventBridge', 'receipts', 'events', used.events);
  add('SNS', 'e-mails', 'emails', settings.alarmEmails.length * EMAILS_PER_ADDRESS);
  add('Athena', 'bytes scanned', 'athenaScans', workload.athenaGb * 2 ** 30);
  add('QuickSight', 'authors', 'quicksightAuthors', workload.quicksightAuthors);
  add('QuickSight', 'readers', 'quicksightReaders', workload.quicksightReaders);
  return lines;
}

export function sumUsd(lines: readonly Line[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
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
