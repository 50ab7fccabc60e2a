import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RowBatch } from '../../lambdas/core/row-batch.ts';
import { load, batchOf as newBatch, numberedUpload, uuid } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let first: pg.Client;
let second: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  const owner = await database.connectAs('retail_migrator');
  // After a vacuum, new rows take the places of removed ones, and their places do not show their order.
  await owner.query('ALTER TABLE transactions SET (autovacuum_enabled = off)');
});
afterAll(() => database?.drop());
beforeEach(async () => {
  [first, second] = [await database.connectAs('retail_loader'), await database.connectAs('retail_loader')];
});
afterEach(async () => {
  await Promise.all([first.end(), second.end()]);
});

/** A batch of a numbered upload with rows of these ids; the last batch of the upload if `rowsRead` is given. */
function batchOf(upload: number, batch: number, ids: number[], rowsRead?: number, name = 'Soap'): RowBatch {
  const closing = rowsRead === undefined ? {} : { closing: { rowsRead } };
  return newBatch(numberedUpload(upload), batch, { ids, name, ...closing });
}

const ledger = (upload: number) =>
  database.rows('SELECT * FROM ledger.upload_history WHERE upload_id = $1', [uuid(upload)]);

test('of two batches that finish at the same moment, the second closes the upload', async () => {
  await first.query('BEGIN');
  await load(first, batchOf(1_000, 1, [1, 2]));
  const waiting = load(second, batchOf(1_000, 2, [3], 3));
  await first.query('COMMIT');
  await waiting;
  expect(await ledger(1_000)).toMatchObject([{ status: 'complete', rows_read: '3', rows_inserted: '3' }]);
});

test('two batches of an upload may come at the same moment with the same reject code', async () => {
  const upload = numberedUpload(1_003);
  await first.query('BEGIN');
  await load(first, newBatch(upload, 1, { rejectedLines: [2] }));
  const waiting = load(second, newBatch(upload, 2, { rejectedLines: [3, 4], closing: { rowsRead: 3 } }));
  await first.query('COMMIT');
  await waiting;
  expect(await ledger(1_003)).toMatchObject([{ status: 'complete', rows_rejected: '3' }]);
  const codes = 'SELECT code, store_id FROM ledger.reject_codes WHERE upload_id = $1';
  expect(await database.rows(codes, [uuid(1_003)])).toEqual([{ code: 'id-missing', store_id: 'main' }]);
});

test('the closing batch may come first', async () => {
  await load(first, batchOf(1_001, 2, [11], 2));
  expect(await ledger(1_001)).toMatchObject([{ status: 'loading', rows_inserted: '1' }]);
  await load(first, batchOf(1_001, 1, [12]));
  expect(await ledger(1_001)).toMatchObject([{ status: 'complete', rows_inserted: '2' }]);
});

test('the first batches of new uploads may come at the same moment, over many connections', async () => {
  const clients = await Promise.all(Array.from({ length: 4 }, () => database.connectAs('retail_loader')));
  for (let upload = 2_000; upload < 2_150; upload++) {
    const loads = clients.map((client, index) => {
      const rowsRead = index === 3 ? 4 : undefined;
      return load(client, batchOf(upload, index + 1, [upload * 10 + index], rowsRead));
    });
    expect((await Promise.all(loads)).map(({ inserted }) => inserted)).toEqual([1, 1, 1, 1]);
    expect(await ledger(upload)).toMatchObject([{ status: 'complete', rows_inserted: '4' }]);
  }
  await Promise.all(clients.map((client) => client.end()));
});

test('a batch that comes twice at the same moment is loaded once, and both get the same result', async () => {
  await first.query('BEGIN');
  const result = await load(first, batchOf(1_002, 1, [21, 22], 2));
  const again = load(second, batchOf(1_002, 1, [21, 22], 2));
  await first.query('COMMIT');
  expect(result).toMatchObject({ seenBefore: false, inserted: 2 });
  expect(await again).toMatchObject({ seenBefore: true, inserted: 2, duplicate: 0 });
  expect(await ledger(1_002)).toMatchObject([
    { status: 'complete', rows_inserted: '2', rows_duplicate: '0' },
  ]);
});

