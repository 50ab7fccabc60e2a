import { expect, test } from 'vitest';
import { median, percentile, perMillion, round } from '../../../../tools/bench/numbers.ts';

const ONE_TO_HUNDRED = Array.from({ length: 100 }, (_, index) => 100 - index);

test('a percentile is a value that was measured: the least that so many are not above', () => {
  expect(percentile(ONE_TO_HUNDRED, 0.5)).toBe(50);
  expect(percentile(ONE_TO_HUNDRED, 0.95)).toBe(95);
  expect(percentile(ONE_TO_HUNDRED, 1)).toBe(100);
  expect(percentile([7], 0.95)).toBe(7);
  expect(percentile([9, 100, 8], 0.5)).toBe(9);
  expect(median([3, 1, 2])).toBe(2);
});

test('what was not measured has no percentile', () => {
  expect(() => percentile([], 0.5)).toThrow('nothing was measured');
});

test('numbers are rounded in steps, and scaled to a million rows', () => {
  expect(round(0.12345, 1_000)).toBe(0.123);
  expect(perMillion(8, 100_000)).toBe(80);
});
