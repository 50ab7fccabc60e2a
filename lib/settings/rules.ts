import { z } from 'zod';
import { isIsoDate } from '../../lambdas/core/rows/dates.ts';
import type { RulesDocument } from '../../lambdas/core/rules.ts';
import { STORE_PATTERN } from '../../lambdas/core/upload-key.ts';

/** The option `-c` passes a list or an object as JSON text. */
const json = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => {
    if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  }, schema);
const day = z.string().refine(isIsoDate, 'an existing date such as 2025-01-31');
const store = z.string().regex(STORE_PATTERN, 'at most 63 letters, digits, ".", "_" and "-"');
const returns = z.enum(['accept', 'reject']);

/** A longer name would fill the messages of rejected rows. */
const MAX_TAX_NAME = 40;
const MAX_PATTERN = 200;
const tax = z
  .strictObject({
    name: z.string().min(1).max(MAX_TAX_NAME, `a name of at most ${MAX_TAX_NAME} characters`),
    percent: z.coerce
      .string()
      .regex(/^\d{1,3}(\.\d{1,2})?$/, 'a percentage such as 20 or 5.5')
      .transform(String),
    from: day.optional(),
    until: day.optional(),
    products: z
      .array(z.string().min(1).max(MAX_PATTERN), 'a list of names such as ["*bread*", "Milk 1 l"]')
      .min(1, 'at least one name of a product')
      .optional(),
    categories: z
      .array(z.enum(['SELL', 'BUY'], 'SELL or BUY'))
      .min(1, 'SELL or BUY')
      .optional(),
    stores: z.array(store).min(1, 'at least one store').optional(),
  })
  .refine(({ from = '', until = from }) => from <= until, 'a date "until" that is not before "from"');

/** Settings that judge the rows of a file. */
export const RuleSettings = z.object({
  taxes: json(z.array(tax).min(1, 'at least one tax')).describe(
    'the taxes, a list of {name, percent, from, until, products, categories, stores}; one of those on a row must fit its amounts',
  ),
  taxToleranceCents: z.coerce
    .number('a whole number from 0 to 100')
    .int()
    .min(0)
    .max(100)
    .describe('the cents by which the amount including tax may differ from the computed one'),
  returns: json(
    z.union([returns.transform((all) => ({ '*': all })), z.object({ '*': returns }).catchall(returns)]),
  ).describe(
    'whether returns are accepted or rejected: accept, reject, or an object of stores such as {"*": "accept", "oslo": "reject"}',
  ),
  dateOrder: z
    .enum(['dmy', 'mdy'])
    .describe('the order of day and month in dates with slashes, such as 03/04/2025'),
  unknownColumns: z
    .enum(['ignore', 'refuse'])
    .describe('whether unknown columns of a file are ignored, or the file is refused'),
  earliestDate: day
    .optional()
    .describe(
      'the earliest plausible transaction date; rows before it are rejected. By default every date is',
    ),
  maxDaysAhead: z.coerce
    .number('a whole number from 0 to 3650')
    .int()
    .min(0)
    .max(3_650)
    .optional()
    .describe(
      'the days by which a transaction date may follow the upload of its file; rows after it are rejected. By default any number',
    ),
  closeAfterDays: z.coerce
    .number('a whole number from 0 to 3650')
    .int()
    .min(0)
    .max(3_650)
    .optional()
    .describe(
      'the days after which a day is closed: a decision that changes its rows then needs --force. By default no day is closed',
    ),
  unknownStores: z
    .enum(['refuse', 'accept'])
    .describe('whether the files of a store that retail:stores does not have are refused'),
});

/** Puts the settings that judge rows into the document that the functions read. */
export function buildRulesDocument(
  settings: z.infer<typeof RuleSettings> & { readonly stores: readonly string[] },
  profiles: RulesDocument['profiles'] = [],
): RulesDocument {
  const { taxes, returns, taxToleranceCents, dateOrder, unknownColumns } = settings;
  const { earliestDate, maxDaysAhead, closeAfterDays, unknownStores, stores } = settings;
  return {
    rules: {
      taxToleranceCents,
      dateOrder,
      unknownColumns,
      ...(earliestDate !== undefined && { earliestDate }),
      ...(maxDaysAhead !== undefined && { maxDaysAhead }),
      ...(closeAfterDays !== undefined && { closeAfterDays }),
    },
    taxes,
    returns,
    profiles,
    ...(unknownStores === 'refuse' && { knownStores: stores.toSorted() }),
  };
}
