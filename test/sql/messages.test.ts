import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Upload } from '../../lambdas/core/row-batch.ts';
import { batchOf, deletedObject, load, loadText, numberedUpload, uuid } from '../support/batches.ts';
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

/** All that the database has of an upload and its rows. */
async function everythingOf({ uploadId }: Upload): Promise<unknown> {
  const tables = [
    'ledger.uploads',
    'ledger.batches',
    'ledger.rejected_rows',
    'ledger.other_versions',
    'transactions',
  ];
  const all = [];
  for (const table of tables) {
    all.push(
      await database.rows(`SELECT t::text FROM ${table} AS t WHERE upload_id = $1 ORDER BY 1`, [uploadId]),
    );
  }
  return all;
}

describe('a repeated batch', () => {
  test('with the same rows returns its first result, and changes nothing', async () => {
    const upload = numberedUpload(1);
    const batch = batchOf(upload, 1, { ids: [11, 12, 11], rejectedLines: [4], closing: { rowsRead: 4 } });
    const result = await load(loader, batch);
    expect(result).toMatchObject({
      seenBefore: false,
      inserted: 2,
      duplicate: 1,
      conflicting: 0,
      rejected: 1,
    });
    const before = await everythingOf(upload);
    expect(await load(loader, batch)).toEqual({ ...result, seenBefore: true });
    expect(await everythingOf(upload)).toEqual(before);
  });

  const first = { ids: [21], rejectedLines: [3], closing: { rowsRead: 2 } };
  test.each([
    ['another row', { ids: [22], rejectedLines: [3], closing: { rowsRead: 2 } }],
    ['one row more', { ids: [21, 22], rejectedLines: [3], closing: { rowsRead: 2 } }],
    ['a row with another name', { ids: [21], name: 'Tea', rejectedLines: [3], closing: { rowsRead: 2 } }],
    ['another rejected row', { ids: [21], rejectedLines: [4], closing: { rowsRead: 2 } }],
    ['other totals', { ids: [21], rejectedLines: [3], closing: { rowsRead: 3 } }],
    ['no totals', { ids: [21], rejectedLines: [3] }],
  ])('with %s is refused, and changes nothing', async (_, content) => {
    const upload = numberedUpload(2);
    await load(loader, batchOf(upload, 1, first));
    const before = await everythingOf(upload);
    await expect(load(loader, batchOf(upload, 1, content))).rejects.toMatchObject({
      code: '22023',
      message: `batch 1 of upload ${uuid(2)} came before with other rows`,
    });
    expect(await everythingOf(upload)).toEqual(before);
    expect(await database.rows('SELECT FROM transactions WHERE id = $1', [uuid(22)])).toEqual([]);
  });
});

describe('a message', () => {
  test('without revision and header, from an older parser, is loaded', async () => {
    const upload = numberedUpload(10);
    const { header: _header, ...batch } = batchOf(upload, 1, { ids: [101], closing: { rowsRead: 1 } });
    const { revision: _revision, ...older } = upload;
    const message = JSON.stringify({ ...batch, upload: older });
    expect(await loadText(loader, message)).toMatchObject({ inserted: 1, seenBefore: false });
    expect(await ledger(upload)).toMatchObject({
      status: 'complete',
      parser_revision: '',
      header_text: null,
    });
    expect(await loadText(loader, message)).toMatchObject({ inserted: 1, seenBefore: true });
  });

  test('stores its revision and its header in the ledger', async () => {
    const upload = numberedUpload(11, { revision: 'abc' });
    const batch = batchOf(upload, 1, { ids: [111], closing: { rowsRead: 1 } });
    await load(loader, batch);
    expect(await ledger(upload)).toMatchObject({ parser_revision: 'abc', header_text: batch.header });
  });

  test.each(['2', 2, '0'])(
    'of version %j waits for a migration that supports it, and loads nothing',
    async (version) => {
      const upload = numberedUpload(12);
      const message = { ...batchOf(upload, 1, { ids: [121], closing: { rowsRead: 1 } }), version };
      await expect(loadText(loader, JSON.stringify(message))).rejects.toMatchObject({
        code: '0A000',
        hint: 'Deploy the migrations of that version.',
      });
      expect(await ledger(upload)).toBeUndefined();
    },
  );

  test.each([undefined, null, 'newest', {}])(
    'of version %j is not a batch, and is refused permanently',
    async (version) => {
      const message = {
        ...batchOf(numberedUpload(13), 1, { ids: [131], closing: { rowsRead: 1 } }),
        version,
      };
      await expect(loadText(loader, JSON.stringify(message))).rejects.toMatchObject({ code: '22023' });
    },
  );
});

