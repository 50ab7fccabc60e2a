/** Millionths of a dollar: amounts are whole numbers of them. */
export type MicroUsd = bigint;

/** What one unit of a price is, in the unit that quantities are counted in. */
export const UNITS = {
  /** Counted in single ones. */
  each: 1n,
  thousand: 1_000n,
  'ten thousand': 10_000n,
  'hundred thousand': 100_000n,
  million: 1_000_000n,
  /** Counted in bytes. */
  GB: 2n ** 30n,
  TB: 2n ** 40n,
  /** Counted in bytes, each kept for a month. */
  'GB-month': 2n ** 30n,
  /** Counted in milliseconds with a MiB of memory. */
  'GB-second': 1_024n * 1_000n,
  /** Counted in seconds with a thousandth of a capacity unit. */
  'ACU-hour': 1_000n * 3_600n,
  /** Counted in hours. */
  'metric-month': 730n,
} as const;
export type Unit = keyof typeof UNITS;

const DECIMAL_PATTERN = /^(\d+)(?:\.(\d{1,12}))?$/;
const PICO_PER_MICRO = 1_000_000n;

/**
 * What a quantity costs, rounded up to the next micro-dollar.
 * @param usd the price of one unit, as decimal text: with floating-point numbers sums would not add up
 */
export function costOf(quantity: bigint, usd: string, unit: Unit): MicroUsd {
  const [, whole, fraction = ''] = DECIMAL_PATTERN.exec(usd) ?? [];
  if (whole === undefined) throw new Error(`"${usd}" is no price: it is a decimal such as 0.0000133334`);
  const picoUsd = BigInt(whole) * 10n ** 12n + BigInt(fraction.padEnd(12, '0'));
  return ceilDiv(quantity * picoUsd, UNITS[unit] * PICO_PER_MICRO);
}

export function ceilDiv(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

/** Dollars and cents, rounded up. */
export function formatUsd(amount: MicroUsd): string {
  const cents = ceilDiv(amount, 10_000n);
  const dollars = (cents / 100n).toLocaleString('en-US');
  return `${dollars}.${String(cents % 100n).padStart(2, '0')}`;
}
