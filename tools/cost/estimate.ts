import type { Consumption } from './consumption.ts';
import type { Inventory } from './inventory.ts';
import { computeMonth, DAYS_PER_MONTH, type Workload } from './month.ts';
import { computeCost, type PriceName } from './prices.ts';

/** Cost of one item in a month. */
export interface Line {
  readonly service: string;
  readonly item: string;
  readonly price: PriceName;
  readonly quantity: number;
  readonly usd: number;
}

export interface BackupSettings {
  readonly backupDailyDays: number;
  readonly backupMonthlyDays: number;
}

/** Minimum size of an Aurora volume. No source says that less is billed. */
const MIN_VOLUME_BYTES = 10 * 2 ** 30;
/** Aurora writes its log in pieces of 4 KB (Aurora pricing, "I/Os"). */
const BYTES_PER_IO = 4_096;
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
  const month = computeMonth(workload, inventory, consumption);
  const { settings } = inventory;

  add('S3', 'storage', 's3Storage', month.bucketBytes);
  add('S3', 'writes and listings', 's3Writes', month.s3Writes);
  add('S3', 'reads', 's3Reads', month.s3Reads);
  add('SQS', 'requests of 64 KB', 'sqsRequests', month.sqsRequests);
  add('SQS', 'polling of empty queues', 'sqsRequests', month.emptyReceives);
  add('Lambda', 'memory and time', 'lambdaDuration', month.lambdaGbSeconds);
  add('Lambda', 'invocations', 'lambdaRequests', month.invocations);
  add('Data API', 'requests of 32 KB', 'dataApiRequests', month.dataApiRequests);
  add('Aurora', 'capacity while awake', 'auroraCapacity', month.awakeAcuSeconds);
  add('Aurora', 'capacity for loading', 'auroraCapacity', month.loadingAcuSeconds);
  const databaseBytes = month.databaseBytesAfter(workload.months);
  add('Aurora', 'storage', 'auroraStorage', Math.max(databaseBytes, MIN_VOLUME_BYTES));
  add('Aurora', 'writes', 'auroraIo', month.walBytes / BYTES_PER_IO);
  add('CloudWatch', 'logs written', 'logsIngested', month.logBytes);
  add('CloudWatch', 'logs kept', 'logsStored', month.keptLogBytes);
  add('CloudWatch', 'custom metrics', 'customMetrics', month.metricHours);
  add('CloudWatch', 'alarms', 'alarms', inventory.alarmMetrics);
  add('CloudWatch', 'composite alarms', 'compositeAlarms', inventory.compositeAlarms);
  add('CloudWatch', 'dashboards', 'dashboards', inventory.dashboards);
  add('X-Ray', 'traces', 'traces', month.invocations);
  add('KMS', 'keys', 'kmsKeys', month.billedKeys);
  add('KMS', 'requests', 'kmsRequests', month.keyRequests);
  add('Secrets Manager', 'secrets', 'secrets', inventory.secrets);
  add('Secrets Manager', 'requests', 'secretRequests', month.dataApiCalls);
  if (settings.backupPlan) {
    const regions = settings.backupCopyRegion === undefined ? 1 : 2;
    const minBytes = month.files * workload.months * MIN_BACKUP_BYTES_PER_OBJECT;
    add('AWS Backup', 'files', 'backupOfS3', regions * Math.max(month.bucketBytes, minBytes));
    const sumBackups = (freeDays: number) =>
      sumDatabaseBackups(settings, freeDays, workload.months, month.databaseBytesAfter);
    add('AWS Backup', 'database', 'backupOfAurora', sumBackups(settings.backupRetentionDays));
    if (regions === 2) add('AWS Backup', 'database, copies', 'backupOfAurora', sumBackups(0));
  }
  add('EventBridge', 'schedules', 'events', month.scheduledEvents);
  add('SNS', 'e-mails', 'emails', settings.alarmEmails.length * EMAILS_PER_ADDRESS);
  add('Athena', 'bytes scanned', 'athenaScans', workload.athenaGb * 2 ** 30);
  add('QuickSight', 'authors', 'quicksightAuthors', workload.quicksightAuthors);
  add('QuickSight', 'readers', 'quicksightReaders', workload.quicksightReaders);
  return lines;
}

/** Sums the costs of lines, in USD. */
export function sumUsd(lines: readonly Line[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
}

/**
 * Bytes of all database backups that are kept in a month. AWS Backup makes full backups of Aurora.
 * @param freeDays age up to which backups are free: those within the database's own retention, in its own region
 *   (Aurora user guide, "Understanding Amazon Aurora backup storage usage")
 * @param months months since the first row
 * @param bytesAfter size of the database after a number of months
 */
export function sumDatabaseBackups(
  { backupDailyDays, backupMonthlyDays }: BackupSettings,
  freeDays: number,
  months: number,
  bytesAfter: (months: number) => number,
): number {
  const ages = [...listAges(1, backupDailyDays), ...listAges(DAYS_PER_MONTH, backupMonthlyDays)];
  return ages
    .filter((days) => days > freeDays && days <= months * DAYS_PER_MONTH)
    .reduce((sum, days) => sum + bytesAfter(Math.max(0, months - Math.floor(days / DAYS_PER_MONTH))), 0);
}

/** Ages in days of the backups that a rule keeps. */
function listAges(everyDays: number, keptDays: number): number[] {
  return Array.from({ length: Math.floor(keptDays / everyDays) }, (_, index) => (index + 1) * everyDays);
}
