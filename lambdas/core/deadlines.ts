/** Weekdays in the order of ISO 8601. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Time of day by which a file of a store must have arrived, as the settings give it. */
export interface Deadline {
  /** @default every store that no other deadline names */
  readonly stores?: readonly string[] | undefined;
  /** HH:MM. */
  readonly time: string;
  /** IANA time zone, such as `Europe/Oslo`. */
  readonly timeZone: string;
  /** @default every day of the week */
  readonly weekdays?: readonly (typeof WEEKDAYS)[number][] | undefined;
  /** Days without a file, `YYYY-MM-DD`. */
  readonly closed?: readonly string[] | undefined;
}

const DAY_MILLISECONDS = 86_400_000;
/** Time zone of the days of a store without a deadline. */
const DEFAULT_ZONE = 'UTC';

/** Returns the deadlines of a store: those that name it, or else those of every store. */
export function deadlinesOf(deadlines: readonly Deadline[], store: string): readonly Deadline[] {
  const own = deadlines.filter(({ stores }) => stores?.includes(store));
  return own.length > 0 ? own : deadlines.filter(({ stores }) => stores === undefined);
}

/** Returns the time zone in which the days of a store begin and end. The settings allow one for each store. */
export function zoneOf(deadlines: readonly Deadline[], store: string): string {
  return deadlinesOf(deadlines, store)[0]?.timeZone ?? DEFAULT_ZONE;
}

/**
 * Finds the time by which a file of a day must have arrived.
 * @param day `YYYY-MM-DD`, in the time zone of the store
 * @returns ISO 8601, in UTC; undefined if no file is expected on that day
 */
export function expectedBy(deadlines: readonly Deadline[], store: string, day: string): string | undefined {
  const weekday = WEEKDAYS[(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7]!;
  const own = deadlinesOf(deadlines, store).find(({ weekdays }) => weekdays?.includes(weekday) ?? true);
  if (own === undefined || own.closed?.includes(day)) return undefined;
  return toInstant(day, own.time, own.timeZone).toISOString();
}

export interface MissingFile {
  readonly store: string;
  /** `YYYY-MM-DD`, in the time zone of the store. */
  readonly day: string;
  /** ISO 8601, in UTC. */
  readonly expected: string;
}

/**
 * Finds the days of a store whose deadline has passed, in a window of time before now, and that have no file.
 * @param hasArrived whether a file arrived on a day of the store
 */
export function findMissing(
  deadlines: readonly Deadline[],
  store: string,
  hasArrived: (day: string) => boolean,
  { now, windowMilliseconds }: { readonly now: Date; readonly windowMilliseconds: number },
): MissingFile[] {
  const missing: MissingFile[] = [];
  const since = now.getTime() - windowMilliseconds;
  // A day of another time zone begins up to a day earlier or later.
  for (
    let time = since - DAY_MILLISECONDS;
    time <= now.getTime() + DAY_MILLISECONDS;
    time += DAY_MILLISECONDS
  ) {
    const day = new Date(time).toISOString().slice(0, 10);
    const expected = expectedBy(deadlines, store, day);
    const isDue =
      expected !== undefined && Date.parse(expected) > since && Date.parse(expected) <= now.getTime();
    if (isDue && !hasArrived(day)) missing.push({ store, day, expected });
  }
  return missing;
}

/** Finds the instant of a local time. A time that a change of the clocks skips is that much later. */
function toInstant(day: string, time: string, timeZone: string): Date {
  const local = Date.parse(`${day}T${time}:00Z`);
  const guess = local - offsetAt(timeZone, local);
  return new Date(local - offsetAt(timeZone, guess));
}

/** @returns milliseconds by which the clocks of a time zone are ahead of UTC */
function offsetAt(timeZone: string, instant: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(instant);
  const { year, month, day, hour, minute, second } = Object.fromEntries(
    parts.map(({ type, value }) => [type, value]),
  );
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) - instant;
}
