import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { buildFileName, writeCsv } from '../../../console/csv-text.ts';

const columns = [
  { title: 'product', value: ({ product }: { product: string }) => product },
  { title: 'balance', value: ({ balance }: { balance: string | null }) => balance },
];

test('values with delimiters, quotes and line terminators are read back as they were', () => {
  const rows = [
    { product: 'Olive Oil, cold "pressed"', balance: '12.00' },
    { product: ' two\nlines ', balance: '-3.50' },
  ];
  const { data } = Papa.parse<string[]>(writeCsv(columns, rows).slice(1).trimEnd());
  expect(data).toEqual([
    ['product', 'balance'],
    ['Olive Oil, cold "pressed"', '12.00'],
    [' two\nlines ', '-3.50'],
  ]);
});

test('formulas are neutralized, and negative amounts stay numbers', () => {
  const csv = writeCsv(columns, [{ product: '=HYPERLINK("x")', balance: '-3.50' }]);
  expect(csv).toBe('\ufeffproduct,balance\r\n"\'=HYPERLINK(""x"")",-3.50\r\n');
});

test.each([
  ['Milk;=1+1', `"Milk;'=1+1"`],
  ['Milk;"=1+1"', `"Milk;'""=1+1"""`],
  ['Milk\n @SUM(A1)', `"Milk\n' @SUM(A1)"`],
  ['Milk\t-1+1', `"Milk\t'-1+1"`],
  ['Milk,=1+1', `"Milk,'=1+1"`],
  ['5,-;-1', '"5,-;-1"'],
  ['Milk; half fat', '"Milk; half fat"'],
  ['Milk - half fat', 'Milk - half fat'],
])('%j has no formula in a spreadsheet that separates cells otherwise', (product, written) => {
  expect(writeCsv(columns, [{ product, balance: null }])).toContain(`\r\n${written},\r\n`);
});

test('an absent value is an empty one', () => {
  expect(writeCsv(columns, [{ product: 'Milk', balance: null }])).toContain('Milk,\r\n');
});

test('a file name has no characters that a system refuses', () => {
  expect(buildFileName(['balance', 'Crème / brûlée: "1"', undefined, '2025-03-01'], 'csv')).toBe(
    'balance_Crème-brûlée-1_2025-03-01.csv',
  );
  expect(buildFileName(['../../', '\u202e'], 'csv')).toBe('table.csv');
});
