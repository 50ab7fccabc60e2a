import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Upload } from '../../lambdas/core/row-batch.ts';
import { batchOf, deletedObject, load, numberedUpload } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

const LOST_AFTER = 600;
const STUCK_AFTER = 3_600;

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

interface Listed {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
}

/** Notes a page of the listing. @returns how many of its objects are not known */
async function noteListed(objects: readonly Listed[], keyMarker = '', versionMarker = ''): Promise<number> {
  const bucket = objects[0]?.bucket ?? 'bucket';
  const listed = objects.map(({ key, versionId }) => ({
    key,
    versionId,
    receivedAt: '2024-05-06T07:08:09.01Z',
  }));
  const page = { bucket, objects: listed, keyMarker, versionMarker };
  const { rows } = await sweeper.query('SELECT ledger.note_listed($1) AS unseen', [JSON.stringify(page)]);
  return rows[0].unseen;
}

/** What is to be sent of an object now. */
async function unfinished({ bucket, key, versionId }: Listed): Promise<Record<string, unknown>[]> {
  const { rows } = await sweeper.query(
    'SELECT * FROM ledger.find_unfinished(make_interval(secs => $1), make_interval(secs => $2), 1000)',
    [LOST_AFTER, STUCK_AFTER],
  );
  return rows.filter(
    (row) => row.bucket === bucket && row.object_key === key && row.version_id === versionId,
  );
}

async function reasons(object: Listed): Promise<unknown[]> {
  return (await unfinished(object)).map(({ reason }) => reason);
}

async function noteSent(...objects: Listed[]): Promise<void> {
  await sweeper.query('SELECT ledger.note_sent($1)', [JSON.stringify(objects)]);
}

/** Lets everything that was noted of an object have happened that much earlier. */
async function passTime({ bucket, key, versionId }: Listed, seconds: number): Promise<void> {
  await owner.query(
    `UPDATE ledger.unfinished_objects
     SET noticed_at = noticed_at - make_interval(secs => $4), sent_at = sent_at - make_interval(secs => $4)
     WHERE bucket = $1 AND object_key = $2 AND version_id = $3`,
    [bucket, key, versionId, seconds],
  );
  await owner.query(
    `UPDATE ledger.uploads SET moved_at = moved_at - make_interval(secs => $4)
     WHERE bucket = $1 AND object_key = $2 AND version_id = $3`,
    [bucket, key, versionId, seconds],
  );
}

async function isRemembered({ bucket, key, versionId }: Listed): Promise<boolean> {
  const { rowCount } = await owner.query(
    'SELECT FROM ledger.unfinished_objects WHERE bucket = $1 AND object_key = $2 AND version_id = $3',
    [bucket, key, versionId],
  );
  return rowCount === 1;
}

/** An upload of which only the first of two batches is in. */
async function beginLoading(upload: Upload): Promise<void> {
  await load(loader, batchOf(upload, 1, { ids: [Number(upload.versionId)] }));
}

const finishLoading = (upload: Upload) => load(loader, batchOf(upload, 2, { closing: { rowsRead: 1 } }));

