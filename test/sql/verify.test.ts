import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Upload } from '../../lambdas/core/row-batch.ts';
import { batchOf, load, numberedUpload, uuid } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

let database: TestDatabase;
let operator: pg.Client;
let loader: pg.Client;
let owner: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  operator = await database.connectAs('retail_operator');
  loader = await database.connectAs('retail_loader');
  owner = await database.connectAs('retail_migrator');
});
afterAll(() => database?.drop());

/** Loads an upload with a row of each fate, in two batches: 3 inserted, 1 duplicate, 1 in conflict, 1 rejected. */
async function loadUpload(number: number, changes: Partial<Upload> = {}): Promise<string> {
  const first = number * 10 + 1;
  const [two, three, taken] = [first + 1, first + 2, first + 3];
  // Its key comes before the other one: of two versions of the same time, it is the earlier.
  const rival = numberedUpload(number + 5_000, { ...changes, key: `incoming/0${number}.csv` });
  await load(loader, batchOf(rival, 1, { ids: [taken], name: 'Tea', closing: { rowsRead: 1 } }));
  const upload = numberedUpload(number, changes);
  await load(loader, batchOf(upload, 1, { ids: [first, two, first, taken], rejectedLines: [99] }));
  await load(loader, batchOf(upload, 2, { ids: [three], closing: { rowsRead: 6 } }));
  const [entry] = await database.rows('SELECT * FROM ledger.uploads WHERE upload_id = $1', [upload.uploadId]);
  expect(entry).toMatchObject({ status: 'complete', rows_inserted: '3', rows_duplicate: '1' });
  expect(entry).toMatchObject({ rows_conflicting: '1', rows_rejected: '1' });
  return upload.uploadId;
}

interface Verified {
  readonly upload_id: string;
  readonly differences: readonly string[];
}

async function verify(client: pg.Client = operator, since = '-infinity'): Promise<Verified[]> {
  return (await client.query('SELECT * FROM ledger.verify($1, $2, 1000)', [since, BEFORE_ALL])).rows;
}

/** Returns the differences of each upload that has any. */
async function differences(client: pg.Client = operator): Promise<Record<string, readonly string[]>> {
  const found = (await verify(client)).filter((upload) => upload.differences.length > 0);
  return Object.fromEntries(found.map((upload) => [upload.upload_id, upload.differences]));
}

/** Returns the differences that a change by hand adds. */
async function findNew(tamper: () => Promise<unknown>): Promise<Record<string, readonly string[]>> {
  const before = await differences();
  await tamper();
  const after = Object.entries(await differences());
  return Object.fromEntries(after.filter(([uploadId]) => before[uploadId] === undefined));
}

async function unknownUploads(): Promise<(string | null)[]> {
  const { rows } = await operator.query('SELECT upload_id FROM ledger.find_unknown_uploads() ORDER BY 1');
  return rows.map(({ upload_id }) => upload_id);
}

const SUMS = 'the totals of the upload are not the sums of its batches and adjustments';

describe('an unchanged ledger', () => {
  test('has each upload checked, and none with a difference', async () => {
    const uploads = [await loadUpload(1), await loadUpload(2)];
    const checked = (await verify()).map(({ upload_id }) => upload_id);
    expect(checked).toEqual(expect.arrayContaining(uploads));
    expect(await differences()).toEqual({});
    expect(await unknownUploads()).toEqual([]);
  });

  test('has no difference while an upload loads, or after one failed as a whole', async () => {
    const [loading, failed] = [numberedUpload(3), numberedUpload(4)];
    await load(loader, batchOf(loading, 2, { ids: [31], closing: { rowsRead: 2 } }));
    const failure = { code: 'file-empty', message: 'The file has no header.' } as const;
    await load(loader, batchOf(failed, 1, { closing: { rowsRead: 0, failure } }));
    const all = await verify();
    for (const { uploadId } of [loading, failed]) {
      expect(all.find(({ upload_id }) => upload_id === uploadId)).toMatchObject({ differences: [] });
    }
  });
});

