import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Upload } from '../../lambdas/core/row-batch.ts';
import { batchOf, load, numberedUpload, uuid } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let loader: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  loader = await database.connectAs('retail_loader');
});
afterAll(() => database?.drop());

async function ledger({ uploadId }: Upload): Promise<Record<string, unknown> | undefined> {
  return (await database.rows('SELECT * FROM ledger.uploads WHERE upload_id = $1', [uploadId]))[0];
}

/** The same object version, as another revision of the parser reads it. */
function readAgain(upload: Upload, number: number, revision = 'r2'): Upload {
  return { ...upload, uploadId: uuid(number), revision };
}

/** Sweeps: an upload that has not moved for an hour counts as stopped. */
async function sweep(): Promise<void> {
  const sweeper = await database.connectAs('retail_sweeper');
  await sweeper.query(`SELECT FROM ledger.find_unfinished('1 minute', '1 hour', 1000)`);
}

/** Sweeps after every upload that is loading has not moved for two hours. */
async function sweepMuchLater(): Promise<void> {
  const owner = await database.connectAs('retail_migrator');
  await owner.query(
    `UPDATE ledger.uploads SET moved_at = now() - interval '2 hours' WHERE status = 'loading'`,
  );
  await sweep();
  await owner.end();
}

describe('an object that two revisions of the parser read', () => {
  test('is two uploads, and the rows of the second are all duplicates', async () => {
    const upload = numberedUpload(20);
    const second = readAgain(upload, 21);
    const content = { ids: [201, 202], closing: { rowsRead: 2 } };
    expect(await load(loader, batchOf(upload, 1, content))).toMatchObject({ inserted: 2 });
    expect(await load(loader, batchOf(second, 1, content))).toMatchObject({ inserted: 0, duplicate: 2 });
    expect(await ledger(upload)).toMatchObject({ status: 'complete', rows_inserted: '2' });
    expect(await ledger(second)).toMatchObject({
      status: 'complete',
      rows_inserted: '0',
      rows_duplicate: '2',
    });
    const rows = await database.rows('SELECT upload_id FROM transactions WHERE id = ANY ($1)', [
      [uuid(201), uuid(202)],
    ]);
    expect(rows).toEqual([{ upload_id: uuid(20) }, { upload_id: uuid(20) }]);
  });

  test('the second starts with its own first batch, and the first with the drop', async () => {
    const receivedAt = new Date(Date.now() - 3_600_000).toISOString();
    const upload = numberedUpload(60, { receivedAt });
    const second = readAgain(upload, 61);
    for (const reading of [upload, second]) {
      await load(loader, batchOf(reading, 1, { ids: [601], closing: { rowsRead: 1 } }));
    }
    expect((await ledger(upload))!.started_at).toEqual(new Date(receivedAt));
    const { started_at, completed_at } = (await ledger(second)) as Record<string, Date>;
    expect(completed_at!.getTime() - started_at!.getTime()).toBeLessThan(60_000);
  });

  test('an upload that starts after every message of its drop has expired is a replay', async () => {
    const receivedAt = new Date(Date.now() - 15 * 86_400_000).toISOString();
    const upload = numberedUpload(62, { receivedAt });
    await load(loader, batchOf(upload, 1, { ids: [621], closing: { rowsRead: 1 } }));
    expect((await ledger(upload))!.started_at).not.toEqual(new Date(receivedAt));
  });

  test('supersedes the older upload once it makes no progress and the newer one is complete, not earlier', async () => {
    const older = numberedUpload(22);
    const newer = readAgain(older, 23);
    await load(loader, batchOf(older, 1, { ids: [221] }));
    await load(loader, batchOf(newer, 1, { ids: [221] }));
    await sweepMuchLater();
    expect(await ledger(older)).toMatchObject({ status: 'loading', completed_at: null });
    expect(await ledger(newer)).toMatchObject({ status: 'loading' });
    await load(loader, batchOf(newer, 2, { ids: [222], closing: { rowsRead: 2 } }));
    expect(await ledger(older)).toMatchObject({ status: 'loading' });
    await sweepMuchLater();
    expect(await ledger(newer)).toMatchObject({
      status: 'complete',
      rows_inserted: '1',
      rows_duplicate: '1',
    });
    expect(await ledger(older)).toMatchObject({
      status: 'superseded',
      rows_inserted: '1',
      failure_code: null,
    });
    expect((await ledger(older))!.completed_at).toBeInstanceOf(Date);
  });

  test('keeps a stopped upload that was read by other settings: its rows may not be those of the other', async () => {
    const one = { ...numberedUpload(70), revision: 'code-a' };
    await load(loader, batchOf(one, 1, { ids: [701] }));
    await load(loader, batchOf(readAgain(one, 71, 'code-b'), 1, { ids: [701], closing: { rowsRead: 1 } }));
    await sweepMuchLater();
    expect(await ledger(one)).toMatchObject({ status: 'loading' });
    await load(loader, batchOf(readAgain(one, 72, 'new-a'), 1, { ids: [701], closing: { rowsRead: 1 } }));
    await sweepMuchLater();
    expect(await ledger(one)).toMatchObject({ status: 'superseded' });
  });

  test('keeps the older upload while it moves, though the newer is complete', async () => {
    const older = numberedUpload(35);
    await load(loader, batchOf(older, 1, { ids: [351] }));
    await load(loader, batchOf(readAgain(older, 36), 1, { ids: [351], closing: { rowsRead: 1 } }));
    await sweep();
    expect(await ledger(older)).toMatchObject({ status: 'loading', completed_at: null });
  });

  test('keeps the newer upload while it is loading, though the older is complete', async () => {
    const older = numberedUpload(37);
    const newer = readAgain(older, 38);
    await load(loader, batchOf(older, 1, { ids: [371] }));
    await load(loader, batchOf(newer, 1, { ids: [371] }));
    await load(loader, batchOf(older, 2, { closing: { rowsRead: 1 } }));
    await sweep();
    expect(await ledger(newer)).toMatchObject({ status: 'loading' });
  });

  test('completes the older upload if its last batch arrives late', async () => {
    const older = numberedUpload(24);
    const newer = readAgain(older, 25);
    await load(loader, batchOf(older, 1, { ids: [241] }));
    await load(loader, batchOf(newer, 1, { ids: [241, 242], closing: { rowsRead: 2 } }));
    await sweepMuchLater();
    expect(await ledger(older)).toMatchObject({ status: 'superseded' });
    await load(loader, batchOf(older, 2, { ids: [242], closing: { rowsRead: 2 } }));
    expect(await ledger(older)).toMatchObject({
      status: 'complete',
      rows_read: '2',
      rows_inserted: '2',
      rows_duplicate: '0',
    });
    // If two readings have the same line, the earlier reading's stays or becomes the valid one.
    expect(await ledger(newer)).toMatchObject({
      status: 'complete',
      rows_inserted: '0',
      rows_duplicate: '2',
    });
  });

  test('stays superseded when a batch other than the last arrives', async () => {
    const older = numberedUpload(26);
    await load(loader, batchOf(older, 1, { ids: [261] }));
    await load(loader, batchOf(readAgain(older, 27), 1, { ids: [261], closing: { rowsRead: 1 } }));
    await sweepMuchLater();
    await load(loader, batchOf(older, 2, { ids: [262] }));
    expect(await ledger(older)).toMatchObject({
      status: 'superseded',
      batches_loaded: 2,
      rows_inserted: '2',
    });
  });

  test('does not change uploads of other objects and versions', async () => {
    const older = numberedUpload(28);
    const others = [
      numberedUpload(280, { key: older.key, versionId: 'another' }),
      numberedUpload(281, { key: 'incoming/another.csv', versionId: older.versionId }),
      numberedUpload(282, { key: older.key, versionId: older.versionId, bucket: 'another' }),
    ];
    for (const other of others) await load(loader, batchOf(other, 1, { ids: [283] }));
    await load(loader, batchOf(readAgain(older, 29), 1, { ids: [281], closing: { rowsRead: 1 } }));
    await sweepMuchLater();
    for (const other of others) expect(await ledger(other)).toMatchObject({ status: 'loading' });
  });

  test('supersedes an older upload whose first batch arrives after the newer one is complete', async () => {
    const older = numberedUpload(33);
    await load(loader, batchOf(readAgain(older, 34), 1, { ids: [331], closing: { rowsRead: 1 } }));
    await load(loader, batchOf(older, 1, { ids: [331] }));
    await sweepMuchLater();
    expect(await ledger(older)).toMatchObject({ status: 'superseded' });
  });

  test('does not change complete or failed uploads', async () => {
    const complete = numberedUpload(30);
    const failed = readAgain(complete, 31);
    await load(loader, batchOf(complete, 1, { ids: [301], closing: { rowsRead: 1 } }));
    await load(loader, batchOf(failed, 1, { closing: { rowsRead: 9 } }));
    const before = [await ledger(complete), await ledger(failed)];
    expect(before).toMatchObject([{ status: 'complete' }, { status: 'failed' }]);
    await load(loader, batchOf(readAgain(complete, 32, 'r3'), 1, { ids: [301], closing: { rowsRead: 1 } }));
    expect([await ledger(complete), await ledger(failed)]).toEqual(before);
  });
});
