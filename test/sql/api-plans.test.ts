import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DaysAnswer } from '../../lambdas/core/api-answers.ts';
import type { RouteName } from '../../lambdas/shared/api-routes.ts';
import { ApiOnDatabase, type Ask } from '../support/api-ledger.ts';
import { uuid } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let api: ApiOnDatabase;
beforeAll(async () => {
  database = await TestDatabase.create();
  const owner = await database.connectAs('retail_migrator');
  await owner.query(
    `INSERT INTO ledger.uploads (upload_id, file_id, bucket, object_key, version_id, store_id, received_at)
     VALUES ($1, $1, 'b', 'k', 'v', 'oslo', now())`,
    [uuid(1)],
  );
  api = await ApiOnDatabase.connect(database);
  // With a handful of rows the planner reads the table; what matters is that it can take the index.
  await api.client.query('SET enable_seqscan = off; SET enable_bitmapscan = off');
});
afterAll(() => database?.drop());

/** Asks a route, and explains its last statement. */
async function planOf(route: RouteName, ask: Ask): Promise<string> {
  await api.ask(route, { id: uuid(1), ...ask });
  const { text, values } = api.statements.at(-1)!;
  const { rows } = await api.client.query({ text: `EXPLAIN (COSTS off) ${text}`, values, rowMode: 'array' });
  return rows.flat().join('\n');
}

const RANGE = { since: '2025-01-01', until: '2025-01-31' };
const NAME = 'Soap';
describe('a page is found by an index', () => {
  test.each<[RouteName, string, Ask]>([
    ['listUploads', 'uploads_by_time', {}],
    ['listUploads', 'uploads_by_time', { query: { day: '2025-01-01' } }],
    ['listUploads', 'uploads_failed', { query: { status: 'failed' } }],
    ['listUploads', 'uploads_rejected', { query: { status: 'open' } }],
    ['listUploads', 'reject_codes_pkey', { query: { code: 'name-missing' } }],
    ['listUploads', 'reject_codes_pkey', { query: { code: 'name-missing', day: '2025-01-01' } }],
    ['listUploads', 'reject_codes_by_store', { stores: 'oslo bergen', query: { code: 'name-missing' } }],
    ['getUpload', 'uploads_pkey', {}],
    ['listRejects', 'rejected_rows_pkey', {}],
    ['listRejects', 'rejected_rows_pkey', { query: { state: 'open', after: '7' } }],
    ['listConflicts', 'other_versions_pkey', {}],
    ['findProducts', 'transactions_by_product', {}],
    ['findProducts', 'transactions_by_product', { stores: 'oslo', query: { search: 'o' } }],
    ['getBalance', 'transactions_by_product', { query: { product: NAME } }],
    ['getBalance', 'transactions_by_product', { stores: 'oslo', query: { product: NAME } }],
    ['getTopProducts', 'transactions_by_day', { query: RANGE }],
    ['getTopProducts', 'transactions_by_day', { stores: 'oslo', query: RANGE }],
    ['getSold', 'transactions_by_day', { query: RANGE }],
    ['getSold', 'transactions_by_day', { stores: 'oslo', query: { ...RANGE, after: '2025-01-02_a' } }],
    ['getRejectNumbers', 'uploads_(rejected|by_time)', { query: RANGE }],
    ['listTransactions', 'transactions_by_product', { query: { product: NAME } }],
    ['listTransactions', 'transactions_by_(product|day)', { query: { product: NAME, day: '2025-01-01' } }],
    ['listTransactions', 'transactions_by_day', { stores: 'oslo', query: { day: '2025-01-01' } }],
    ['listTransactions', 'transactions_by_upload', { query: { upload: uuid(1) } }],
    ['listDays', 'uploads_by_(store|time)', { stores: 'oslo', query: RANGE }],
  ])('%s by %s with %j', async (route, index, ask) => {
    const plan = await planOf(route, ask);
    expect(plan).toMatch(new RegExp(`using ${index}\\b`));
    expect(plan).not.toMatch(/Seq Scan on (transactions|uploads|rejected_rows|other_versions|corrections)/);
  });
});

test('the last day with transactions is found by an index', async () => {
  await api.ask('getSold', { stores: 'oslo' });
  const { text, values } = api.statements.at(-2)!;
  const { rows } = await api.client.query({ text: `EXPLAIN (COSTS off) ${text}`, values, rowMode: 'array' });
  expect(rows.flat().join('\n')).toMatch(/Index Only Scan Backward using transactions_by_day/);
});

