import { afterEach, expect, test } from 'vitest';
import { createFormat } from '../../../console/format.ts';

const { TZ } = process.env;
afterEach(() => {
  if (TZ === undefined) delete process.env.TZ;
  else process.env.TZ = TZ;
});

test('an amount keeps every digit', () => {
  expect(createFormat('en').amount('90071992547409931.07')).toBe('90,071,992,547,409,931.07');
  expect(createFormat('de').amount('-1234.5')).toBe('-1.234,50');
  expect(createFormat('en').amount('not a number')).toBe('not a number');
});

test('an amount of a change has its sign', () => {
  const { signedAmount } = createFormat('en');
  expect(['5.00', '-5.00', '0.00'].map(signedAmount)).toEqual(['+5.00', '-5.00', '0.00']);
});

test('a quantity has only the decimals that it needs', () => {
  expect(['3', '0.125', '-2.500'].map(createFormat('en').quantity)).toEqual(['3', '0.125', '-2.5']);
});

test.each(['Pacific/Auckland', 'America/Los_Angeles', 'Africa/Casablanca'])(
  'a day is the same in %s',
  (zone) => {
    process.env.TZ = zone;
    const { day, longDay, shortDay, month } = createFormat('en-GB');
    expect(day('2025-01-01')).toBe('1 Jan 2025');
    expect(longDay('2025-03-30')).toMatch(/^Sunday,? 30 March 2025$/);
    expect(shortDay('2024-12-31')).toBe('31 Dec');
    expect(month('2025-01')).toBe('January 2025');
  },
);

test('a time is in the zone of the browser', () => {
  process.env.TZ = 'Asia/Tokyo';
  expect(createFormat('en-GB').time('2025-03-14T20:05:00.000Z')).toBe('15 Mar 2025, 05:05');
  expect(createFormat('en-GB').time('soon')).toBe('soon');
});

test('a week begins as the locale has it', () => {
  expect([createFormat('en-US').firstWeekday, createFormat('fr').firstWeekday]).toEqual([7, 1]);
  expect(createFormat('en').weekday(1)).toBe('Mon');
});

test('a duration has one unit', () => {
  const { duration } = createFormat('en');
  expect([450, 59_000, 90_000, 7_200_000].map(duration)).toEqual([
    '0.5 seconds',
    '59 seconds',
    '1.5 minutes',
    '2 hours',
  ]);
});

test('a time is said by how long ago it was', () => {
  const now = Date.parse('2025-03-14T12:00:00Z');
  const { ago } = createFormat('en');
  const of = (time: string) => ago(`2025-03-${time}Z`, now);
  expect(
    ['14T11:59:50', '14T11:59:00', '14T11:01:00', '14T09:31:00', '13T11:00:00', '12T11:00:00'].map(of),
  ).toEqual([
    '10 seconds ago',
    '1 minute ago',
    '59 minutes ago',
    '2 hours ago',
    '25 hours ago',
    '2 days ago',
  ]);
  expect(of('14T12:05:00')).toBe('1 second ago');
});