test.each([
  ['only new ids', 31, []],
  ['an id that is in the table', 32, [33]],
])('of two rows with one id the first line wins, in a batch with %s', async (_, id, known) => {
  await load(first, batchOf(1_000 + id, 1, known, known.length));
  const rows = [
    { id, line: 7, name: 'Second' },
    { id, line: 2, name: 'First' },
  ];
  const upload = numberedUpload(1_100 + id);
  const result = await load(first, newBatch(upload, 1, { ids: known, rows }));
  expect(result).toMatchObject({ inserted: 1, duplicate: known.length, conflicting: 1 });
  const content = 'SELECT line, name FROM';
  expect(await database.rows(`${content} transactions WHERE id = $1`, [uuid(id)])).toEqual([
    { line: 2, name: 'First' },
  ]);
  expect(
    await database.rows(`${content} ledger.other_versions WHERE upload_id = $1 AND fate = 'conflict'`, [
      upload.uploadId,
    ]),
  ).toEqual([{ line: 7, name: 'Second' }]);
});

test('a row with another name is a conflict, and the same row again is a duplicate', async () => {
  await load(first, batchOf(1_004, 1, [34], 1, 'Tea'));
  const counts = async (batch: RowBatch) => {
    const { inserted, duplicate, conflicting } = await load(first, batch);
    return [inserted, duplicate, conflicting];
  };
  expect(await counts(batchOf(1_005, 1, [34], 1, 'Coffee'))).toEqual([0, 0, 1]);
  expect(await counts(batchOf(1_018, 1, [34], 1, 'Tea'))).toEqual([0, 1, 0]);
});

test('the same row from another store is a conflict, which keeps its store', async () => {
  await load(first, batchOf(1_019, 1, [35], 1));
  const upload = numberedUpload(1_020, { storeId: 'oslo' });
  const batch = newBatch(upload, 1, { ids: [35], closing: { rowsRead: 1 } });
  expect(await load(first, batch)).toMatchObject({ inserted: 0, duplicate: 0, conflicting: 1 });
  const sql = 'SELECT store_id FROM ledger.other_versions WHERE upload_id = $1';
  expect(await database.rows(sql, [upload.uploadId])).toEqual([{ store_id: 'oslo' }]);
});

test('a product’s name may have any length', async () => {
  const name = '🧀é'.repeat(5_000);
  expect(await load(first, batchOf(1_010, 1, [61], 1, name))).toMatchObject({ inserted: 1 });
  expect(await database.rows('SELECT name FROM transactions WHERE id = $1', [uuid(61)])).toEqual([{ name }]);
});

test.each([
  ['only new ids', []],
  ['an id that is in the table', [4_999]],
])(
  'rows are inserted in the order of their ids, in a batch with %s: two batches cannot deadlock',
  async (_, known) => {
    const start = 5_000 + known.length * 500;
    await load(first, batchOf(start, 1, known, known.length));
    const ids = Array.from({ length: 400 }, (_, index) => start + ((index * 7_919) % 400));
    await load(first, batchOf(start + 1, 1, [...ids, ...known]));
    // The ctid of a row is its place in the table.
    const sql = 'SELECT id FROM transactions WHERE upload_id = $1 ORDER BY ctid';
    const inserted = await database.rows(sql, [uuid(start + 1)]);
    expect(inserted.map(({ id }) => id)).toEqual(ids.toSorted((a, b) => a - b).map(uuid));
  },
);

test('batches with the same ids in opposite order do not deadlock', async () => {
  const ids = Array.from({ length: 500 }, (_, index) => 7_000 + index);
  const both = [
    load(first, batchOf(1_006, 1, ids, 500)),
    load(second, batchOf(1_007, 1, [...ids].reverse(), 500)),
  ];
  const results = await Promise.all(both);
  expect(results.map(({ inserted }) => inserted).sort()).toEqual([0, 500]);
});

test('totals that do not add up end the upload as failed, with a code', async () => {
  await load(first, batchOf(1_008, 1, [41], 2));
  expect(await ledger(1_008)).toMatchObject([{ status: 'failed', failure_code: 'row-counts-differ' }]);
});

