import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Upload } from '../../lambdas/core/row-batch.ts';
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

describe('a reading that refuses rows which another one inserted', () => {
  const object = { key: 'incoming/replayed.csv', versionId: 'replayed' };
  const losses = async (revision: string, since = '-infinity') => {
    const sql = 'SELECT upload_id, refused, missing FROM ledger.find_replay_losses($1, $2)';
    const { rows } = await operator.query(sql, [since, revision]);
    return rows.map(({ upload_id, refused, missing }) => [upload_id, Number(refused), Number(missing)]);
  };

  test('is found if the code is the deployed one, with its number of rows', async () => {
    const first = numberedUpload(7_001, { ...object, revision: 'old-19' });
    await load(loader, batchOf(first, 1, { ids: [70_001, 70_002, 70_003], closing: { rowsRead: 3 } }));
    const second = numberedUpload(7_002, { ...object, revision: 'new-19' });
    const rows = { ids: [70_001], rejectedLines: [70_002, 70_003], closing: { rowsRead: 3 } };
    await load(loader, batchOf(second, 1, rows));
    expect(await losses('new-20')).toEqual([[second.uploadId, 2, 0]]);
    expect(await losses('new-20', new Date(Date.now() + 60_000).toISOString())).toEqual([]);
    expect(await losses('old-19')).toEqual([]);
  });

  test('is found if it refuses the whole file', async () => {
    const failed = numberedUpload(7_003, { ...object, revision: 'strict-19' });
    const failure = { code: 'column-unknown', message: 'The header has a column.' } as const;
    await load(loader, batchOf(failed, 1, { closing: { rowsRead: 0, failure } }));
    expect(await losses('strict-20')).toEqual([[failed.uploadId, 3, 0]]);
  });

  test('is not found while other settings keep the rows in the table, since a rebuild reads by both', async () => {
    const { rows } = await operator.query<{ version_id: string }>(
      "SELECT version_id FROM ledger.uploads WHERE parser_revision = 'old-19'",
    );
    expect(rows).toHaveLength(1);
    const changed = numberedUpload(7_009, { ...object, revision: 'newest-21' });
    const content = { ids: [70_001], rejectedLines: [70_002, 70_003], closing: { rowsRead: 3 } };
    await load(loader, batchOf(changed, 1, content));
    expect(await losses('newest-21')).toEqual([]);
  });

  test('is not one that rejects what the other rejected too', async () => {
    const same = { key: 'incoming/rejected-twice.csv', versionId: 'v' };
    for (const [number, revision] of [
      [7_004, 'earlier'],
      [7_005, 'later'],
    ] as const) {
      const upload = numberedUpload(number, { ...same, revision });
      await load(loader, batchOf(upload, 1, { ids: [70_010], rejectedLines: [5], closing: { rowsRead: 2 } }));
    }
    expect(await losses('later')).toEqual([]);
  });
});

describe('the first reading of a file that is older than the database', () => {
  const doubtful = async (revision = 'rebuilt') => {
    const { rows } = await operator.query('SELECT * FROM ledger.find_doubtful_readings($1, $2)', [
      '-infinity',
      revision,
    ]);
    return rows.map((row) => [
      row.upload_id,
      Number(row.rows_rejected),
      Number(row.rows_read),
      row.failure_code,
    ]);
  };
  /** Loads a file with 3 rows. */
  const read = async (number: number, rejected: number, changes: Partial<Upload> = {}) => {
    const upload = numberedUpload(number, { revision: 'rebuilt', ...changes });
    const lines = [1, 2, 3].map((line) => number * 10 + line);
    const content = { ids: lines.slice(rejected), rejectedLines: lines.slice(0, rejected) };
    await load(loader, batchOf(upload, 1, { ...content, closing: { rowsRead: 3 } }));
    return upload;
  };

  test('is doubtful if most of its rows were rejected, until another reading of it is known', async () => {
    const { uploadId } = await read(7_100, 2);
    await read(7_101, 1);
    await read(7_102, 3, { receivedAt: new Date().toISOString() });
    await read(7_103, 3, { revision: 'before' });
    expect(await doubtful()).toEqual([[uploadId, 2, 3, null]]);
    await read(7_104, 2, { revision: 'former', key: 'incoming/7100.csv', versionId: '7100' });
    expect(await doubtful()).toEqual([]);
  });

  test.each([
    ['too-many-rejected-rows', 1],
    ['file-empty', 0],
  ] as const)('is doubtful if it was refused because of a setting: %s', async (code, found) => {
    const upload = numberedUpload(7_110 + found, { revision: code });
    await load(loader, batchOf(upload, 1, { closing: { rowsRead: 0, failure: { code, message: 'No.' } } }));
    expect(await doubtful(code)).toEqual(found === 0 ? [] : [[upload.uploadId, 0, 0, code]]);
  });

  test('is not doubtful if the former database, which was put aside, has a reading of it', async () => {
    const { uploadId } = await read(7_120, 3);
    expect(await doubtful()).toEqual([[uploadId, 3, 3, null]]);
    const owner = await database.connectAs('retail_migrator');
    await owner.query('CREATE SCHEMA former CREATE TABLE uploads (LIKE ledger.uploads)');
    expect(await doubtful()).toEqual([[uploadId, 3, 3, null]]);
    await owner.query('INSERT INTO former.uploads SELECT * FROM ledger.uploads');
    expect(await doubtful()).toEqual([]);
  });
});
