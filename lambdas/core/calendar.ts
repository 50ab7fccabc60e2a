import { DAY_IN_FILE_NAME } from './upload-key.ts';

const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
/** Day, month and year; day and month may have one digit. */
const LOCAL_DATE = /^(\d{1,2})([/.])(\d{1,2})\2(\d{4})$/;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export type DateFormat = 'YYYY-MM-DD' | 'DD/MM/YYYY' | 'DD.MM.YYYY';

/** A day as a file writes it. */
export interface WrittenDate {
  /** `YYYY-MM-DD` */
  readonly iso: string;
  readonly format: DateFormat;
  /** The other day that the text is where the month stands first. */
  readonly monthFirst?: string | undefined;
}

/** Whether the text is a day of the calendar, `YYYY-MM-DD`, year 1 or later. */
export function isIsoDate(text: string): boolean {
  const match = ISO_DATE.exec(text);
  return match !== null && isDay(Number(match[1]), Number(match[2]), Number(match[3]));
}

/**
 * Reads a day of the calendar, year 1 or later.
 * @returns undefined where the text is none
 */
export function readDate(text: string): WrittenDate | undefined {
  if (isIsoDate(text)) return { iso: text, format: 'YYYY-MM-DD' };
  const [, first = '', separator = '', second = '', year = ''] = LOCAL_DATE.exec(text) ?? [];
  const dayFirst = isoDate(year, second, first);
  if (dayFirst === undefined) return undefined;
  if (separator === '.') return { iso: dayFirst, format: 'DD.MM.YYYY' };
  const other = isoDate(year, first, second);
  return { iso: dayFirst, format: 'DD/MM/YYYY', monthFirst: other === dayFirst ? undefined : other };
}

/** Whether a text is a day only where its month stands first, as in 03/25/2025. */
export function isMonthFirst(text: string): boolean {
  const [, first = '', separator, second = '', year = ''] = LOCAL_DATE.exec(text) ?? [];
  return (
    separator === '/' &&
    isoDate(year, second, first) === undefined &&
    isoDate(year, first, second) !== undefined
  );
}

/**
 * The transaction date that a file's name says: `retail_DD_MM_YYYY*.csv`, also as a text or packed.
 * @returns `YYYY-MM-DD`, or undefined where the name says none or a day that does not exist.
 */
export function dateFromFileName(fileName: string): string | undefined {
  const [, day = '', month = '', year = ''] = DAY_IN_FILE_NAME.exec(fileName) ?? [];
  return isoDate(year, month, day);
}

function isoDate(year: string, month: string, day: string): string | undefined {
  if (!isDay(Number(year), Number(month), Number(day))) return undefined;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > DAYS[month - 1]!) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return leap || month !== 2 || day < 29;
}
