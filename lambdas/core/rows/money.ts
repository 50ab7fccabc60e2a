import { parseDecimal } from './numbers.ts';

const MAX_WHOLE_DIGITS = 10;
const DECIMALS = 2;

/**
 * Reads an amount into whole cents.
 * @param text digits with at most two decimals after a point, at most numeric(12,2)
 * @returns 0 to 999,999,999,999 cents, or -1 if the text is not such an amount
 */
export function parseCents(text: string): number {
  return parseDecimal(text, DECIMALS, MAX_WHOLE_DIGITS);
}

/**
 * Reads a percentage into hundredths of a percent.
 * @throws {RangeError} if the text is not a number from 0 to 1000 with at most two decimals
 */
export function parseBasisPoints(percent: string): number {
  const basisPoints = parseCents(percent);
  if (basisPoints < 0 || basisPoints > 100_000) {
    throw new RangeError(`tax "${percent}" is not a percentage from 0 to 1000 with at most two decimals`);
  }
  return basisPoints;
}

/**
 * Adds a tax, rounded half up to the cent. Every intermediate value is a whole number below 2^53, so floating-point
 * arithmetic rounds nothing.
 * @param cents 0 to 999,999,999,999
 * @param basisPoints the tax in hundredths of a percent, 0 to 100,000
 */
export function addTax(cents: number, basisPoints: number): number {
  const tenThousands = Math.trunc(cents / 10_000);
  const rest = cents % 10_000;
  return cents + tenThousands * basisPoints + Math.trunc((rest * basisPoints + 5_000) / 10_000);
}

/**
 * Returns an amount without the tax that it includes, rounded half up to the cent. Every intermediate value is a whole
 * number below 2^53.
 * @param cents 0 to 999,999,999,999
 * @param basisPoints the tax in hundredths of a percent, 0 to 100,000
 */
export function removeTax(cents: number, basisPoints: number): number {
  const share = 10_000 + basisPoints;
  const rest = cents % share;
  return Math.trunc(cents / share) * 10_000 + Math.trunc((rest * 20_000 + share) / (2 * share));
}

/** Writes whole cents, which may be negative, as an amount with two decimals. */
export function formatCents(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
