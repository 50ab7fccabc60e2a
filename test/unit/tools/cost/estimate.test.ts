import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MEASURED_CONSUMPTION } from '../../../../tools/cost/consumption.ts';
import { sumDatabaseBackups } from '../../../../tools/cost/database.ts';
import { computeGbSeconds, estimate, sumUsd, type Workload } from '../../../../tools/cost/estimate.ts';
import table from '../../../../tools/cost/prices.json' with { type: 'json' };
import { computeCost, formatUsd, type PriceName, UNITS } from '../../../../tools/cost/prices.ts';
import { formatLines, toJson } from '../../../../tools/cost/report.ts';
import { consumptionOf, findUsd, inventoryOf, perFile, WORKLOAD } from './fixtures.ts';

const GIB = 2 ** 30;

describe('a price', () => {
  test.each<[string, number, PriceName, number]>([
    ['a million requests of SQS', 1e6, 'sqsRequests', 0.4],
    ['a GB in S3 for a month', GIB, 's3Storage', 0.023],
    ['a thousand GB-seconds of Lambda', 1_000, 'lambdaDuration', 0.0133334],
    ['half a capacity unit for 730 hours', 0.5 * 3_600 * 730, 'auroraCapacity', 43.8],
    ['a metric for a month', 730, 'customMetrics', 0.3],
    ['nothing', 0, 'quicksightAuthors', 0],
  ])('of %s is that of the list', (_, quantity, price, usd) => {
    expect(computeCost(quantity, price)).toBeCloseTo(usd, 9);
  });

  test('has a unit, a source and a date, and the list has a region', () => {
    expect(table.region).toBe('us-east-1');
    for (const [name, { usd, per, source, date }] of Object.entries(table.prices)) {
      expect(Number(usd), name).toBeGreaterThan(0);
      expect(Object.keys(UNITS), name).toContain(per);
      expect(source, name).toMatch(/^https:\/\/\S+$/);
      expect(date, name).toMatch(/^20\d\d-\d\d-\d\d$/);
    }
  });

  test('is shown in dollars and cents', () => {
    expect([0, 0.014, 1_234_567.891].map(formatUsd)).toEqual(['0.00', '0.01', '1,234,567.89']);
  });
});

describe('the cost of rows', () => {
  test('in the bucket grows with the months: 2 months of 365 GB at 0.023', () => {
    const consumption = consumptionOf({}, { uploadedBytes: GIB });
    const lines = estimate({ ...WORKLOAD, months: 2 }, inventoryOf(), consumption);
    expect(findUsd(lines, 'S3', 'storage')).toBeCloseTo(16.79, 6);
  });

  test('in messages: 365,000 requests of SQS at 0.40 a million', () => {
    const lines = estimate(WORKLOAD, inventoryOf(), consumptionOf({}, { sqsRequests: 1_000 }));
    expect(findUsd(lines, 'SQS', 'requests of 64 KB')).toBeCloseTo(0.146, 6);
  });

  test('in Lambda time: 365 seconds of a parser with 1,769 MiB', () => {
    const parse = { invocations: 1, cpuMilliseconds: 600, waitMilliseconds: 400 };
    const lines = estimate(WORKLOAD, inventoryOf(), consumptionOf({}, { parse }));
    // 365 s × 1,769 MiB / 1,024 = 630.552… GB-s, × 0.0000133334 = 0.0084074 USD
    expect(findUsd(lines, 'Lambda', 'memory and time')).toBeCloseTo(0.0084074, 6);
    // 365 of the parser, 30.4 of each schedule
    expect(findUsd(lines, 'Lambda', 'invocations')).toBeCloseTo((365 + 2 * 30.4167) * 0.2e-6, 9);
  });

  test('in database writes: 365 × 4,096,000 bytes of log are 365,000 writes at 0.20 a million', () => {
    const lines = estimate(WORKLOAD, inventoryOf(), consumptionOf({}, { walBytes: 4_096_000 }));
    expect(findUsd(lines, 'Aurora', 'writes')).toBeCloseTo(0.073, 6);
  });

  test('in database work: 3,600 s for a million rows are 4 units for an hour, doubled for the scaling delay', () => {
    const load = { invocations: 0, cpuMilliseconds: 0, waitMilliseconds: 3_600_000 };
    const lines = estimate(WORKLOAD, inventoryOf(), consumptionOf({}, { load }));
    expect(findUsd(lines, 'Aurora', 'capacity for loading')).toBeCloseTo(365 * 8 * 0.12, 6);
  });
});

