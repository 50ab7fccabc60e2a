/** The way in which the dates of a file are written. */
export interface DateNotation {
  /** Order of day and month in dates such as 03/04/2025. */
  readonly order: 'dmy' | 'mdy';
  /** The only formats apart from `YYYY-MM-DD`. @default those of {@link readDate} */
  readonly formats?: readonly string[] | undefined;
  /** IANA name of the time zone of the store. */
  readonly timeZone?: string | undefined;
}

export interface WrittenDate {
  /** `YYYY-MM-DD` */
  readonly iso: string;
  /** Format of the date without its time, such as `DD/MM/YYYY`. */
  readonly format: string;
  /** The other day that the text means in the other order of day and month. */
  readonly other?: string;
  /** True if the time is in UTC and the time zone of the store is unknown, so that the day may be another one. */
  readonly isUtc?: true;
}

const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME =
  /(?:T| +)(?<time>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)(?: ?(?<half>[AP])\.?M\.?)? ?(?<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i;
const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/;
/** Without separators. No other order of such digits gives a year of these centuries and a month. */
const DIGITS_ONLY = /^((?:19|20)\d{2})(\d{2})(\d{2})$/;
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/;
const DAY_AND_NAME = /^(\d{1,2})(?:\.? +|-)([a-z]{3,9})\.?(?:,? +|-)(\d{4})$/i;
const NAME_AND_DAY = /^([a-z]{3,9})\.? +(\d{1,2}),? +(\d{4})$/i;
const MONTHS = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];
const TOKENS: Readonly<Record<string, string>> = {
  YYYY: '(?<year>\\d{4})',
  YY: '(?<year>\\d{2})',
  MM: '(?<month>\\d{2})',
  M: '(?<month>\\d{1,2})',
  DD: '(?<day>\\d{2})',
  D: '(?<day>\\d{1,2})',
};
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Tells whether the text is an existing day, `YYYY-MM-DD`, year 1 or later. */
export function isIsoDate(text: string): boolean {
  const match = ISO_DATE.exec(text);
  return match !== null && isDay(Number(match[1]), Number(match[2]), Number(match[3]));
}

/**
 * Reads a date, which a time may follow. Without such formats, the year has four digits and is the first or the
 * last part, or the month is an English name.
 * @returns undefined if the text is not an existing day in year 1 or later
 */
export function readDate(text: string, notation: DateNotation): WrittenDate | undefined {
  if (isIsoDate(text)) return { iso: text, format: 'YYYY-MM-DD' };
  const time = TIME.exec(text);
  const date = readDay(time === null ? text : text.slice(0, time.index), notation);
  if (date === undefined || time === null) return date;
  const { time: clock, half, zone } = time.groups!;
  const seconds = toSeconds(clock!, half);
  if (seconds === undefined) return undefined;
  if (zone === undefined || (notation.timeZone === undefined && /^[+-]/.test(zone))) return date;
  if (notation.timeZone === undefined) return { ...date, isUtc: true };
  const instant = Date.parse(`${date.iso}T00:00:00Z`) + 1_000 * (seconds - toOffset(zone));
  return { ...date, iso: toDayIn(notation.timeZone, instant) };
}

/** Tells whether a text is a date only in the other order of day and month, as 03/25/2025 is if the day comes first. */
export function showsOtherOrder(text: string, { order }: DateNotation): boolean {
  const match = YEAR_LAST.exec(text.replace(TIME, ''));
  if (match === null || match[2] === '.') return false;
  const [first, second, year] = [match[1]!, match[3]!, match[4]!];
  const [usual, other] = [toIsoDate(year, second, first), toIsoDate(year, first, second)];
  return order === 'dmy'
    ? usual === undefined && other !== undefined
    : other === undefined && usual !== undefined;
}

