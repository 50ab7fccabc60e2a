import { expect, test } from 'vitest';
import { type SumState, Totals } from '../../../../../lambdas/core/rows/totals.ts';

const titles = ['id', 'category', 'description', 'quantity', 'amount_excl_tax', 'amount_inc_tax'];
const header = { titles, positions: [0, -1, 1, 2, 3, 4, 5] };
const create = (state?: SumState) => new Totals(header, { dates: { order: 'dmy' } }, state);
const row = (thousandths: number, exclCents: number, incCents: number) =>
  [...Array(4).fill(Number.NaN), thousandths, exclCents, incCents] as number[];
const total = (...numbers: string[]) => ['Total', '', '', ...numbers];

test('sums are exact, with three decimals and returns', () => {
  const totals = create();
  for (let count = 0; count < 1_000; count++) totals.addRow(row(1, 10, 12));
  totals.addRow(row(-500, -10, -12));
  totals.compare(9, total('0.5', '99.90', '119.88'));
  expect(totals.result).toBe('agree');
});

test.each(['-1.00', '−1.00', '1.00-', '(1.00)'])('a negative total %s agrees', (written) => {
  const totals = create();
  totals.addRow(row(-1000, -100, -120));
  totals.compare(3, total('', written, ''));
  expect(totals.result).toBe('agree');
});

test('a total with two readings agrees if one of them is the sum', () => {
  const totals = create();
  totals.addRow(row(1234000, 100, 120));
  totals.compare(3, total('1,234', '', ''));
  expect(totals.result).toBe('agree');
});

test('a text, a blank and a missing value in a total line are not compared', () => {
  const totals = create();
  totals.addRow(row(1000, 100, 120));
  totals.compare(3, ['Total', '', '', 'see below', '']);
  expect(totals.result).toBeUndefined();
});

test('below a row that cannot be read, a subtotal of later rows is still compared', () => {
  const totals = create();
  totals.addReject(undefined);
  totals.compare(3, total('9', '9', '9'));
  expect(totals.result).toBeUndefined();
  totals.addRow(row(1000, 100, 120));
  totals.compare(5, total('1', '1', '1.2'));
  expect(totals.result).toBe('agree');
});

test('the sums continue from their state as JSON', () => {
  const before = create();
  before.addRow(row(1000, 100, 120));
  before.compare(3, total('1', '1', '1.2'));
  before.addRow(row(2000, 200, 240));
  const after = create(JSON.parse(JSON.stringify(before.state)));
  after.compare(5, total('2', '2', '2.4'));
  after.compare(6, total('3', '3', '3.61'));
  expect(after.result).toEqual({ line: 6, column: 'amount_inc_tax', written: '3.61', rows: '3.60' });
});
