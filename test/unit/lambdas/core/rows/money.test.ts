import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addTax,
  formatCents,
  parseBasisPoints,
  parseCents,
  removeTax,
} from '../../../../../lambdas/core/rows/money.ts';

const MAX_CENTS = 999_999_999_999;

test.each([
  ['0', 0],
  ['12', 1_200],
  ['12.3', 1_230],
  ['12.30', 1_230],
  ['0.07', 7],
  ['9999999999', 999_999_999_900],
  ['9999999999.9', 999_999_999_990],
  ['9999999999.99', MAX_CENTS],
])('%s is %d cents', (text, cents) => expect(parseCents(text)).toBe(cents));

test.each([
  '',
  '-1',
  '+1',
  '1.234',
  '1,20',
  '1.',
  '.5',
  '.',
  '1e3',
  ' 1',
  '1/2',
  '1:2',
  '10000000000',
  '10000000000.00',
  '99999999999.9',
  '00000000000001',
  '9'.repeat(400),
  '٣',
  'NaN',
  '1.2.3',
  '1..2',
])('"%s" is not an amount', (text) => expect(parseCents(text)).toBe(-1));

test('a tax is added exactly for every amount and tax', () => {
  fc.assert(
    fc.property(fc.nat({ max: MAX_CENTS }), fc.nat({ max: 100_000 }), (cents, basisPoints) => {
      const exact = BigInt(cents) + (BigInt(cents) * BigInt(basisPoints) + 5_000n) / 10_000n;
      expect(BigInt(addTax(cents, basisPoints))).toBe(exact);
    }),
  );
});

test('an amount without its tax is exact, rounded half up', () => {
  fc.assert(
    fc.property(fc.nat({ max: MAX_CENTS }), fc.nat({ max: 100_000 }), (cents, basisPoints) => {
      const share = 10_000n + BigInt(basisPoints);
      const exact = (BigInt(cents) * 20_000n + share) / (2n * share);
      expect(BigInt(removeTax(cents, basisPoints))).toBe(exact);
    }),
  );
  // 0.015 / 1.5 is a cent, 0.0075 half up a cent, and less than half a cent nothing.
  expect([removeTax(3, 5_000), removeTax(3, 50_000), removeTax(3, 50_001)]).toEqual([2, 1, 0]);
});

test('half a cent of tax is rounded up, and less than half a cent down', () => {
  // 50 % of an odd number of cents ends with half a cent; a hundredth of a percent less ends below it.
  fc.assert(
    fc.property(fc.nat({ max: 4_999 }), fc.nat({ max: 9 }), (half, wholeTaxes) => {
      const odd = 2 * half + 1;
      const basisPoints = wholeTaxes * 10_000 + 5_000;
      expect(addTax(odd, basisPoints)).toBe(odd + odd * wholeTaxes + half + 1);
      expect(addTax(odd, basisPoints - 1)).toBeLessThanOrEqual(odd + odd * wholeTaxes + half);
    }),
  );
  expect(addTax(1, 5_000)).toBe(2);
  expect(addTax(1, 4_999)).toBe(1);
  expect(addTax(10_001, 5_000)).toBe(15_002);
});

test.each([
  [0, '0.00'],
  [7, '0.07'],
  [70, '0.70'],
  [123_456, '1234.56'],
  [MAX_CENTS, '9999999999.99'],
])('%d cents are written %s and read again', (cents, text) => {
  expect(formatCents(cents)).toBe(text);
  expect(parseCents(text)).toBe(cents);
});

test('a negative amount is written with a minus', () => {
  expect([-1, -120, -123_456].map(formatCents)).toEqual(['-0.01', '-1.20', '-1234.56']);
});

test.each([
  ['0', 0],
  ['5.5', 550],
  ['20', 2_000],
  ['1000', 100_000],
])('a tax of %s %% is %d basis points', (percent, basisPoints) =>
  expect(parseBasisPoints(percent)).toBe(basisPoints),
);

test.each(['five', '1000.01', '-1', ''])('a tax of "%s" is refused with its text and the limits', (percent) =>
  expect(() => parseBasisPoints(percent)).toThrow(
    new RangeError(`tax "${percent}" is not a percentage from 0 to 1000 with at most two decimals`),
  ),
);
