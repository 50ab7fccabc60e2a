import { expect, test } from 'vitest';
import { measure } from '../../../tools/cost/measure.ts';
import { minus, perMillion, shareOf } from '../../../tools/cost/usage.ts';
import { consumptionOf } from '../../unit/tools/cost/fixtures.ts';

test('the pipeline, run here, is counted: calls, bytes, times and metrics', async () => {
  const rows = 2_000;
  const { measured, perFile, perMillionRows, perSweep, startMilliseconds, metrics, emptyDatabaseBytes } =
    await measure(rows, () => undefined);
  expect(measured.rows).toBe(rows);
  expect(perFile).toMatchObject({
    s3Writes: 1,
    s3Reads: 1,
    // Announced: sent, received, deleted. A message with the row: the same.
    sqsRequests: 6,
    messages: 1,
    dataApiCalls: 1,
    dataApiRequests: 1,
    parse: { invocations: 1 },
    load: { invocations: 1 },
  });
  expect(perFile.logBytes).toBeGreaterThan(500);
  // A row of the samples has about 74 bytes, and takes more in a table with its index.
  expect(perMillionRows.uploadedBytes).toBeGreaterThan(60_000_000);
  expect(perMillionRows.uploadedBytes).toBeLessThan(90_000_000);
  expect(perMillionRows.databaseBytes).toBeGreaterThan(perMillionRows.uploadedBytes);
  expect(perMillionRows.walBytes).toBeGreaterThan(perMillionRows.uploadedBytes);
  expect(perMillionRows.parse.cpuMilliseconds).toBeGreaterThan(0);
  expect(perSweep.work.cpuMilliseconds).toBeGreaterThan(0);
  expect(Math.min(...Object.values(startMilliseconds))).toBeGreaterThan(0);
  expect(metrics).toEqual({ parse: 4, load: 3, sweep: 2, verify: 2 });
  expect(emptyDatabaseBytes).toBeGreaterThan(1_000_000);
});

test('what was measured is shared, freed of a part and scaled in whole numbers, rounded up', () => {
  const { perMillionRows: usage } = consumptionOf(
    {},
    { sqsRequests: 10, messages: 3, parse: { invocations: 3, cpuMilliseconds: 10.5, waitMilliseconds: 1 } },
  );
  expect(shareOf(usage, 4)).toMatchObject({
    sqsRequests: 3,
    messages: 1,
    parse: { invocations: 1, cpuMilliseconds: 3 },
  });
  expect(minus(usage, { ...usage, messages: 5 })).toMatchObject({ sqsRequests: 0, messages: 0 });
  expect(perMillion(usage, 400_000)).toMatchObject({
    sqsRequests: 25,
    messages: 8,
    parse: { cpuMilliseconds: 27 },
  });
});
