import type { FormatSummary } from '../row-batch.ts';

const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
/** Day, month and year; day and month may have one digit. */
const LOCAL_DATE = /^(\d{1,2})([/.])(\d{1,2})\2(\d{4})$/;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export interface WrittenDate {
  /** `YYYY-MM-DD` */
  readonly iso: string;
  readonly format: NonNullable<FormatSummary['dateFormat']>;
  /** The other date that the text means if the month comes first. */
  readonly monthFirst?: string | undefined;
}

/** Tells whether the text is an existing day, `YYYY-MM-DD`, year 1 or later. */
export function isIsoDate(text: string): boolean {
  const match = ISO_DATE.exec(text);
  return match !== null && isDay(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** @returns undefined if the text is not an existing day in year 1 or later */
export function readDate(text: string): WrittenDate | undefined {
  if (isIsoDate(text)) return { iso: text, format: 'YYYY-MM-DD' };
  const match = LOCAL_DATE.exec(text);
  if (match === null) return undefined;
  const [first, separator, second, year] = [match[1]!, match[2], match[3]!, match[4]!];
  const dayFirst = toIsoDate(year, second, first);
  if (dayFirst === undefined) return undefined;
  if (separator === '.') return { iso: dayFirst, format: 'DD.MM.YYYY' };
  const other = toIsoDate(year, first, second);
  return { iso: dayFirst, format: 'DD/MM/YYYY', monthFirst: other === dayFirst ? undefined : other };
}

/** Tells whether a text is a date only if the month comes first, as in 03/25/2025. */
export function isMonthFirst(text: string): boolean {
  const match = LOCAL_DATE.exec(text);
  if (match === null || match[2] !== '/') return false;
  const [first, second, year] = [match[1]!, match[3]!, match[4]!];
  return toIsoDate(year, second, first) === undefined && toIsoDate(year, first, second) !== undefined;
}

/** @returns the day as `YYYY-MM-DD`, or undefined if it does not exist */
export function toIsoDate(year: string, month: string, day: string): string | undefined {
  if (!isDay(Number(year), Number(month), Number(day))) return undefined;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > DAYS[month - 1]!) return false;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return isLeap || month !== 2 || day < 29;
}
