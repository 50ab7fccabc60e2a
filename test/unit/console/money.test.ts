import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addAmounts, fromCents, subtractAmount, toCents } from '../../../console/money.ts';
import '../../support/repeatable-properties.ts';

test('cents are written as the amount that they were read from', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), (cents) => {
      expect(toCents(fromCents(cents))).toBe(cents);
    }),
  );
});

test('sums are exact beyond the digits of a number', () => {
  expect(addAmounts(['90071992547409931.07', '0.01', '-0.10'])).toBe('90071992547409930.98');
  expect(addAmounts(Array.from({ length: 10 }, () => '0.10'))).toBe('1.00');
  expect(subtractAmount('0.00', '0.05')).toBe('-0.05');
  expect(addAmounts(['12.5', '-3'])).toBe('9.50');
  expect(addAmounts([])).toBe('0.00');
});

test.each(['', '1.234', '1,00', '1e3', 'NaN'])('%j is not an amount', (text) => {
  expect(() => toCents(text)).toThrow(RangeError);
});
