import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  BalanceAnswer,
  ConflictsAnswer,
  DaysAnswer,
  ProductsAnswer,
  RejectCodesAnswer,
  RejectNumbersAnswer,
  RejectsAnswer,
  SoldAnswer,
  TopProductsAnswer,
  TransactionsAnswer,
  UploadAnswer,
  UploadsAnswer,
} from '../../lambdas/core/api-answers.ts';
import { ApiOnDatabase } from '../support/api-ledger.ts';
import { loadFile, uuid } from '../support/batches.ts';
import { decisionOf, loadFully } from '../support/decisions.ts';
import { TestDatabase } from '../support/test-database.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax,transaction_date';
/** Loaded in this order: a return, a duplicate, a conflict with another store, and rejected rows. */
const FILES: Record<string, readonly string[]> = {
  'incoming/store=oslo/retail_01_03_2025.csv': [
    `${uuid(1)},SELL,Soap,3,10.00,12.00,2025-03-01`,
    `${uuid(2)},SELL,Soap,-1,-5.00,-6.00,2025-03-01`,
    `${uuid(3)},BUY,Soap,5,4.00,4.80,2025-03-01`,
    `${uuid(4)},BUY,Tea,2,100.10,120.12,2025-03-01`,
    `${uuid(5)},SELL,Soap,1.5,2.00,2.40,2025-03-03`,
    'no-uuid,SELL,Soap,1,2.00,2.40,2025-03-03',
  ],
  'incoming/store=bergen/2025/retail_02_03_2025.csv': [
    `${uuid(6)},BUY,Soap,1,1.00,1.20,2025-03-02`,
    `${uuid(7)},SELL,"Tea ""Oslo""",1,1.00,1.20,2025-03-03`,
    `${uuid(1)},SELL,Soap,3,20.00,24.00,2025-03-01`,
    `${uuid(7)},SELL,Tee,1,2.00,2.40,2025-03-03`,
    'no-uuid,SELL,Soap,1,2.00,2.40,2025-03-03',
    'no-uuid,SELL,Soap,1,2.00,2.40,2025-03-03',
    `${uuid(8)},SELL,Soap,0,2.00,2.40,2025-03-03`,
    `${uuid(6)},BUY,Soap,1,1.00,1.20,2025-03-02`,
  ],
  'incoming/store=oslo/empty.csv': [],
};
const [OSLO = '', BERGEN = ''] = Object.keys(FILES);

