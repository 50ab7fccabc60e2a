import { expect, test } from 'vitest';
import { type Header, readHeader } from '../../../../lambdas/core/csv/header.ts';
import type { ValueFormat } from '../../../../lambdas/core/file-format.ts';
import { checkRow, type Row } from '../../../../lambdas/core/row-rules.ts';

const TITLES = [
  'transaction_date',
  'id',
  'category',
  'description',
  'quantity',
  'amount_excl_tax',
  'amount_inc_tax',
];
const FORMAT = { header: readHeader(TITLES) as Header, values: { isMonthFirst: false } as ValueFormat };
const GOOD = ['2024-01-31', '0284F92E-54f7-4766-880d-2cc5a8993a89', 'SELL', 'Tea', '2', '269.97', '323.96'];

function check(
  changes: Partial<Record<string, string>>,
  extra: string[] = [],
  values: Partial<ValueFormat> = {},
) {
  const fields = TITLES.map((title, index) => changes[title] ?? GOOD[index]!);
  const format = { ...FORMAT, values: { ...FORMAT.values, ...values } };
  return checkRow([...fields, ...extra], format, 2_000, {} as Row).map(({ column, code }) => [column, code]);
}

test('a row that keeps every rule has no problem, blanks around its values included', () => {
  const row = {} as Row;
  expect(
    checkRow(
      GOOD.map((value) => ` ${value}\r`),
      FORMAT,
      2_000,
      row,
    ),
  ).toEqual([]);
  expect(row).toMatchObject({ name: 'Tea', quantity: '2', amountIncTax: '323.96' });
  expect(check({}, ['', ' '])).toEqual([]);
});

test.each([
  ['id', '', 'id-missing'],
  ['id', '0284f92e54f74766880d2cc5a8993a89', 'id-not-uuid'],
  ['transaction_date', '', 'date-missing'],
  ['transaction_date', '2023-02-29', 'date-invalid'],
  ['category', 'sell', 'category-unknown'],
  ['description', '  ', 'name-missing'],
  ['description', 'a\0b', 'name-invalid'],
  ['description', 'Cr\ufffdme', 'name-not-utf8'],
  ['quantity', '0', 'quantity-not-positive-integer'],
  ['quantity', '1.5', 'quantity-not-positive-integer'],
  ['quantity', '2147483648', 'quantity-not-positive-integer'],
  ['amount_excl_tax', '-1', 'amount-invalid'],
  ['amount_inc_tax', '323,967', 'amount-ambiguous'],
  ['amount_inc_tax', '1,2345', 'amount-invalid'],
  ['amount_inc_tax', '€ 323.96', 'currency-mismatch'],
  ['quantity', '1,000', 'quantity-ambiguous'],
  ['quantity', '€ 2', 'quantity-not-positive-integer'],
  ['amount_inc_tax', '323.97', 'tax-mismatch'],
])('%s = %j is rejected as %s', (column, value, code) => {
  expect(check({ [column]: value })).toEqual([[column, code]]);
});

test('a row with too few values, or with more than there are columns, is rejected as a whole', () => {
  expect(checkRow(GOOD.slice(0, 6), FORMAT, 2_000, {} as Row)).toMatchObject([
    { column: '', code: 'too-few-columns' },
  ]);
  expect(check({}, ['surplus'])).toEqual([['', 'too-many-columns']]);
});

test('values are stored as PostgreSQL reads them, however the file writes them', () => {
  const row = {} as Row;
  const fields = ['31/1/2024', GOOD[1]!, 'BUY', 'Tea', '1.000', '1.269,97 €', '€1.523,96'];
  const values: ValueFormat = { decimalSeparator: ',', currency: '€', isMonthFirst: false };
  expect(checkRow(fields, { ...FORMAT, values }, 2_000, row)).toEqual([]);
  expect(row).toMatchObject({
    transactionDate: '2024-01-31',
    quantity: '1000',
    amountExclTax: '1269.97',
    amountIncTax: '1523.96',
  });
});

test('an amount in another currency than the others is rejected', () => {
  expect(check({ amount_inc_tax: '$323.96' }, [], { currency: '€' })).toEqual([
    ['amount_inc_tax', 'currency-mismatch'],
  ]);
});

test('a date that is another one with the month first is rejected where the file has such dates', () => {
  const values = { isMonthFirst: true };
  expect(check({ transaction_date: '03/04/2024' })).toEqual([]);
  expect(check({ transaction_date: '03/04/2024' }, [], values)).toEqual([
    ['transaction_date', 'date-ambiguous'],
  ]);
  expect(check({ transaction_date: '04/04/2024' }, [], values)).toEqual([]);
  expect(check({ transaction_date: '03/25/2024' }, [], values)).toEqual([
    ['transaction_date', 'date-invalid'],
  ]);
});

test('every problem of a row is reported', () => {
  expect(check({ id: 'x', quantity: '-1', amount_inc_tax: '' }).map(([, code]) => code)).toEqual([
    'id-not-uuid',
    'quantity-not-positive-integer',
    'amount-invalid',
  ]);
});

test('a header may call the product name or description, and names what is missing or twice', () => {
  expect(readHeader([' NAME ', ...TITLES.filter((title) => title !== 'description')])).toMatchObject({
    name: { index: 0, title: 'NAME' },
  });
  expect(readHeader(['id', 'quantity'])).toMatchObject({
    code: 'column-missing',
    message: expect.stringContaining('category, description or name, amount_excl_tax, amount_inc_tax'),
  });
  expect(readHeader([...TITLES, 'ID'])).toMatchObject({
    code: 'column-duplicated',
    message: expect.stringContaining('"ID" (column 8)'),
  });
});