describe('an object that was deleted before it was read', () => {
  const nothing = { inserted: 0, duplicate: 0, conflicting: 0, rejected: 0, more: false };
  const gone = { failure_code: 'object-deleted', failure_message: 'The object version was deleted.' };

  test('is a failed upload if none of it is loaded', async () => {
    const upload = numberedUpload(40);
    expect(await load(loader, deletedObject(upload))).toMatchObject({ seenBefore: false, ...nothing });
    expect(await ledger(upload)).toMatchObject({ status: 'failed', ...gone, batches_loaded: 0 });
    expect((await ledger(upload))!.completed_at).toBeInstanceOf(Date);
    expect(await load(loader, deletedObject(upload))).toMatchObject({ seenBefore: true, ...nothing });
  });

  test('fails an upload with some batches loaded, until the others arrive', async () => {
    const upload = numberedUpload(41);
    await load(loader, batchOf(upload, 1, { ids: [411] }));
    await load(loader, deletedObject(upload));
    expect(await ledger(upload)).toMatchObject({ status: 'failed', ...gone, rows_inserted: '1' });
    await load(loader, batchOf(upload, 3, { ids: [413], closing: { rowsRead: 3 } }));
    expect(await ledger(upload)).toMatchObject({ status: 'failed', ...gone });
    await load(loader, batchOf(upload, 2, { ids: [412] }));
    expect(await ledger(upload)).toMatchObject({
      status: 'complete',
      failure_code: null,
      failure_message: null,
      rows_read: '3',
      rows_inserted: '3',
    });
  });

  test('is unlike one that is unreadable: a batch of it shows that it can be read again', async () => {
    const upload = numberedUpload(45);
    const failure = { code: 'object-unreadable', message: 'It is archived.' } as const;
    const unreadable = batchOf(upload, 1, { closing: { rowsRead: 0, failure } });
    await load(loader, unreadable);
    const { completed_at: failedAt } = (await ledger(upload))!;
    await load(loader, unreadable);
    const { completed_at: failedAgainAt, ...again } = (await ledger(upload))!;
    expect(again).toMatchObject({ status: 'failed', failure_code: 'object-unreadable' });
    expect(failedAgainAt).not.toEqual(failedAt);
    await load(loader, batchOf(upload, 1, { ids: [451] }));
    const none = { failure_code: null, failure_message: null };
    expect(await ledger(upload)).toMatchObject({ status: 'loading', ...none, completed_at: null });
    await load(loader, batchOf(upload, 2, { ids: [452], closing: { rowsRead: 2 } }));
    expect(await ledger(upload)).toMatchObject({ status: 'complete', ...none, rows_inserted: '2' });
  });

  test.each([
    ['object-unreadable', 48],
    ['message-discarded', 49],
  ] as const)('is not told apart from %s, except by its code', async (code, number) => {
    const upload = numberedUpload(number);
    const failure = { code, message: 'The reason.' };
    await load(loader, batchOf(upload, 1, { closing: { rowsRead: 0, failure } }));
    expect(await ledger(upload)).toMatchObject({ status: 'failed', failure_code: code });
    await load(loader, batchOf(upload, 1, { ids: [430 + number], closing: { rowsRead: 1 } }));
    expect(await ledger(upload)).toMatchObject({
      status: 'complete',
      failure_code: null,
      rows_inserted: '1',
    });
  });

  test('does not change a complete upload', async () => {
    const upload = numberedUpload(42);
    await load(loader, batchOf(upload, 1, { ids: [421], closing: { rowsRead: 1 } }));
    const before = await everythingOf(upload);
    expect(await load(loader, deletedObject(upload))).toMatchObject({ seenBefore: true, ...nothing });
    expect(await everythingOf(upload)).toEqual(before);
  });

  test('does not change an upload that failed for another reason', async () => {
    const upload = numberedUpload(43);
    const failure = { code: 'file-empty', message: 'The file has no header.' } as const;
    await load(loader, batchOf(upload, 1, { closing: { rowsRead: 0, failure } }));
    const before = await everythingOf(upload);
    await load(loader, deletedObject(upload));
    expect(await everythingOf(upload)).toEqual(before);
  });

  test('does not prevent its first batch from being loaded later', async () => {
    const upload = numberedUpload(44);
    await load(loader, deletedObject(upload));
    await load(loader, batchOf(upload, 1, { ids: [441], closing: { rowsRead: 1 } }));
    expect(await ledger(upload)).toMatchObject({
      status: 'complete',
      failure_code: null,
      rows_inserted: '1',
    });
  });
});
