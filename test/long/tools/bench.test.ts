import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Runs the benchmark in the project's folder and reads its JSON document. */
async function bench(...args: string[]) {
  const { stdout } = await promisify(execFile)(process.execPath, [
    'tools/main.ts',
    'bench',
    '--json',
    ...args,
  ]);
  return JSON.parse(stdout);
}

test('the consumption part measures calls, bytes, times and metrics of the pipeline', async () => {
  const { consumption } = await bench('--only', 'consumption', '--rows', '2000', '--counted-rows', '2000');
  const { measured, perFile, perMillionRows, perSweep, perVerification, startMilliseconds, metrics } =
    consumption;
  expect(measured).toMatchObject({ date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), rows: 2_000 });
  expect(perFile).toMatchObject({
    // The file, the record of its reading, and two objects of its receipt.
    s3Writes: 4,
    s3Reads: 1,
    s3Objects: 4,
    // The event of the file is sent, received and deleted, and so are the message with the row and the notice.
    sqsRequests: 9,
    messages: 1,
    // The notifier reads the notice and marks it as sent.
    dataApiCalls: 3,
    dataApiRequests: 3,
    events: 1,
    parse: { invocations: 1 },
    load: { invocations: 1 },
    notify: { invocations: 1 },
  });
  expect(perFile.logBytes).toBeGreaterThan(500);
  // A row of a sample has about 74 bytes, and more in a table with its indexes.
  expect(perMillionRows.uploadedBytes).toBeGreaterThan(60_000_000);
  expect(perMillionRows.uploadedBytes).toBeLessThan(90_000_000);
  expect(perMillionRows.databaseBytes).toBeGreaterThan(perMillionRows.uploadedBytes);
  expect(perMillionRows.walBytes).toBeGreaterThan(perMillionRows.uploadedBytes);
  expect(perMillionRows.parse.cpuMilliseconds).toBeGreaterThan(0);
  expect(perSweep.work.cpuMilliseconds).toBeGreaterThan(0);
  // Each writes its result.
  expect([perSweep.s3Objects, perVerification.s3Objects]).toEqual([1, 1]);
  expect(Math.min(...(Object.values(startMilliseconds) as number[]))).toBeGreaterThan(0);
  expect(metrics).toEqual({ parse: 4, load: 3, notify: 1, sweep: 2, verify: 2 });
  expect(consumption.emptyDatabaseBytes).toBeGreaterThan(1_000_000);
  expect(consumption.minSqsRequestsPerMillionRows).toBeGreaterThan(2_000);
  const [, measuredFile, countedFile] = consumption.files;
  expect(countedFile).toMatchObject({ rows: 2_000, basis: 'counted' });
  expect(countedFile.sqsRequestsPerMillionRows).toBe(measuredFile.sqsRequestsPerMillionRows);
  expect(countedFile).not.toHaveProperty('lambdaGbSecondsPerMillionRows');
});
