import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateCsv } from '../../../tools/generator/generator.ts';
import { zip } from '../../corpus/make/archives.ts';
import { queryRunning, SELECT_TRANSACTIONS } from '../../support/data-directory-view.ts';
import { runRetail, startUp } from '../../support/run-retail.ts';

let dir: string;
let dataDir: string;
let up: Awaited<ReturnType<typeof startUp>>;
const retail = (...args: string[]) => runRetail(...args, '--data-dir', dataDir);

async function stopUp(): Promise<void> {
  up.child.kill('SIGINT');
  await up.outcome;
}

const rowsOf = (sql: string) => queryRunning(dataDir, sql);

const LEDGER = `SELECT upload_id, status, rows_read, rows_inserted, rows_duplicate, rows_conflicting, rows_rejected,
                       received_at FROM ledger.upload_history ORDER BY upload_id`;
const SET_ASIDE = `SELECT upload_id, line, code FROM ledger.rejected_rows
                   UNION ALL SELECT upload_id, line, id::text FROM ledger.other_versions ORDER BY 1, 2`;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'retail-replay-'));
  dataDir = join(dir, 'data');
  up = await startUp(dataDir);
  const file = async (name: string, date: string, seed: number) => {
    await writeFile(join(dir, name), generateCsv({ rows: 400, seed, date, days: 1, broken: 7 }));
    return join(dir, name);
  };
  await retail('load', await file('retail_01_05_2024.csv', '2024-05-01', 5));
  // The same ids on another day: each row is in conflict with the one that came first.
  await retail('load', await file('retail_02_05_2024.csv', '2024-05-02', 5));
  // The same key again, with other content.
  await retail('load', await file('retail_01_05_2024.csv', '2024-05-01', 6));
  await retail('load', await file('retail_03_05_2024.csv', '2024-05-03', 7), '--store', 'oslo');
  // Two of its three rows break a rule, as after a change of the settings.
  const mostlyBroken = generateCsv({ rows: 3, seed: 8, date: '2024-05-04', days: 1, broken: 2 });
  await writeFile(join(dir, 'retail_04_05_2024.csv'), mostlyBroken);
  await retail('load', join(dir, 'retail_04_05_2024.csv'));
  const files = [11, 12].map((day) => ({
    name: `retail_${day}_05_2024.csv`,
    content: Buffer.from(
      [...generateCsv({ rows: 4, seed: day, date: `2024-05-${day}`, days: 1, broken: 0 })].join(''),
    ),
  }));
  await writeFile(join(dir, 'week.zip'), zip(...files));
  await retail('load', join(dir, 'week.zip'));
});
afterAll(async () => {
  await stopUp();
  await rm(dir, { recursive: true, force: true });
});

test('with an empty database, replay --all rebuilds every row, and verify confirms it', async () => {
  const before = [await rowsOf(SELECT_TRANSACTIONS), await rowsOf(LEDGER), await rowsOf(SET_ASIDE)];
  expect(before.map(({ length }) => length)).toEqual([393 * 3 + 9, 8, 28 + 2 + 393]);
  await stopUp();
  await rm(join(dataDir, 'postgres'), { recursive: true });
  up = await startUp(dataDir);
  expect(await rowsOf(SELECT_TRANSACTIONS)).toEqual([]);

  const missing = await retail('verify', '--json');
  expect(missing.code).toBe(1);
  expect(JSON.parse(missing.stdout).differences).toHaveLength(8);
  const replayed = await retail('replay', '--all');
  expect(replayed.code, replayed.stderr).toBe(3);
  expect([await rowsOf(SELECT_TRANSACTIONS), await rowsOf(LEDGER), await rowsOf(SET_ASIDE)]).toEqual(before);
  const verified = await retail('verify');
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('every row is accounted for') });
  expect(verified.stderr.match(/^Warning: .*$/gm)).toEqual([
    expect.stringMatching(/retail_04_05_2024\.csv: was read for the first time .* 2 of 3 rows were rejected/),
  ]);
});

test('uploads that are already loaded are not sent again', async () => {
  expect(await retail('replay', '--all')).toMatchObject({ code: 0, stdout: 'Nothing to replay.\n' });
  expect(await retail('replay', 'incoming/store=oslo/')).toMatchObject({
    code: 0,
    stdout: 'Nothing to replay.\n',
  });
  expect(await retail('replay', '--since', '2999-01-01')).toMatchObject({
    code: 0,
    stdout: 'Nothing to replay.\n',
  });
});

test('with the key of an archive, its files are read again too', async () => {
  const { stderr } = await retail('replay', 'incoming/store=main/week.zip');
  expect(stderr).toContain('3 objects: replaying 0, 3 already loaded or refused.');
});

test('a key that the bucket does not have is refused', async () => {
  expect(await retail('replay', 'incoming/nothing.csv')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has no object incoming/nothing.csv'),
  });
});
