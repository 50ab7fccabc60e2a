import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addTax, formatCents, parseBasisPoints, parseCents } from '../../../../lambdas/core/money.ts';

const MOST = 999_999_999_999;

test.each([
  ['0', 0],
  ['12', 1_200],
  ['12.3', 1_230],
  ['12.30', 1_230],
  ['0.07', 7],
  ['9999999999.99', MOST],
])('%s is %d cents', (text, cents) => expect(parseCents(text)).toBe(cents));

test.each(['', '-1', '+1', '1.234', '1,20', '1.', '.5', '1e3', ' 1', '10000000000', '٣', 'NaN', '1.2.3'])(
  '"%s" is no amount',
  (text) => expect(parseCents(text)).toBe(-1),
);

test('a tax is added exactly, half a cent upwards, for every amount and tax', () => {
  fc.assert(
    fc.property(fc.nat({ max: MOST }), fc.nat({ max: 100_000 }), (cents, basisPoints) => {
      const exact = BigInt(cents) + (BigInt(cents) * BigInt(basisPoints) + 5_000n) / 10_000n;
      expect(BigInt(addTax(cents, basisPoints))).toBe(exact);
    }),
  );
});

test('cents written and read again are the same', () => {
  fc.assert(
    fc.property(fc.nat({ max: MOST }), (cents) => {
      expect(parseCents(formatCents(cents))).toBe(cents);
    }),
  );
});

test('a tax that is no percentage is refused with what it is', () => {
  expect(parseBasisPoints('5.5')).toBe(550);
  expect(() => parseBasisPoints('five')).toThrow('"five"');
  expect(() => parseBasisPoints('1000.01')).toThrow('"1000.01"');
});
