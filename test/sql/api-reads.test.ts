import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  ConflictsAnswer,
  DaysAnswer,
  RejectCodesAnswer,
  RejectNumbersAnswer,
  RejectsAnswer,
  UploadAnswer,
  UploadsAnswer,
} from '../../lambdas/core/api-answers.ts';
import { BERGEN, HEADER, type LoadedApi, loadApiFiles, OSLO } from '../support/api-files.ts';
import type { ApiOnDatabase } from '../support/api-ledger.ts';
import { uuid } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let api: ApiOnDatabase;
let ids: LoadedApi['ids'];
beforeAll(async () => {
  database = await TestDatabase.create();
  ({ api, ids } = await loadApiFiles(database));
});
afterAll(() => database?.drop());

describe('uploads', () => {
  const list = async (query = {}, stores = '*') =>
    (await api.ask<UploadsAnswer>('listUploads', { query, stores })).uploads.map(({ key }) => key);

  test('have every count, and the rows that are still to be corrected', async () => {
    const { uploads } = await api.ask<UploadsAnswer>('listUploads', { query: { store: 'bergen' } });
    expect(uploads).toMatchObject([
      {
        key: BERGEN,
        status: 'complete',
        firstDay: '2025-03-01',
        lastDay: '2025-03-03',
        rows: {
          read: 8,
          inserted: 2,
          duplicate: 1,
          conflicting: 2,
          rejected: 3,
          retracted: 0,
          replaced: 0,
          open: 3,
        },
      },
    ]);
  });

  const today = new Date().toISOString().slice(0, 10);
  test.each([
    [{ store: 'oslo' }, 2],
    [{ status: 'failed' }, 1],
    [{ status: 'failed', store: 'bergen' }, 0],
    [{ status: 'rejected' }, 2],
    [{ status: 'open', store: 'oslo' }, 1],
    [{ status: 'loading' }, 0],
    [{ day: today }, 3],
    [{ day: '2025-03-01' }, 0],
    [{ code: 'id-not-uuid' }, 2],
    [{ code: 'quantity-invalid', status: 'open' }, 1],
    [{ code: 'quantity-invalid', store: 'oslo' }, 0],
    [{ code: "' OR true" }, 0],
    [{ name: 'RETAIL_01' }, 1],
    [{ name: 'oslo' }, 0],
    [{ name: '2025/' }, 0],
  ])('with %j are %i', async (query, count) => expect(await list(query)).toHaveLength(count));

  test('of a caller are those of the caller’s stores, the newest first', async () => {
    expect(await list({}, 'bergen')).toEqual([BERGEN]);
    expect(await list({}, 'oslo,bergen')).toEqual(await list());
    const all = await database.rows<{ object_key: string }>(
      'SELECT object_key FROM ledger.uploads ORDER BY received_at DESC, upload_id DESC',
    );
    expect(await list()).toEqual(all.map(({ object_key }) => object_key));
  });

  test('one has its header and its format', async () => {
    const upload = await api.ask<UploadAnswer>('getUpload', { id: ids[OSLO]! });
    expect(upload).toMatchObject({ header: HEADER, format: { delimiter: ',' }, versionId: 'v1' });
    await expect(api.ask('getUpload', { id: ids[OSLO]!, stores: 'bergen' })).rejects.toThrow(
      'no such upload',
    );
  });
});

describe('rejected rows', () => {
  test('have their text, and what a correction names', async () => {
    const { rejects } = await api.ask<RejectsAnswer>('listRejects', {
      id: ids[BERGEN]!,
      query: { limit: '2' },
    });
    expect(rejects[0]).toMatchObject({
      line: 6,
      field: 'id',
      code: 'id-not-uuid',
      text: 'no-uuid,SELL,Soap,1,2.00,2.40,2025-03-03',
      isCut: false,
      state: 'open',
      correctedBy: null,
      firstLine: 6,
    });
    const upload = await api.ask<UploadAnswer>('getUpload', { id: ids[BERGEN]! });
    expect(rejects[0]!.firstFile).toBe(upload.fileId);
  });

  test('come in pages by line', async () => {
    const page = (query: object) =>
      api.ask<RejectsAnswer>('listRejects', { id: ids[BERGEN]!, query: { limit: '2', ...query } });
    const first = await page({});
    expect([first.rejects.map(({ line }) => line), first.next]).toEqual([[6, 7], 7]);
    const last = await page({ after: '7' });
    expect([last.rejects.map(({ line }) => line), last.next]).toEqual([[8], undefined]);
    expect(await page({ state: 'corrected' })).toEqual({ rejects: [] });
  });

  test('are counted by code and column', async () => {
    const { codes } = await api.ask<RejectCodesAnswer>('countRejects', { id: ids[BERGEN]! });
    expect(codes).toEqual([
      { code: 'id-not-uuid', field: 'id', rows: 2, open: 2 },
      { code: 'quantity-invalid', field: 'quantity', rows: 1, open: 1 },
    ]);
  });

  test('of files of some days are counted by reason', async () => {
    const { reasons } = await api.ask<RejectNumbersAnswer>('getRejectNumbers');
    expect(reasons).toEqual([
      { code: 'id-not-uuid', rows: 3, open: 3, uploads: 2 },
      { code: 'quantity-invalid', rows: 1, open: 1, uploads: 1 },
    ]);
    const oslo = await api.ask<RejectNumbersAnswer>('getRejectNumbers', { stores: 'oslo' });
    expect(oslo.reasons).toEqual([{ code: 'id-not-uuid', rows: 1, open: 1, uploads: 1 }]);
  });
});

describe('conflicting rows', () => {
  const conflicts = (stores?: string) =>
    api.ask<ConflictsAnswer>('listConflicts', { id: ids[BERGEN]!, ...(stores && { stores }) });

  test('have both versions with file and line', async () => {
    expect((await conflicts()).conflicts).toMatchObject([
      {
        id: uuid(1),
        line: 4,
        here: { store: 'bergen', amountIncTax: '24.00' },
        kept: { store: 'oslo', amountIncTax: '12.00', origin: { uploadId: ids[OSLO], key: OSLO, line: 2 } },
      },
      {
        line: 5,
        here: { product: 'Tee' },
        kept: { product: 'Tea "Oslo"', origin: { key: BERGEN, line: 3 } },
      },
    ]);
  });

  test('do not show the version of a store of which the caller may not read', async () => {
    const { conflicts: found } = await conflicts('bergen');
    expect(found.map(({ kept }) => kept?.store)).toEqual([undefined, 'bergen']);
  });
});

describe('days', () => {
  test('have what arrived from each store', async () => {
    const { days } = await api.ask<DaysAnswer>('listDays');
    expect(days).toHaveLength(2 * 14);
    expect(days.filter(({ uploads }) => uploads > 0)).toMatchObject([
      { store: 'bergen', state: 'rejects', uploads: 1, failed: 0, rows: 8, rejected: 3, open: 3 },
      { store: 'oslo', state: 'failed', uploads: 2, failed: 1, rows: 6, rejected: 1, open: 1 },
    ]);
    expect((await api.ask<DaysAnswer>('listDays', { stores: 'oslo' })).days).toEqual(days.slice(14));
  });
});
