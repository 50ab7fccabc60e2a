import { describe, expect, test } from 'vitest';
import { COLUMNS, INDEX } from '../../../../../lambdas/core/columns.ts';
import type { ValueFormat } from '../../../../../lambdas/core/detect/detect-format.ts';
import { type Header, readHeader } from '../../../../../lambdas/core/detect/header.ts';
import { REJECT_CODES, type RejectCode } from '../../../../../lambdas/core/reject-codes.ts';
import { classifyLine, createRowCheck } from '../../../../../lambdas/core/rows/row-check.ts';
import { DEFAULT_RULES, type Rules } from '../../../../../lambdas/core/rules.ts';

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

const FACTS = { date: undefined, receivedAt: '2024-02-01T00:00:00Z' };

function checkFields(
  fields: readonly string[],
  format: Partial<ValueFormat> = {},
  rules: Partial<Rules> = {},
) {
  const values = COLUMNS.map(() => '');
  const check = createRowCheck(
    { header: HEADER, values: { dates: { order: 'dmy' }, ...format } },
    { ...DEFAULT_RULES, ...rules },
    FACTS,
  );
  const numbers: number[] = [];
  return { problems: check(fields, values, numbers), values, numbers };
}

function check(
  changes: Partial<Record<string, string>>,
  format: Partial<ValueFormat> = {},
  rules: Partial<Rules> = {},
) {
  return checkFields(
    TITLES.map((title, index) => changes[title] ?? GOOD[index]!),
    format,
    rules,
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
  ['1.5', '10.00', '12.00', [1_500, 1_000, 1_200]],
  ['-0.250', '-0.5', '(0.60)', [-250, -50, -60]],
  ['007', '1,234.00', '1480.80', [7_000, 123_400, 148_080]],
])('the numbers of a row with %s, %s and %s are exact', (quantity, excluding, including, expected) => {
  const changes = { quantity, amount_excl_tax: excluding, amount_inc_tax: including };
  const { problems, numbers } = check(changes, { decimalSeparator: '.' });
  expect(problems).toEqual([]);
  expect(numbers.slice(INDEX.quantity)).toEqual(expected);
});

test.each([
  [['Reject_Line'], '=Tea'],
  [['till'], "'=Tea"],
])("with a column %s, the name '=Tea is %s", (others, name) => {
  const header = readHeader([...TITLES, ...others]) as Header;
  const values = COLUMNS.map(() => '');
  const rowCheck = createRowCheck({ header, values: { dates: { order: 'dmy' } } }, DEFAULT_RULES, FACTS);
  expect(rowCheck([...GOOD.with(3, "'=Tea"), '2'], values, [])).toEqual([]);
  expect(values[INDEX.name]).toBe(name);
});

