import type { Consumption, Usage } from '../../../../tools/cost/consumption.ts';
import type { Line, Workload } from '../../../../tools/cost/estimate.ts';
import type { Inventory } from '../../../../tools/cost/inventory.ts';

const NO_WORK = { invocations: 0, cpuMilliseconds: 0, waitMilliseconds: 0 };
const NO_USAGE: Usage = {
  uploadedBytes: 0,
  s3Writes: 0,
  s3Reads: 0,
  s3Objects: 0,
  sqsRequests: 0,
  messages: 0,
  parse: NO_WORK,
  load: NO_WORK,
  notify: NO_WORK,
  dataApiCalls: 0,
  dataApiRequests: 0,
  databaseBytes: 0,
  walBytes: 0,
  events: 0,
  logBytes: 0,
};

/** Builds a consumption in which everything is zero except the given numbers. */
export function consumptionOf(changes: Partial<Consumption>, perMillion: Partial<Usage> = {}): Consumption {
  return {
    measured: { date: '2026-01-01', rows: 1_000_000, processors: 1 },
    perMillionRows: { ...NO_USAGE, ...perMillion },
    perFile: NO_USAGE,
    perSweep: { work: NO_WORK, logBytes: 0, s3Objects: 1 },
    perVerification: { work: NO_WORK, logBytes: 0, s3Objects: 1 },
    startMilliseconds: { parse: 0, load: 0, notify: 0, sweep: 0, verify: 0 },
    metrics: { parse: 0, load: 0, notify: 0, sweep: 0, verify: 0 },
    emptyDatabaseBytes: 0,
    ...changes,
  };
}

export function perFile(usage: Partial<Usage>): Consumption {
  return consumptionOf({ perFile: { ...NO_USAGE, ...usage } });
}

/** Twelve million rows a day are 365 million rows a month; twelve files a day are 365 files a month. */
export const WORKLOAD: Workload = {
  rowsPerDay: 12_000_000,
  filesPerDay: 12,
  months: 1,
  callsPerDay: 0,
  messagesPerDay: 0,
  connections: 0,
  athenaGb: 0,
  quicksightAuthors: 0,
  quicksightReaders: 0,
};

/** Builds a stage that has only the given resources, with one sweep a day. */
export function inventoryOf(changes: Partial<Inventory> = {}, settings: object = {}): Inventory {
  return {
    settings: {
      databaseMinAcu: 1,
      databasePauseMinutes: 10,
      sweepEveryMinutes: 1_440,
      lostAfterMinutes: 60,
      verifyEveryHours: 24,
      logRetentionDays: 365,
      alarmEmails: [],
      backupPlan: false,
      backupRetentionDays: 35,
      backupDailyDays: 35,
      backupMonthlyDays: 365,
      ...settings,
    } as unknown as Inventory['settings'],
    functionMemoryMiB: { parse: 1_769, load: 512, notify: 512, sweep: 512, verify: 512 },
    storesWithDeadline: 0,
    polledQueues: 0,
    queuesWithKey: 0,
    keys: 0,
    secrets: 0,
    alarmMetrics: 0,
    compositeAlarms: 0,
    dashboards: 0,
    ...changes,
  };
}

/** Finds the cost of one item, in USD. */
export function findUsd(lines: readonly Line[], service: string, item: string): number {
  return lines.find((line) => line.service === service && line.item === item)!.usd;
}
