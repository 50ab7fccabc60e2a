/** Rounds a number. @param steps number of steps in one: 100 rounds to hundredths */
export function round(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}

/**
 * Finds the nearest-rank percentile: the smallest measured value that is not exceeded by a share of all values.
 * @param share greater than 0, at most 1
 */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('no value was measured');
  const sorted = [...values].sort((one, two) => one - two);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function perMillion(value: number, rows: number): number {
  return (value * 1_000_000) / rows;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
