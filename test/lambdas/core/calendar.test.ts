import { expect, test } from 'vitest';
import { dateFromFileName, isIsoDate } from '../../../lambdas/core/calendar.ts';

test.each(['2024-02-29', '2000-02-29', '1999-12-31', '0001-01-01'])('%s is a day', (text) =>
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
])('%s is of %s', (name, date) => expect(dateFromFileName(name)).toBe(date));

test.each([
  'retail_2022_01_15.csv',
  'retail_30_02_2022.csv',
  'sales_15_01_2022.csv',
  'retail_15_01_2022.txt',
  'retail.csv',
])('%s says no day', (name) => expect(dateFromFileName(name)).toBeUndefined());
