import type { Rules } from '../../lambdas/core/rules.ts';
import { addDateToName } from '../../lambdas/core/upload-key.ts';
import type { Verdict } from '../../lambdas/core/verdict.ts';
import { addDays, isDay, today } from '../calendar.ts';

/** The first and the last day that a person may choose, `YYYY-MM-DD`. */
export interface Days {
  readonly first: string;
  readonly last: string;
}

/** A year that is typed is one of the first centuries until its last digit. */
const FIRST_DAY = '1900-01-01';

/**
 * Returns the days that a person may choose for a file without a date: none after today, and none that the rules of the
 * store refuse.
 * @returns undefined if the parser would read no day in the name of this file
 */
export function findDays(
  fileName: string,
  { earliestDate = FIRST_DAY, maxDaysAhead, profile }: Rules,
  now = new Date(),
): Days | undefined {
  const here = today(now);
  const latest = maxDaysAhead === undefined ? here : addDays(now.toISOString().slice(0, 10), maxDaysAhead);
  const days = { first: earliestDate, last: here < latest ? here : latest };
  const canHave =
    days.first <= days.last && addDateToName(fileName, days.last, profile?.fileDay) !== undefined;
  return canHave ? days : undefined;
}

export function isWithin(day: string, { first, last }: Days): boolean {
  return isDay(day) && first <= day && day <= last;
}

/** True if a file, and not one of those in an archive, is refused because nothing says its date. */
export function lacksDate(verdicts: readonly Pick<Verdict, 'failureCode'>[]): boolean {
  return verdicts.length === 1 && verdicts[0]!.failureCode === 'date-unknown';
}
