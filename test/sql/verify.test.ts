import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCloud } from '../end-to-end/test-cloud.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
let cloud: TestCloud;
let owner: pg.Client;
let analyst: pg.Client;
beforeAll(async () => {
  cloud = await TestCloud.start();
  [owner, analyst] = [await cloud.connectAs('retail_migrator'), await cloud.connectAs('retail_analyst')];
  await cloud.load('incoming/retail_01_01_2024.csv', `${HEADER}\n${rowOf(1)}\n`);
});
afterAll(async () => {
  await owner?.end();
  await analyst?.end();
  await cloud?.stop();
});

const rowOf = (number: number, quantity = 1) =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')},SELL,Salt,${quantity},1.00,1.20`;
let days = 1;

/** An upload of two inserted rows, one duplicate, one in conflict, one rejected. */
async function loadOne(): Promise<string> {
  days++;
  const rows = [
    rowOf(days * 10),
    rowOf(days * 10 + 1),
    rowOf(days * 10),
    rowOf(1, 7),
    rowOf(days * 10 + 2, 0),
  ];
  const key = `incoming/retail_${String(days).padStart(2, '0')}_01_2024.csv`;
  const { uploadId } = await cloud.load(key, [HEADER, ...rows].join('\n'));
  return uploadId;
}

async function differencesOf(uploadId: string): Promise<string[]> {
  const { rows } = await analyst.query(
    `SELECT differences FROM ledger.verify('-infinity', '00000000-0000-0000-0000-000000000000', 1000)
     WHERE upload_id = $1`,
    [uploadId],
  );
  return rows[0].differences;
}

test('a healthy upload has no difference', async () => {
  expect(await differencesOf(await loadOne())).toEqual([]);
});

test.each([
  [
    'a row of the table is gone',
    'DELETE FROM transactions WHERE upload_id = $1 AND line = 2',
    '2 rows were inserted, and the table has 1',
  ],
  [
    'a row was added',
    `INSERT INTO transactions SELECT gen_random_uuid(), transaction_date, category, name, quantity,
     amount_excl_tax, amount_inc_tax, store_id, upload_id, line FROM transactions WHERE upload_id = $1 AND line = 2`,
    'the table has 3',
  ],
  [
    'a rejected row is gone',
    'DELETE FROM ledger.rejected_rows WHERE upload_id = $1',
    '1 rows were rejected, and 0 are kept',
  ],
  [
    'a row in conflict is gone',
    'DELETE FROM ledger.conflicting_rows WHERE upload_id = $1',
    '1 rows were in conflict, and 0 are kept',
  ],
  ['a batch is gone', 'DELETE FROM ledger.batches WHERE upload_id = $1', 'not the sums of its batches'],
  [
    'a total is another',
    `UPDATE ledger.uploads SET rows_duplicate = 2, rows_read = 6 WHERE upload_id = $1`,
    'not the sums of its batches',
  ],
  [
    'an upload failed with rows unaccounted for',
    `UPDATE ledger.uploads SET status = 'failed', failure_code = 'rows-unaccounted',
     failure_message = 'not the rows' WHERE upload_id = $1`,
    'not the rows',
  ],
])('%s: it is said', async (_what, sql, expected) => {
  const uploadId = await loadOne();
  await owner.query(sql, [uploadId]);
  expect((await differencesOf(uploadId)).join()).toContain(expected);
});

test('rows of an upload that the ledger does not know are found', async () => {
  const { rows: before } = await analyst.query('SELECT * FROM ledger.find_unknown_uploads()');
  expect(before).toEqual([]);
  const uploadId = await loadOne();
  await owner.query(`ALTER TABLE ledger.batches DROP CONSTRAINT batches_upload_id_fkey`);
  await owner.query('DELETE FROM ledger.rejected_rows WHERE upload_id = $1', [uploadId]);
  await owner.query('DELETE FROM ledger.conflicting_rows WHERE upload_id = $1', [uploadId]);
  await owner.query('DELETE FROM ledger.uploads WHERE upload_id = $1', [uploadId]);
  const { rows } = await analyst.query('SELECT * FROM ledger.find_unknown_uploads()');
  expect(rows).toEqual([{ upload_id: uploadId }]);
});

test('uploads come in pages, and those before a time are left out', async () => {
  const verify = async (since: string, after: string, most: number) =>
    (await analyst.query('SELECT upload_id FROM ledger.verify($1, $2, $3)', [since, after, most])).rows;
  const all = await verify('-infinity', '00000000-0000-0000-0000-000000000000', 1_000);
  expect(all.length).toBeGreaterThan(5);
  const first = await verify('-infinity', '00000000-0000-0000-0000-000000000000', 3);
  const second = await verify('-infinity', first.at(-1).upload_id, 1_000);
  expect([...first, ...second]).toEqual(all);
  expect(await verify('infinity', '00000000-0000-0000-0000-000000000000', 1_000)).toEqual([]);
});

test('the loader may not verify', async () => {
  const loader = await cloud.connectAs('retail_loader');
  await expect(loader.query(`SELECT ledger.verify(now(), gen_random_uuid(), 1)`)).rejects.toThrow(
    'permission denied',
  );
  await loader.end();
});
