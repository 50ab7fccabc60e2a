import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Upload } from '../../lambdas/core/row-batch.ts';
import { batchOf, deletedObject, load, numberedUpload } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

const LOST_AFTER = 600;
const STUCK_AFTER = 3_600;
const IS_OBJECT = 'bucket = $1 AND object_key = $2 AND version_id = $3';

let database: TestDatabase;
let sweeper: pg.Client;
let loader: pg.Client;
let owner: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  sweeper = await database.connectAs('retail_sweeper');
  loader = await database.connectAs('retail_loader');
  owner = await database.connectAs('retail_migrator');
});
afterAll(() => database?.drop());

type Listed = Pick<Upload, 'bucket' | 'key' | 'versionId'>;

/** Records a page of the listing. @returns how many of its objects are not known */
async function noteListed(objects: readonly Listed[], keyMarker = '', versionMarker = ''): Promise<number> {
  const receivedAt = '2024-05-06T07:08:09.01Z';
  const listed = objects.map(({ key, versionId }) => ({ key, versionId, receivedAt }));
  const page = { bucket: objects[0]!.bucket, objects: listed, keyMarker, versionMarker };
  const { rows } = await sweeper.query('SELECT ledger.note_listed($1) AS unseen', [JSON.stringify(page)]);
  return rows[0].unseen;
}

/** Returns the messages to be sent for an object now. */
async function findUnfinished({ bucket, key, versionId }: Listed): Promise<Record<string, unknown>[]> {
  const sql = `SELECT * FROM ledger.find_unfinished(make_interval(secs => $4), make_interval(secs => $5), 1000)
               WHERE ${IS_OBJECT}`;
  return (await sweeper.query(sql, [bucket, key, versionId, LOST_AFTER, STUCK_AFTER])).rows;
}

async function findReasons(object: Listed): Promise<unknown[]> {
  return (await findUnfinished(object)).map(({ reason }) => reason);
}

const noteSent = (object: Listed) => sweeper.query('SELECT ledger.note_sent($1)', [JSON.stringify([object])]);

/** Moves all recorded times of an object into the past. */
async function passTime({ bucket, key, versionId }: Listed, seconds: number): Promise<void> {
  for (const [table, ...columns] of [
    ['unfinished_objects', 'noticed_at', 'sent_at'],
    ['uploads', 'moved_at'],
  ]) {
    const changes = columns.map((column) => `${column} = ${column} - make_interval(secs => $4)`);
    const sql = `UPDATE ledger.${table} SET ${changes.join(', ')} WHERE ${IS_OBJECT}`;
    await owner.query(sql, [bucket, key, versionId, seconds]);
  }
}

async function isRemembered({ bucket, key, versionId }: Listed): Promise<boolean> {
  const sql = `SELECT FROM ledger.unfinished_objects WHERE ${IS_OBJECT}`;
  return (await owner.query(sql, [bucket, key, versionId])).rowCount === 1;
}

/** Makes an object that was listed long ago and never loaded. */
async function loseObject(number: number, changes: Partial<Upload> = {}): Promise<Upload> {
  const object = numberedUpload(number, changes);
  expect(await noteListed([object])).toBe(1);
  await passTime(object, LOST_AFTER + 1);
  return object;
}

/** Makes an upload whose first batch was loaded long ago. */
async function stopLoading(number: number, changes: Partial<Upload> = {}): Promise<Upload> {
  const upload = numberedUpload(number, changes);
  await beginLoading(upload);
  await passTime(upload, STUCK_AFTER + 1);
  expect(await findReasons(upload)).toEqual(['stuck']);
  return upload;
}

/** Loads the first of two batches. */
const beginLoading = (upload: Upload) =>
  load(loader, batchOf(upload, 1, { ids: [Number(upload.versionId)] }));

