import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROJECT_DIR = fileURLToPath(new URL('../../..', import.meta.url));

function cost(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; stdout: string; stderr: string }>();
  execFile(
    process.execPath,
    ['tools/cost/run.ts', ...args],
    { cwd: PROJECT_DIR },
    (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    },
  );
  return promise;
}

test.each([
  ['no rows', [], '--rows-per-day is missing'],
  ['a negative number of rows', ['--rows-per-day=-1'], 'a whole number from 0'],
  ['half a row', ['--rows-per-day', '0.5'], 'a whole number from 0'],
  ['more rows than there are', ['--rows-per-day', '99999999999'], 'to 10000000000'],
  [
    'words for a number of files',
    ['--rows-per-day', '5', '--files-per-day', 'many'],
    'a whole number from 0',
  ],
  ['rows in no file', ['--rows-per-day', '5', '--files-per-day', '0'], 'rows come in files'],
  ['a stage that is not there', ['--rows-per-day', '5', '--stage', 'quality'], 'has dev, prod'],
  ['no month', ['--rows-per-day', '5', '--months', '0'], 'a whole number from 1'],
  ['an option that is not there', ['--rows-per-day', '5', '--free'], 'unknown option'],
])('%s: refused with what is allowed, and exit code 2', async (_, args, message) => {
  const { code, stdout, stderr } = await cost(...args);
  expect(stderr).toContain(message);
  expect([code, stdout]).toEqual([2, '']);
});

test('prints each service, and all together', async () => {
  const { code, stdout } = await cost('--rows-per-day', '100000', '--stage', 'prod');
  expect(code).toBe(0);
  for (const service of ['S3', 'SQS', 'Lambda', 'Data API', 'Aurora', 'CloudWatch', 'KMS', 'AWS Backup']) {
    expect(stdout).toMatch(new RegExp(`^${service} .*\\d+\\.\\d\\d$`, 'm'));
  }
  expect(stdout).toMatch(/^all +[\d,]+\.\d\d$/m);
});

test('prints a document whose lines add up, for programs', async () => {
  const { code, stdout } = await cost('--rows-per-day', '5000', '--json', '--quicksight-authors', '1');
  expect(code).toBe(0);
  const { stage, filesPerDay, totalMicroUsd, services, lines } = JSON.parse(stdout);
  expect([stage, filesPerDay, services.QuickSight]).toEqual(['dev', 1, '24000000']);
  const sum = (values: string[]) => String(values.reduce((total, value) => total + BigInt(value), 0n));
  expect(sum(lines.map(({ microUsd }: { microUsd: string }) => microUsd))).toBe(totalMicroUsd);
  expect(sum(Object.values(services))).toBe(totalMicroUsd);
});
