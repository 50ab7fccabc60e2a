import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batchOf, load, numberedUpload } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let operator: pg.Client;
let loader: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  operator = await database.connectAs('retail_operator');
  loader = await database.connectAs('retail_loader');
});
afterAll(() => database?.drop());

describe('a reading that refuses rows which an earlier one inserted', () => {
  const object = { key: 'incoming/replayed.csv', versionId: 'replayed' };
  const losses = async (revision: string, since = '-infinity') => {
    const sql = 'SELECT upload_id, refused, missing FROM ledger.find_replay_losses($1, $2)';
    const { rows } = await operator.query(sql, [since, revision]);
    return rows.map(({ upload_id, refused, missing }) => [upload_id, Number(refused), Number(missing)]);
  };

  test('is found if the revision is the deployed one, with its number of rows', async () => {
    const first = numberedUpload(7_001, { ...object, revision: 'rate-19' });
    await load(loader, batchOf(first, 1, { ids: [70_001, 70_002, 70_003], closing: { rowsRead: 3 } }));
    const second = numberedUpload(7_002, { ...object, revision: 'rate-20' });
    const rows = { ids: [70_001], rejectedLines: [70_002, 70_003], closing: { rowsRead: 3 } };
    await load(loader, batchOf(second, 1, rows));
    expect(await losses('rate-20')).toEqual([[second.uploadId, 2, 0]]);
    expect(await losses('rate-20', new Date(Date.now() + 60_000).toISOString())).toEqual([]);
    expect(await losses('rate-19')).toEqual([]);
  });

  test('is found if it refuses the whole file', async () => {
    const failed = numberedUpload(7_003, { ...object, revision: 'strict' });
    const failure = { code: 'column-unknown', message: 'The header has a column.' } as const;
    await load(loader, batchOf(failed, 1, { closing: { rowsRead: 0, failure } }));
    expect(await losses('strict')).toEqual([[failed.uploadId, 3, 0]]);
  });

  test('is not one that rejects what the other rejected too', async () => {
    const same = { key: 'incoming/rejected-twice.csv', versionId: 'v' };
    for (const [number, revision] of [
      [7_004, 'old'],
      [7_005, 'new'],
    ] as const) {
      const upload = numberedUpload(number, { ...same, revision });
      await load(loader, batchOf(upload, 1, { ids: [70_010], rejectedLines: [5], closing: { rowsRead: 2 } }));
    }
    expect(await losses('new')).toEqual([]);
  });
});
