import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConsumption } from '../../../../tools/cost/consumption.ts';
import { estimate } from '../../../../tools/cost/estimate.ts';
import { memoryTime, type Workload } from '../../../../tools/cost/month.ts';
import { readPrices } from '../../../../tools/cost/prices.ts';
import { sumOf } from '../../../../tools/cost/report.ts';
import { consumptionOf, inventoryOf, itemOf, perFile, WORKLOAD } from './fixtures.ts';

const PRICES = readPrices();
const GIB = 2 ** 30;

describe('rows', () => {
  test('that are kept cost the more the longer they are: 2 months of 365 GB in the bucket, at 0.023', () => {
    const consumption = consumptionOf({}, { uploadedBytes: GIB });
    const lines = estimate({ ...WORKLOAD, months: 2 }, inventoryOf(), consumption, PRICES);
    expect(itemOf(lines, 'S3', 'storage')).toBe(16_790_000n);
  });

  test('take messages: 365,000 requests of SQS at 0.40 a million', () => {
    const lines = estimate(WORKLOAD, inventoryOf(), consumptionOf({}, { sqsRequests: 1_000 }), PRICES);
    expect(itemOf(lines, 'SQS', 'requests of 64 KB')).toBe(146_000n);
  });

  test('take time: 365 seconds of a parser with 1,769 MiB', () => {
    const parse = { invocations: 1, cpuMilliseconds: 600, waitMilliseconds: 400 };
    const lines = estimate(WORKLOAD, inventoryOf(), consumptionOf({}, { parse }), PRICES);
    // 365 s × 1,769 MiB / 1,024 = 630.552… GB-s, × 0.0000133334 = 0.0084074 USD
    expect(itemOf(lines, 'Lambda', 'memory and time')).toBe(8_408n);
    // 365 of the parser, 31 of each schedule
    expect(itemOf(lines, 'Lambda', 'invocations')).toBe(
      ((365n + 31n + 31n) * 200_000n + 999_999n) / 1_000_000n,
    );
  });

  test('make the database write: 365 × 4,096,000 bytes of log are 365,000 writes at 0.20 a million', () => {
    const lines = estimate(WORKLOAD, inventoryOf(), consumptionOf({}, { walBytes: 4_096_000 }), PRICES);
    expect(itemOf(lines, 'Aurora', 'writes')).toBe(73_000n);
  });

  test('make the database work: 3,600 s of it for 365 million are 4 units for an hour, twice for the delay', () => {
    const load = { invocations: 0, cpuMilliseconds: 0, waitMilliseconds: 3_600_000 };
    const lines = estimate(WORKLOAD, inventoryOf(), consumptionOf({}, { load }), PRICES);
    expect(itemOf(lines, 'Aurora', 'capacity for loading')).toBe(365n * 8n * 120_000n);
  });
});

test('files cost by themselves: each has its requests, and starts both functions', () => {
  const consumption = {
    ...perFile({ s3Writes: 2, s3Reads: 1, dataApiRequests: 10, dataApiCalls: 1 }),
    startMilliseconds: { parse: 1_000, load: 0, sweep: 0, verify: 0 },
  };
  const lines = estimate({ ...WORKLOAD, rowsPerDay: 0 }, inventoryOf(), consumption, PRICES);
  // 730 writes and a listing for each of 31 sweeps, at 0.005 a thousand
  expect(itemOf(lines, 'S3', 'writes and listings')).toBe(5n * (730n + 31n));
  expect(itemOf(lines, 'S3', 'reads')).toBe(146n);
  expect(itemOf(lines, 'Lambda', 'memory and time')).toBe(8_408n);
});

