import { expect, test } from 'vitest';
import { isIsoDate, readDate, showsOtherOrder } from '../../../../../lambdas/core/rows/dates.ts';

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

const DMY = { order: 'dmy' } as const;
const MDY = { order: 'mdy' } as const;

test.each([
  ['2024-02-29', '2024-02-29', 'YYYY-MM-DD', undefined],
  ['2024/2/9', '2024-02-09', 'YYYY/MM/DD', undefined],
  ['2024.02.29', '2024-02-29', 'YYYY.MM.DD', undefined],
  ['20240229', '2024-02-29', 'YYYYMMDD', undefined],
  ['29/02/2024', '2024-02-29', 'DD/MM/YYYY', undefined],
  ['29-02-2024', '2024-02-29', 'DD-MM-YYYY', undefined],
  ['1.2.2024', '2024-02-01', 'DD.MM.YYYY', undefined],
  ['03/04/2024', '2024-04-03', 'DD/MM/YYYY', '2024-03-04'],
  ['03-04-2024', '2024-04-03', 'DD-MM-YYYY', '2024-03-04'],
  ['04/04/2024', '2024-04-04', 'DD/MM/YYYY', undefined],
  ['1 Apr 2024', '2024-04-01', 'DD MMM YYYY', undefined],
  ['01-apr-2024', '2024-04-01', 'DD MMM YYYY', undefined],
  ['April 1, 2024', '2024-04-01', 'MMM DD YYYY', undefined],
  ['2024-04-01T10:00:00', '2024-04-01', 'YYYY-MM-DD', undefined],
  ['2024-04-01 23:59:59.123', '2024-04-01', 'YYYY-MM-DD', undefined],
  ['2024-04-01T23:30:00+02:00', '2024-04-01', 'YYYY-MM-DD', undefined],
  ['03/04/2024 08:30 PM', '2024-04-03', 'DD/MM/YYYY', '2024-03-04'],
])('%s is %s', (text, iso, format, other) => {
  expect(readDate(text, DMY)).toEqual({ iso, format, ...(other && { other }) });
  expect(showsOtherOrder(text, DMY)).toBe(false);
});

test.each([
  ...[
    '30/02/2024',
    '29.02.2023',
    '1/2/24',
    '1/2.2024',
    '',
    '10022024',
    '18991231',
    '45748',
    '2024-04-01 24:00',
  ],
  ...['1 Avr 2024', '2024-04-01 8', '2024-04-01 13:00 PM', '31 April 2024', '2024-13-01T10:00:00Z', '24.4.1'],
])('%j is no day', (text) => expect(readDate(text, DMY)).toBeUndefined());

test('dates with slashes or hyphens have the month first if the order says so, and dates with points never', () => {
  expect(readDate('03/04/2024', MDY)).toEqual({
    iso: '2024-03-04',
    format: 'MM/DD/YYYY',
    other: '2024-04-03',
  });
  expect(readDate('03-25-2024', MDY)).toEqual({ iso: '2024-03-25', format: 'MM-DD-YYYY' });
  expect(readDate('25/03/2024', MDY)).toBeUndefined();
  expect(readDate('03.04.2024', MDY)).toEqual({ iso: '2024-04-03', format: 'DD.MM.YYYY' });
});

test('a date of which only the other order is a day shows that order', () => {
  expect(showsOtherOrder('03/25/2024', DMY)).toBe(true);
  expect(showsOtherOrder('03/25/2024 10:00', DMY)).toBe(true);
  expect(showsOtherOrder('25/03/2024', MDY)).toBe(true);
  expect(showsOtherOrder('03/25/2024', MDY)).toBe(false);
  for (const text of ['03.25.2024', '31/31/2024', 'March', '2024-03-25']) {
    expect(showsOtherOrder(text, DMY)).toBe(false);
  }
});

test('with configured formats, a file has only these and YYYY-MM-DD', () => {
  const notation = { order: 'dmy', formats: ['DD.MM.YY', 'YYMMDD', 'M/D/YYYY'] } as const;
  expect(readDate('31.12.24', notation)).toEqual({ iso: '2024-12-31', format: 'DD.MM.YY' });
  expect(readDate('31.12.24 08:30', notation)).toEqual({ iso: '2024-12-31', format: 'DD.MM.YY' });
  expect(readDate('241231', notation)).toEqual({ iso: '2024-12-31', format: 'YYMMDD' });
  expect(readDate('3/25/2024', notation)).toEqual({ iso: '2024-03-25', format: 'M/D/YYYY' });
  expect(readDate('2024-12-31', notation)).toEqual({ iso: '2024-12-31', format: 'YYYY-MM-DD' });
  expect(readDate('31.12.2024', notation)).toBeUndefined();
  expect(readDate('31x12x24', notation)).toBeUndefined();
});

test('a time in UTC decides the day only with the time zone of the store', () => {
  const written = '2024-04-01T23:30:00Z';
  expect(readDate(written, DMY)).toMatchObject({ isUtc: true });
  expect(readDate(written, { ...DMY, timeZone: 'Europe/Berlin' })).toMatchObject({ iso: '2024-04-02' });
  expect(readDate(written, { ...DMY, timeZone: 'America/New_York' })).toMatchObject({ iso: '2024-04-01' });
  const withOffset = readDate('2024-04-02T01:30:00+02:00', { ...DMY, timeZone: 'America/New_York' });
  expect(withOffset).toMatchObject({ iso: '2024-04-01' });
});
