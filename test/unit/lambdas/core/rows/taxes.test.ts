import { describe, expect, test } from 'vitest';
import { TaxTable } from '../../../../../lambdas/core/rows/taxes.ts';
import type { TaxRate } from '../../../../../lambdas/core/rules.ts';

const ROW = { date: '2025-03-15', category: 'SELL', name: 'Tea', rate: '' };

const findFault = (
  taxes: readonly TaxRate[],
  row: Partial<typeof ROW>,
  [excluding, including]: readonly [number, number],
  taxToleranceCents = 0,
) => new TaxTable({ taxes, taxToleranceCents }).findFault({ ...ROW, ...row }, excluding, including);

/** Lists the percentages that the table accepts for a row. */
const acceptedOf = (taxes: readonly TaxRate[], row: Partial<typeof ROW> = {}) =>
  [0, 5, 7, 16, 19, 20].filter(
    (percent) => findFault(taxes, row, [10_000, 10_000 + 100 * percent]) === undefined,
  );

test('a row is right if one of several taxes fits', () => {
  const taxes = [
    { name: 'standard', percent: '20' },
    { name: 'food', percent: '7' },
    { name: 'none', percent: '0' },
  ];
  expect(acceptedOf(taxes)).toEqual([0, 7, 20]);
  expect(findFault(taxes, {}, [1_000, 1_055])).toEqual({
    code: 'tax-mismatch',
    message:
      'The amount including tax is 10.55, but 10.00 plus 20 % (standard) is 12.00, plus 7 % (food) is 10.70, ' +
      'plus 0 % (none) is 10.00. Correct one of them.',
  });
});

describe('the transaction date decides', () => {
  const taxes = [
    { name: 'standard', percent: '19' },
    { name: 'standard', percent: '16', from: '2020-07-01', until: '2020-12-31' },
    { name: 'food', percent: '7', until: '2020-06-30' },
    { name: 'food', percent: '5', from: '2020-07-01' },
  ];

  test.each([
    ['2020-06-30', [7, 19]],
    ['2020-07-01', [5, 16]],
    ['2020-12-31', [5, 16]],
    ['2021-01-01', [5, 19]],
  ])('on %s the taxes are %j', (date, percents) => expect(acceptedOf(taxes, { date })).toEqual(percents));

  test('a later entry replaces only those of the same name, products and categories', () => {
    const others: TaxRate[] = [
      { name: 'food', percent: '0' },
      { name: 'food', percent: '5', from: '2021-01-01', products: ['Tea'] },
      { name: 'food', percent: '7', from: '2021-01-01', categories: ['SELL'] },
    ];
    expect(acceptedOf(others)).toEqual([0, 5, 7]);
  });

  test('a date without any tax is named', () => {
    expect(findFault([{ name: 'new', percent: '20', from: '2026-01-01' }], {}, [100, 120])).toEqual({
      code: 'tax-rate-unknown',
      message:
        'No tax of the setting retail:taxes applies to this product on 2025-03-15. Add the tax to the setting, or ' +
        'correct the row.',
    });
  });

  test('each of thousands of dates has its taxes', () => {
    const table = new TaxTable({ taxes, taxToleranceCents: 0 });
    for (let day = 0; day < 5_000; day++) {
      const date = new Date(Date.UTC(2015, 0, 1 + day)).toISOString().slice(0, 10);
      const percent = date >= '2020-07-01' && date <= '2020-12-31' ? 16 : 19;
      expect(table.findFault({ ...ROW, date }, 100, 100 + percent), date).toBeUndefined();
    }
  });
});

