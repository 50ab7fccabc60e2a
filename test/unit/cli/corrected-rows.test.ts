import { expect, test } from 'vitest';
import { correctedFileName, hasDate } from '../../../cli/commands/rejects.ts';

test.each([
  ['incoming/store=main/retail_15_03_2025.csv', 'retail_15_03_2025_corrected.csv'],
  ['incoming/RETAIL_15_03_2025_b.CSV', 'RETAIL_15_03_2025_b_corrected.csv'],
  ['incoming/retail_15_03_2025_corrected.csv', 'retail_15_03_2025_corrected_2.csv'],
  ['incoming/retail_15_03_2025_corrected_9.csv', 'retail_15_03_2025_corrected_10.csv'],
  ['incoming/retail_05_02_2025_$(touch PWNED).csv', 'retail_05_02_2025__touch_PWNED__corrected.csv'],
  ['incoming/--stage=prod;x é.csv', 'stage_prod_x__corrected.csv'],
  [`incoming/retail_15_03_2025_${'x'.repeat(500)}.csv`, `retail_15_03_2025_${'x'.repeat(182)}_corrected.csv`],
  [
    `incoming/retail_15_03_2025_${'x'.repeat(500)}_corrected_2.csv`,
    `retail_15_03_2025_${'x'.repeat(182)}_corrected_3.csv`,
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
