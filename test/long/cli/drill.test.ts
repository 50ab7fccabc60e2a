import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queryRunning } from '../../support/data-directory-view.ts';
import { runRetail, startUp } from '../../support/run-retail.ts';

let dir: string;
let dataDir: string;
let up: Awaited<ReturnType<typeof startUp>>;
const retail = (...args: string[]) => runRetail(...args, '--data-dir', dataDir);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'retail-drill-'));
  dataDir = join(dir, 'data');
  up = await startUp(dataDir);
});
afterAll(async () => {
  up.child.kill('SIGINT');
  await up.outcome;
  await rm(dir, { recursive: true, force: true });
});

const countRows = async () => {
  const [row] = await queryRunning(dataDir, 'SELECT count(*)::int AS rows FROM transactions');
  return Number(row!.rows);
};

test('an outage of the database is rehearsed: rows wait, and then load, and a second time they are duplicates', async () => {
  expect(await countRows()).toBe(0);
  const first = await retail('drill', 'outage');
  expect(first).toMatchObject({ code: 0 });
  const rows = await countRows();
  expect(rows).toBeGreaterThan(0);
  expect(first.stdout.split('\n')).toEqual([
    'The database is stopped.',
    'Uploaded retail_16_03_2025.csv.',
    expect.stringMatching(
      /^(1 message with its rows waits|[1-9]\d* messages with its rows wait) in the queue\./,
    ),
    'The database is started again.',
    expect.stringMatching(
      new RegExp(`^\\d+ rows were read: ${rows} inserted, 0 duplicate, 0 conflicting, \\d+ rejected\\.$`),
    ),
    'The queue is empty, and every row is accounted for.',
    '',
  ]);
  const second = await retail('drill', 'outage');
  expect(second).toMatchObject({ code: 0 });
  expect(second.stdout).toContain(` 0 inserted, ${rows} duplicate, `);
  expect(await countRows()).toBe(rows);
  expect(await retail('verify')).toMatchObject({ code: 0 });
});
