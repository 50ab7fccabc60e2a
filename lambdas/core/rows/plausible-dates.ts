import type { Failure } from '../reject-codes.ts';
import type { Rules } from '../rules.ts';

const DAY_MILLISECONDS = 86_400_000;

/**
 * Makes the check of transaction dates, `YYYY-MM-DD`, against the dates that are plausible for an upload.
 * @param receivedAt time at which the file was received, ISO 8601
 * @returns a function that describes what is wrong with a date; undefined if every date is plausible
 */
export function createDateCheck(
  { earliestDate = '', maxDaysAhead }: Pick<Rules, 'earliestDate' | 'maxDaysAhead'>,
  receivedAt: string,
): ((date: string) => string | undefined) | undefined {
  if (earliestDate === '' && maxDaysAhead === undefined) return undefined;
  const latestDate = maxDaysAhead === undefined ? undefined : addDays(receivedAt, maxDaysAhead);
  return (date) => {
    if (date < earliestDate)
      return `The transaction date is before ${earliestDate}. Correct it, or change the setting retail:earliestDate.`;
    if (latestDate !== undefined && date > latestDate)
      return `The transaction date is after ${latestDate}. Correct it, or change the setting retail:maxDaysAhead.`;
    return undefined;
  };
}

function addDays(time: string, days: number): string {
  return new Date(Date.parse(time) + days * DAY_MILLISECONDS).toISOString().slice(0, 10);
}

/** Returns the reason for which a file whose name has this date is refused, if there is one. */
export function objectToDate(
  date: string | undefined,
  rules: Rules,
  receivedAt: string,
): Failure | undefined {
  const fault = date && createDateCheck(rules, receivedAt)?.(date);
  if (!fault) return undefined;
  return { code: 'date-implausible', message: fault.replace(' is ', ` ${date} of the file name is `) };
}