describe('a change by hand is found and named', () => {
  test('a deleted row of the table', async () => {
    const upload = await loadUpload(10);
    const sql = 'DELETE FROM transactions WHERE id = $1';
    expect(await findNew(() => owner.query(sql, [uuid(101)]))).toEqual({
      [upload]: ['3 rows were inserted, and the table has 2 of them'],
    });
  });

  test('a row added to the table', async () => {
    const upload = await loadUpload(11);
    const sql = `INSERT INTO transactions (id, transaction_date, category, name, quantity, amount_excl_tax,
                                           amount_inc_tax, upload_id, line)
                 VALUES ($1, '2024-01-01', 'SELL', 'Soap', 1, 1, 1.2, $2, 7)`;
    expect(await findNew(() => owner.query(sql, [uuid(119), upload]))).toEqual({
      [upload]: ['3 rows were inserted, and the table has 4 of them'],
    });
  });

  test('a row moved to another upload: reported for both', async () => {
    const [from, to] = [await loadUpload(12), await loadUpload(13)];
    const sql = 'UPDATE transactions SET upload_id = $1 WHERE id = $2';
    expect(await findNew(() => owner.query(sql, [to, uuid(121)]))).toEqual({
      [from]: ['3 rows were inserted, and the table has 2 of them'],
      [to]: ['3 rows were inserted, and the table has 4 of them'],
    });
  });

  test.each([
    ['inserted', 14, [SUMS, '4 rows were inserted, and the table has 3 of them']],
    ['rejected', 15, [SUMS, '2 rows were rejected, and 1 are kept']],
    ['conflicting', 16, [SUMS, '2 rows were in conflict, and 1 are kept']],
    ['duplicate', 17, [SUMS, '2 rows were duplicates, and 1 are kept']],
  ])('a changed total of rows %s, with the rows read', async (total, number, texts) => {
    const upload = await loadUpload(number);
    const sql = `UPDATE ledger.uploads SET rows_${total} = rows_${total} + 1, rows_read = rows_read + 1
                 WHERE upload_id = $1`;
    expect(await findNew(() => owner.query(sql, [upload]))).toEqual({ [upload]: texts });
  });

  test.each([
    ['inserted', 27],
    ['rejected', 28],
    ['conflicting', 29],
    ['duplicate', 31],
  ])('changed rows %s of a batch', async (column, number) => {
    const upload = await loadUpload(number);
    const sql = `UPDATE ledger.batches SET rows_${column} = rows_${column} + 1 WHERE upload_id = $1 AND batch = 1`;
    expect(await findNew(() => owner.query(sql, [upload]))).toEqual({ [upload]: [SUMS] });
  });

  test('a changed number of batches', async () => {
    const upload = await loadUpload(18);
    const sql = `UPDATE ledger.uploads SET batches_loaded = batches_loaded + 1,
                                           batches_expected = batches_expected + 1 WHERE upload_id = $1`;
    expect(await findNew(() => owner.query(sql, [upload]))).toEqual({ [upload]: [SUMS] });
  });

  test.each([
    ['rejected row', 'rejected_rows', 19, '1 rows were rejected, and 0 are kept'],
    ['duplicate', 'other_versions', 20, '1 rows were duplicates, and 0 are kept'],
    ['conflict', 'other_versions', 32, '1 rows were in conflict, and 0 are kept'],
  ])('a deleted %s', async (fate, table, number, text) => {
    const upload = await loadUpload(number);
    const only = table === 'other_versions' ? `AND fate = '${fate}'` : '';
    const sql = `DELETE FROM ledger.${table} WHERE upload_id = $1 ${only}`;
    expect(await findNew(() => owner.query(sql, [upload]))).toEqual({ [upload]: [text] });
  });

  const deleteSecondBatch = 'DELETE FROM ledger.batches WHERE upload_id = $1 AND batch = 2';

  test('a deleted batch', async () => {
    const upload = await loadUpload(21);
    expect(await findNew(() => owner.query(deleteSecondBatch, [upload]))).toEqual({ [upload]: [SUMS] });
  });

  test('a deleted batch without rows', async () => {
    const upload = numberedUpload(22);
    await load(loader, batchOf(upload, 1, { ids: [221] }));
    await load(loader, batchOf(upload, 2, { closing: { rowsRead: 1 } }));
    const { uploadId } = upload;
    expect(await findNew(() => owner.query(deleteSecondBatch, [uploadId]))).toEqual({ [uploadId]: [SUMS] });
  });

  test.each([
    [
      'the rows that were read',
      'rows_read = rows_read + 1',
      23,
      '7 rows were read, and 3 inserted + 1 duplicate + 1 conflicting + 1 rejected + 0 retracted + 0 replaced',
    ],
    ['the batches that were expected', 'batches_expected = 3', 24, '2 of 3 batches are in'],
  ])('changed %s while the constraint was dropped', async (_, change, number, text) => {
    const upload = await loadUpload(number);
    await owner.query('BEGIN; ALTER TABLE ledger.uploads DROP CONSTRAINT every_row_is_accounted_for');
    try {
      await owner.query(`UPDATE ledger.uploads SET ${change} WHERE upload_id = $1`, [upload]);
      expect((await differences(owner))[upload]).toEqual([text]);
    } finally {
      await owner.query('ROLLBACK');
    }
  });

  test('an upload deleted from the ledger: its rows have an unknown upload', async () => {
    const upload = await loadUpload(25);
    for (const table of ['outbox', 'reject_codes', 'rejected_rows', 'other_versions', 'batches', 'uploads']) {
      await owner.query(`DELETE FROM ledger.${table} WHERE upload_id = $1`, [upload]);
    }
    expect((await verify()).map(({ upload_id }) => upload_id)).not.toContain(upload);
    expect(await unknownUploads()).toEqual([upload]);
    await owner.query('DELETE FROM transactions WHERE upload_id = $1', [upload]);
    expect(await unknownUploads()).toEqual([]);
  });

  test('rows of uploads that never existed', async () => {
    const upload = await loadUpload(26);
    const unknownIds = [uuid(999_001), 'ffffffff-ffff-4fff-bfff-ffffffffffff'];
    const giveTo = 'UPDATE transactions SET upload_id = $1 WHERE id = $2';
    for (const [index, unknown] of unknownIds.entries())
      await owner.query(giveTo, [unknown, uuid(261 + index)]);
    expect(await unknownUploads()).toEqual(unknownIds);
    for (const [index] of unknownIds.entries()) await owner.query(giveTo, [upload, uuid(261 + index)]);
    expect(await unknownUploads()).toEqual([]);
  });
});

