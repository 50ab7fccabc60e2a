/** @param precision the number of steps in one: 100 rounds to hundredths */
export function round(value: number, precision: number): number {
  return Math.round(value * precision) / precision;
}

/**
 * The least value that so many of all are not above: the nearest-rank percentile.
 * @param share over 0 and up to 1
 */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = [...values].sort((one, two) => one - two);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** What so many rows used, for a million of them. */
export function perMillion(value: number, rows: number): number {
  return (value * 1_000_000) / rows;
}
