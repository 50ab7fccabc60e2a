const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const FILE_NAME = /^retail_(\d{2})_(\d{2})_(\d{4}).*\.csv$/i;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the text is a day of the calendar, `YYYY-MM-DD`, year 1 or later. */
export function isIsoDate(text: string): boolean {
  const match = ISO_DATE.exec(text);
  if (match === null) return false;
  return isDay(Number(match[1]), Number(match[2]), Number(match[3]));
}

/**
 * The transaction date that a file's name says: `retail_DD_MM_YYYY*.csv`.
 * @returns `YYYY-MM-DD`, or undefined where the name says none or a day that does not exist.
 */
export function dateFromFileName(fileName: string): string | undefined {
  const match = FILE_NAME.exec(fileName);
  if (match === null) return undefined;
  const [, day = '', month = '', year = ''] = match;
  return isDay(Number(year), Number(month), Number(day)) ? `${year}-${month}-${day}` : undefined;
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > DAYS[month - 1]!) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return leap || month !== 2 || day < 29;
}
