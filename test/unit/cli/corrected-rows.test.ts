import { expect, test } from 'vitest';
import type { CloudClient } from '../../../cli/cloud-client.ts';
import type { LedgerEntry } from '../../../cli/ledger.ts';
import { createIo, formatCommand } from '../../../cli/output/console.ts';
import { printRejects } from '../../../cli/print-rejects.ts';
import { hasDate } from '../../../cli/write-rejects.ts';
import { correctedFileName } from '../../../lambdas/core/upload-key.ts';

test.each([
  ['incoming/store=main/retail_15_03_2025.csv', 'retail_15_03_2025_corrected.csv'],
  ['incoming/RETAIL_15_03_2025_b.CSV', 'RETAIL_15_03_2025_b_corrected.csv'],
  ['incoming/retail_15_03_2025_corrected.csv', 'retail_15_03_2025_corrected_2.csv'],
  ['incoming/retail_15_03_2025_corrected_9.csv', 'retail_15_03_2025_corrected_10.csv'],
  ['incoming/retail_05_02_2025_$(touch PWNED).csv', 'retail_05_02_2025__touch_PWNED__corrected.csv'],
  ['incoming/--stage=prod;x é.csv', 'stage_prod_x__corrected.csv'],
  [`incoming/retail_15_03_2025_${'x'.repeat(500)}.csv`, `retail_15_03_2025_${'x'.repeat(168)}_corrected.csv`],
  [
    `incoming/retail_15_03_2025_${'x'.repeat(500)}_corrected_2.csv`,
    `retail_15_03_2025_${'x'.repeat(166)}_corrected_3.csv`,
  ],
])('the corrected rows of %s go to %s', (key, name) => expect(correctedFileName(key)).toBe(name));

test.each([
  ['retail_15_03_2025_corrected.csv', 'id,category', true],
  ['fixed.csv', 'id,category', false],
  ['fixed.csv', 'id, "Transaction_Date" ,category', true],
  ['fixed.csv', 'id,no_transaction_date', false],
])('the name %s with the header %s gives the date: %s', (name, header, gives) => {
  expect(hasDate(name, header)).toBe(gives);
});

test('the numbers of rejected rows are written in one way', async () => {
  const printed: string[] = [];
  const io = createIo({ print: (text) => printed.push(text), note: () => {}, showProgress: () => {} });
  const query = async (sql: string) =>
    sql.includes('GROUP BY code')
      ? [{ code: 'id-missing', column: 'id', rows: 200_000, open: 200_000 }]
      : Array.from({ length: 5 }, (_, line) => ({ text: `line ${line}` }));
  const client = { query, commandLine: formatCommand } as Partial<CloudClient> as CloudClient;
  const entry = { uploadId: '1', key: 'incoming/a.csv', rowsRejected: 200_000, rowsConflicting: 1_005 };
  await printRejects(client, io, [entry as LedgerEntry]);
  const numbers = printed.join('\n').match(/[\d,]{4,}/g);
  expect(numbers).toEqual(['200,000', '200,000', '199,995', '1,005', '1,000']);
});