/** @returns the day as `YYYY-MM-DD`, or undefined if it does not exist */
export function toIsoDate(year: string, month: string, day: string): string | undefined {
  if (!isDay(Number(year), Number(month), Number(day))) return undefined;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** Makes the regular expression of a format such as `DD.MM.YY`. */
function compileDateFormat(format: string): RegExp {
  const pattern = format.replace(/YYYY|YY|MM?|DD?|[^A-Za-z0-9 ]/g, (part) => TOKENS[part] ?? `\\${part}`);
  return new RegExp(`^${pattern}$`);
}

function readDay(text: string, { order, formats }: DateNotation): WrittenDate | undefined {
  if (formats !== undefined) return readFormats(text, formats);
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst !== null) {
    const [year, separator, month, day] = [yearFirst[1]!, yearFirst[2]!, yearFirst[3]!, yearFirst[4]!];
    return withFormat(toIsoDate(year, month, day), ['YYYY', 'MM', 'DD'].join(separator));
  }
  const digits = DIGITS_ONLY.exec(text);
  if (digits !== null) return withFormat(toIsoDate(digits[1]!, digits[2]!, digits[3]!), 'YYYYMMDD');
  const yearLast = YEAR_LAST.exec(text);
  if (yearLast === null) return readMonthName(text);
  const [first, separator, second, year] = [yearLast[1]!, yearLast[2]!, yearLast[3]!, yearLast[4]!];
  const isDayFirst = order === 'dmy' || separator === '.';
  const [dayFirst, monthFirst] = [toIsoDate(year, second, first), toIsoDate(year, first, second)];
  const format = (isDayFirst ? ['DD', 'MM', 'YYYY'] : ['MM', 'DD', 'YYYY']).join(separator);
  const date = withFormat(isDayFirst ? dayFirst : monthFirst, format);
  const other = separator === '.' ? undefined : isDayFirst ? monthFirst : dayFirst;
  return date === undefined || other === undefined || other === date.iso ? date : { ...date, other };
}

function readFormats(text: string, formats: readonly string[]): WrittenDate | undefined {
  for (const format of formats) {
    const { year, month, day } = compileCached(format).exec(text)?.groups ?? {};
    const date = year && toIsoDate(year.length === 2 ? `20${year}` : year, month!, day!);
    if (date) return { iso: date, format };
  }
  return undefined;
}

const compiled = new Map<string, RegExp>();

function compileCached(format: string): RegExp {
  const known = compiled.get(format) ?? compileDateFormat(format);
  compiled.set(format, known);
  return known;
}

function readMonthName(text: string): WrittenDate | undefined {
  const dayFirst = DAY_AND_NAME.exec(text);
  const [day, name, year] = dayFirst?.slice(1) ?? [];
  const [otherName, otherDay, otherYear] = (dayFirst === null && NAME_AND_DAY.exec(text)?.slice(1)) || [];
  const written = (name ?? otherName)?.toLowerCase();
  const month = MONTHS.findIndex((full) => written === full || written === full.slice(0, 3)) + 1;
  if (month === 0) return undefined;
  const format = dayFirst === null ? 'MMM DD YYYY' : 'DD MMM YYYY';
  return withFormat(toIsoDate((year ?? otherYear)!, String(month), (day ?? otherDay)!), format);
}

function withFormat(iso: string | undefined, format: string): WrittenDate | undefined {
  return iso === undefined ? undefined : { iso, format };
}

/** @returns undefined if the clock has no such time */
function toSeconds(clock: string, half: string | undefined): number | undefined {
  const [hours, minutes, seconds = 0] = clock.replace(',', '.').split(':').map(Number) as [
    number,
    number,
    number?,
  ];
  const isValid = hours <= (half === undefined ? 23 : 12) && minutes < 60 && seconds < 61;
  if (!isValid || (half !== undefined && hours === 0)) return undefined;
  const base = half === undefined ? hours : (hours % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
  return 3_600 * base + 60 * minutes + seconds;
}

/** @returns the seconds by which a zone such as `+02:00` precedes UTC */
function toOffset(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (match === null) return 0;
  return (match[1] === '-' ? -1 : 1) * (3_600 * Number(match[2]) + 60 * Number(match[3]));
}

const zones = new Map<string, Intl.DateTimeFormat>();

function toDayIn(timeZone: string, instant: number): string {
  const known =
    zones.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  zones.set(timeZone, known);
  const part = Object.fromEntries(known.formatToParts(instant).map(({ type, value }) => [type, value]));
  return `${part.year!.padStart(4, '0')}-${part.month}-${part.day}`;
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > DAYS[month - 1]!) return false;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return isLeap || month !== 2 || day < 29;
}