describe('an object that is listed and not in the ledger', () => {
  test('is returned after the configured time, not earlier, with everything that its event needs', async () => {
    const object = numberedUpload(1);
    expect(await noteListed([object])).toBe(1);
    await passTime(object, LOST_AFTER - 60);
    expect(await unfinished(object)).toEqual([]);
    await passTime(object, 61);
    expect(await unfinished(object)).toEqual([
      {
        bucket: 'bucket',
        object_key: 'incoming/1.csv',
        version_id: '1',
        received_at: '2024-05-06T07:08:09.010Z',
        reason: 'lost',
      },
    ]);
  });

  test('counts its time from the first listing', async () => {
    const object = numberedUpload(2);
    expect(await noteListed([object])).toBe(1);
    await passTime(object, LOST_AFTER + 1);
    expect(await noteListed([object])).toBe(0);
    expect(await reasons(object)).toEqual(['lost']);
  });

  test('is returned again after twice the time, and then after four times', async () => {
    const object = numberedUpload(3);
    await noteListed([object]);
    await passTime(object, LOST_AFTER + 1);
    for (const times of [2, 4]) {
      await noteSent(object);
      expect(await unfinished(object)).toEqual([]);
      await passTime(object, times * LOST_AFTER - 60);
      expect(await unfinished(object)).toEqual([]);
      await passTime(object, 61);
      expect(await reasons(object)).toEqual(['lost']);
    }
  });

  test('is returned at least once a day, however often it was sent', async () => {
    const object = numberedUpload(4);
    await noteListed([object]);
    await passTime(object, LOST_AFTER + 1);
    for (let times = 0; times < 40; times++) await noteSent(object);
    await passTime(object, 86_400 - 60);
    expect(await unfinished(object)).toEqual([]);
    await passTime(object, 61);
    expect(await reasons(object)).toEqual(['lost']);
  });

  test('is returned until it is recorded as sent, so that a crashed sweep loses nothing', async () => {
    const object = numberedUpload(5);
    await noteListed([object]);
    await passTime(object, LOST_AFTER + 1);
    expect(await reasons(object)).toEqual(['lost']);
    expect(await reasons(object)).toEqual(['lost']);
  });

  test('is forgotten once it has an upload', async () => {
    const upload = numberedUpload(6);
    await noteListed([upload]);
    await passTime(upload, LOST_AFTER + 1);
    await beginLoading(upload);
    expect(await unfinished(upload)).toEqual([]);
    expect(await isRemembered(upload)).toBe(false);
    expect(await noteListed([upload])).toBe(0);
    expect(await isRemembered(upload)).toBe(false);
  });

  test('is one version: an upload of another version, or of the same key in another bucket, does not count', async () => {
    const upload = numberedUpload(7);
    await beginLoading(upload);
    const others = [
      { ...upload, versionId: '7b' },
      { ...upload, bucket: 'another' },
    ];
    for (const other of others) expect(await noteListed([other])).toBe(1);
    for (const other of others) await passTime(other, LOST_AFTER + 1);
    expect(await reasons(upload)).toEqual([]);
    for (const other of others) expect(await reasons(other)).toEqual(['lost']);
  });

  test('may have a key of 1,024 bytes with any characters', async () => {
    const strange = `incoming/store=main/ 'ä"\\%_;--\t🧀{}[]:"?&+`;
    const key = strange + 'é'.repeat((1_024 - Buffer.byteLength(strange)) / 2);
    expect(Buffer.byteLength(key)).toBeGreaterThanOrEqual(1_023);
    const object = numberedUpload(8, { key });
    expect(await noteListed([object], key, '8')).toBe(1);
    await passTime(object, LOST_AFTER + 1);
    expect(await unfinished(object)).toMatchObject([{ object_key: key, reason: 'lost' }]);
    await noteSent(object);
    expect(await unfinished(object)).toEqual([]);
    await beginLoading(object);
    await unfinished(object);
    expect(await isRemembered(object)).toBe(false);
  });
});

