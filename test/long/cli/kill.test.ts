import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { generateCsv } from '../../../tools/generator/generator.ts';
import { runRetail, startUp } from '../../support/run-retail.ts';

const ROWS = 200_000;
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'retail-kill-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function postgresPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function uploads(dataDir: string) {
  return JSON.parse((await runRetail('uploads', '--json', '--data-dir', dataDir)).stdout).uploads;
}

test('after a kill -9 during a load the next start finishes it, and every row is accounted for', async () => {
  const dataDir = join(dir, 'data');
  const file = join(dir, 'retail_01_07_2024.csv');
  await writeFile(file, generateCsv({ rows: ROWS, seed: 77, date: '2024-07-01', days: 1, broken: 50 }));
  const up = await startUp(dataDir);
  await runRetail('load', file, '--no-wait', '--data-dir', dataDir);
  await expect.poll(async () => (await uploads(dataDir))[0]?.rowsRead).toBeGreaterThan(0);
  up.child.kill('SIGKILL');
  await up.outcome;
  const orphan = postgresPid(dataDir);
  expect(isAlive(orphan)).toBe(true);

  const again = await runRetail('up', '--once', '--data-dir', dataDir, '--port', '0');
  expect(again.code, again.stderr).toBe(0);
  expect(isAlive(orphan)).toBe(false);
  expect(await uploads(dataDir)).toMatchObject([
    {
      status: 'complete',
      rowsRead: ROWS,
      rowsInserted: ROWS - 50,
      rowsDuplicate: 0,
      rowsConflicting: 0,
      rowsRejected: 50,
    },
  ]);
  const counted = await runRetail(
    'query',
    'transactions-on-date',
    '--param',
    'date=2024-07-01',
    '--json',
    '--data-dir',
    dataDir,
  );
  expect(JSON.parse(counted.stdout)).toEqual([{ transactions: ROWS - 50 }]);
}, 120_000);

test.each([
  ['Ctrl-C', 'SIGINT'],
  ['closing the terminal', 'SIGHUP'],
] as const)('%s stops every started process', async (_, signal) => {
  const dataDir = join(dir, 'data');
  const up = await startUp(dataDir);
  const server = postgresPid(dataDir);
  up.child.kill(signal);
  expect((await up.outcome).code).toBe(0);
  expect(isAlive(server)).toBe(false);
});

test('commands without a running cloud take turns, and none loses its work', async () => {
  const dataDir = join(dir, 'data');
  const outcomes = ['01', '02', '03'].map(async (day) => {
    const file = join(dir, `retail_${day}_07_2024.csv`);
    const sample = { rows: 10, seed: Number(day), date: `2024-07-${day}`, days: 1, broken: 0 };
    await writeFile(file, generateCsv(sample));
    return runRetail('load', file, '--data-dir', dataDir);
  });
  for (const { code, stderr } of await Promise.all(outcomes)) {
    const started = expect.stringContaining(`Started the local cloud of ${dataDir} for this command.`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: started });
    expect(stderr).not.toMatch(/not open|ECONNREFUSED/);
  }
  expect(await uploads(dataDir)).toHaveLength(3);
}, 180_000);
