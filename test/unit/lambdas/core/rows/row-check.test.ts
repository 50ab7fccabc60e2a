import { describe, expect, test } from 'vitest';
import { COLUMNS, INDEX } from '../../../../../lambdas/core/columns.ts';
import type { ValueFormat } from '../../../../../lambdas/core/detect/detect-format.ts';
import { type Header, readHeader } from '../../../../../lambdas/core/detect/header.ts';
import { REJECT_CODES, type RejectCode } from '../../../../../lambdas/core/reject-codes.ts';
import { classifyLine, createRowCheck } from '../../../../../lambdas/core/rows/row-check.ts';
import { DEFAULT_RULES } from '../../../../../lambdas/core/rules.ts';

const TITLES = [
  'transaction_date',
  'id',
  'category',
  'Description',
  'quantity',
  'amount_excl_tax',
  'amount_inc_tax',
];
const HEADER = readHeader(TITLES) as Header;
const ID = '0284F92E-54f7-4766-880d-2cc5a8993a89';
const GOOD = ['2024-01-31', ID, 'SELL', 'Tea', '2', '269.97', '323.96'];

function checkFields(fields: readonly string[], format: Partial<ValueFormat> = {}) {
  const values = COLUMNS.map(() => '');
  const check = createRowCheck(
    { header: HEADER, values: { dates: { order: 'dmy' }, ...format } },
    DEFAULT_RULES,
  );
  return { problems: check(fields, values), values };
}

function check(changes: Partial<Record<string, string>>, format: Partial<ValueFormat> = {}) {
  return checkFields(
    TITLES.map((title, index) => changes[title] ?? GOOD[index]!),
    format,
  );
}

const codesOf = ({ problems }: ReturnType<typeof check>) =>
  problems.map(({ column, code }) => [column, code]);

test('a valid row has no problem, and its values are in the order of the columns without blanks', () => {
  const { problems, values } = checkFields(GOOD.map((value) => ` ${value}\r`));
  expect(problems).toEqual([]);
  expect(values).toEqual([ID, '2024-01-31', 'SELL', 'Tea', '2', '269.97', '323.96']);
});

test.each([
  [['Reject_Line'], '=Tea'],
  [['till'], "'=Tea"],
])("with a column %s, the name '=Tea is %s", (others, name) => {
  const header = readHeader([...TITLES, ...others]) as Header;
  const values = COLUMNS.map(() => '');
  const rowCheck = createRowCheck({ header, values: { dates: { order: 'dmy' } } }, DEFAULT_RULES);
  expect(rowCheck([...GOOD.with(3, "'=Tea"), '2'], values)).toEqual([]);
  expect(values[INDEX.name]).toBe(name);
});

test('a file without a date column leaves the date open', () => {
  const header = readHeader(TITLES.slice(1)) as Header;
  const values = COLUMNS.map(() => '');
  const rowCheck = createRowCheck({ header, values: { dates: { order: 'dmy' } } }, DEFAULT_RULES);
  expect(rowCheck(GOOD.slice(1), values)).toEqual([]);
  expect(values[INDEX.transactionDate]).toBe('');
});

test.each<[string, string, RejectCode]>([
  ['id', '0284f92e54f74766880d2cc5a8993a89', 'id-not-uuid'],
  ['id', `x${ID}`, 'id-not-uuid'],
  ['id', `${ID}x`, 'id-not-uuid'],
  ['transaction_date', '2023-02-29', 'date-invalid'],
  ['category', 'sell', 'category-unknown'],
  ['Description', 'a\0b', 'name-invalid'],
  ['Description', 'Cr\ufffdme', 'name-not-utf8'],
  ['quantity', '0', 'quantity-not-positive-integer'],
  ['quantity', '1.5', 'quantity-not-positive-integer'],
  ['quantity', 'x1', 'quantity-not-positive-integer'],
  ['quantity', '1x', 'quantity-not-positive-integer'],
  ['quantity', '2147483648', 'quantity-not-positive-integer'],
  ['quantity', '12345678901', 'quantity-not-positive-integer'],
  ['quantity', '€ 2', 'quantity-not-positive-integer'],
  ['amount_excl_tax', '-1', 'amount-invalid'],
  ['amount_inc_tax', '€ 1,23,456', 'amount-invalid'],
])('%s = %j is rejected as %s, and the message quotes it', (column, value, code) => {
  const message = REJECT_CODES[code].replace(
    / (is not|contains) /,
    ` "${value.replace('\0', '\u2400')}" $1 `,
  );
  expect(message).not.toBe(REJECT_CODES[code]);
  expect(check({ [column]: value }).problems).toEqual([{ column, code, message }]);
});

