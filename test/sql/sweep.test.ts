import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCloud } from '../end-to-end/test-cloud.ts';

let cloud: TestCloud;
let sweeper: pg.Client;
let owner: pg.Client;
beforeAll(async () => {
  cloud = await TestCloud.start();
  [sweeper, owner] = [await cloud.connectAs('retail_sweeper'), await cloud.connectAs('retail_migrator')];
});
afterAll(async () => {
  await sweeper?.end();
  await owner?.end();
  await cloud?.stop();
});

const RECEIVED = '2024-01-01T00:00:00.000Z';
const page = (bucket: string, keys: string[], marker = '') => ({
  bucket,
  objects: keys.map((key) => ({ key, versionId: `v-${key}`, receivedAt: RECEIVED })),
  keyMarker: marker,
  versionMarker: marker,
});

async function noteListed(...args: Parameters<typeof page>): Promise<number> {
  const { rows } = await sweeper.query('SELECT ledger.note_listed($1) AS unseen', [page(...args)]);
  return rows[0].unseen;
}

async function findUnfinished(bucket: string, lostAfter = '0', stuckAfter = '1 hour') {
  const { rows } = await sweeper.query(
    'SELECT * FROM ledger.find_unfinished($1, $2, 100) WHERE bucket = $3',
    [lostAfter, stuckAfter, bucket],
  );
  return rows.map(({ object_key, reason, received_at }) => ({ object_key, reason, received_at }));
}

const noteSent = (bucket: string, key: string) =>
  sweeper.query('SELECT ledger.note_sent($1)', [JSON.stringify([{ bucket, key, versionId: `v-${key}` }])]);

const insertUpload = (bucket: string, key: string, status: string, movedAgo: string) =>
  owner.query(
    `INSERT INTO ledger.uploads (upload_id, bucket, object_key, version_id, store_id, received_at, status, moved_at,
       batches_expected, rows_read)
     VALUES (gen_random_uuid(), $1, $2, 'v-' || $2, 'main', $3, $4, now() - $5::interval, 0, 0)`,
    [bucket, key, RECEIVED, status, movedAgo],
  );

test('an object that no upload is of is sent again when it is still missing after a while, and not before', async () => {
  expect(await noteListed('lost', ['a.csv'])).toBe(1);
  expect(await findUnfinished('lost', '1 minute')).toEqual([]);
  expect(await findUnfinished('lost')).toEqual([
    { object_key: 'a.csv', reason: 'lost', received_at: RECEIVED },
  ]);
});

test('what was sent is sent again after double the time, and at the latest after a day', async () => {
  await noteListed('again', ['a.csv']);
  await noteSent('again', 'a.csv');
  const sentAgo = (interval: string) =>
    owner.query(
      `UPDATE ledger.unfinished_objects SET sent_at = now() - $1::interval, noticed_at = now() - interval '9 days'
                 WHERE bucket = 'again'`,
      [interval],
    );
  await sentAgo('119 minutes');
  expect(await findUnfinished('again', '1 hour')).toEqual([]);
  await sentAgo('121 minutes');
  expect(await findUnfinished('again', '1 hour')).toHaveLength(1);
  for (let times = 0; times < 30; times++) await noteSent('again', 'a.csv');
  await sentAgo('23 hours');
  expect(await findUnfinished('again', '1 hour')).toEqual([]);
  await sentAgo('25 hours');
  expect(await findUnfinished('again', '1 hour')).toHaveLength(1);
});

test('an object of which there is an upload is not noted, and forgotten once there is one', async () => {
  await insertUpload('seen', 'a.csv', 'complete', '0');
  expect(await noteListed('seen', ['a.csv', 'b.csv'])).toBe(1);
  expect(await findUnfinished('seen')).toMatchObject([{ object_key: 'b.csv' }]);
  await insertUpload('seen', 'b.csv', 'loading', '0');
  expect(await findUnfinished('seen')).toEqual([]);
  const { rows } = await owner.query(`SELECT FROM ledger.unfinished_objects WHERE bucket = 'seen'`);
  expect(rows).toEqual([]);
});

test('an upload that has not moved is stuck until it has come to its end', async () => {
  await insertUpload('stuck', 'moves.csv', 'loading', '59 minutes');
  await insertUpload('stuck', 'stands.csv', 'loading', '61 minutes');
  await insertUpload('stuck', 'done.csv', 'complete', '61 minutes');
  expect(await findUnfinished('stuck')).toMatchObject([{ object_key: 'stands.csv', reason: 'stuck' }]);
  await owner.query(`UPDATE ledger.uploads SET status = 'failed' WHERE object_key = 'stands.csv'`);
  expect(await findUnfinished('stuck')).toEqual([]);
});

test('the place of the next page is kept, and empty when the listing begins anew', async () => {
  const cursor = async () =>
    (await sweeper.query(`SELECT key_marker FROM ledger.sweep_cursors WHERE bucket = 'pages'`)).rows;
  await noteListed('pages', ['a.csv'], 'a.csv');
  expect(await cursor()).toEqual([{ key_marker: 'a.csv' }]);
  await noteListed('pages', ['b.csv']);
  expect(await cursor()).toEqual([{ key_marker: '' }]);
});

test('keys of any characters are kept as they are', async () => {
  const key = `ä"'\\🧀 ${'é'.repeat(500)}`;
  await noteListed('keys', [key]);
  expect(await findUnfinished('keys')).toMatchObject([{ object_key: key }]);
});

test.each([
  'SELECT * FROM transactions',
  'SELECT * FROM ledger.uploads',
  'SELECT * FROM ledger.unfinished_objects',
  `SELECT ledger.load_batch('{}')`,
  `SELECT ledger.verify(now(), gen_random_uuid(), 1)`,
  `UPDATE ledger.sweep_cursors SET key_marker = ''`,
])('the sweeper may not: %s', async (sql) => {
  await expect(sweeper.query(sql)).rejects.toThrow('permission denied');
});
