import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Upload } from '../../lambdas/core/row-batch.ts';
import { batchOf, deletedObject, load, numberedUpload, uuid } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let loader: pg.Client;
let notifier: pg.Client;
let sweeper: pg.Client;
let owner: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  loader = await database.connectAs('retail_loader');
  notifier = await database.connectAs('retail_notifier');
  sweeper = await database.connectAs('retail_sweeper');
  owner = await database.connectAs('retail_migrator');
});
afterAll(() => database?.drop());
let next = 1_000;
let upload: Upload;
beforeEach(() => {
  next += 100;
  upload = numberedUpload(next);
});

interface Notice {
  readonly id: string;
  readonly sequence: number;
  readonly result: Record<string, unknown>;
  readonly byCode: unknown;
  readonly first: { readonly line: number; readonly text: string }[];
}

async function findNotices({ uploadId }: Upload): Promise<Notice[]> {
  const { rows } = await notifier.query('SELECT ledger.find_notices($1) AS found', [uploadId]);
  return rows[0].found;
}

async function noteSent(notices: readonly Notice[]): Promise<number> {
  const ids = JSON.stringify(notices.map(({ id }) => id));
  return (await notifier.query('SELECT ledger.note_notices_sent($1) AS noted', [ids])).rows[0].noted;
}

async function retry(seconds = 60, max = 100): Promise<string[]> {
  const sql = 'SELECT upload_id FROM ledger.retry_notices(make_interval(secs => $1), $2)';
  return (await sweeper.query(sql, [seconds, max])).rows.map(({ upload_id }) => upload_id);
}

const announce = (changed: Upload, cause = changed) =>
  owner.query('SELECT ledger.announce($1, $2)', [changed.uploadId, cause.uploadId]);
const oneRow = (of: Upload, id = next) => batchOf(of, 1, { ids: [id], closing: { rowsRead: 1 } });

test('the batch that ends an upload writes a notice with its result, and says so', async () => {
  expect(await load(loader, batchOf(upload, 1, { ids: [next] }))).toMatchObject({ announced: [] });
  expect(await findNotices(upload)).toEqual([]);
  const last = batchOf(upload, 2, { ids: [next + 1], rejectedLines: [7, 5], closing: { rowsRead: 4 } });
  expect(await load(loader, last)).toMatchObject({ announced: [upload.uploadId] });
  expect(await findNotices(upload)).toEqual([
    {
      id: expect.stringMatching(/^[-0-9a-f]{36}$/),
      sequence: 1,
      uploadId: upload.uploadId,
      fileId: upload.fileId,
      storeId: 'main',
      key: upload.key,
      versionId: upload.versionId,
      receivedAt: '2024-01-01T00:00:00.000Z',
      result: {
        status: 'complete',
        completedAt: expect.stringMatching(/Z$/),
        rows: { read: 4, inserted: 2, duplicate: 0, conflicting: 0, rejected: 2, retracted: 0, replaced: 0 },
        open: 2,
        days: { first: '2024-01-01', last: '2024-01-01' },
      },
      byCode: [{ code: 'id-missing', rows: 2 }],
      first: [
        { line: 5, column: 'id', code: 'id-missing', message: 'The id is empty.', text: ',SELL' },
        { line: 7, column: 'id', code: 'id-missing', message: 'The id is empty.', text: ',SELL' },
      ],
    },
  ]);
});

test('a batch that comes again names the upload until its notice is sent, and writes no other', async () => {
  const batch = oneRow(upload);
  await load(loader, batch);
  expect(await load(loader, batch)).toMatchObject({ seenBefore: true, announced: [upload.uploadId] });
  const notices = await findNotices(upload);
  expect(notices).toHaveLength(1);
  expect([await noteSent(notices), await noteSent(notices)]).toEqual([1, 0]);
  expect(await load(loader, batch)).toMatchObject({ seenBefore: true, announced: [] });
  expect(await findNotices(upload)).toEqual([]);
});

test('a batch that fails leaves no notice', async () => {
  await loader.query('BEGIN');
  await load(loader, oneRow(upload));
  await loader.query('ROLLBACK');
  expect(await findNotices(upload)).toEqual([]);
});

test('a refused file has a notice with the reason, once', async () => {
  const failed = deletedObject(upload);
  await load(loader, failed);
  await load(loader, failed);
  expect((await findNotices(upload)).map(({ result }) => result)).toMatchObject([
    { status: 'failed', failure: { code: 'object-deleted', message: 'The object version was deleted.' } },
  ]);
});