test.each([
  ['another version', { ...batchOf(1_009, 1, [51], 1), version: 2 }, 'message format version 2 is not known'],
  ['fewer rows than it says', { ...batchOf(1_009, 1, [51], 1), rowCount: 2 }, 'says 2 rows and has 1'],
  [
    'fewer rows, one of which appears twice',
    { ...batchOf(1_009, 1, [51, 51], 2), rowCount: 3 },
    'says 3 rows and has 2',
  ],
  ['no batch', { ...batchOf(1_009, 1, [51], 1), batch: null }, 'does not say which batch of which upload'],
])('a message of %s is refused as a whole', async (_, batch, message) => {
  await expect(load(first, batch as unknown as RowBatch)).rejects.toThrow(message);
  expect(await ledger(1_009)).toEqual([]);
});

test('what the head of a file says of it is kept from its first batch on, and everything detected in the end', async () => {
  const head = { delimiter: ';', headerLine: 3 } as const;
  await load(first, { ...batchOf(1_011, 1, [71]), format: head });
  expect(await ledger(1_011)).toMatchObject([{ status: 'loading', format: head }]);
  const all = { ...head, currency: '€', skippedLines: { headers: 1, totals: 0 } };
  const last = { ...batchOf(1_011, 2, [72]), format: head };
  await load(first, { ...last, closing: { batches: 2, rowsRead: 2, format: all } });
  expect(await ledger(1_011)).toMatchObject([{ status: 'complete', format: all }]);
});

test('the format of the head stays where the closing came first or has none', async () => {
  const [head, all] = [
    { lineTerminator: 'LF' } as const,
    { lineTerminator: 'LF', decimalSeparator: ',' } as const,
  ];
  const closing = { batches: 2, rowsRead: 2, format: all };
  await load(first, { ...batchOf(1_012, 2, [73]), format: head, closing });
  await load(first, { ...batchOf(1_012, 1, [74]), format: head });
  expect(await ledger(1_012)).toMatchObject([{ status: 'complete', format: all }]);
  await load(first, { ...batchOf(1_013, 1, [75], 1), format: head });
  expect(await ledger(1_013)).toMatchObject([{ status: 'complete', format: head }]);
  await load(first, batchOf(1_014, 1, [76], 1));
  expect(await ledger(1_014)).toMatchObject([{ status: 'complete', format: null }]);
});

test('existing rows do not stop the others, in the batch that finds the first and in those after it', async () => {
  await load(first, batchOf(1_015, 1, [82, 85], 2));
  const results = [
    await load(first, batchOf(1_016, 1, [80, 81])),
    await load(first, batchOf(1_016, 2, [83, 82, 84])),
    await load(first, batchOf(1_016, 3, [86, 85, 87], 8)),
  ];
  expect(results.map(({ inserted, duplicate }) => [inserted, duplicate])).toEqual([
    [2, 0],
    [2, 1],
    [2, 1],
  ]);
  const counts = { rows_inserted: '6', rows_duplicate: '2', rows_conflicting: '0' };
  expect(await ledger(1_016)).toMatchObject([{ status: 'complete', ...counts }]);
  const sql = 'SELECT count(*)::int AS count FROM transactions WHERE upload_id = $1';
  expect(await database.rows(sql, [uuid(1_016)])).toEqual([{ count: 6 }]);
});

test.each(['ids', 'lines', 'names', 'quantities'] as const)(
  'a message whose column of %s is longer than the others is refused as a whole',
  async (column) => {
    const batch = batchOf(1_017, 1, [91, 92], 2);
    const rows = { ...batch.rows, [column]: batch.rows[column].replace('{', '{1,') };
    if (column === 'ids') rows.ids = batch.rows.ids.replace('{', `{${uuid(93)},`);
    await expect(load(first, { ...batch, rows })).rejects.toThrow(/null value|says 2 rows/);
    expect(await ledger(1_017)).toEqual([]);
  },
);

test('the time for a batch of known ids does not grow with the square of their number', async () => {
  const rows = Array.from({ length: 8_000 }, (_, id) => ({ id: 70_000 + id, line: id, name: 'Soap' }));
  const timeBatch = async (upload: number) => {
    const started = performance.now();
    await load(first, newBatch(numberedUpload(upload), 1, { rows }));
    return performance.now() - started;
  };
  // PostgreSQL joins so if it expects few ids, as in a plan for any number of them.
  await first.query('SET enable_hashjoin = off');
  await first.query('SET enable_mergejoin = off');
  const fresh = await timeBatch(4_200_000);
  expect(await timeBatch(4_200_001)).toBeLessThan(20 * fresh);
}, 120_000);
