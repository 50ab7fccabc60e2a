import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  BalanceAnswer,
  ProductsAnswer,
  RejectsAnswer,
  SoldAnswer,
  TopProductsAnswer,
  TransactionsAnswer,
  UploadAnswer,
} from '../../lambdas/core/api-answers.ts';
import { BERGEN, HEADER, type LoadedApi, loadApiFiles, OSLO } from '../support/api-files.ts';
import type { ApiOnDatabase } from '../support/api-ledger.ts';
import { loadFile, uuid } from '../support/batches.ts';
import { decisionOf, loadFully } from '../support/decisions.ts';
import { TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let api: ApiOnDatabase;
let loader: pg.Client;
let ids: LoadedApi['ids'];
beforeAll(async () => {
  database = await TestDatabase.create();
  ({ api, loader, ids } = await loadApiFiles(database));
});
afterAll(() => database?.drop());

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