test('rows without an upload are found', async () => {
  const add = `INSERT INTO transactions (id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax)
               VALUES ($1, '2024-01-01', 'SELL', 'Soap', 1, 1, 1.2)`;
  await owner.query(add, [uuid(77)]);
  expect(await unknownUploads()).toEqual([null]);
  await owner.query('DELETE FROM transactions WHERE id = $1', [uuid(77)]);
  expect(await unknownUploads()).toEqual([]);
});

test('an upload whose rows were not all accounted for keeps its difference', async () => {
  const upload = numberedUpload(30);
  await load(loader, batchOf(upload, 1, { ids: [301], closing: { rowsRead: 5 } }));
  expect((await differences())[upload.uploadId]).toEqual([
    'The results of the rows do not add up to the rows read. Upload the file again.',
  ]);
});

test('pages go by upload id, have every upload once, and end with one that is not full', async () => {
  for (const number of [40, 41, 42]) await loadUpload(number);
  const all = (await verify()).map(({ upload_id }) => upload_id);
  expect(all).toEqual([...all].sort());
  const paged: string[] = [];
  for (let size = 4; size === 4 && paged.length <= all.length; ) {
    const after = paged.at(-1) ?? BEFORE_ALL;
    const { rows } = await operator.query("SELECT upload_id FROM ledger.verify('-infinity', $1, 4)", [after]);
    paged.push(...rows.map(({ upload_id }) => upload_id));
    size = rows.length;
  }
  expect(paged).toEqual(all);
});

test('only uploads received since the given time are checked', async () => {
  const [early, late] = [
    await loadUpload(50, { receivedAt: '2030-01-01T00:00:00Z' }),
    await loadUpload(51, { receivedAt: '2030-01-02T00:00:00Z' }),
  ];
  const since = async (time: string) => (await verify(operator, time)).map(({ upload_id }) => upload_id);
  expect(await since('2030-01-01T00:00:00Z')).toEqual([early, late, uuid(5_050), uuid(5_051)]);
  expect(await since('2030-01-01T00:00:01Z')).toEqual([late, uuid(5_051)]);
  expect(await since('2030-01-02T00:00:01Z')).toEqual([]);
});
