import { afterEach, expect, test } from 'vitest';
import {
  addDays,
  addMonths,
  arrangeWeeks,
  countDays,
  isDay,
  lastDayOfMonth,
  listDays,
  today,
  weekdayOfDay,
} from '../../../console/calendar.ts';

const { TZ } = process.env;
afterEach(() => {
  if (TZ === undefined) delete process.env.TZ;
  else process.env.TZ = TZ;
});

test.each(['Europe/Paris', 'America/Sao_Paulo', 'Pacific/Kiritimati'])(
  'days follow each other in %s',
  (zone) => {
    process.env.TZ = zone;
    // Clocks change in the night to 30 March in Europe.
    expect(listDays('2025-03-28', '2025-04-01')).toEqual([
      '2025-03-28',
      '2025-03-29',
      '2025-03-30',
      '2025-03-31',
      '2025-04-01',
    ]);
    expect(addDays('2025-01-01', -1)).toBe('2024-12-31');
    expect(countDays('2025-03-01', '2025-04-01')).toBe(31);
    expect(weekdayOfDay('2025-03-30')).toBe(7);
  },
);

test('today is the day of the clock on the wall', () => {
  process.env.TZ = 'Asia/Tokyo';
  expect(today(new Date('2025-03-14T20:00:00Z'))).toBe('2025-03-15');
  process.env.TZ = 'America/New_York';
  expect(today(new Date('2025-03-15T02:00:00Z'))).toBe('2025-03-14');
});

test('only existing days are days', () => {
  expect(['2024-02-29', '2025-02-29', '2025-13-01', '15/03/2025', ''].map(isDay)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});

test('months know their length and their neighbours', () => {
  expect([lastDayOfMonth('2024-02'), lastDayOfMonth('2025-12')]).toEqual(['2024-02-29', '2025-12-31']);
  expect([addMonths('2025-01', -1), addMonths('2025-12', 1)]).toEqual(['2024-12', '2026-01']);
});

test('weeks begin on the weekday of the locale', () => {
  const weeks = arrangeWeeks('2025-03', 1);
  expect(weeks).toHaveLength(6);
  expect(weeks[0]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    '2025-03-01',
    '2025-03-02',
  ]);
  expect(arrangeWeeks('2025-03', 7)[0]!.at(-1)).toBe('2025-03-01');
  expect(arrangeWeeks('2026-02', 7)).toHaveLength(4);
});

test('a range that ends before it begins has no days', () => {
  expect(listDays('2025-03-02', '2025-03-01')).toEqual([]);
});