test.each<[string, RejectCode, string]>([
  ['id', 'id-missing', 'The id is empty. Give the row its UUID.'],
  ['transaction_date', 'date-missing', 'The transaction date is empty. Write it as YYYY-MM-DD.'],
  ['category', 'category-unknown', 'The category is empty, not SELL or BUY.'],
  ['Description', 'name-missing', 'The product description is empty.'],
  [
    'quantity',
    'quantity-not-positive-integer',
    'The quantity is empty, not a whole number from 1 to 2147483647.',
  ],
  [
    'amount_inc_tax',
    'amount-invalid',
    'The amount is empty, not a number from 0 to 9999999999.99 with at most two decimals.',
  ],
])('an empty value of %s is called empty', (column, code, message) => {
  expect(check({ [column]: '  ' }).problems).toEqual([{ column, code, message }]);
});

test.each([
  ['x'.repeat(40), 'x'.repeat(40)],
  ['x'.repeat(41), `${'x'.repeat(40)}…`],
  ['🧀'.repeat(2_000), `${'🧀'.repeat(20)}…`],
  [`x${'🧀'.repeat(2_000)}`, `x${'🧀'.repeat(19)}\ufffd…`],
  ['a\tb\nc\u0085d', 'a␉b␊c\ufffdd'],
  ["$& $' is not", "$& $' is not"],
  [' "in quotes" ', '"in quotes"'],
])('a message quotes at most 40 characters, without control characters: %j', (value, quoted) => {
  const [problem] = check({ category: value }).problems;
  expect(problem?.message).toBe(`The category "${quoted}" is not SELL or BUY.`);
});

test.each<[string, string, Partial<ValueFormat>, RejectCode, string]>([
  [
    'quantity',
    '1,000',
    {},
    'quantity-ambiguous',
    'The quantity "1,000" is ambiguous: it is 1000 if "," marks thousands, and 1.000 if it marks decimals. ' +
      'No other amount of the file decides it. Write it without the separator.',
  ],
  [
    'amount_inc_tax',
    '323.967',
    {},
    'amount-ambiguous',
    'The amount "323.967" is ambiguous: it is 323967 if "." marks thousands, and 323.967 if it marks decimals. ' +
      'No other amount of the file decides it. Write it with two decimals.',
  ],
  [
    'amount_inc_tax',
    '1,2345',
    {},
    'amount-invalid',
    'The amount "1,2345" is not a number from 0 to 9999999999.99 with at most two decimals. ' +
      'The value was read as 1.2345.',
  ],
  [
    'amount_inc_tax',
    '€ 323.96',
    {},
    'currency-mismatch',
    'The amount "€ 323.96" is in €, but the file has no currency. Drop each currency in a separate file.',
  ],
  [
    'amount_inc_tax',
    '$323.96',
    { currency: '€' },
    'currency-mismatch',
    'The amount "$323.96" is in $, but the file is in €. Drop each currency in a separate file.',
  ],
  [
    'amount_inc_tax',
    '323.97',
    {},
    'tax-mismatch',
    'The amount including tax is 323.97, but 269.97 plus 20.00 % is 323.96. Correct one of them.',
  ],
  [
    'amount_inc_tax',
    '0.00',
    {},
    'tax-mismatch',
    'The amount including tax is 0.00, but 269.97 plus 20.00 % is 323.96. Correct one of them.',
  ],
])('%s = %j is rejected with an explanation', (column, value, format, code, message) => {
  expect(check({ [column]: value }, format).problems).toEqual([{ column, code, message }]);
});

test.each([
  [
    GOOD.slice(0, 6),
    'too-few-columns',
    'The row has 6 values, the header 7 columns. Add the missing values.',
  ],
  [
    [...GOOD, '', 'surplus'],
    'too-many-columns',
    'The row has 9 values, the header 7 columns. Remove or quote the extra values.',
  ],
])('a row with another number of values is rejected as a whole: %j', (fields, code, message) => {
  expect(checkFields(fields).problems).toEqual([{ column: '', code, message }]);
});

test('a row may have extra values that are blank', () => {
  expect(checkFields([...GOOD, '', ' ']).problems).toEqual([]);
});

