const AMOUNT = /^(-?)(\d+)(?:\.(\d{1,2}))?$/;

/**
 * Reads an amount as whole cents.
 * @param amount decimal text with at most two decimals
 * @throws {RangeError} if the text is not an amount
 */
export function toCents(amount: string): bigint {
  const [, sign, whole, decimals = ''] = AMOUNT.exec(amount) ?? [];
  if (whole === undefined) throw new RangeError(`Not an amount: ${amount}`);
  const cents = BigInt(whole + decimals.padEnd(2, '0'));
  return sign === '-' ? -cents : cents;
}

/** Writes whole cents as decimal text with two decimals. */
export function fromCents(cents: bigint): string {
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Adds amounts exactly. */
export function addAmounts(amounts: readonly string[]): string {
  return fromCents(amounts.reduce((sum, amount) => sum + toCents(amount), 0n));
}

/** Subtracts an amount exactly. */
export function subtractAmount(from: string, amount: string): string {
  return fromCents(toCents(from) - toCents(amount));
}
