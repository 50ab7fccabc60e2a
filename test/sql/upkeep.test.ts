import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { batchOf, load, numberedUpload, uuid } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let loader: pg.Client;
let sweeper: pg.Client;
let owner: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  loader = await database.connectAs('retail_loader');
  sweeper = await database.connectAs('retail_sweeper');
  owner = await database.connectAs('retail_migrator');
});
afterAll(() => database?.drop());

const status = async (uploadId: string) =>
  (await database.rows('SELECT status FROM ledger.uploads WHERE upload_id = $1', [uploadId]))[0]?.status;

test('an upload that was stuck and moves again is not sent', async () => {
  const upload = numberedUpload(10);
  const find = async () =>
    (
      await sweeper.query(
        "SELECT object_key FROM ledger.find_unfinished(interval '10 minutes', interval '1 hour', 100)",
      )
    ).rows.filter(({ object_key }) => object_key === upload.key);
  await load(loader, batchOf(upload, 1, { ids: [101] }));
  await owner.query("UPDATE ledger.uploads SET moved_at = now() - interval '2 hours' WHERE upload_id = $1", [
    upload.uploadId,
  ]);
  expect(await find()).toHaveLength(1);
  await load(loader, batchOf(upload, 2, { ids: [102] }));
  expect(await find()).toEqual([]);
});

test('a row that somebody adds to the table without an upload is found', async () => {
  await owner.query(
    `INSERT INTO transactions (id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax)
     VALUES ($1, '2024-01-01', 'SELL', 'Soap', 1, 1, 1.2)`,
    [uuid(77)],
  );
  const { rows } = await owner.query('SELECT * FROM ledger.find_unknown_uploads()');
  expect(rows.length).toBeGreaterThan(0);
});

test('a newer upload that is loading is not superseded by an older one that completes', async () => {
  const older = numberedUpload(20);
  const newer = { ...older, uploadId: uuid(21), revision: 'r2' };
  await load(loader, batchOf(older, 1, { ids: [201] }));
  await load(loader, batchOf(newer, 1, { ids: [201] }));
  await load(loader, batchOf(older, 2, { closing: { rowsRead: 1 } }));
  expect(await status(newer.uploadId)).toBe('loading');
});
