import { z } from 'zod';
import { type Deadline, deadlinesOf, WEEKDAYS } from '../../lambdas/core/deadlines.ts';
import { isIsoDate } from '../../lambdas/core/rows/dates.ts';
import { STORE_PATTERN } from '../../lambdas/core/upload-key.ts';

const LIST = 'a list such as [{"time": "22:00", "timeZone": "Europe/Oslo", "weekdays": ["mon", "tue"]}]';
/** A name, as PostgreSQL has it too: an offset such as +02:00 has the other sign there. */
const ZONE_NAME = /^[A-Za-z]+([/_+-]?[A-Za-z0-9]+)*$/;

const deadline = z.strictObject({
  stores: z
    .array(z.string().regex(STORE_PATTERN, 'the name of a store'))
    .min(1, 'at least one store')
    .optional(),
  time: z
    .string('a time of day such as 22:00')
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 22:00'),
  timeZone: z.string('a time zone such as Europe/Oslo').refine(isTimeZone, 'a time zone such as Europe/Oslo'),
  weekdays: z
    .array(z.enum(WEEKDAYS, `one of ${WEEKDAYS.join(', ')}`))
    .min(1, 'at least one day of the week')
    .optional(),
  closed: z.array(z.string().refine(isIsoDate, 'an existing date such as 2025-12-25')).optional(),
});

/** The setting about the times by which files must have arrived. The option `-c` passes a list as JSON. */
export const DeadlinesShape = {
  deadlines: z
    .preprocess(parseList, z.array(deadline, LIST))
    .describe(
      'the times of day by which the files of stores must have arrived, a list of {stores, time, timeZone, weekdays, closed}; a store and day without a file raises an alarm',
    ),
};

function parseList(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return ZONE_NAME.test(timeZone);
  } catch {
    return false;
  }
}

/** Reports deadlines of unknown stores, and a store whose days would begin at different times. */
export function checkDeadlines(
  { stores, deadlines }: { readonly stores: readonly string[]; readonly deadlines: readonly Deadline[] },
  report: (name: 'deadlines', message: string) => void,
): void {
  const unknown = deadlines.flatMap((each) => each.stores ?? []).find((store) => !stores.includes(store));
  if (unknown !== undefined) report('deadlines', `has ${unknown}, which is not in retail:stores`);
  const torn = stores.find(
    (store) => new Set(deadlinesOf(deadlines, store).map(({ timeZone }) => timeZone)).size > 1,
  );
  if (torn !== undefined) report('deadlines', `has several time zones for the store ${torn}: write one`);
}
