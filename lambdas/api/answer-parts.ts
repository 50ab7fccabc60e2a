import * as z from 'zod/mini';
import { REJECT_CODES, type RejectCode } from '../core/reject-codes.ts';

/** Parts of the schemas of answers. */
export const count = z.int().check(z.minimum(0));
export const time = z.iso.datetime().check(z.describe('ISO 8601, in UTC.'));
export const day = z.iso.date().check(z.describe('YYYY-MM-DD.'));
export const amount = z.string().check(z.regex(/^-?\d+\.\d\d$/), z.describe('Decimal text.'));
export const quantity = z.string().check(z.regex(/^-?\d+(\.\d{1,3})?$/), z.describe('Decimal text.'));
export const code = z.enum(Object.keys(REJECT_CODES) as RejectCode[]);
export const failure = z.object({ code: z.string(), message: z.string() });
/** Days of an answer, both included. */
export const range = { since: day, until: day };
export const nextBefore = z.exactOptional(
  z.string().check(z.describe('Value of "before" for the next page; absent on the last.')),
);
export const nextAfter = z.exactOptional(
  z.string().check(z.describe('Value of "after" for the next page; absent on the last.')),
);
export const nextLine = z.exactOptional(
  count.check(z.describe('Value of "after" for the next page; absent on the last.')),
);

/** An object that another document describes. */
export function objectOf<Type>(description: string): z.ZodMiniType<Type> {
  const schema: unknown = z.looseObject({}).check(z.describe(description));
  return schema as z.ZodMiniType<Type>;
}
