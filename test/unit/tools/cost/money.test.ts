import { expect, test } from 'vitest';
import { costOf, formatUsd } from '../../../../tools/cost/money.ts';

test.each([
  ['a million requests', 1_000_000n, '0.40', 'million', 400_000n],
  ['one request, rounded up', 1n, '0.40', 'million', 1n],
  ['2.5 million requests', 2_500_000n, '0.35', 'million', 875_000n],
  ['a GB for a month', 2n ** 30n, '0.023', 'GB-month', 23_000n],
  ['512 MiB for two seconds, a GB-second', 512n * 2_000n, '0.0000133334', 'GB-second', 14n],
  ['a thousand GB-seconds', 1_024n * 1_000n * 1_000n, '0.0000133334', 'GB-second', 13_334n],
  ['half a unit for 730 hours', 500n * 3_600n * 730n, '0.12', 'ACU-hour', 43_800_000n],
  ['a metric for a month', 730n, '0.30', 'metric-month', 300_000n],
  ['nothing', 0n, '24.00', 'each', 0n],
] as const)('%s costs what the list says', (_, quantity, usd, unit, microUsd) => {
  expect(costOf(quantity, usd, unit)).toBe(microUsd);
});

test('an amount beyond what floating-point numbers hold is exact', () => {
  expect(costOf(10n ** 24n + 1n, '0.40', 'million')).toBe(4n * 10n ** 23n + 1n);
});

test.each(['', '-1', '1e-5', '.5', 'free'])('the price "%s" is refused', (usd) => {
  expect(() => costOf(1n, usd, 'each')).toThrow(`"${usd}" is no price`);
});

test('dollars and cents are rounded up', () => {
  expect([0n, 1n, 10_000n, 10_001n, 1_234_567_890_000n].map(formatUsd)).toEqual([
    '0.00',
    '0.01',
    '0.01',
    '0.02',
    '1,234,567.89',
  ]);
});
