import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await TestDatabase.create();
});
afterAll(() => database?.drop());

async function as(username: string, sql: string): Promise<pg.QueryResult> {
  const client = await database.connectAs(username);
  return client.query(sql).finally(() => client.end());
}

test.each([
  'SELECT count(*) FROM transactions',
  'SELECT count(*) FROM ledger.uploads',
  "INSERT INTO transactions (id) VALUES ('00000000-0000-4000-8000-000000000001')",
  'CREATE TABLE public.mine (id integer)',
  "SELECT ledger.set_password('retail_loader', 'x')",
])('the loader may not: %s', async (sql) => {
  await expect(as('retail_loader', sql)).rejects.toThrow('permission denied');
});

test('the loader may call the load function', async () => {
  await expect(as('retail_loader', `SELECT ledger.load_batch('{"version": "0"}')`)).rejects.toThrow(
    'message format version 0 is not known',
  );
});

test.each([
  "SELECT ledger.load_batch('{}')",
  'DELETE FROM transactions',
  'UPDATE ledger.uploads SET status = status',
])('the analyst may not: %s', async (sql) => {
  await expect(as('retail_analyst', sql)).rejects.toThrow('permission denied');
});

test('the analyst may read the table and the ledger', async () => {
  const { rows } = await as(
    'retail_analyst',
    'SELECT (SELECT count(*) FROM transactions) + (SELECT count(*) FROM ledger.uploads) AS n',
  );
  expect(rows).toEqual([{ n: '0' }]);
});

test('the master is no superuser, as on Aurora', async () => {
  const { rows } = await as('retail_migrator', 'SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER');
  expect(rows).toEqual([{ rolsuper: false }]);
});

test('an upload cannot be called complete while a row is unaccounted for', async () => {
  const sql = `INSERT INTO ledger.uploads (upload_id, bucket, object_key, version_id, store_id, received_at, status,
                 batches_expected, batches_loaded, rows_read, rows_inserted)
               VALUES (gen_random_uuid(), 'b', 'k', 'v', 'main', now(), 'complete', 1, 1, 2, 1)`;
  await expect(as('retail_migrator', sql)).rejects.toThrow('every_row_is_accounted_for');
});