describe('what is there', () => {
  const nothing: Workload = { ...WORKLOAD, rowsPerDay: 0, filesPerDay: 0 };
  const linesOf = (...args: Parameters<typeof inventoryOf>) =>
    estimate(nothing, inventoryOf(...args), consumptionOf({}), PRICES);

  test('costs by its number: secrets, alarms, dashboards, keys', () => {
    const lines = linesOf({ secrets: 4, alarmMetrics: 7, compositeAlarms: 1, dashboards: 2, keys: 1 });
    expect(itemOf(lines, 'Secrets Manager', 'secrets')).toBe(1_600_000n);
    expect(itemOf(lines, 'CloudWatch', 'alarms')).toBe(700_000n);
    expect(itemOf(lines, 'CloudWatch', 'composite alarms')).toBe(500_000n);
    expect(itemOf(lines, 'CloudWatch', 'dashboards')).toBe(6_000_000n);
    expect(itemOf(lines, 'KMS', 'keys')).toBe(1_000_000n);
  });

  test('is asked without end where a queue has a reader: 15 times a minute, for each', () => {
    // 2 × 15 × 43,800 minutes
    expect(itemOf(linesOf({ polledQueues: 2 }), 'SQS', 'asking empty queues')).toBe(525_600n);
  });

  test('is awake all the time where the database may not pause: a unit for 730 hours', () => {
    expect(itemOf(linesOf({}, { databaseMinAcu: 1 }), 'Aurora', 'capacity while awake')).toBe(87_600_000n);
  });

  test('costs more with backups, which a stage without a plan has not, and twice with a copy elsewhere', () => {
    const backups = (settings: object) => {
      const lines = estimate(
        WORKLOAD,
        inventoryOf({}, settings),
        consumptionOf({}, { uploadedBytes: GIB }),
        PRICES,
      );
      return lines.filter(({ service }) => service === 'AWS Backup').map(({ microUsd }) => microUsd);
    };
    expect(backups({})).toEqual([]);
    expect(backups({ backupPlan: true })).toEqual([365n * 50_000n, 0n]);
    expect(backups({ backupPlan: true, backupCopyRegion: 'eu-west-1' })[0]).toBe(2n * 365n * 50_000n);
  });
});

test('Lambda: work on half a processor takes twice as long, waiting does not, and more than one is of no use', () => {
  expect(memoryTime(1_769n, 100n, 50n)).toBe(1_769n * 150n);
  // Half the memory: 200 ms of work and 50 ms of waiting, rounded to the same memory-time for the work.
  expect(memoryTime(884n, 100n, 50n)).toBe(1_769n * 100n + 884n * 50n);
  expect(memoryTime(3_538n, 100n, 0n)).toBe(3_538n * 100n);
});

test.each([
  ['rows', 'rowsPerDay', 20_000_000],
  ['files', 'filesPerDay', 2_000],
  ['months', 'months', 60],
  ['scanned bytes', 'athenaGb', 10_000],
  ['authors', 'quicksightAuthors', 100],
] as const)('more %s never cost less, in any item, in a stage that may pause or not', (_, name, most) => {
  const consumption = readConsumption();
  fc.assert(
    fc.property(
      fc.nat(20_000_000),
      fc.integer({ min: 1, max: 2_000 }),
      fc.nat(most),
      fc.nat(most),
      fc.constantFrom(0, 0.5),
      (rowsPerDay, filesPerDay, one, other, databaseMinAcu) => {
        const inventory = inventoryOf(
          { polledQueues: 2, keys: 1 },
          { databaseMinAcu, backupPlan: true, sweepEveryMinutes: 15 },
        );
        const costs = [Math.min(one, other), Math.max(one, other)].map((value) => {
          const workload = {
            ...WORKLOAD,
            rowsPerDay,
            filesPerDay,
            [name]: name === 'months' ? value + 1 : value,
          };
          return estimate(workload, inventory, consumption, PRICES);
        });
        expect(sumOf(costs[1]!)).toBeGreaterThanOrEqual(sumOf(costs[0]!));
        for (const [index, { microUsd }] of costs[0]!.entries()) {
          expect(costs[1]![index]!.microUsd).toBeGreaterThanOrEqual(microUsd);
        }
      },
    ),
  );
});
