import { expect, test } from 'vitest';
import { type Header, readHeader } from '../../../lambdas/core/csv/header.ts';
import { checkRow, type Row } from '../../../lambdas/core/row-rules.ts';

const TITLES = [
  'transaction_date',
  'id',
  'category',
  'description',
  'quantity',
  'amount_excl_tax',
  'amount_inc_tax',
];
const HEADER = readHeader(TITLES) as Header;
const GOOD = ['2024-01-31', '0284F92E-54f7-4766-880d-2cc5a8993a89', 'SELL', 'Tea', '2', '269.97', '323.96'];

function check(changes: Partial<Record<string, string>>, extra: string[] = []) {
  const fields = TITLES.map((title, index) => changes[title] ?? GOOD[index]!);
  return checkRow([...fields, ...extra], HEADER, 2_000, {} as Row).map(({ column, code }) => [column, code]);
}

test('a row that keeps every rule has no problem, blanks around its values included', () => {
  const row = {} as Row;
  expect(
    checkRow(
      GOOD.map((value) => ` ${value}\r`),
      HEADER,
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
  ['amount_inc_tax', '1,20', 'amount-invalid'],
  ['amount_inc_tax', '323.97', 'tax-mismatch'],
])('%s = %j is rejected as %s', (column, value, code) => {
  expect(check({ [column]: value })).toEqual([[column, code]]);
});

test('a row with too few values, or with more than there are columns, is rejected as a whole', () => {
  expect(checkRow(GOOD.slice(0, 6), HEADER, 2_000, {} as Row)).toMatchObject([
    { column: '', code: 'too-few-columns' },
  ]);
  expect(check({}, ['surplus'])).toEqual([['', 'too-many-columns']]);
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
    code: 'column-twice',
    message: expect.stringContaining('"ID" (column 8)'),
  });
});