describe('an object that is listed and not in the ledger', () => {
  test('is returned after the configured time, not earlier, with everything that its event needs', async () => {
    const object = numberedUpload(1);
    expect(await noteListed([object])).toBe(1);
    await passTime(object, LOST_AFTER - 60);
    expect(await findUnfinished(object)).toEqual([]);
    await passTime(object, 61);
    const message = { bucket: 'bucket', object_key: 'incoming/1.csv', version_id: '1', reason: 'lost' };
    const sent = { ...message, received_at: '2024-05-06T07:08:09.010Z', settings: null };
    expect(await findUnfinished(object)).toEqual([sent]);
  });

  test('counts its time from the first listing', async () => {
    const object = await loseObject(2);
    expect(await noteListed([object])).toBe(0);
    expect(await findReasons(object)).toEqual(['lost']);
  });

  test('is returned until it is recorded as sent, again after twice the time, then after four times', async () => {
    const object = await loseObject(3);
    // A sweep that crashes before it records the message loses nothing.
    for (let sweep = 1; sweep <= 2; sweep++) expect(await findReasons(object)).toEqual(['lost']);
    for (const times of [2, 4]) {
      await noteSent(object);
      expect(await findUnfinished(object)).toEqual([]);
      await passTime(object, times * LOST_AFTER - 60);
      expect(await findUnfinished(object)).toEqual([]);
      await passTime(object, 61);
      expect(await findReasons(object)).toEqual(['lost']);
    }
  });

  test('is returned at least once a day, however often it was sent', async () => {
    const object = await loseObject(4);
    for (let times = 0; times < 40; times++) await noteSent(object);
    await passTime(object, 86_400 - 60);
    expect(await findUnfinished(object)).toEqual([]);
    await passTime(object, 61);
    expect(await findReasons(object)).toEqual(['lost']);
  });

  test('is forgotten once it has an upload', async () => {
    const upload = await loseObject(6);
    await beginLoading(upload);
    expect(await findUnfinished(upload)).toEqual([]);
    expect(await isRemembered(upload)).toBe(false);
    expect(await noteListed([upload])).toBe(0);
    expect(await isRemembered(upload)).toBe(false);
  });

  test('is one version: an upload of another version, or of the same key in another bucket, does not count', async () => {
    const upload = numberedUpload(7);
    await beginLoading(upload);
    const others = [await loseObject(7, { versionId: '7b' }), await loseObject(7, { bucket: 'another' })];
    expect(await findReasons(upload)).toEqual([]);
    for (const other of others) expect(await findReasons(other)).toEqual(['lost']);
  });

  test('may have a key of 1,024 bytes with any characters', async () => {
    const strange = `incoming/store=main/ 'ä"\\%_;--\t🧀{}[]:"?&+`;
    const key = strange + 'é'.repeat((1_024 - Buffer.byteLength(strange)) / 2);
    expect(Buffer.byteLength(key)).toBeGreaterThanOrEqual(1_023);
    const object = await loseObject(8, { key });
    await noteListed([object], key, '8');
    expect(await findUnfinished(object)).toMatchObject([{ object_key: key, reason: 'lost' }]);
    await noteSent(object);
    expect(await findUnfinished(object)).toEqual([]);
    await beginLoading(object);
    await findUnfinished(object);
    expect(await isRemembered(object)).toBe(false);
  });
});

