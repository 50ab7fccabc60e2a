import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadFile, uuid } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

/** A sale and its return on another day, a weighed sale, and a purchase of which a part is returned. */
const FILE = `id,category,description,quantity,amount_excl_tax,amount_inc_tax,transaction_date
${uuid(1)},SELL,Kettle,2,20.00,24.00,2025-03-01
${uuid(2)},SELL,Kettle,-1,-10.00,-12.00,2025-03-02
${uuid(3)},SELL,Bananas,1.245,2.00,2.40,2025-03-02
${uuid(4)},BUY,Kettle,5,30.00,36.00,2025-03-02
${uuid(5)},BUY,Kettle,-2,(12.00),(14.40),2025-03-03
`;

let database: TestDatabase;
let analyst: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  const { rejects } = await loadFile(await database.connectAs('retail_loader'), 'incoming/a.csv', FILE);
  expect(rejects).toEqual([]);
  analyst = await database.connectAs('retail_analyst');
});
afterAll(() => database?.drop());

/** Runs a query of `sql/queries/` with a value for its parameter. */
async function ask(name: string, value = ''): Promise<unknown[]> {
  const text = await readFile(new URL(`../../sql/queries/${name}.sql`, import.meta.url), 'utf8');
  const sql = text.replace(/(?<!:):[a-z]+/g, `'${value}'`);
  return (await analyst.query({ text: sql, rowMode: 'array' })).rows.flat();
}

test.each([
  ['transactions-on-date', '2025-03-02', ['3']],
  ['total-sell-inc-tax', '', ['14.40']],
])('%s counts a return', async (name, value, answer) => {
  expect(await ask(name, value)).toEqual(answer);
});

test.each([
  ['balance-by-date', ['24.00', '-48.00', '14.40']],
  ['cumulated-balance-by-date', ['24.00', '-24.00', '-9.60']],
])('%s subtracts what was returned', async (name, balances) => {
  expect((await ask(name, 'Kettle')).filter((value) => typeof value === 'string')).toEqual(balances);
});

test('daily_balance has the weight that was sold, and subtracts what was returned', async () => {
  const sql = `SELECT transaction_date::text, product, quantity_sold, quantity_bought, sold, bought, balance
               FROM reporting.daily_balance ORDER BY 1, 2`;
  expect((await analyst.query({ text: sql, rowMode: 'array' })).rows).toEqual([
    ['2025-03-01', 'Kettle', '2', '0', '24.00', '0.00', '24.00'],
    ['2025-03-02', 'Bananas', '1.245', '0', '2.40', '0.00', '2.40'],
    ['2025-03-02', 'Kettle', '-1', '5', '-12.00', '36.00', '-48.00'],
    ['2025-03-03', 'Kettle', '0', '-2', '0.00', '-14.40', '14.40'],
  ]);
});
