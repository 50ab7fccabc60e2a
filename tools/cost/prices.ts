import table from './prices.json' with { type: 'json' };

/** A month is a twelfth of 365 days, 730 hours. */
export const DAYS_PER_MONTH = 365 / 12;
export const HOURS_PER_MONTH = 730;

export type PriceName = keyof typeof table.prices;

/** One unit of each price, in the unit of the quantities. */
export const UNITS: Readonly<Record<string, number>> = {
  each: 1,
  thousand: 1e3,
  'ten thousand': 1e4,
  'hundred thousand': 1e5,
  million: 1e6,
  /** Quantities in bytes. */
  GB: 2 ** 30,
  TB: 2 ** 40,
  /** Quantities in bytes stored for a month. */
  'GB-month': 2 ** 30,
  /** Quantities in seconds with one GB of memory. */
  'GB-second': 1,
  /** Quantities in seconds with one capacity unit. */
  'ACU-hour': 3_600,
  /** Quantities in hours. */
  'metric-month': HOURS_PER_MONTH,
};

/** Costs of a quantity at a list price, in USD. */
export function computeCost(quantity: number, name: PriceName): number {
  const { usd, per } = table.prices[name];
  return (quantity / UNITS[per]!) * Number(usd);
}

/** Formats dollars and cents: `1,234.50`. */
export function formatUsd(usd: number): string {
  return usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
