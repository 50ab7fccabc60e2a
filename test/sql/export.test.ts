import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CloudClient } from '../../cli/cloud-client.ts';
import {
  countTransactions,
  type ExportFilter,
  readTransactions,
} from '../../cli/export/read-transactions.ts';
import { writeCsv } from '../../cli/export/write-csv.ts';
import { writeParquet } from '../../cli/export/write-parquet.ts';
import { loadFile, uuid } from '../support/batches.ts';
import { queryOn, TestDatabase } from '../support/test-database.ts';

const HEADER = 'id,transaction_date,category,description,quantity,amount_excl_tax,amount_inc_tax';
const NAMES = [
  'Salt',
  '=cmd|calc!A1',
  '-5 % Tea',
  "'=quoted",
  '"Oil, olive"',
  '"a\nb"',
  `'Tis`,
  '🧀'.repeat(9_000),
];
const ROWS = NAMES.map(
  (name, index) => `${uuid(index + 1)},2025-03-0${1 + (index % 2)},SELL,${name},1,1.00,1.20`,
);
let database: TestDatabase;
let loader: pg.Client;
let client: CloudClient;
let folder: string;
let queries = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retail-export-'));
  database = await TestDatabase.create();
  loader = await database.connectAs('retail_loader');
  const operator = await database.connectAs('retail_operator');
  const query: CloudClient['query'] = async (sql, parameters) => {
    queries++;
    return queryOn(operator)(sql, parameters);
  };
  client = { query } as Partial<CloudClient> as CloudClient;
  const many = Array.from(
    { length: 7_000 },
    (_, index) => `${uuid(1_000 + index)},2025-03-04,SELL,Milk,1,1.00,1.20`,
  );
  await loadFile(loader, 'incoming/store=oslo/first.csv', [HEADER, ...ROWS, ...many, ''].join('\n'));
  const owner = await database.connectAs('retail_migrator');
  await owner.query(`INSERT INTO transactions VALUES
    ('${uuid(20)}', '2025-03-03', 'SELL', 'Cheese', 1.125, 1, 1.2, 'bern'),
    ('${uuid(22)}', '2025-03-03', 'SELL', 'Cheese', -2, -10, -12, 'bern')`);
  await loadFile(
    loader,
    'incoming/store=rome/first.csv',
    [HEADER, `${uuid(90)},2025-03-01,SELL,Pane,1,1,1.2`, ''].join('\n'),
  );
});
afterAll(async () => {
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

async function exportCsv(name: string, filter: ExportFilter) {
  const path = join(folder, name);
  const { rows, hasFormulas } = await countTransactions(client, filter);
  await writeCsv(path, readTransactions(client, filter), {
    hasStore: filter.store === undefined,
    hasFormulas,
  });
  return { rows, text: await readFile(path, 'utf8') };
}

test('the export of a store is loaded again as duplicates only, whatever its names are', async () => {
  queries = 0;
  const { rows, text } = await exportCsv('oslo.csv', { store: 'oslo' });
  expect(rows).toBe(NAMES.length + 7_000);
  expect(queries).toBeLessThan(10);
  expect(text.split('\n')[0]).toBe(`${HEADER},neutralized`);
  expect(text).toContain(`,'=cmd|calc!A1,`);
  const { parsed, counts } = await reload('incoming/store=oslo/again.csv', text);
  expect(parsed.totals).toMatchObject({ rowsRead: rows, rowsRejected: 0 });
  expect(counts).toEqual([{ status: 'complete', rows_duplicate: String(rows) }]);
});

async function reload(key: string, text: string) {
  const parsed = await loadFile(loader, key, text);
  const counts = await database.rows(
    'SELECT status, rows_duplicate FROM ledger.upload_history WHERE upload_id = $1',
    [parsed.batches[0]!.upload.uploadId],
  );
  return { parsed, counts };
}

test('days and stores limit the rows; without a store the CSV has a column store', async () => {
  const { text } = await exportCsv('day.csv', { since: '2025-03-01', until: '2025-03-01' });
  expect(text.split('\n')[0]).toBe(`store,${HEADER},neutralized`);
  expect(text).toMatch(new RegExp(`^rome,${uuid(90)},2025-03-01,SELL,Pane,1,1.00,1.20,$`, 'm'));
  const { rows } = await exportCsv('third.csv', { since: '2025-03-02', until: '2025-03-03', store: 'oslo' });
  expect(rows).toBe(NAMES.length / 2);
  const { text: weighed } = await exportCsv('bern.csv', { store: 'bern' });
  expect(weighed).toBe(
    `${HEADER}\n${uuid(20)},2025-03-03,SELL,Cheese,1.1250,1.00,1.20\n${uuid(22)},2025-03-03,SELL,Cheese,-2,-10.00,-12.00\n`,
  );
  const { text: plain } = await exportCsv('rome.csv', { store: 'rome' });
  expect(plain).toBe(`${HEADER}\n${uuid(90)},2025-03-01,SELL,Pane,1,1.00,1.20\n`);
});

test('a Parquet file has exact decimals, dates and UUIDs', async () => {
  const path = join(folder, 'all.parquet');
  await writeParquet(path, readTransactions(client, { until: '2025-03-03' }));
  const read = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
  expect(read).toHaveLength(NAMES.length + 3);
  const byId = new Map(read.map((row) => [row.id, row]));
  expect(byId.get(uuid(20))).toEqual({
    store_id: 'bern',
    id: uuid(20),
    transaction_date: new Date('2025-03-03T00:00:00Z'),
    category: 'SELL',
    name: 'Cheese',
    quantity: 1.125,
    amount_excl_tax: 1,
    amount_inc_tax: 1.2,
  });
  expect(byId.get(uuid(22))).toMatchObject({ quantity: -2, amount_excl_tax: -10, amount_inc_tax: -12 });
  expect(byId.get(uuid(2))).toMatchObject({ name: '=cmd|calc!A1' });
  expect(byId.get(uuid(8))).toMatchObject({ name: NAMES[7] });
});

test('without rows there is a header, or an empty Parquet file', async () => {
  const none = { since: '1999-01-01', until: '1999-01-02', store: 'oslo' };
  expect((await exportCsv('none.csv', none)).text).toBe(`${HEADER}\n`);
  const path = join(folder, 'none.parquet');
  await writeParquet(path, readTransactions(client, none));
  expect(await parquetReadObjects({ file: await asyncBufferFromFile(path) })).toEqual([]);
});

test('a formula inside a name is neutralized, too, and the file is loaded again as duplicates only', async () => {
  const row = `${uuid(91)},2025-03-05,SELL,Tea;=1+1,1,1,1.2`;
  await loadFile(loader, 'incoming/store=lima/first.csv', [HEADER, row, ''].join('\n'));
  const { text } = await exportCsv('lima.csv', { store: 'lima' });
  expect(text).toContain(",Tea;'=1+1,");
  const { counts } = await reload('incoming/store=lima/again.csv', text);
  expect(counts).toEqual([{ status: 'complete', rows_duplicate: '1' }]);
});
