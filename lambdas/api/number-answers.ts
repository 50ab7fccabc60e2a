import * as z from 'zod/mini';
import { amount, code, count, day, nextAfter, quantity, range } from './answer-parts.ts';

/** Schemas of the answers about transactions and their sums. */
export const values = {
  store: z.string(),
  day,
  category: z.enum(['SELL', 'BUY']),
  product: z.string().check(z.describe('First 200 characters of the description.')),
  quantity,
  amountExclTax: amount,
  amountIncTax: amount,
};

export const Origin = z
  .nullable(z.object({ uploadId: z.guid(), key: z.string(), line: count }))
  .check(z.describe('Upload, file and line; null for a row that no upload brought.'));

export const Transactions = z.object({
  transactions: z.array(z.object({ id: z.guid(), ...values, origin: Origin })),
  next: nextAfter,
});

export const Products = z.object({
  products: z.array(z.string()),
  hasMore: z.boolean().check(z.describe('Whether there are more. Search for a longer text.')),
});

export const Balance = z.object({
  days: z.array(
    z.object({
      day,
      sold: amount,
      bought: amount,
      balance: amount.check(z.describe('sold − bought.')),
      cumulated: amount.check(z.describe('Balance of all days up to and including this one.')),
    }),
  ),
});

export const TopProducts = z.object({
  ...range,
  products: z.array(
    z.object({
      product: z.string(),
      transactions: count,
      quantitySold: quantity,
      sold: amount,
      bought: amount,
      balance: amount,
    }),
  ),
});

export const Sold = z.object({
  ...range,
  days: z.array(z.object({ day, store: z.string(), transactions: count, sold: amount, bought: amount })),
  next: nextAfter,
});

export const RejectNumbers = z.object({
  ...range,
  reasons: z.array(z.object({ code, rows: count, open: count, uploads: count })),
});
