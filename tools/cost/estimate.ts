import { storedBackupsOfAurora } from './backups.ts';
import type { Consumption } from './consumption.ts';
import type { Inventory } from './inventory.ts';
import { ceilDiv, costOf, type MicroUsd } from './money.ts';
import { Month, max, type Workload } from './month.ts';
import type { PriceName, PriceTable } from './prices.ts';

/** What one item costs in a month. */
export interface Line {
  readonly service: string;
  readonly item: string;
  readonly quantity: bigint;
  readonly price: PriceName;
  readonly microUsd: MicroUsd;
}

/** A volume of Aurora is 10 GiB at least. Whether less is billed no source says: it counts as that. */
const LEAST_VOLUME_BYTES = 10n * 2n ** 30n;
/** Aurora writes its log in pieces of 4 KB (Aurora pricing, "I/Os"). */
const BYTES_PER_IO = 4_096n;
/** AWS Backup counts a smaller object as one of 128 KB. */
const LEAST_BACKUP_BYTES_PER_OBJECT = 131_072n;
/** Messages to each address in a month in which not all goes well. */
const EMAILS_PER_ADDRESS = 30n;

/** What a stage costs in one month. Nothing is free here, and every number is rounded up. */
export function estimate(
  workload: Workload,
  inventory: Inventory,
  consumption: Consumption,
  { prices }: PriceTable,
): Line[] {
  const lines: Line[] = [];
  const add = (service: string, item: string, price: PriceName, quantity: bigint) => {
    const { usd, per } = prices[price];
    lines.push({ service, item, price, quantity, microUsd: costOf(quantity, usd, per) });
  };
  const month = new Month(workload, inventory, consumption);
  const { settings } = inventory;

  add('S3', 'storage', 's3Storage', month.bucketBytes);
  add('S3', 'writes and listings', 's3Writes', month.used('s3Writes') + month.listedPages);
  add('S3', 'reads', 's3Reads', month.used('s3Reads'));
  add('SQS', 'requests of 64 KB', 'sqsRequests', month.used('sqsRequests'));
  add('SQS', 'asking empty queues', 'sqsRequests', month.emptyReceives);
  add('Lambda', 'memory and time', 'lambdaDuration', month.lambdaMibMilliseconds);
  add('Lambda', 'invocations', 'lambdaRequests', month.invocations);
  add('Data API', 'requests of 32 KB', 'dataApiRequests', month.dataApiRequests);
  add('Aurora', 'capacity while awake', 'auroraCapacity', month.awakeMilliAcuSeconds);
  add('Aurora', 'capacity for loading', 'auroraCapacity', month.loadingMilliAcuSeconds);
  add('Aurora', 'storage', 'auroraStorage', max(month.databaseBytes, LEAST_VOLUME_BYTES));
  add('Aurora', 'writes', 'auroraIo', ceilDiv(month.used('walBytes'), BYTES_PER_IO));
  add('CloudWatch', 'logs written', 'logsIngested', month.logBytes);
  add('CloudWatch', 'logs kept', 'logsStored', month.keptLogBytes);
  add('CloudWatch', 'metrics of its own', 'customMetrics', month.metricHours);
  add('CloudWatch', 'alarms', 'alarms', BigInt(inventory.alarmMetrics));
  add('CloudWatch', 'composite alarms', 'compositeAlarms', BigInt(inventory.compositeAlarms));
  add('CloudWatch', 'dashboards', 'dashboards', BigInt(inventory.dashboards));
  add('X-Ray', 'traces', 'traces', month.invocations);
  add('KMS', 'keys', 'kmsKeys', month.billedKeys);
  add('KMS', 'requests', 'kmsRequests', month.keyRequests);
  add('Secrets Manager', 'secrets', 'secrets', BigInt(inventory.secrets));
  add('Secrets Manager', 'requests', 'secretRequests', month.dataApiCalls);
  if (settings.backupPlan) {
    const regions = settings.backupCopyRegion === undefined ? 1n : 2n;
    const leastBytes = month.files * BigInt(workload.months) * LEAST_BACKUP_BYTES_PER_OBJECT;
    add('AWS Backup', 'files', 'backupOfS3', regions * max(month.bucketBytes, leastBytes));
    const stored = (freeDays: number) =>
      storedBackupsOfAurora(settings, freeDays, workload.months, (age) => month.databaseBytesAt(age));
    add('AWS Backup', 'database', 'backupOfAurora', stored(settings.backupRetentionDays));
    if (regions === 2n) add('AWS Backup', 'database, copies', 'backupOfAurora', stored(0));
  }
  add('EventBridge', 'schedules', 'events', month.sweeps + month.verifications);
  add('SNS', 'e-mails', 'emails', BigInt(settings.alarmEmails.length) * EMAILS_PER_ADDRESS);
  add('Athena', 'bytes scanned', 'athenaScans', BigInt(workload.athenaGb) * 2n ** 30n);
  add('QuickSight', 'authors', 'quicksightAuthors', BigInt(workload.quicksightAuthors));
  add('QuickSight', 'readers', 'quicksightReaders', BigInt(workload.quicksightReaders));
  return lines;
}
