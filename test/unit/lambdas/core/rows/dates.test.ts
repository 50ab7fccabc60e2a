import { expect, test } from 'vitest';
import { isIsoDate, isMonthFirst, readDate } from '../../../../../lambdas/core/rows/dates.ts';
import { readDateFromName } from '../../../../../lambdas/core/upload-key.ts';

test.each(['2023-02-28', '2024-02-29', '2000-02-29', '1999-12-31', '0001-01-01'])('%s is a day', (text) =>
  expect(isIsoDate(text)).toBe(true),
);

test.each([
  '2023-02-29',
  '1900-02-29',
  '2024-04-31',
  '2024-13-01',
  '2024-00-10',
  '2024-01-00',
  '0000-01-01',
  '2024-1-1',
  '24-01-01',
  '31/01/2024',
  '',
])('%s is none', (text) => expect(isIsoDate(text)).toBe(false));

test.each([
  ['retail_15_01_2022.csv', '2022-01-15'],
  ['retail_15_01_2022_late till 3.csv', '2022-01-15'],
  ['RETAIL_29_02_2024.CSV', '2024-02-29'],
  ['retail_15_01_2022.tsv', '2022-01-15'],
  ['retail_15_01_2022.csv.gz', '2022-01-15'],
  ['retail_15_01_2022.zip', '2022-01-15'],
])('%s is of %s', (name, date) => expect(readDateFromName(name)).toBe(date));

test.each([
  'retail_2022_01_15.csv',
  'retail_30_02_2022.csv',
  'sales_15_01_2022.csv',
  'retail_15_01_2022.pdf',
  'retail.csv',
])('%s says no day', (name) => expect(readDateFromName(name)).toBeUndefined());

test.each([
  ['2024-02-29', '2024-02-29', 'YYYY-MM-DD', undefined],
  ['29/02/2024', '2024-02-29', 'DD/MM/YYYY', undefined],
  ['1.2.2024', '2024-02-01', 'DD.MM.YYYY', undefined],
  ['03/04/2024', '2024-04-03', 'DD/MM/YYYY', '2024-03-04'],
  ['04/04/2024', '2024-04-04', 'DD/MM/YYYY', undefined],
])('%s is %s', (text, iso, format, monthFirst) => {
  expect(readDate(text)).toEqual({ iso, format, ...(monthFirst && { monthFirst }) });
  expect(isMonthFirst(text)).toBe(false);
});

test.each(['30/02/2024', '29.02.2023', '1/2/24', '1/2.2024', '', '2024/02/29', '01-02-2024'])(
  '%j is no day',
  (text) => expect(readDate(text)).toBeUndefined(),
);

test('a date with slashes whose second number is no month has its month first', () => {
  expect(isMonthFirst('03/25/2024')).toBe(true);
  expect(isMonthFirst('03.25.2024')).toBe(false);
  expect(isMonthFirst('31/31/2024')).toBe(false);
  expect(isMonthFirst('March')).toBe(false);
  expect(readDate('03/25/2024')).toBeUndefined();
});
