/** Arithmetic on days, as text `YYYY-MM-DD`. A day has no time zone. */
const DAY_MILLISECONDS = 86_400_000;

/** True for an existing day. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && toText(time) === text;
}

/** The day that the clock and the time zone of the browser have now. */
export function today(now = new Date()): string {
  return toText(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()));
}

export function addDays(day: string, days: number): string {
  return toText(Date.parse(day) + days * DAY_MILLISECONDS);
}

/** Number of days from one day to another. */
export function countDays(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MILLISECONDS);
}

/** Lists the days from the first to the last one. */
export function listDays(first: string, last: string): string[] {
  const count = Math.max(0, countDays(first, last) + 1);
  return Array.from({ length: count }, (_, index) => addDays(first, index));
}

/** Returns the month of a day, `YYYY-MM`. */
export function monthOfDay(day: string): string {
  return day.slice(0, 7);
}

export function addMonths(month: string, months: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return toText(Date.UTC(year, number - 1 + months, 1)).slice(0, 7);
}

export function firstDayOfMonth(month: string): string {
  return `${month}-01`;
}

export function lastDayOfMonth(month: string): string {
  return addDays(firstDayOfMonth(addMonths(month, 1)), -1);
}

/** Weekday from 1, Monday, to 7, Sunday. */
export function weekdayOfDay(day: string): number {
  return new Date(Date.parse(day)).getUTCDay() || 7;
}

/**
 * Arranges the days of a month in weeks.
 * @param firstWeekday of a week, from 1, Monday, to 7
 * @returns weeks of seven elements; those of other months are undefined
 */
export function arrangeWeeks(month: string, firstWeekday: number): (string | undefined)[][] {
  const days = listDays(firstDayOfMonth(month), lastDayOfMonth(month));
  const before = (weekdayOfDay(days[0]!) - firstWeekday + 7) % 7;
  const count = Math.ceil((before + days.length) / 7);
  return Array.from({ length: count }, (_, week) =>
    Array.from({ length: 7 }, (_, weekday) => days[week * 7 + weekday - before]),
  );
}

function toText(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