test('the notices of a file are numbered over all of its readings', async () => {
  const later = { ...numberedUpload(next + 1), ...upload, uploadId: uuid(next + 1), revision: 'r2' };
  await load(loader, oneRow(upload));
  await load(loader, oneRow(later));
  const [[first], [second]] = [await findNotices(upload), await findNotices(later)];
  expect([first!.sequence, second!.sequence]).toEqual([1, 2]);
  expect(first!.result).not.toHaveProperty('isRepeated');
  expect(second!.result).toMatchObject({ isRepeated: true, rows: { inserted: 0, duplicate: 1 } });
});

test('two readings that end at the same moment have different numbers', async () => {
  const later = { ...upload, uploadId: uuid(next + 1), revision: 'r2' };
  const other = await database.connectAs('retail_loader');
  await loader.query('BEGIN');
  await load(loader, oneRow(upload));
  await other.query('BEGIN');
  const waiting = load(other, oneRow(later, next + 1));
  await loader.query('COMMIT');
  await waiting;
  await other.query('COMMIT');
  const sequences = [...(await findNotices(upload)), ...(await findNotices(later))].map(
    ({ sequence }) => sequence,
  );
  expect(sequences).toEqual([1, 2]);
});

test('a change of the counts has another notice, in the name of its cause; without a change there is none', async () => {
  await load(loader, oneRow(upload));
  const cause = numberedUpload(next + 1);
  await announce(upload, cause);
  expect(await findNotices(upload)).toHaveLength(1);
  await owner.query('UPDATE ledger.uploads SET rows_inserted = 0, rows_duplicate = 1 WHERE upload_id = $1', [
    upload.uploadId,
  ]);
  await announce(upload, cause);
  const notices = await findNotices(upload);
  expect(notices.map(({ sequence, result }) => [sequence, result.rows])).toMatchObject([
    [1, { inserted: 1, duplicate: 0 }],
    [2, { inserted: 0, duplicate: 1 }],
  ]);
  const { rows } = await owner.query('SELECT ledger.list_announced($1) AS uploads', [cause.uploadId]);
  expect(rows[0].uploads).toEqual([upload.uploadId]);
});

test('neither an upload that is still loading nor a decision of an operator has a notice', async () => {
  await load(loader, batchOf(upload, 1, { ids: [next] }));
  await announce(upload);
  const decision = numberedUpload(next + 1, { key: 'incoming/decisions/2025-01-01-retract-0a0b0c0d.json' });
  await load(loader, batchOf(decision, 1, { closing: { rowsRead: 0 } }));
  expect([await findNotices(upload), await findNotices(decision)]).toEqual([[], []]);
});

test('long values are cut, and ten lines are named', async () => {
  const rejectedLines = Array.from({ length: 12 }, (_, index) => index + 2);
  await load(loader, batchOf(upload, 1, { rejectedLines, closing: { rowsRead: 12 } }));
  await owner.query(
    `UPDATE ledger.rejected_rows SET original_text = repeat('€', 60000), message = repeat('x', 60000)
     WHERE upload_id = $1`,
    [upload.uploadId],
  );
  const [notice] = await findNotices(upload);
  expect(notice!.first.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(JSON.stringify(notice).length).toBeLessThan(20_000);
});

test('an unsent notice is retried after a while and then at growing intervals, a sent one never', async () => {
  await owner.query('UPDATE ledger.outbox SET sent_at = now()');
  const sent = numberedUpload(next + 1);
  for (const one of [upload, sent]) await load(loader, oneRow(one, Number(one.versionId)));
  await noteSent(await findNotices(sent));
  expect(await retry()).toEqual([]);
  const pass = (seconds: number) =>
    owner.query(
      `UPDATE ledger.outbox SET created_at = created_at - make_interval(secs => $1),
         retried_at = retried_at - make_interval(secs => $1)`,
      [seconds],
    );
  await pass(61);
  expect(await retry()).toEqual([upload.uploadId]);
  expect(await retry()).toEqual([]);
  await pass(100);
  expect(await retry()).toEqual([]);
  await pass(30);
  expect(await retry()).toEqual([upload.uploadId]);
});

test('a notice has the total of the file that differs from its rows, and no total that agrees', async () => {
  const totals = { line: 3, column: 'amount_inc_tax', written: '9.00', rows: '1.20' };
  await load(loader, batchOf(upload, 1, { ids: [next], closing: { rowsRead: 1, format: { totals } } }));
  expect((await findNotices(upload))[0]!.result).toMatchObject({ totals });
  const other = numberedUpload(next + 50);
  await load(
    loader,
    batchOf(other, 1, { ids: [next + 50], closing: { rowsRead: 1, format: { totals: 'agree' } } }),
  );
  expect((await findNotices(other))[0]!.result).not.toHaveProperty('totals');
});