describe('a tax may be only on', () => {
  test.each([
    ['tea', true],
    ['TEA', true],
    ['Tea, green', false],
    ['White bread', true],
    ['BREAD', true],
    ['bread roll', false],
    ['Ham and cheese', true],
    ['ham cheese', false],
    ['Ham and Ham', false],
  ])('some products: %s (%j)', (name, isOn) => {
    const taxes = [{ name: 'food', percent: '7', products: ['Tea', '*Bread', 'Ham * Ch*'] }];
    expect(acceptedOf(taxes, { name })).toEqual(isOn ? [7] : []);
  });

  test('names that its pattern does not have twice', () => {
    const taxes = [{ name: 'food', percent: '7', products: ['ab*ba'] }];
    expect(acceptedOf(taxes, { name: 'aba' })).toEqual([]);
    expect(acceptedOf(taxes, { name: 'abba' })).toEqual([7]);
  });

  test('a category', () => {
    const taxes: TaxRate[] = [
      { name: 'sales', percent: '20', categories: ['SELL'] },
      { name: 'purchases', percent: '0', categories: ['BUY'] },
    ];
    expect([acceptedOf(taxes), acceptedOf(taxes, { category: 'BUY' })]).toEqual([[20], [0]]);
  });

  test('what a row leaves open excludes no tax', () => {
    const taxes: TaxRate[] = [
      { name: 'old', percent: '5', until: '2020-01-01', categories: ['BUY'], products: ['Soap'] },
    ];
    expect(acceptedOf(taxes, { date: '', category: '', name: '' })).toEqual([5]);
  });
});

test('the tolerance is the largest difference in cents', () => {
  const taxes = [{ name: 'standard', percent: '20' }];
  const differences = [-2, -1, 0, 1, 2];
  const accepted = (sign: 1 | -1) =>
    differences.filter((cents) => findFault(taxes, {}, [sign * 999, sign * 1_199 + cents], 1) === undefined);
  expect([accepted(1), accepted(-1)]).toEqual([
    [-1, 0, 1],
    [-1, 0, 1],
  ]);
  expect(findFault(taxes, {}, [999, 1_197], 1)?.message).toContain('A difference of 0.01 is allowed.');
});

test('the tax of a return is that of the sale', () => {
  const taxes = [{ name: 'half', percent: '50' }];
  expect(findFault(taxes, {}, [1, 2])).toBeUndefined();
  expect(findFault(taxes, {}, [-1, -2])).toBeUndefined();
  expect(findFault(taxes, {}, [-1, -1])?.message).toContain('is -0.01, but -0.01 plus 50 % (half) is -0.02');
});

describe('the rate of a row', () => {
  const taxes: TaxRate[] = [
    { name: 'standard', percent: '20' },
    { name: 'food', percent: '5.5', products: ['Bread'], from: '2025-01-01' },
  ];

  test.each(['5.5', '5,5', '5.50 %', ' 5,500%'.trim(), '05.5'])('%s decides, for any product', (rate) => {
    expect(findFault(taxes, { rate }, [1_000, 1_055])).toBeUndefined();
    expect(findFault(taxes, { rate }, [1_000, 1_200])).toEqual({
      code: 'tax-mismatch',
      message:
        'The amount including tax is 12.00, but 10.00 plus 5.5 % (food) is 10.55. Correct one of them.',
    });
  });

  test.each(['7', 'A', '0.055', '5.505', '-20', '20 %%', '1000'])('%s is unknown', (rate) => {
    expect(findFault(taxes, { rate }, [1_000, 1_055])).toEqual({
      code: 'tax-rate-unknown',
      message:
        'The tax rate is not one of the setting retail:taxes on 2025-03-15: 20 % (standard), 5.5 % (food). ' +
        'Correct it, or add it to the setting.',
    });
  });

  test('must be valid on the date', () => {
    const fault = findFault(taxes, { rate: '5.5', date: '2024-12-31' }, [1_000, 1_055]);
    expect(fault?.message).toContain('on 2024-12-31: 20 % (standard).');
  });
});

test('a message names at most five of many taxes', () => {
  const taxes = Array.from({ length: 8 }, (_, index) => ({ name: `t${index}`, percent: String(index) }));
  const { message } = findFault(taxes, {}, [1_000, 2_000])!;
  expect(message).toContain('plus 4 % (t4) is 10.40, 3 more.');
  expect(message).not.toContain('t5');
});