describe('an upload that is loading', () => {
  test('is returned as stuck after the configured time without progress', async () => {
    const upload = numberedUpload(20);
    await beginLoading(upload);
    await passTime(upload, STUCK_AFTER + 1);
    expect(await unfinished(upload)).toEqual([
      {
        bucket: 'bucket',
        object_key: 'incoming/20.csv',
        version_id: '20',
        received_at: '2024-01-01T00:00:00.000Z',
        reason: 'stuck',
      },
    ]);
  });

  test('is not returned while it makes progress', async () => {
    const upload = numberedUpload(21);
    await beginLoading(upload);
    await passTime(upload, STUCK_AFTER - 60);
    expect(await unfinished(upload)).toEqual([]);
    await load(loader, batchOf(upload, 3, { ids: [210] }));
    await passTime(upload, 61);
    expect(await unfinished(upload)).toEqual([]);
  });

  test('is not returned once it moves again', async () => {
    const upload = numberedUpload(28);
    await beginLoading(upload);
    await passTime(upload, STUCK_AFTER + 1);
    expect(await reasons(upload)).toEqual(['stuck']);
    await load(loader, batchOf(upload, 2, { ids: [280] }));
    expect(await reasons(upload)).toEqual([]);
  });

  test('is returned again only after twice the time', async () => {
    const upload = numberedUpload(22);
    await beginLoading(upload);
    await passTime(upload, STUCK_AFTER + 1);
    expect(await reasons(upload)).toEqual(['stuck']);
    await noteSent(upload);
    expect(await unfinished(upload)).toEqual([]);
    await passTime(upload, 2 * LOST_AFTER + 1);
    expect(await reasons(upload)).toEqual(['stuck']);
  });

  test('is forgotten when it is finished', async () => {
    const upload = numberedUpload(23);
    await beginLoading(upload);
    await passTime(upload, STUCK_AFTER + 1);
    expect(await reasons(upload)).toEqual(['stuck']);
    await finishLoading(upload);
    expect(await unfinished(upload)).toEqual([]);
    expect(await isRemembered(upload)).toBe(false);
  });

  test('is forgotten when it failed', async () => {
    const upload = numberedUpload(24);
    await beginLoading(upload);
    await passTime(upload, STUCK_AFTER + 1);
    expect(await reasons(upload)).toEqual(['stuck']);
    await load(loader, deletedObject(upload));
    expect(await unfinished(upload)).toEqual([]);
    expect(await isRemembered(upload)).toBe(false);
  });

  test('is returned once if two parser revisions are stuck at the same object', async () => {
    const upload = numberedUpload(25);
    const second = numberedUpload(26, { key: upload.key, versionId: upload.versionId, revision: 'r2' });
    for (const each of [upload, second]) await beginLoading(each);
    await passTime(upload, STUCK_AFTER + 1);
    expect(await reasons(upload)).toEqual(['stuck']);
  });

  test('that was lost before counts as stuck from then on', async () => {
    const upload = numberedUpload(27);
    await noteListed([upload]);
    await passTime(upload, LOST_AFTER + 1);
    expect(await reasons(upload)).toEqual(['lost']);
    await beginLoading(upload);
    await passTime(upload, STUCK_AFTER + 1);
    expect(await reasons(upload)).toEqual(['stuck']);
  });
});

test('the oldest findings are returned first, up to the requested number', async () => {
  const objects = ['c', 'a', 'b'].map((key) => ({
    bucket: 'crowded',
    key: `incoming/${key}`,
    versionId: '1',
  }));
  await noteListed(objects);
  for (const [index, object] of objects.entries()) await passTime(object, 1_000_000 - index * 100);
  const { rows } = await sweeper.query(
    "SELECT object_key FROM ledger.find_unfinished(interval '1 second', interval '1 day', 2)",
  );
  expect(rows).toEqual([{ object_key: 'incoming/c' }, { object_key: 'incoming/a' }]);
});

describe('the position of the listing', () => {
  const cursor = async (bucket: string) => {
    const { rows } = await sweeper.query(
      'SELECT key_marker, version_marker FROM ledger.sweep_cursors WHERE bucket = $1',
      [bucket],
    );
    return rows;
  };
  const inBucket = (bucket: string) => ({ bucket, key: 'incoming/x.csv', versionId: '1' });

  test('is stored with each page, and reset after the last one', async () => {
    expect(await cursor('paged')).toEqual([]);
    await noteListed([inBucket('paged')], "incoming/o'ü.csv", 'v1');
    expect(await cursor('paged')).toEqual([{ key_marker: "incoming/o'ü.csv", version_marker: 'v1' }]);
    await noteListed([inBucket('paged')], 'incoming/z.csv', 'v2');
    expect(await cursor('paged')).toEqual([{ key_marker: 'incoming/z.csv', version_marker: 'v2' }]);
    await noteListed([inBucket('paged')]);
    expect(await cursor('paged')).toEqual([{ key_marker: '', version_marker: '' }]);
  });

  test('is one for each bucket', async () => {
    await noteListed([inBucket('left')], 'incoming/l', '1');
    await noteListed([inBucket('right')], 'incoming/r', '2');
    expect(await cursor('left')).toEqual([{ key_marker: 'incoming/l', version_marker: '1' }]);
  });

  test('does not change if the page could not be recorded', async () => {
    await noteListed([inBucket('steady')], 'incoming/a', '1');
    const broken = { ...inBucket('steady'), versionId: undefined as unknown as string };
    await expect(noteListed([broken], 'incoming/b', '2')).rejects.toThrow('version_id');
    expect(await cursor('steady')).toEqual([{ key_marker: 'incoming/a', version_marker: '1' }]);
  });
});
