import { describe, expect, test } from 'vitest';
import {
  readCurrency,
  readNumber,
  splitSign,
  toPlainNumber,
} from '../../../../../lambdas/core/rows/numbers.ts';

describe('a number with one reading is that number, whatever the others of the file show', () => {
  test.each([
    ['1234', '1234', undefined],
    ['12.50', '12.50', '.'],
    ['12,50', '12.50', ','],
    ['1,2345', '1.2345', ','],
    ['0,123', '0.123', ','],
    ['1234,567', '1234.567', ','],
    ['1,234.56', '1234.56', '.'],
    ['1.234,56', '1234.56', ','],
    ['1,234,567', '1234567', '.'],
    ['1.234.567', '1234567', ','],
    ['1.234.567,8', '1234567.8', ','],
    ['1 234', '1234', undefined],
    ['1\u00a0234\u00a0567,89', '1234567.89', ','],
    ['1\u202f234,5', '1234.5', ','],
    ["1'234.50", '1234.50', '.'],
    ['1’234’567', '1234567', undefined],
  ])('%s is %s', (text, plain, shows) => {
    expect(readNumber(text)).toEqual({ plain, ...(shows && { shows }) });
    for (const decimal of ['.', ',', undefined] as const) expect(toPlainNumber(text, decimal)).toBe(plain);
  });
});

describe('one separator before three digits has two readings', () => {
  test.each(['1,234', '999,000', '12,345'])('%s', (text) => {
    const digits = text.replace(',', '');
    expect(toPlainNumber(text, '.')).toBe(digits);
    expect(toPlainNumber(text, ',')).toBe(text.replace(',', '.'));
    expect(toPlainNumber(text, undefined)).toEqual({
      separator: ',',
      withThousands: digits,
      withDecimals: text.replace(',', '.'),
    });
    expect(toPlainNumber(text.replace(',', '.'), ',')).toBe(digits);
  });
});

test.each([
  '',
  '-1',
  '+1',
  '1.',
  '.5',
  '1,23,456',
  '1,234.567.8',
  '12 34',
  '1.234.56',
  '1,,234',
  '1e3',
  '٣',
  '0,123,456',
  '1 234 5',
])('%j is not a number', (text) => expect(readNumber(text)).toBeUndefined());

describe('a sign', () => {
  test.each([
    ['-5', '5'],
    ['- 5', '5'],
    ['5-', '5'],
    ['5 -', '5'],
    ['\u22125', '5'],
    ['(5.00)', '5.00'],
    ['( 5 )', '5'],
    ['-€ 5', '€ 5'],
    ['€ -5', '€ 5'],
    ['(€5)', '€5'],
    ['€(5)', '€5'],
    ['5- €', '5 €'],
    ['5 €-', '5 €'],
    ['(1 234,50) kr.', '1 234,50 kr.'],
    ['10.-', '10.'],
  ])('is split off %s', (text, rest) => expect(splitSign(text)).toEqual({ isNegative: true, text: rest }));

  test.each(['5', '', '-', '--5', '-5-', '-(5)', '(5', '5)', ')5(', '5-5', '+5', '5–', '(-5)'])(
    'is not in %j',
    (text) => expect(splitSign(text)).toEqual({ isNegative: false, text }),
  );

  test('is found in linear time', () => {
    const text = '-'.repeat(65_000);
    const start = performance.now();
    for (const long of [text, `${text}1`, `1${text}`, '('.repeat(65_000), '1-'.repeat(32_000)])
      splitSign(long);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe('a currency precedes or follows its amount', () => {
  test.each([
    ['€12.50', '12.50', '€'],
    ['12,50 €', '12,50', '€'],
    ['EUR 1.234,56', '1.234,56', 'EUR'],
    ['1 234,56\u00a0kr', '1 234,56', 'kr'],
    ['£5', '5', '£'],
    ['5 kr.', '5', 'kr'],
    ['5 Kr', '5', 'Kr'],
    ['5', '5', ''],
  ])('%s', (text, amount, currency) => expect(readCurrency(text)).toEqual({ amount, currency }));

  test.each(['€12€', '12.50 ABC', 'x12', '€', '', '-5 €', '12 %', '5 k.r', '5 .', '5 US$', '5 €x'])(
    '%j has none',
    (text) => expect(readCurrency(text)).toBeUndefined(),
  );
});
