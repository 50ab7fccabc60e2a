import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseTicks, findVisibleRows, placeBar } from '../../../console/scale.ts';
import '../../support/repeatable-properties.ts';

test('ticks are round and include 0 and both ends', () => {
  expect(chooseTicks(0, 97)).toEqual([0, 25, 50, 75, 100]);
  expect(chooseTicks(-12, 30)).toEqual([-20, 0, 20, 40]);
  expect(chooseTicks(0, 0.3)).toEqual([0, 0.1, 0.2, 0.3]);
  expect(chooseTicks(0, 0)).toEqual([0, 1]);
});

test('ticks enclose every value', () => {
  const value = fc
    .double({ min: -1e12, max: 1e12, noNaN: true })
    .filter((number) => number === 0 || Math.abs(number) > 1e-6);
  fc.assert(
    fc.property(value, value, (one, other) => {
      const [min, max] = [Math.min(one, other, 0), Math.max(one, other, 0)];
      const ticks = chooseTicks(min, max);
      expect(ticks[0]).toBeLessThanOrEqual(min);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(max);
      expect(ticks).toContain(0);
      expect(ticks.length).toBeLessThanOrEqual(8);
    }),
  );
});

test('a negative bar ends where a positive one begins', () => {
  expect(placeBar(50, -50, 100)).toEqual({ start: 50 / 150, size: 50 / 150 });
  expect(placeBar(-50, -50, 100)).toEqual({ start: 0, size: 50 / 150 });
  expect(placeBar(0, 0, 0)).toEqual({ start: 0, size: 0 });
});

test('a window shows its rows and some on both sides', () => {
  expect(findVisibleRows({ scrollTop: 4_000, height: 400 }, 40, 100_000)).toEqual({ first: 90, end: 120 });
  expect(findVisibleRows({ scrollTop: 0, height: 400 }, 40, 3)).toEqual({ first: 0, end: 3 });
  // A list that became shorter is scrolled beyond its end for a moment.
  expect(findVisibleRows({ scrollTop: 400_000, height: 400 }, 40, 5)).toEqual({ first: 4, end: 5 });
  expect(findVisibleRows({ scrollTop: 0, height: 400 }, 40, 0)).toEqual({ first: 0, end: 0 });
});