test('each file costs its own requests and the starts of its functions', () => {
  const consumption = {
    ...perFile({ s3Writes: 2, s3Reads: 1, dataApiRequests: 10, dataApiCalls: 1 }),
    startMilliseconds: { parse: 1_000, load: 0, notify: 0, sweep: 0, verify: 0 },
  };
  const lines = estimate({ ...WORKLOAD, rowsPerDay: 0 }, inventoryOf(), consumption);
  // 730 writes, a listing for each of 30.4 sweeps, and the results of these and of the verifications, at 0.005 a thousand
  expect(findUsd(lines, 'S3', 'writes and listings')).toBeCloseTo(5e-6 * (730 + 3 * 30.4167), 8);
  expect(findUsd(lines, 'S3', 'reads')).toBeCloseTo(146e-6, 9);
  expect(findUsd(lines, 'Lambda', 'memory and time')).toBeCloseTo(0.0084074, 6);
});

test('the receipts of a file cost an event, an invocation of the notifier and the backup of their objects', () => {
  const notify = { invocations: 1, cpuMilliseconds: 600, waitMilliseconds: 1_400 };
  const consumption = perFile({ events: 1, s3Objects: 3, notify });
  const workload = { ...WORKLOAD, rowsPerDay: 0 };
  const lines = estimate(workload, inventoryOf({}, { backupPlan: true }), consumption);
  expect(findUsd(lines, 'EventBridge', 'receipts')).toBeCloseTo(365e-6, 9);
  expect(findUsd(lines, 'Lambda', 'invocations')).toBeCloseTo((365 + 2 * 30.4167) * 0.2e-6, 9);
  // 365 × (0.6 s × 1,769 MiB + 1.4 s × 512 MiB) / 1,024 = 633.8… GB-s
  expect(findUsd(lines, 'Lambda', 'memory and time')).toBeCloseTo(633.834 * 0.0000133334, 6);
  // Each of three objects counts as 128 KB, and so does each result of 30.4 sweeps and 30.4 verifications.
  const objects = 3 * 365 + 2 * 30.4167;
  expect(findUsd(lines, 'AWS Backup', 'files')).toBeCloseTo(((objects * 128) / 1_024 ** 2) * 0.05, 6);
});

test('each store with a deadline costs a metric, which has a value in the hour of each verification', () => {
  const usdOf = (storesWithDeadline: number) =>
    findUsd(
      estimate(WORKLOAD, inventoryOf({ storesWithDeadline }), consumptionOf({})),
      'CloudWatch',
      'custom metrics',
    );
  expect(usdOf(0)).toBe(0);
  // 10 × 30.4 of 730 hours at 0.30
  expect(usdOf(10)).toBeCloseTo(10 * (30.4167 / 730) * 0.3, 5);
});

describe('the API', () => {
  const NOTHING: Workload = { ...WORKLOAD, rowsPerDay: 0, filesPerDay: 0 };
  /** Cost that calls add, for each million, without logs and with them. */
  const addedBy = (workload: Partial<Workload>) => {
    const [before, after] = [NOTHING, { ...NOTHING, ...workload }].map((each) =>
      estimate(each, inventoryOf(), consumptionOf({})),
    );
    const sums = [before!, after!].map((lines) => {
      const onTheWay = lines.filter(({ service }) => !['CloudWatch', 'X-Ray'].includes(service));
      return { onTheWay: sumUsd(onTheWay), all: sumUsd(lines) };
    });
    return { onTheWay: sums[1]!.onTheWay - sums[0]!.onTheWay, all: sums[1]!.all - sums[0]!.all };
  };
  const MILLION_A_MONTH = (1e6 * 12) / 365;

  test('costs about 1.90 USD for a million calls, and more with their logs', () => {
    const { onTheWay, all } = addedBy({ callsPerDay: MILLION_A_MONTH });
    // 1.00 for the requests, 0.48 for SQS, 0.20 for the calls of Lambda and 0.15 for their time
    expect(onTheWay).toBeCloseTo(1.83, 2);
    // 0.43 for logs; calls are not traced
    expect(all - onTheWay).toBeCloseTo(0.43, 1);
    expect(addedBy({ callsPerDay: MILLION_A_MONTH / 100 }).onTheWay).toBeCloseTo(0.018, 3);
  });

  test('has answers and connection minutes over a WebSocket', () => {
    const lines = estimate(
      { ...NOTHING, messagesPerDay: MILLION_A_MONTH, connections: 100 },
      inventoryOf(),
      consumptionOf({}),
    );
    // 12 connections a day of each till
    expect(findUsd(lines, 'API Gateway', 'HTTP requests')).toBeCloseTo(0.0365, 6);
    expect(findUsd(lines, 'API Gateway', 'WebSocket messages')).toBeCloseTo(2.0365, 6);
    // 100 × 43,800 minutes at 0.25 a million
    expect(findUsd(lines, 'API Gateway', 'connection minutes')).toBeCloseTo(1.095, 6);
  });
});