describe('an upload that is loading', () => {
  test('is returned as stuck after the configured time without progress', async () => {
    const upload = await stopLoading(20);
    const message = { bucket: 'bucket', object_key: 'incoming/20.csv', version_id: '20', reason: 'stuck' };
    const sent = { ...message, received_at: '2024-01-01T00:00:00.000Z', settings: '' };
    expect(await findUnfinished(upload)).toEqual([sent]);
  });

  test('is returned with the settings by which it was read', async () => {
    const upload = await stopLoading(70, { revision: 'c0de-5e77' });
    expect(await findUnfinished(upload)).toMatchObject([{ reason: 'stuck', settings: '5e77' }]);
    expect(await findUnfinished(await loseObject(71))).toMatchObject([{ reason: 'lost', settings: null }]);
  });

  test('is not returned while it makes progress', async () => {
    const upload = numberedUpload(21);
    await beginLoading(upload);
    await passTime(upload, STUCK_AFTER - 60);
    expect(await findUnfinished(upload)).toEqual([]);
    await load(loader, batchOf(upload, 3, { ids: [210] }));
    await passTime(upload, 61);
    expect(await findUnfinished(upload)).toEqual([]);
  });

  test('is returned again only after twice the time', async () => {
    const upload = await stopLoading(22);
    await noteSent(upload);
    expect(await findUnfinished(upload)).toEqual([]);
    await passTime(upload, 2 * LOST_AFTER + 1);
    expect(await findReasons(upload)).toEqual(['stuck']);
  });

  test.each([
    ['moves again', 28, (upload: Upload) => batchOf(upload, 2, { ids: [280] })],
    ['is finished', 23, (upload: Upload) => batchOf(upload, 2, { closing: { rowsRead: 1 } })],
    ['failed', 24, deletedObject],
  ])('is forgotten when it %s', async (_end, number, lastBatch) => {
    const upload = await stopLoading(number);
    await load(loader, lastBatch(upload));
    expect(await findUnfinished(upload)).toEqual([]);
    expect(await isRemembered(upload)).toBe(false);
  });

  test('is returned once if two parser revisions are stuck at the same object', async () => {
    const upload = numberedUpload(25);
    const second = numberedUpload(26, { key: upload.key, versionId: upload.versionId, revision: 'r2' });
    for (const each of [upload, second]) await beginLoading(each);
    await passTime(upload, STUCK_AFTER + 1);
    expect(await findReasons(upload)).toEqual(['stuck']);
  });

  test('that was lost before counts as stuck from then on', async () => {
    const upload = await loseObject(27);
    expect(await findReasons(upload)).toEqual(['lost']);
    await beginLoading(upload);
    await passTime(upload, STUCK_AFTER + 1);
    expect(await findReasons(upload)).toEqual(['stuck']);
  });
});

test('the oldest findings are returned first, up to the requested number', async () => {
  const objects = ['c', 'a', 'b'].map((name) =>
    numberedUpload(30, { bucket: 'crowded', key: `incoming/${name}` }),
  );
  await noteListed(objects);
  for (const [index, object] of objects.entries()) await passTime(object, 1_000_000 - index * 100);
  const sql = "SELECT object_key FROM ledger.find_unfinished(interval '1 second', interval '1 day', 2)";
  expect((await sweeper.query(sql)).rows.map((row) => row.object_key)).toEqual(['incoming/c', 'incoming/a']);
});

describe('the position of the listing', () => {
  const findCursor = async (bucket: string) => {
    const sql = 'SELECT key_marker, version_marker FROM ledger.sweep_cursors WHERE bucket = $1';
    return (await sweeper.query({ text: sql, values: [bucket], rowMode: 'array' })).rows;
  };
  const notePage = (bucket: string, ...markers: string[]) =>
    noteListed([numberedUpload(31, { bucket })], ...markers);

  test('is stored with each page, and reset after the last one', async () => {
    expect(await findCursor('paged')).toEqual([]);
    await notePage('paged', "incoming/o'ü.csv", 'v1');
    expect(await findCursor('paged')).toEqual([["incoming/o'ü.csv", 'v1']]);
    await notePage('paged', 'incoming/z.csv', 'v2');
    expect(await findCursor('paged')).toEqual([['incoming/z.csv', 'v2']]);
    await notePage('paged');
    expect(await findCursor('paged')).toEqual([['', '']]);
  });

  test('is one for each bucket', async () => {
    await notePage('left', 'incoming/l', '1');
    await notePage('right', 'incoming/r', '2');
    expect(await findCursor('left')).toEqual([['incoming/l', '1']]);
  });

  test('does not change if the page could not be recorded', async () => {
    await notePage('steady', 'incoming/a', '1');
    const broken = { bucket: 'steady', key: 'incoming/x.csv', versionId: undefined as unknown as string };
    await expect(noteListed([broken], 'incoming/b', '2')).rejects.toThrow('version_id');
    expect(await findCursor('steady')).toEqual([['incoming/a', '1']]);
  });
});
