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
    ['listUploads', 'uploads_rejected', { query: { code: 'name-missing' } }],
    ['listUploads', 'uploads_by_store', { stores: 'oslo bergen' }],
    ['listUploads', 'uploads_by_store', { query: { store: 'oslo', day: '2025-01-01' } }],
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

test('rows with a reject code are found by an index', async () => {
  const client = await database.connectAs('retail_operator');
  await client.query('SET enable_seqscan = off; SET enable_bitmapscan = off');
  const text =
    "EXPLAIN (COSTS off) SELECT FROM ledger.rejected_rows WHERE upload_id = $1 AND code = 'name-missing'";
  const { rows } = await client.query({ text, values: [uuid(1)], rowMode: 'array' });
  expect(rows.flat().join('\n')).toMatch(/Index Only Scan using rejected_rows_by_code/);
});

test('the stores of many uploads are found with one step in the index for each', async () => {
  const many = await TestDatabase.create();
  try {
    const owner = await many.connectAs('retail_migrator');
    await owner.query(
      `INSERT INTO ledger.uploads (upload_id, file_id, bucket, object_key, version_id, store_id, received_at)
       SELECT id, id, 'b', 'k', 'v' || n, 's' || n % 5, now() - n * interval '1 second'
       FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, 20000) AS n) AS u`,
    );
    await owner.query('ANALYZE ledger.uploads');
    const asked = await ApiOnDatabase.connect(many);
    const { days } = await asked.ask<DaysAnswer>('listDays');
    expect([...new Set(days.map(({ store }) => store))]).toEqual([
      'bergen',
      'oslo',
      ...['s0', 's1', 's2', 's3', 's4'],
    ]);
    const { text, values } = asked.statements[0]!;
    const explained = { text: `EXPLAIN (ANALYZE, FORMAT json) ${text}`, values };
    const { rows } = await asked.client.query(explained);
    const scans = listNodes(rows[0]['QUERY PLAN'][0].Plan).filter(
      (node) => node['Relation Name'] === 'uploads',
    );
    expect(scans.map((node) => [node['Index Name'], node['Actual Rows'] * node['Actual Loops']])).toEqual([
      ['uploads_by_store', 1],
      ['uploads_by_store', expect.closeTo(4, 0)],
    ]);
  } finally {
    await many.drop();
  }
});

interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

function listNodes(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(listNodes)];
}