describe('a stage', () => {
  const idle: Workload = { ...WORKLOAD, rowsPerDay: 0, filesPerDay: 0 };
  const linesOf = (...args: Parameters<typeof inventoryOf>) =>
    estimate(idle, inventoryOf(...args), consumptionOf({}));

  test('pays for each of its secrets, alarms, dashboards and keys', () => {
    const lines = linesOf({ secrets: 4, alarmMetrics: 7, compositeAlarms: 1, dashboards: 2, keys: 1 });
    expect(findUsd(lines, 'Secrets Manager', 'secrets')).toBeCloseTo(1.6, 6);
    expect(findUsd(lines, 'CloudWatch', 'alarms')).toBeCloseTo(0.7, 6);
    expect(findUsd(lines, 'CloudWatch', 'composite alarms')).toBeCloseTo(0.5, 6);
    expect(findUsd(lines, 'CloudWatch', 'dashboards')).toBeCloseTo(6, 6);
    expect(findUsd(lines, 'KMS', 'keys')).toBeCloseTo(1, 6);
  });

  test('pays for polling each queue 15 times a minute', () => {
    // 2 × 15 × 43,800 minutes
    expect(findUsd(linesOf({ polledQueues: 2 }), 'SQS', 'polling of empty queues')).toBeCloseTo(0.5256, 6);
  });

  test('whose database may not pause pays for one capacity unit for 730 hours', () => {
    expect(findUsd(linesOf({}, { databaseMinAcu: 1 }), 'Aurora', 'capacity while awake')).toBeCloseTo(
      87.6,
      6,
    );
  });

  test('pays for backups if it has a plan, and twice with a copy in another region', () => {
    const backups = (settings: object) => {
      const lines = estimate(WORKLOAD, inventoryOf({}, settings), consumptionOf({}, { uploadedBytes: GIB }));
      return lines.filter(({ service }) => service === 'AWS Backup').map(({ usd }) => usd);
    };
    expect(backups({})).toEqual([]);
    // The results of the checks are in one region.
    const checks = ((2 * 30.4167 * 128) / 1_024 ** 2) * 0.05;
    expect(backups({ backupPlan: true })).toEqual([expect.closeTo(365 * 0.05 + checks, 6), 0]);
    const [files] = backups({ backupPlan: true, backupCopyRegion: 'eu-west-1' });
    expect(files).toBeCloseTo(2 * 365 * 0.05 + checks, 6);
  });
});

describe('a report', () => {
  const lines = estimate(WORKLOAD, inventoryOf({ secrets: 4, dashboards: 1 }), MEASURED_CONSUMPTION);

  test('for people has each item that costs something, a sum for each service, and the total', () => {
    const text = formatLines(lines);
    for (const service of ['S3', 'SQS', 'Lambda', 'Data API', 'Aurora', 'CloudWatch']) {
      expect(text).toMatch(new RegExp(`^${service} .*\\d+\\.\\d\\d$`, 'm'));
    }
    expect(text).toMatch(/^Aurora +together +[\d,]+\.\d\d$/m);
    expect(text).toMatch(new RegExp(`^all +${formatUsd(sumUsd(lines))}$`, 'm'));
    expect(text).not.toContain('QuickSight');
  });

  test('for programs has services and lines that add up to the total', () => {
    const { totalUsd, services } = toJson(lines);
    expect(services['Secrets Manager']).toBeGreaterThan(1.6);
    const sum = Object.values(services).reduce((total, usd) => total + usd, 0);
    expect(sum).toBeCloseTo(totalUsd, 6);
    expect(totalUsd).toBe(sumUsd(lines));
  });
});

