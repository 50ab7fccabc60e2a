import { describe, expect, test } from 'vitest';
import { type Deadline, expectedBy, findMissing, zoneOf } from '../../../../lambdas/core/deadlines.ts';

const OSLO: Deadline = { stores: ['oslo'], time: '21:30', timeZone: 'Europe/Oslo', closed: ['2025-12-25'] };
const ALL: Deadline = { time: '06:00', timeZone: 'UTC', weekdays: ['mon', 'fri'] };

describe('a deadline', () => {
  test.each([
    ['in winter', '2025-01-15', '2025-01-15T20:30:00.000Z'],
    ['in summer', '2025-07-15', '2025-07-15T19:30:00.000Z'],
    ['on the day of a change of the clocks', '2025-03-30', '2025-03-30T19:30:00.000Z'],
    ['on a closing day', '2025-12-25', undefined],
  ])('%s is at its time in the time zone of the store', (_, day, expected) => {
    expect(expectedBy([ALL, OSLO], 'oslo', day)).toBe(expected);
  });

  test.each([
    ['2025-03-30', '02:30', 'Europe/Oslo', '2025-03-30T01:30:00.000Z'],
    ['2025-01-15', '23:59', 'Pacific/Auckland', '2025-01-15T10:59:00.000Z'],
    ['2025-01-15', '20:00', 'America/Los_Angeles', '2025-01-16T04:00:00.000Z'],
    ['2025-01-15', '00:00', 'Asia/Kathmandu', '2025-01-14T18:15:00.000Z'],
  ])('%s %s in %s is %s', (day, time, timeZone, expected) => {
    expect(expectedBy([{ time, timeZone }], 'main', day)).toBe(expected);
  });

  test('without stores is that of the stores that no other one names, on its weekdays', () => {
    expect(expectedBy([ALL, OSLO], 'bergen', '2025-01-13')).toBe('2025-01-13T06:00:00.000Z');
    expect(expectedBy([ALL, OSLO], 'bergen', '2025-01-14')).toBeUndefined();
    expect(expectedBy([OSLO], 'bergen', '2025-01-13')).toBeUndefined();
    expect([zoneOf([ALL, OSLO], 'oslo'), zoneOf([OSLO], 'bergen')]).toEqual(['Europe/Oslo', 'UTC']);
  });

  test('of a weekday may differ from that of another', () => {
    const saturday: Deadline = { ...OSLO, time: '16:00', weekdays: ['sat'] };
    const others: Deadline = { ...OSLO, weekdays: ['mon', 'tue'] };
    const times = ['2025-01-11', '2025-01-12', '2025-01-13'].map((day) =>
      expectedBy([saturday, others], 'oslo', day),
    );
    expect(times).toEqual(['2025-01-11T15:00:00.000Z', undefined, '2025-01-13T20:30:00.000Z']);
  });
});

describe('missing files', () => {
  const find = (now: string, arrived: readonly string[] = [], hours = 26, deadlines = [OSLO]) =>
    findMissing(deadlines, 'oslo', (day) => arrived.includes(day), {
      now: new Date(now),
      windowMilliseconds: hours * 3_600_000,
    }).map(({ day }) => day);

  test('are those of days whose deadline has passed in the window', () => {
    expect(find('2025-01-15T20:29:59Z')).toEqual(['2025-01-14']);
    expect(find('2025-01-15T20:30:00Z')).toEqual(['2025-01-14', '2025-01-15']);
    expect(find('2025-01-16T02:00:00Z')).toEqual(['2025-01-15']);
  });

  test('do not have the days on which a file has arrived, also after the deadline', () => {
    expect(find('2025-01-15T21:00:00Z', ['2025-01-15'])).toEqual(['2025-01-14']);
  });

  test('are found once by runs of which each looks back to the former one', () => {
    const runs = Array.from({ length: 10 }, (_, day) => `2025-01-${10 + day}T04:13:00Z`);
    const found = runs.flatMap((run) => find(run, [], 24));
    expect(found).toEqual(
      runs.map((run) => new Date(Date.parse(run) - 86_400_000).toISOString().slice(0, 10)),
    );
  });

  test.each(['Pacific/Kiritimati', 'Pacific/Pago_Pago'])('are found in %s', (timeZone) => {
    const found = find('2025-01-15T12:00:00Z', [], 24, [{ time: '12:00', timeZone }]);
    expect(found).toHaveLength(1);
  });
});
