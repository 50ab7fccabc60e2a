import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runRetail, startUp } from '../test/support/run-retail.ts';

/** The real history, a real day and the answers that they must give. */
const DATA = process.env.RETAIL_ACCEPTANCE_DATA!;
const HISTORY = join(DATA, 'retail-history.db');
const DAY = 'retail_15_01_2022.csv';
const expected = JSON.parse(readFileSync(join(DATA, 'expected-answers.json'), 'utf8'));

interface Entry {
  readonly status: string;
  readonly rowsRead: number;
  readonly rowsInserted: number;
  readonly rowsDuplicate: number;
}

let dataDir: string;
let up: Awaited<ReturnType<typeof startUp>>;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'retail-acceptance-'));
  up = await startUp(dataDir);
});
afterAll(async () => {
  up.child.kill('SIGINT');
  await up.outcome;
  await rm(dataDir, { recursive: true, force: true });
});

async function retail(...args: string[]) {
  const { code, stdout, stderr } = await runRetail(...args, '--json', '--data-dir', dataDir);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

async function loadBoth(): Promise<{ history: Entry[]; day: Entry }> {
  const { uploads: history } = await retail('import-history', HISTORY);
  const { uploads } = await retail('load', join(DATA, DAY));
  return { history, day: uploads[0] };
}

const sum = (entries: Entry[], count: 'rowsInserted' | 'rowsDuplicate') =>
  entries.reduce((total, entry) => total + entry[count], 0);

async function checkAnswers(): Promise<void> {
  const product = `product=${expected.product}`;
  expect(await retail('query', 'transactions-on-date', '--param', 'date=2022-01-14')).toEqual([
    { transactions: expected['transactions_on_2022-01-14'] },
  ]);
  expect(await retail('query', 'total-sell-inc-tax')).toEqual([
    { total_sell_amount_inc_tax: expected.total_sell_amount_inc_tax },
  ]);
  expect(await retail('query', 'balance-by-date', '--param', product)).toEqual(expected.balance_by_date);
  expect(await retail('query', 'cumulated-balance-by-date', '--param', product)).toEqual(
    expected.cumulated_balance_by_date,
  );
}

test('the history and the day are in, row for row, and give every answer', async () => {
  const { history, day } = await loadBoth();
  expect(sum(history, 'rowsInserted')).toBe(expected.rows.history);
  expect(day).toMatchObject({
    status: 'complete',
    rowsRead: expected.rows[DAY],
    rowsInserted: expected.rows[DAY],
  });
  await checkAnswers();
});

test('both again change nothing: every row is a duplicate', async () => {
  const { history, day } = await loadBoth();
  expect([sum(history, 'rowsInserted'), day.rowsInserted]).toEqual([0, 0]);
  expect(sum(history, 'rowsDuplicate') + day.rowsDuplicate).toBe(expected.rows.total);
  await checkAnswers();
});