describe('database backups', () => {
  const SETTINGS = { backupDailyDays: 35, backupMonthlyDays: 365 };
  /** The database's own retention. */
  const FREE_DAYS = 35;

  test('after a year the older monthly backups count, each with the size of the database at its time', () => {
    // The backup of 30 days is free; the others have 10, 9 … 0 months of data.
    const sum = sumDatabaseBackups(SETTINGS, FREE_DAYS, 12, (months) => months * 100);
    expect(sum).toBe(100 * (10 + 9 + 8 + 7 + 6 + 5 + 4 + 3 + 2 + 1));
  });

  test('are not older than the database', () => {
    expect(sumDatabaseBackups(SETTINGS, FREE_DAYS, 1, (months) => months * 100)).toBe(0);
    expect(sumDatabaseBackups(SETTINGS, FREE_DAYS, 2, () => 1)).toBe(1);
  });

  test('count if they are daily and kept longer than the database’s own retention', () => {
    const settings = { ...SETTINGS, backupDailyDays: 10, backupMonthlyDays: 31 };
    expect(sumDatabaseBackups(settings, 1, 12, () => 1)).toBe(9 + 1);
  });

  test('in another region have no free days: 30 daily ones and a monthly one count', () => {
    expect(sumDatabaseBackups(SETTINGS, 0, 1, () => 1)).toBe(31);
  });
});

test('Lambda work takes longer with less than one processor; waiting does not', () => {
  expect(computeGbSeconds(1_769, 100, 50)).toBeCloseTo((1_769 * 150) / 1_024_000, 9);
  expect(computeGbSeconds(884, 100, 50)).toBeCloseTo((1_769 * 100 + 884 * 50) / 1_024_000, 9);
  expect(computeGbSeconds(3_538, 100, 0)).toBeCloseTo((3_538 * 100) / 1_024_000, 9);
});

test('the measured consumption consists of whole numbers, and none that matters is zero', () => {
  const numbers = JSON.stringify(MEASURED_CONSUMPTION).match(/(?<=:)-?[\d.e+-]+/g)!;
  for (const number of numbers) expect(number).toMatch(/^\d+$/);
  const { uploadedBytes, sqsRequests, messages, dataApiRequests, databaseBytes, walBytes } =
    MEASURED_CONSUMPTION.perMillionRows;
  const all = [uploadedBytes, sqsRequests, messages, dataApiRequests, databaseBytes, walBytes];
  expect(Math.min(...all)).toBeGreaterThan(0);
  expect(MEASURED_CONSUMPTION.perFile).toMatchObject({
    s3Reads: 1,
    s3Objects: 4,
    messages: 1,
    dataApiCalls: 3,
    events: 1,
  });
});

test.each([
  ['rows', 'rowsPerDay', 20_000_000],
  ['files', 'filesPerDay', 2_000],
  ['months', 'months', 60],
  ['calls', 'callsPerDay', 10_000_000],
  ['messages', 'messagesPerDay', 10_000_000],
  ['connections', 'connections', 10_000],
  ['scanned bytes', 'athenaGb', 10_000],
  ['authors', 'quicksightAuthors', 100],
] as const)('more %s never cost less, in any item, whether the database may pause or not', (_, name, max) => {
  fc.assert(
    fc.property(
      fc.nat(20_000_000),
      fc.integer({ min: 1, max: 2_000 }),
      fc.nat(max),
      fc.nat(max),
      fc.constantFrom(0, 0.5),
      (rowsPerDay, filesPerDay, one, other, databaseMinAcu) => {
        const inventory = inventoryOf(
          { polledQueues: 2, keys: 1 },
          { databaseMinAcu, backupPlan: true, sweepEveryMinutes: 15 },
        );
        const [less, more] = [Math.min(one, other), Math.max(one, other)].map((value) => {
          const changed = { [name]: name === 'months' ? value + 1 : value };
          return estimate(
            { ...WORKLOAD, rowsPerDay, filesPerDay, ...changed },
            inventory,
            MEASURED_CONSUMPTION,
          );
        });
        expect(sumUsd(more!)).toBeGreaterThanOrEqual(sumUsd(less!));
        for (const [index, { usd }] of less!.entries()) {
          expect(more![index]!.usd).toBeGreaterThanOrEqual(usd);
        }
      },
    ),
  );
});
