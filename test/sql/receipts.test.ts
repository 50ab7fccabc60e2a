import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { load, loadFile, batchOf as newBatch, numberedUpload, uuid } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let loader: pg.Client;
let api: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  [loader, api] = [await database.connectAs('retail_loader'), await database.connectAs('retail_api')];
});
afterAll(async () => {
  await Promise.all([loader?.end(), api?.end()]);
  await database?.drop();
});

const item = (id: number, name = 'Tea') =>
  JSON.stringify({
    id: uuid(id),
    transaction_date: '2025-03-15',
    category: 'SELL',
    name,
    quantity: 1,
    amount_excl_tax: 1,
    amount_inc_tax: '1.20',
  });
const manifest = (calls: readonly (readonly [receipt: number, items: number])[]) =>
  JSON.stringify({ calls: calls.map(([receipt, items]) => ({ receipt: uuid(receipt), items })) });

async function find(receipt: number, store = 'paris-12') {
  const { rows } = await api.query('SELECT ledger.find_receipt($1, $2) AS found', [uuid(receipt), store]);
  return rows[0].found;
}

const keyOf = (name: string, store = 'paris-12') => `incoming/store=${store}/api/2025-03-15/${name}.ndjson`;

test('a receipt tells the results of the items in its call', async () => {
  await loadFile(loader, keyOf('first'), [manifest([[10, 1]]), item(1)].join('\n'));
  const calls = manifest([
    [11, 4],
    [12, 1],
    [13, 0],
  ]);
  const lines = [calls, item(2), item(1), item(1, 'Coffee'), '{"id":1}', '{'];
  await loadFile(loader, keyOf('second'), lines.join('\n'));
  expect(await find(10)).toMatchObject({ status: 'complete', items: 1, inserted: 1, duplicate: 0 });
  expect(await find(11)).toEqual({
    uploadId: expect.stringMatching(/^[-0-9a-f]{36}$/),
    status: 'complete',
    items: 4,
    inserted: 1,
    duplicate: 1,
    conflicting: 1,
    rejected: 1,
    retracted: 0,
    replaced: 0,
    rejects: [{ index: 3, column: 'id', code: 'id-not-uuid', message: expect.any(String) }],
    receivedAt: expect.stringMatching(/Z$/),
    completedAt: expect.stringMatching(/Z$/),
  });
  expect(await find(12)).toMatchObject({ items: 1, rejects: [{ index: 0, code: 'json-malformed' }] });
  expect(await find(13)).toMatchObject({ items: 0, inserted: 0, rejects: [] });
});

test('a receipt is unknown to other stores, and before an upload has it', async () => {
  await loadFile(loader, keyOf('own'), [manifest([[20, 1]]), item(21)].join('\n'));
  expect(await find(20)).toMatchObject({ inserted: 1 });
  expect(await find(20, 'rome')).toBeNull();
  expect(await find(99)).toBeNull();
});

test('a call that was sent again has the results of the first upload, whose rows it repeats', async () => {
  for (const name of ['once', 'again']) {
    await loadFile(
      loader,
      keyOf(name),
      [
        manifest([
          [30, 1],
          [30, 1],
        ]),
        item(31),
        item(31),
      ].join('\n'),
    );
  }
  expect(
    await database.rows('SELECT first_line FROM ledger.receipts WHERE receipt = $1', [uuid(30)]),
  ).toEqual([{ first_line: 2 }, { first_line: 2 }]);
  expect(await find(30)).toMatchObject({ items: 1, inserted: 1, duplicate: 0 });
});

test('a discarded call has the reason, until the call is sent again', async () => {
  const { calls } = JSON.parse(manifest([[35, 1]]));
  const discarded = JSON.stringify({ calls, discarded: 'made by a test' });
  await loadFile(loader, keyOf('discarded'), [discarded, item(36)].join('\n'));
  expect(await find(35)).toMatchObject({
    status: 'failed',
    items: 1,
    failureCode: 'call-discarded',
    failureMessage: 'An operator discarded the calls of this file: made by a test',
  });
  await loadFile(loader, keyOf('sent-again'), [manifest([[35, 1]]), item(36)].join('\n'));
  expect(await find(35)).toMatchObject({ status: 'complete', inserted: 1 });
});

test('a receipt has counts only when its upload is complete', async () => {
  const upload = numberedUpload(4_000, { storeId: 'paris-12' });
  const receipts = [{ receipt: uuid(40), firstLine: 2, items: 2 }];
  const first = { ...newBatch(upload, 1, { ids: [4_002] }), receipts };
  await load(loader, first);
  expect(await find(40)).toEqual({
    uploadId: uuid(4_000),
    status: 'loading',
    items: 2,
    receivedAt: '2024-01-01T00:00:00.000Z',
  });
  await load(loader, first);
  await load(loader, newBatch(upload, 2, { closing: { rowsRead: 9 } }));
  expect(await find(40)).toMatchObject({ status: 'failed', failureCode: 'row-counts-differ' });
});

test('a batch may have receipts and no rows', async () => {
  const upload = numberedUpload(5_000, { storeId: 'paris-12' });
  const receipts = [{ receipt: uuid(50), firstLine: 2, items: 1 }];
  await load(loader, { ...newBatch(upload, 1, {}), receipts });
  await load(
    loader,
    newBatch(upload, 2, { rows: [{ id: 5_001, line: 2, name: 'x' }], closing: { rowsRead: 1 } }),
  );
  expect(await find(50)).toMatchObject({ status: 'complete', inserted: 1 });
});

test('the receipts of a manifest that does not match its lines are dropped', async () => {
  await loadFile(loader, keyOf('false'), [manifest([[60, 5]]), item(61)].join('\n'));
  expect(await find(60)).toBeNull();
  expect(await database.rows('SELECT FROM transactions WHERE id = $1', [uuid(61)])).toHaveLength(1);
});

test('a receipt shows the first 100 rejected items', async () => {
  const lines = Array.from({ length: 150 }, () => '{}');
  await loadFile(loader, keyOf('many'), [manifest([[70, 150]]), ...lines].join('\n'));
  const { rejected, rejects } = await find(70);
  expect([rejected, rejects.length, rejects[99].index]).toEqual([150, 100, 99]);
});

test.each([
  'SELECT FROM ledger.rejected_rows',
  'SELECT FROM ledger.receipts',
  'SELECT FROM ledger.uploads',
  "SELECT ledger.load_batch('{}')",
  'BEGIN READ WRITE; DELETE FROM transactions',
])('the API may not run %s', async (statement) => {
  await expect(api.query(statement)).rejects.toThrow(/permission denied/);
  await api.query('ROLLBACK');
});

test.each(['SELECT FROM ledger.upload_history', 'SELECT FROM ledger.reject_states'])(
  'the API may run %s',
  async (statement) => expect((await api.query(statement)).rows.length).toBeGreaterThan(0),
);