test('a file without a date column leaves the date open', () => {
  const header = readHeader(TITLES.slice(1)) as Header;
  const values = COLUMNS.map(() => '');
  const rowCheck = createRowCheck({ header, values: { dates: { order: 'dmy' } } }, DEFAULT_RULES, FACTS);
  expect(rowCheck(GOOD.slice(1), values, [])).toEqual([]);
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
  ['quantity', '0', 'quantity-invalid'],
  ['quantity', '1.5000001', 'quantity-invalid'],
  ['quantity', '-0.000', 'quantity-invalid'],
  ['quantity', 'x1', 'quantity-invalid'],
  ['quantity', '1x', 'quantity-invalid'],
  ['quantity', '1000000000', 'quantity-invalid'],
  ['quantity', '12345678901', 'quantity-invalid'],
  ['quantity', '€ 2', 'quantity-invalid'],
  ['amount_excl_tax', '--1', 'amount-invalid'],
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
  [
    'category',
    'category-unknown',
    'The category is empty, not SELL or BUY. A return has the category of the sale or purchase, and negative numbers. The operator can give other words a meaning, with a profile.',
  ],
  ['Description', 'name-missing', 'The product description is empty.'],
  [
    'quantity',
    'quantity-invalid',
    'The quantity is empty, not a number from 0.001 to 999999999.999 with at most three decimals, negative for a return.',
  ],
  [
    'amount_inc_tax',
    'amount-invalid',
    'The amount is empty, not a number of at most 9999999999.99 with at most two decimals.',
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
  expect(problem?.message.startsWith(`The category "${quoted}" is not SELL or BUY.`)).toBe(true);
});

test.each<[string, string, Partial<ValueFormat>, RejectCode, string]>([
  [
    'quantity',
    '1,000',
    {},
    'quantity-ambiguous',
    'The quantity "1,000" is ambiguous: it is 1000 if "," marks thousands, and 1.000 if it marks decimals. ' +
      'No other amount of the file decides it. Write it as 1000 or 1.0000.',
  ],
  [
    'quantity',
    '-1.245',
    {},
    'quantity-ambiguous',
    'The quantity "-1.245" is ambiguous: it is -1245 if "." marks thousands, and -1.245 if it marks decimals. ' +
      'No other amount of the file decides it. Write it as -1245 or -1.2450.',
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
    'The amount "1,2345" is not a number of at most 9999999999.99 with at most two decimals. ' +
      'The value was read as 1.2345.',
  ],
  [
    'amount_inc_tax',
    '323.9640',
    {},
    'amount-invalid',
    'The amount "323.9640" is not a number of at most 9999999999.99 with at most two decimals.',
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
    'The amount including tax is 323.97, but 269.97 plus 20 % (standard) is 323.96. Correct one of them.',
  ],
  [
    'amount_inc_tax',
    '0.00',
    {},
    'tax-mismatch',
    'The amount including tax is 0.00, but 269.97 plus 20 % (standard) is 323.96. Correct one of them.',
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

test.each([
  ['€', 'EUR'],
  ['EUR', '€'],
  ['zł', 'PLN'],
  ['KČ', 'CZK'],
  ['Kr', 'kr'],
])('an amount in %s belongs to a file in %s', (written, currency) => {
  expect(check({ amount_inc_tax: `323.96 ${written}` }, { currency }).problems).toEqual([]);
});

test.each([
  ['$', 'USD'],
  ['kr', 'SEK'],
  ['£', 'GBP'],
])('%s may be another currency than %s', (written, currency) => {
  const { problems } = check({ amount_inc_tax: `323.96 ${written}` }, { currency });
  expect(problems).toMatchObject([{ code: 'currency-mismatch' }]);
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
  ['999999999', '999999999'],
  ['007', '7'],
  ['000999999999', '999999999'],
  ['999999999.999', '999999999.999'],
  ['1.5', '1.5'],
  ['0,350', '0.350'],
  ['2.0', '2.0'],
  ['1.2450', '1.245'],
  ['007.50', '7.50'],
])('the quantity %s is %s', (text, quantity) => {
  expect(check({ quantity: text }).values[INDEX.quantity]).toBe(quantity);
});

describe('a return', () => {
  const RETURN = { quantity: '-2', amount_excl_tax: '(269.97)', amount_inc_tax: '323.96-' };

  test('has negative numbers, however they are written', () => {
    const { problems, values } = check(RETURN);
    expect(problems).toEqual([]);
    expect(values.slice(INDEX.quantity)).toEqual(['-2', '-269.97', '-323.96']);
    expect(codesOf(check({ ...RETURN, amount_inc_tax: '-323.97' }))).toEqual([
      ['amount_inc_tax', 'tax-mismatch'],
    ]);
  });

  test('may have amounts of zero, which have no sign', () => {
    const { problems, values } = check({ quantity: '-1', amount_excl_tax: '-0.00', amount_inc_tax: '0' });
    expect(problems).toEqual([]);
    expect(values.slice(INDEX.amountExclTax)).toEqual(['0.00', '0']);
  });

  test.each([
    [{ quantity: '2' }, '2', '-269.97 and -323.96'],
    [{ amount_excl_tax: '269.97', amount_inc_tax: '323.96' }, '-2', '269.97 and 323.96'],
    [{ amount_inc_tax: '323.96' }, '-2', '-269.97 and 323.96'],
    [{ quantity: '1', amount_excl_tax: '0.00' }, '1', '0.00 and -323.96'],
  ])('whose signs differ is rejected: %j', (changes, quantity, amounts) => {
    expect(check({ ...RETURN, ...changes }).problems[0]).toEqual({
      column: 'quantity',
      code: 'return-signs-differ',
      message:
        `The quantity is ${quantity}, and the amounts are ${amounts}. ` +
        'A return has a negative quantity and negative amounts. Correct the signs.',
    });
  });

  test('with an invalid number is judged by the others', () => {
    expect(codesOf(check({ ...RETURN, quantity: 'x' }))).toEqual([['quantity', 'quantity-invalid']]);
    expect(codesOf(check({ ...RETURN, amount_excl_tax: 'x' }))).toEqual([
      ['amount_excl_tax', 'amount-invalid'],
    ]);
    expect(codesOf(check({ ...RETURN, amount_excl_tax: 'x', amount_inc_tax: '1' }))).toEqual([
      ['amount_excl_tax', 'amount-invalid'],
      ['quantity', 'return-signs-differ'],
    ]);
  });

  test('is rejected with advice if the store takes none back', () => {
    const rules = { returns: 'reject' } as const;
    expect(check({}, {}, rules).problems).toEqual([]);
    for (const changes of [RETURN, { ...RETURN, quantity: '2' }, { quantity: '-2' }]) {
      expect(codesOf(check(changes, {}, rules))).toEqual([['quantity', 'return-not-allowed']]);
    }
    expect(check(RETURN, {}, rules).problems[0]!.message).toContain('set retail:returns to "accept"');
  });
});

test('a date is plausible from the first day until some days after the upload', () => {
  const rules = { earliestDate: '2020-01-02', maxDaysAhead: 1 };
  const dates = ['2020-01-02', '2024-02-02', '31/1/2024', '2020-01-01', '2024-02-03', '3.2.2024'];
  expect(dates.map((date) => codesOf(check({ transaction_date: date }, {}, rules)).length)).toEqual([
    ...[0, 0, 0],
    ...[1, 1, 1],
  ]);
  expect(check({ transaction_date: '3.2.2024' }, {}, rules).problems).toEqual([
    {
      column: 'transaction_date',
      code: 'date-implausible',
      message:
        'The transaction date "3.2.2024" is after 2024-02-02. Correct it, or change the setting retail:maxDaysAhead.',
    },
  ]);
  expect(codesOf(check({ transaction_date: '9999-12-31' }))).toEqual([]);
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
  expect(codesOf(check({ id: 'x', quantity: '-', transaction_date: '', amount_inc_tax: '1' }))).toEqual([
    ['id', 'id-not-uuid'],
    ['transaction_date', 'date-missing'],
    ['quantity', 'quantity-invalid'],
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