test('values are stored as PostgreSQL reads them, in whatever way the file writes them', () => {
  const fields = ['31/1/2024', ID, 'BUY', 'Tea', '1.000', '1.269,97 €', '€1.523,96'];
  const { problems, values } = checkFields(fields, { decimalSeparator: ',', currency: '€' });
  expect(problems).toEqual([]);
  expect(values).toEqual([ID, '2024-01-31', 'BUY', 'Tea', '1000', '1269.97', '1523.96']);
});

test('an amount of zero is valid, also with a decimal comma, and its tax is checked', () => {
  const decimalComma = { decimalSeparator: ',' } as const;
  const { problems, values } = check({ amount_excl_tax: '0,00', amount_inc_tax: '0,0' }, decimalComma);
  expect(problems).toEqual([]);
  expect(values.slice(INDEX.amountExclTax)).toEqual(['0.00', '0.0']);
  expect(codesOf(check({ amount_excl_tax: '0.00', amount_inc_tax: '0.01' }))).toEqual([
    ['amount_inc_tax', 'tax-mismatch'],
  ]);
});

test.each([
  ['2147483647', '2147483647'],
  ['007', '7'],
  ['0002147483647', '2147483647'],
])('the quantity %s is %s', (text, quantity) => {
  expect(check({ quantity: text }).values[INDEX.quantity]).toBe(quantity);
});

test('an ambiguous date is rejected if the file has dates with the month first', () => {
  const format: Partial<ValueFormat> = { dates: { order: 'dmy', hasOtherOrder: true } };
  expect(codesOf(check({ transaction_date: '03/04/2024' }))).toEqual([]);
  expect(codesOf(check({ transaction_date: '03/04/2024' }, format))).toEqual([
    ['transaction_date', 'date-ambiguous'],
  ]);
  expect(codesOf(check({ transaction_date: '04/04/2024' }, format))).toEqual([]);
  expect(codesOf(check({ transaction_date: '25/03/2024' }, format))).toEqual([]);
  expect(codesOf(check({ transaction_date: '03/25/2024' }, format))).toEqual([
    ['transaction_date', 'date-invalid'],
  ]);
});

test('every problem of a row is reported, in the order of the columns', () => {
  expect(codesOf(check({ id: 'x', quantity: '-1', transaction_date: '', amount_inc_tax: '1' }))).toEqual([
    ['id', 'id-not-uuid'],
    ['transaction_date', 'date-missing'],
    ['quantity', 'quantity-not-positive-integer'],
    ['amount_inc_tax', 'tax-mismatch'],
  ]);
});

test('the tax of a row with an invalid amount is not checked', () => {
  expect(codesOf(check({ amount_excl_tax: 'x' }))).toEqual([['amount_excl_tax', 'amount-invalid']]);
});

describe('a line with problems', () => {
  const lineOf = (first: string, id = '', category = '') => [first, id, category, '', '', '', ''];

  test.each([
    [['', ' ', ''], 'blank'],
    [[], 'blank'],
    [TITLES.map((title) => ` ${title.toUpperCase()}`), 'header'],
    [TITLES.slice(1), undefined],
    [[...TITLES, 'x'], undefined],
    [TITLES.with(0, 'date'), undefined],
    [lineOf('total'), 'total'],
    [lineOf(' Grand Total:'), 'total'],
    [lineOf('TOTALS'), 'total'],
    [lineOf('sub-total'), 'total'],
    [lineOf('subtotal 3'), 'total'],
    [lineOf('Totale'), 'total'],
    [lineOf('totaal'), 'total'],
    [lineOf('Total general'), 'total'],
    [lineOf('sum'), 'total'],
    [lineOf('Summe'), 'total'],
    [lineOf('suma'), 'total'],
    [lineOf('Gesamt'), 'total'],
    [lineOf('gesamtsumme'), 'total'],
    [lineOf('Zwischensumme'), 'total'],
    [lineOf('Итого'), 'total'],
    [lineOf('', 'total'), 'total'],
    [lineOf('Totalizer'), undefined],
    [lineOf('summer'), undefined],
    [lineOf('my total'), undefined],
    [lineOf('total', ID), undefined],
    [lineOf('total', `x ${ID} x`), undefined],
    [lineOf('total', '', 'SELL'), undefined],
    [lineOf('total', '', ' BUY '), undefined],
    [lineOf('total', '', 'sold'), 'total'],
  ])('%j is classified as %s', (fields, kind) => {
    expect(classifyLine(fields, HEADER)).toBe(kind);
  });
});
