import { readFile } from 'node:fs/promises';
import Papa from 'papaparse';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REJECT_COLUMNS, UPLOAD_COLUMNS } from '../../lambdas/core/columns.ts';
import { RejectedCsv } from '../../lambdas/core/rejected-csv.ts';
import { loadFile, uuid } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

const HEADER = UPLOAD_COLUMNS.join(',');
const ROWS = [
  '0284f92e-54f7-4766-880d-2cc5a8993a89,SELL,Soap,3,10.00,12.00',
  `${uuid(2)},SELL,"Tea, green",1,1.00,1.20`,
  'no-uuid,SELL,Soap,1,2.00,2.40',
  `${uuid(3)},BUY,Soap,1,2.00,2.40`,
  `${uuid(4)},SELL,Soap,1,2.00,free`,
];
const KEY = 'incoming/store=oslo/retail_16_03_2025.csv';
const raw = `s3://bucket/${KEY}`;
const rejected = 's3://bucket/rejected/store=oslo/retail_16_03_2025.rejected-1.csv';

let database: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  owner = await database.connectAs('retail_migrator');
  const { rejects } = await loadFile(owner, KEY, [HEADER, ...ROWS, ''].join('\n'));
  const csv = new RejectedCsv(HEADER, '00000000-0000-8000-8000-000000000001', {});
  const rejectedLines = rejects.map((row) => csv.formatRow(row).trimEnd());
  await createTables('raw', UPLOAD_COLUMNS, raw, [HEADER, ...ROWS]);
  await createTables('rejected', [...REJECT_COLUMNS, ...UPLOAD_COLUMNS], rejected, [
    csv.formatHeader().trimEnd(),
    ...rejectedLines,
  ]);
});
afterAll(() => database?.drop());

/** Creates the tables over a file as Athena shows them: its rows by column, and its lines. */
async function createTables(
  name: string,
  columns: readonly string[],
  path: string,
  lines: readonly string[],
) {
  const rows = lines.slice(1).map((line) => Papa.parse<string[]>(line).data[0]!);
  await createTable(`${name}_rows`, columns, path, rows);
  await createTable(
    `${name}_lines`,
    ['line'],
    path,
    lines.map((line) => [line]),
  );
}

async function createTable(
  name: string,
  columns: readonly string[],
  path: string,
  rows: readonly string[][],
) {
  const all = [...columns, 'store', '"$path"'];
  await owner.query(`CREATE TEMPORARY TABLE ${name} (${all.map((column) => `${column} text`).join(', ')})`);
  const places = all.map((_, index) => `$${index + 1}`).join(', ');
  for (const row of rows) await owner.query(`INSERT INTO ${name} VALUES (${places})`, [...row, 'oslo', path]);
}

async function answer(name: string): Promise<Record<string, unknown>[]> {
  const sql = await readFile(new URL(`../../sql/athena/${name}.sql`, import.meta.url), 'utf8');
  return (await owner.query(sql)).rows;
}

test('rejected-by-reason counts what the parser rejected', async () => {
  const reason = { store: 'oslo', rows_rejected: '1' };
  expect(await answer('rejected-by-reason')).toEqual([
    { ...reason, reject_code: 'amount-invalid', reject_column: 'amount_inc_tax' },
    { ...reason, reject_code: 'id-not-uuid', reject_column: 'id' },
  ]);
});

test('rejected-rows-of-day shows each row as it stood, with its line', async () => {
  expect(await answer('rejected-rows-of-day')).toMatchObject([
    { store: 'oslo', file: rejected, line: 4, reject_code: 'id-not-uuid', id: 'no-uuid', quantity: '1' },
    { store: 'oslo', file: rejected, line: 6, reject_code: 'amount-invalid', amount_inc_tax: 'free' },
  ]);
});

test('lines-with-text finds the file that brought an id', async () => {
  expect(await answer('lines-with-text')).toEqual([{ store: 'oslo', file: raw, line: ROWS[0] }]);
});

test('headers shows the header of each file', async () => {
  expect(await answer('headers')).toEqual([{ store: 'oslo', file: raw, header: HEADER }]);
});

test('sold-by-product adds up what the files say, and skips values that are not amounts', async () => {
  expect(await answer('sold-by-product')).toEqual([
    { store: 'oslo', product: 'Soap', file_rows: '2', sold: '14.40' },
    { store: 'oslo', product: 'Tea, green', file_rows: '1', sold: '1.20' },
  ]);
});