let database: TestDatabase;
let api: ApiOnDatabase;
let loader: pg.Client;
const ids: Record<string, string> = {};
beforeAll(async () => {
  database = await TestDatabase.create();
  loader = await database.connectAs('retail_loader');
  for (const [key, rows] of Object.entries(FILES)) {
    const parsed = await loadFile(loader, key, rows.length === 0 ? '' : [HEADER, ...rows, ''].join('\n'));
    ids[key] = parsed.batches[0]!.upload.uploadId;
  }
  api = await ApiOnDatabase.connect(database);
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

describe('numbers', () => {
  test('the balance of a product counts returns, and runs on from earlier days', async () => {
    const { days } = await api.ask<BalanceAnswer>('getBalance', { query: { product: 'Soap' } });
    expect(days).toEqual([
      { day: '2025-03-01', sold: '6.00', bought: '4.80', balance: '1.20', cumulated: '1.20' },
      { day: '2025-03-02', sold: '0.00', bought: '1.20', balance: '-1.20', cumulated: '0.00' },
      { day: '2025-03-03', sold: '2.40', bought: '0.00', balance: '2.40', cumulated: '2.40' },
    ]);
    const later = { product: 'Soap', store: 'oslo', since: '2025-03-02' };
    expect((await api.ask<BalanceAnswer>('getBalance', { query: later })).days).toMatchObject([
      { day: '2025-03-03', balance: '2.40', cumulated: '3.60' },
    ]);
    expect(await api.ask('getBalance', { query: { product: 'Gin' } })).toEqual({ days: [] });
  });

  test('top products, of the days up to the last one with transactions', async () => {
    const top = await api.ask<TopProductsAnswer>('getTopProducts', { query: { limit: '2' } });
    expect(top).toEqual({
      since: '2025-02-01',
      until: '2025-03-03',
      products: [
        {
          product: 'Soap',
          transactions: 5,
          quantitySold: '3.5',
          sold: '8.40',
          bought: '6.00',
          balance: '2.40',
        },
        {
          product: 'Tea "Oslo"',
          transactions: 1,
          quantitySold: '1',
          sold: '1.20',
          bought: '0.00',
          balance: '1.20',
        },
      ],
    });
  });

  test('sold by day and store', async () => {
    const { days } = await api.ask<SoldAnswer>('getSold', { query: { since: '2025-03-02' } });
    expect(days).toEqual([
      { day: '2025-03-02', store: 'bergen', transactions: 1, sold: '0.00', bought: '1.20' },
      { day: '2025-03-03', store: 'bergen', transactions: 1, sold: '1.20', bought: '0.00' },
      { day: '2025-03-03', store: 'oslo', transactions: 1, sold: '2.40', bought: '0.00' },
    ]);
    const after = { since: '2025-03-02', after: '2025-03-03_bergen' };
    expect((await api.ask<SoldAnswer>('getSold', { query: after })).days).toEqual(days.slice(2));
    const oslo = await api.ask<SoldAnswer>('getSold', { stores: 'oslo' });
    expect([oslo.until, oslo.days.length]).toEqual(['2025-03-03', 2]);
  });

  test('products are found by a part of their names, in the stores of the caller', async () => {
    const find = (query: object, stores = '*') =>
      api.ask<ProductsAnswer>('findProducts', { query: { ...query }, stores });
    expect(await find({})).toEqual({ products: ['Soap', 'Tea', 'Tea "Oslo"'], hasMore: false });
    expect((await find({ search: 'TEA' })).products).toEqual(['Tea', 'Tea "Oslo"']);
    expect((await find({}, 'bergen')).products).toEqual(['Soap', 'Tea "Oslo"']);
    expect((await find({ search: '%' })).products).toEqual([]);
  });
});

describe('transactions', () => {
  const ask = async (query: object, stores = '*') => {
    const { transactions } = await api.ask<TransactionsAnswer>('listTransactions', {
      query: { ...query },
      stores,
    });
    return transactions.map(({ id }) => Number(id.slice(-2)));
  };

  test('say which line of which file brought them', async () => {
    const { transactions } = await api.ask<TransactionsAnswer>('listTransactions', {
      query: { product: 'Soap', day: '2025-03-03' },
    });
    expect(transactions).toEqual([
      {
        id: uuid(5),
        store: 'oslo',
        day: '2025-03-03',
        category: 'SELL',
        product: 'Soap',
        quantity: '1.5',
        amountExclTax: '2.00',
        amountIncTax: '2.40',
        origin: { uploadId: ids[OSLO], key: OSLO, line: 6 },
      },
    ]);
  });

  test.each([
    [{ day: '2025-03-01' }, [1, 2, 3, 4]],
    [{ product: 'Soap' }, [1, 2, 3, 6, 5]],
    [{ product: 'Soap', since: '2025-03-02' }, [6, 5]],
    [{ product: 'Soap', until: '2025-03-01', category: 'BUY' }, [3]],
    [{ product: 'Soap', store: 'bergen' }, [6]],
    [{ product: 'Soap', after: `2025-03-01_${uuid(2)}` }, [3, 6, 5]],
  ])('%j are %j', async (query, expected) => expect(await ask(query)).toEqual(expected));

  test('of an upload, and of the caller’s stores only', async () => {
    expect(await ask({ upload: ids[BERGEN]! })).toEqual([6, 7]);
    expect(await ask({ upload: ids[BERGEN]!, line: '3' })).toEqual([7]);
    expect(await ask({ upload: ids[BERGEN]! }, 'oslo')).toEqual([]);
    expect(await ask({ day: '2025-03-03' }, 'oslo')).toEqual([5]);
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

describe('what came later', () => {
  const row = (id: number, category: string, amounts: string) =>
    `${uuid(id)},${category},Rye,1,${amounts},2025-03-04`;
  const load = async (name: string, header: string, ...rows: string[]) => {
    const key = `incoming/store=rome/retail_04_03_2025_${name}.csv`;
    return (await loadFile(loader, key, [header, ...rows, ''].join('\n'))).batches[0]!.upload;
  };
  const upload = (id: string) => api.ask<UploadAnswer>('getUpload', { id });
  const balance = async () =>
    (await api.ask<BalanceAnswer>('getBalance', { query: { product: 'Rye' } })).days;

  test('a correction and its original name each other', async () => {
    const { uploadId: id, fileId } = await load('first', HEADER, row(21, 'LEND', '1.00,1.20'));
    const line = `${fileId},2,${row(21, 'SELL', '1.00,1.20')}`;
    const { uploadId: correction } = await load('correction', `reject_file,reject_line,${HEADER}`, line);
    expect(await upload(id)).toMatchObject({
      correctedBy: [correction],
      corrects: [],
      rows: { rejected: 1, open: 0 },
    });
    expect(await upload(correction)).toMatchObject({ correctedBy: [], corrects: [id] });
    const { rejects } = await api.ask<RejectsAnswer>('listRejects', { id });
    expect(rejects).toMatchObject([{ state: 'corrected', correctedBy: correction }]);
  });

  test('numbers have the restated version of a row, and not that of a retracted file', async () => {
    const other = await load('other', HEADER, row(21, 'SELL', '10.00,12.00'));
    expect(await balance()).toMatchObject([{ day: '2025-03-04', sold: '1.20' }]);
    await loadFully(loader, decisionOf(1, { kind: 'restate', time: '2025-03-05T00:00:00Z' }, other));
    expect(await balance()).toMatchObject([{ day: '2025-03-04', sold: '12.00' }]);
    expect(await upload(other.uploadId)).toMatchObject({
      decisions: [{ kind: 'restate', reason: 'A test.', by: 'tester', state: 'done', lines: null }],
    });
    await loadFully(loader, decisionOf(2, { kind: 'retract', time: '2025-03-06T00:00:00Z' }, other));
    expect(await balance()).toMatchObject([{ day: '2025-03-04', sold: '1.20' }]);
    expect((await upload(other.uploadId)).rows).toMatchObject({ inserted: 0, retracted: 1 });
  });
});
