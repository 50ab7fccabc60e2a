import { expect, test } from 'vitest';
import { findVisibleRows, placeBar } from '../../../console/scale.ts';

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
