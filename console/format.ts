/**
 * Formats numbers, days and times for a locale. Amounts stay decimal text: a number of JavaScript has not enough digits
 * for every amount. A day is a calendar date without a time zone, and is never shifted by the zone of the browser.
 */
export interface Format {
  readonly count: (count: number) => string;
  /** @param amount decimal text, such as `-1234.50` */
  readonly amount: (amount: string) => string;
  /** As {@link amount}, with a plus sign before a positive amount. */
  readonly signedAmount: (amount: string) => string;
  /** @param quantity decimal text with at most three decimals */
  readonly quantity: (quantity: string) => string;
  /** A number for the axis of a chart, such as 12K. */
  readonly compact: (value: number) => string;
  /** @param share from 0 to 1 */
  readonly percent: (share: number) => string;
  /** @param day `YYYY-MM-DD` */
  readonly day: (day: string) => string;
  /** The day with its weekday. @param day `YYYY-MM-DD` */
  readonly longDay: (day: string) => string;
  /** Day and month without the year. @param day `YYYY-MM-DD` */
  readonly shortDay: (day: string) => string;
  /** Month and year of a day, short. @param day `YYYY-MM-DD` */
  readonly shortMonth: (day: string) => string;
  /** @param month `YYYY-MM` */
  readonly month: (month: string) => string;
  /** Shortest name of a weekday. @param weekday from 1, Monday, to 7 */
  readonly weekday: (weekday: number) => string;
  /** Day and time in the zone of the browser. @param time ISO 8601 */
  readonly time: (time: string) => string;
  /** Time of the day in the zone of the browser. @param time ISO 8601 */
  readonly clock: (time: string) => string;
  /** How long ago a time is, in words. @param time ISO 8601 @param now milliseconds since the epoch */
  readonly ago: (time: string, now: number) => string;
  /** @param milliseconds between two times */
  readonly duration: (milliseconds: number) => string;
  /** First day of the week, from 1, Monday, to 7. */
  readonly firstWeekday: number;
}

const DECIMAL = /^-?\d+(?:\.\d+)?$/;
const DAY = /^\d{4}-\d\d-\d\d$/;
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MILLISECONDS = 86_400_000;

/** @param locale of the browser if absent */
export function createFormat(locale?: string): Format {
  const counts = new Intl.NumberFormat(locale);
  const amounts = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const signed = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    signDisplay: 'exceptZero',
  });
  const quantities = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 });
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const dates = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options });
    return (day: string) => (DAY.test(day) ? format.format(Date.parse(day)) : day);
  };
  const times = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const clocks = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
  const weekdays = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', weekday: 'short' });
  const months = dates({ year: 'numeric', month: 'long' });
  return {
    count: (count) => counts.format(count),
    amount: (amount) => formatDecimal(amounts, amount),
    signedAmount: (amount) => formatDecimal(signed, amount),
    quantity: (quantity) => formatDecimal(quantities, quantity),
    compact: (value) => compact.format(value),
    percent: (share) => percents.format(share),
    day: dates({ dateStyle: 'medium' }),
    longDay: dates({ weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }),
    shortDay: dates({ month: 'short', day: 'numeric' }),
    shortMonth: dates({ year: 'numeric', month: 'short' }),
    month: (month) => months(`${month}-01`),
    weekday: (weekday) => weekdays.format(MONDAY + (weekday - 1) * DAY_MILLISECONDS),
    time: (time) => formatTime(times, time),
    clock: (time) => formatTime(clocks, time),
    ago: (time, now) => formatAgo(locale, now - Date.parse(time)),
    duration: (milliseconds) => formatDuration(locale, milliseconds),
    firstWeekday: readFirstWeekday(locale),
  };
}

function formatDecimal(format: Intl.NumberFormat, text: string): string {
  return DECIMAL.test(text) ? format.format(text as `${number}`) : text;
}

function formatTime(format: Intl.DateTimeFormat, time: string): string {
  const milliseconds = Date.parse(time);
  return Number.isNaN(milliseconds) ? time : format.format(milliseconds);
}

function formatAgo(locale: string | undefined, milliseconds: number): string {
  // The clock of the browser may be behind.
  const seconds = Math.max(1, Math.round(milliseconds / 1_000));
  const [value, unit] =
    seconds < 60
      ? ([seconds, 'second'] as const)
      : seconds < 3_600
        ? ([Math.round(seconds / 60), 'minute'] as const)
        : seconds < 48 * 3_600
          ? ([Math.round(seconds / 3_600), 'hour'] as const)
          : ([Math.round(seconds / 86_400), 'day'] as const);
  return new Intl.RelativeTimeFormat(locale).format(-value, unit);
}

function formatDuration(locale: string | undefined, milliseconds: number): string {
  const [value, unit] =
    milliseconds < 60_000
      ? [milliseconds / 1_000, 'second']
      : milliseconds < 3_600_000
        ? [milliseconds / 60_000, 'minute']
        : [milliseconds / 3_600_000, 'hour'];
  const options = { style: 'unit', unit, unitDisplay: 'long' } as const;
  return new Intl.NumberFormat(locale, { ...options, maximumFractionDigits: value < 10 ? 1 : 0 }).format(
    value,
  );
}

/** Browsers without the information start the week on Monday. */
function readFirstWeekday(locale: string | undefined): number {
  const { locale: resolved } = new Intl.DateTimeFormat(locale).resolvedOptions();
  const weeks = new Intl.Locale(resolved) as Intl.Locale & { getWeekInfo?: () => { firstDay: number } };
  return weeks.getWeekInfo?.().firstDay ?? 1;
}

/** Formats for the locale of the browser. */
export const format = createFormat();