describe('with many uploads', () => {
  const MANY = 20_000;
  let many: TestDatabase;
  let asked: ApiOnDatabase;
  beforeAll(async () => {
    many = await TestDatabase.create();
    const owner = await many.connectAs('retail_migrator');
    await owner.query(
      `INSERT INTO ledger.uploads (upload_id, file_id, bucket, object_key, version_id, store_id, received_at)
       SELECT id, id, 'b', 'k' || n, 'v', CASE n WHEN 19500 THEN 'rare' ELSE 's' || n % 5 END, now() - n * interval '1 second'
       FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, ${MANY}) AS n) AS u`,
    );
    await owner.query(
      `INSERT INTO ledger.reject_codes (code, store_id, received_at, upload_id)
       SELECT CASE object_key WHEN 'k19000' THEN 'name-missing' ELSE 'id-missing' END, store_id, received_at, upload_id
       FROM ledger.uploads`,
    );
    await owner.query(
      `INSERT INTO transactions (id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax, store_id)
       SELECT gen_random_uuid(), DATE '2025-01-01' + n / 1000, 'SELL', 'Soap', 1, 1, 1.2, 's' || n % 5
       FROM generate_series(0, ${MANY} - 1) AS n`,
    );
    await owner.query('ANALYZE ledger.uploads, ledger.reject_codes, transactions');
    asked = await ApiOnDatabase.connect(many);
  });
  afterAll(() => many?.drop());

  /** Asks a route. @returns index and rows of each look of its first statement into a table */
  async function scansOf(route: RouteName, table: RegExp, ask: Ask = {}) {
    asked.statements.length = 0;
    await asked.ask(route, ask);
    const { text, values } = asked.statements[0]!;
    const { rows } = await asked.client.query({ text: `EXPLAIN (ANALYZE, FORMAT json) ${text}`, values });
    return listNodes(rows[0]['QUERY PLAN'][0].Plan)
      .filter((node) => table.test(node['Relation Name'] ?? ''))
      .map((node) => [node['Index Name'], countRows(node)]);
  }

  test('their stores are found with one step in the index for each', async () => {
    const { days } = await asked.ask<DaysAnswer>('listDays');
    expect([...new Set(days.map(({ store }) => store))]).toEqual([
      'bergen',
      'oslo',
      ...['rare', 's0', 's1', 's2', 's3', 's4'],
    ]);
    expect(await scansOf('listDays', /^uploads$/)).toEqual([
      ['uploads_by_store', 1],
      ['uploads_by_store', expect.closeTo(5, 0)],
    ]);
  });

  test.each<[string, string, Record<string, string>, number]>([
    ['a store', 's3', {}, 100],
    ['a store with one old upload', 'rare', {}, 1],
    ['a store, before a position,', 's3', { before: `${Date.now() - 9_000_000}000_${uuid(1)}` }, 100],
    ['a day of a store', 's3', { day: '2025-01-01' }, 0],
  ])('a page of %s reads the uploads of the page', async (_, stores, query, count) => {
    expect(await scansOf('listUploads', /^uploads$/, { stores, query })).toEqual([
      ['uploads_by_store', count],
    ]);
  });

  test('a page of a day reads the transactions of that day', async () => {
    const scans = await scansOf('listTransactions', /^transactions$/, { query: { day: '2025-01-08' } });
    expect(scans).toEqual([[undefined, 1_000]]);
  });

  test('the days of stores read the uploads of these days', async () => {
    const scans = await scansOf('listDays', /^uploads$/, { stores: 's0 s1 s2 s3 s4', query: RANGE });
    expect(scans.map(([, rows]) => rows)).toEqual([0]);
  });

  test.each<[string, number, Ask]>([
    ['no upload has', 0, { query: { code: 'tax-mismatch' } }],
    ['no upload of a store has', 0, { stores: 's3', query: { code: 'name-missing' } }],
    ['one old upload has', 1, { query: { code: 'name-missing' } }],
    ['every upload has', 100, { query: { code: 'id-missing' } }],
    ['every upload of a store has', 100, { stores: 's3', query: { code: 'id-missing' } }],
  ])('a page of a reject code that %s reads %i of them', async (_, count, ask) => {
    const scans = await scansOf('listUploads', /^(uploads|reject_codes)$/, ask);
    expect(scans.map(([, rows]) => rows)).toEqual([count, count]);
  });
});

test('the states of a file that was dropped again are found without its rows in the table', async () => {
  const owner = await database.connectAs('retail_migrator');
  await owner.query(
    `INSERT INTO ledger.uploads (upload_id, file_id, bucket, object_key, version_id, store_id, received_at, rows_read,
       rows_inserted, rows_rejected, status, batches_loaded, batches_expected)
     SELECT id, id, 'b', 'again', version, 'oslo', moment, 50, 10, 40, 'complete', 1, 1
     FROM (VALUES ($1::uuid, 'first', now() - interval '1 day'), ($2, 'second', now())) AS u (id, version, moment)`,
    [uuid(11), uuid(12)],
  );
  await owner.query(
    `INSERT INTO ledger.rejected_rows
     SELECT id, line, '', 'x', '', gen_random_uuid() FROM unnest($1::uuid[]) AS id, generate_series(2, 41) AS line`,
    [[uuid(11), uuid(12)]],
  );
  const look = async (upload: string) => {
    const text = 'EXPLAIN (ANALYZE, FORMAT json) SELECT state FROM ledger.reject_states WHERE upload_id = $1';
    const { rows } = await api.client.query({ text, values: [upload] });
    const nodes = listNodes(rows[0]['QUERY PLAN'][0].Plan);
    const loops = (table: string) =>
      Math.max(
        ...nodes.filter((node) => node['Relation Name'] === table).map((node) => node['Actual Loops']),
      );
    return { transactions: loops('transactions'), other_versions: loops('other_versions') };
  };
  expect(await look(uuid(12))).toEqual({ transactions: 0, other_versions: 0 });
  // The later version has valid rows, which may correct those of the first one.
  expect(await look(uuid(11))).toEqual({ transactions: 40, other_versions: 40 });
});

interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

/** Counts the rows that a node read, also those that its filter removed. */
const countRows = (node: PlanNode) =>
  Math.round((node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']);

function listNodes(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(listNodes)];
}
